using System.Text.Json;
using Unroll.Data;

namespace Unroll.Cli.Corpora;

/// <summary>The files of a folder that were left out, as JSON: a sentence names only the first few.</summary>
internal static class LeftOutJson
{
    /// <summary>Writes each as an object on a line of its own: for commands that write a line an event.</summary>
    public static Action<LeftOutFile> Lines(CommandHost host) =>
        file => JsonLine.Write(host.Out, line => WriteEvent(line, file));

    /// <summary>Writes one as the event <c>left_out</c>.</summary>
    public static void WriteEvent(Utf8JsonWriter json, LeftOutFile file)
    {
        json.WriteString("event", "left_out");
        Write(json, file);
    }

    /// <summary>Writes all as the array <c>left_out</c> of an object; nothing where there are none.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<LeftOutFile> files)
    {
        if (files.Count > 0) JsonLine.WriteObjects(json, "left_out", files, file => Write(json, file));
    }

    private static void Write(Utf8JsonWriter json, LeftOutFile file)
    {
        json.WriteString("file", file.Name);
        json.WriteString("reason", file.Reason);
    }
}
