using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Unroll.Files;

namespace Unroll.Data;

/// <summary>An encoder as JSON.</summary>
internal static class EncoderText
{
    private const int Format = 1;
    private const int MostInputs = NetworkShape.MaximumSize;
    private static readonly JsonWriterOptions Writer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(SequenceEncoder encoder)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Writer))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("scale", ValueNames.Of(encoder.Options.Scale));
            json.WriteString("window_scale", ValueNames.Of(encoder.Options.Window));
            json.WriteString("missing", ValueNames.Of(encoder.Options.Missing));
            json.WriteBoolean("unknown_as_none", encoder.Options.UnknownAsNone);
            json.WriteStartArray("calendar");
            foreach (CalendarPart part in encoder.Options.Calendar) json.WriteStringValue(ValueNames.Of(part));
            json.WriteEndArray();
            json.WriteStartArray("columns");
            for (int c = 0; c < encoder.Columns.Count; c++)
            {
                json.WriteStartObject();
                json.WriteString("name", encoder.Columns[c].Name);
                if (encoder.Columns[c].Kind == ColumnKind.Number)
                {
                    json.WriteNumber("center", encoder.Scales[c].Center);
                    json.WriteNumber("scale", encoder.Scales[c].Scale);
                    if (encoder.ReadsLogarithm(c)) json.WriteBoolean("logarithm", true);
                }
                else
                {
                    json.WriteStartArray("labels");
                    foreach (string label in encoder.Columns[c].Labels) json.WriteStringValue(label);
                    json.WriteEndArray();
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    public static SequenceEncoder Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            if (root.GetProperty("format").GetInt32() is var format && format != Format)
                throw new FormatException(Invariant($"The columns are written in format {format}; this version reads {Format}."));
            string[] names = [.. root.GetProperty("columns").EnumerateArray().Select(column =>
                Name(column.GetProperty("name").GetString()))];
            var options = new EncoderOptions
            {
                Columns = names,
                Scale = Named<Scaling>(root, "scale"),
                Window = Named<WindowScaling>(root, "window_scale"),
                Missing = Named<MissingPolicy>(root, "missing"),
                UnknownAsNone = root.GetProperty("unknown_as_none").GetBoolean(),
                Logarithm = [.. root.GetProperty("columns").EnumerateArray()
                    .Where(column => column.TryGetProperty("logarithm", out JsonElement on) && on.GetBoolean())
                    .Select(column => Name(column.GetProperty("name").GetString()))],
                Calendar = [.. root.GetProperty("calendar").EnumerateArray().Select(part =>
                    Value<CalendarPart>(part.GetString()))],
            };
            var columns = new List<SequenceColumn>();
            var scales = new List<ColumnScale>();
            foreach (JsonElement column in root.GetProperty("columns").EnumerateArray())
            {
                bool isNumber = !column.TryGetProperty("labels", out JsonElement labels);
                columns.Add(isNumber ? new SequenceColumn(names[columns.Count])
                    : new SequenceColumn(names[columns.Count],
                        [.. labels.EnumerateArray().Select(label => label.GetString() ?? "")]));
                scales.Add(!isNumber ? ColumnScale.Identity
                    : new ColumnScale(column.GetProperty("center").GetDouble(), column.GetProperty("scale").GetDouble()));
                if (!double.IsFinite(scales[^1].Center) || !(scales[^1].Scale is > 0 and < double.PositiveInfinity))
                    throw new FormatException("A scale is no finite number above 0.");
            }

            SequenceData.CheckColumns(columns);
            var encoder = new SequenceEncoder(options, columns, scales);
            return encoder.Inputs is >= 1 and <= MostInputs ? encoder : throw new FormatException("There are too many inputs.");
        }
        catch (Exception error) when (
            error is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException or FormatException)
        {
            throw new FormatException("The description of the columns is not one: " + Printable.Sentence(error.Message), error);
        }
    }

    private static string Name(string? name) => string.IsNullOrEmpty(name) ? throw new FormatException("A column has no name.")
        : name;

    private static TEnum Named<TEnum>(JsonElement root, string key)
        where TEnum : struct, Enum => Value<TEnum>(root.GetProperty(key).GetString());

    private static TEnum Value<TEnum>(string? text)
        where TEnum : struct, Enum =>
        ValueNames.Find<TEnum>(text)
            ?? throw new FormatException($"'{text}' is none of {string.Join(", ", ValueNames.All<TEnum>())}.");
}
