using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Unroll.Studies.Common;

/// <summary>The JSON objects of <c>--json</c>: one a line.</summary>
internal static class JsonLine
{
    /// <summary>Text in full, without escapes that only HTML needs.</summary>
    public static readonly JsonWriterOptions Writer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One object on one line.</summary>
    public static byte[] Object(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Writer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>A number, or null when there is none or it is not finite, which JSON cannot say.</summary>
    public static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } v && double.IsFinite(v)) json.WriteNumber(name, v);
        else json.WriteNull(name);
    }

    /// <summary>A list with an object for each.</summary>
    public static void WriteObjects<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes one object as a line.</summary>
    public static void Write(TextWriter output, Action<Utf8JsonWriter> write) =>
        output.WriteLine(Encoding.UTF8.GetString(Object(write)));
}
