using System.Text.Json;

namespace Unroll.Files;

/// <summary>
/// What belongs to a checkpoint and is never the same twice: its times, and the digest of the metrics, whose rows have times.
/// </summary>
/// <param name="Update">The update of the checkpoint.</param>
/// <param name="CheckedAt">The update of its last regular check.</param>
/// <param name="Seconds">Seconds of training and checks so far, as <see cref="ExactNumber"/>.</param>
/// <param name="UpdateSeconds">Seconds of updates since the last check, as <see cref="ExactNumber"/>.</param>
/// <param name="Rows">Rows of metrics that belong to it.</param>
/// <param name="Digest">CRC-64 of their bytes, line ends included.</param>
internal sealed record ClockEntry(string Update, string CheckedAt, string Seconds, string UpdateSeconds, long Rows,
    string Digest);

/// <summary>
/// <c>clock.json</c> of a run folder: the times of the checkpoint, kept out of it so that the same run gives the same checkpoint.
/// It is written before the checkpoint and keeps the entry of the one before, so whichever of the two a kill leaves has its
/// entry.
/// </summary>
internal static class RunClock
{
    /// <summary>The file.</summary>
    public const string FileName = "clock.json";

    private const int Format = 1;

    /// <summary>Replaces the file as a whole.</summary>
    public static void Write(string path, params IReadOnlyList<ClockEntry> entries)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteStartArray("checkpoints");
            foreach (ClockEntry entry in entries)
            {
                json.WriteStartObject();
                json.WriteString("update", entry.Update);
                json.WriteString("checked_at", entry.CheckedAt);
                json.WriteString("seconds", entry.Seconds);
                json.WriteString("update_seconds", entry.UpdateSeconds);
                json.WriteNumber("metrics_rows", entry.Rows);
                json.WriteString("metrics_digest", entry.Digest);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        AtomicFile.Write(path, Seal.Add(buffer.ToArray()));
    }

    /// <summary>Reads the file.</summary>
    /// <exception cref="IOException">It is missing or cannot be read.</exception>
    /// <exception cref="InvalidFileException">It was altered, or is of a newer format.</exception>
    public static IReadOnlyList<ClockEntry> Read(string path)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw FileErrors.NotRead(path, error);
        }

        if (Seal.Check(content) != true)
            throw new InvalidFileException(path, $"was altered after it was written: its content does not match its {Seal.Key}");
        using JsonDocument document = JsonDocument.Parse(content);
        JsonElement root = document.RootElement;
        int format = root.GetProperty("format").GetInt32();
        if (format > Format)
            throw new InvalidFileException(path, Invariant($"is written in format {format}; this version reads up to {Format}"));
        return
        [
            .. root.GetProperty("checkpoints").EnumerateArray().Select(entry => new ClockEntry(
                entry.GetProperty("update").GetString()!, entry.GetProperty("checked_at").GetString()!,
                    entry.GetProperty("seconds").GetString()!,
                entry.GetProperty("update_seconds").GetString()!, entry.GetProperty("metrics_rows").GetInt64(),
                    entry.GetProperty("metrics_digest").GetString()!)),
        ];
    }
}
