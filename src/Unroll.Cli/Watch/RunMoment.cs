using System.Text.Json;

namespace Unroll.Cli.Watch;

/// <summary>
/// What a run that is watched records beside its checks, a line of <c>watch.jsonl</c> each: how large the error's gradient is by
/// lag, and an example as it is predicted.
/// </summary>
internal sealed record RunMoment
{
    /// <summary>The file in a run's folder.</summary>
    public const string FileName = "watch.jsonl";

    /// <summary>The longest line that is read, in bytes.</summary>
    public const int LongestLine = 1 << 16;

    /// <summary>The most lags of a line; several steps make one where a sequence is longer.</summary>
    public const int MostLags = 64;

    /// <summary>A share of the signal that is smaller is told as this many powers of ten.</summary>
    public const double Least = -30;

    private const int MostDepth = 8;

    /// <summary>Updates made.</summary>
    public required double Update { get; init; }

    /// <summary>Mean gradient norm after clipping since the check before; NaN where it is not known.</summary>
    public double ClippedNorm { get; init; } = double.NaN;

    /// <summary>The steps that make one lag.</summary>
    public int Bin { get; init; } = 1;

    /// <summary>
    /// log10 of the median of ||dE_t/dh_(t-lag)||, or of the pre-activations' for one plain layer; empty where nothing was
    /// measured.
    /// </summary>
    public IReadOnlyList<float> Lags { get; init; } = [];

    /// <summary>healthy, vanishing or exploding; empty where nothing was measured.</summary>
    public string Verdict { get; init; } = "";

    /// <summary>The lag of the verdict.</summary>
    public int? Lag { get; init; }

    /// <summary>The example as JSON of this program's own writing, in UTF-8; null for none.</summary>
    public byte[]? Example { get; init; }

    /// <summary>Reads a line; null where it is none.</summary>
    public static RunMoment? Parse(ReadOnlyMemory<byte> line)
    {
        if (line.Length is 0 or > LongestLine) return null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = MostDepth });
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Number(root, "update") is not (>= 0 and var update)) return null;
            return new RunMoment
            {
                Update = update,
                ClippedNorm = Number(root, "clipped_norm"),
                Bin = (int)Math.Clamp(Or(Number(root, "bin"), 1), 1, 1 << 20),
                Lags = LagsOf(root),
                Verdict = root.TryGetProperty("verdict", out JsonElement verdict) && verdict.ValueKind == JsonValueKind.String
                    && verdict.GetString() is "healthy" or "vanishing" or "exploding" ? verdict.GetString()! : "",
                Lag = Number(root, "lag") is >= 0 and <= int.MaxValue and var lag ? (int)lag : null,
                Example = root.TryGetProperty("example", out JsonElement example) && example.ValueKind == JsonValueKind.Object
                    ? Copy(example) : null,
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The line, without its end.</summary>
    public byte[] Line() => JsonLine.Object(json =>
    {
        json.WriteNumber("update", Update);
        if (double.IsFinite(ClippedNorm)) json.WriteNumber("clipped_norm", Math.Round(ClippedNorm, 6));
        if (Lags.Count > 0)
        {
            json.WriteString("verdict", Verdict);
            if (Lag is { } lag) json.WriteNumber("lag", lag);
            json.WriteNumber("bin", Bin);
            json.WriteStartArray("lags");
            foreach (float value in Lags) ShortNumbers.Write(json, value, 2);
            json.WriteEndArray();
        }

        if (Example is null) return;
        json.WritePropertyName("example");
        json.WriteRawValue(Example);
    });

    private static double Number(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number
        && value.TryGetDouble(out double number) && double.IsFinite(number) ? number : double.NaN;

    private static double Or(double value, double other) => double.IsNaN(value) ? other : value;

    private static List<float> LagsOf(JsonElement root) =>
        !root.TryGetProperty("lags", out JsonElement lags) || lags.ValueKind != JsonValueKind.Array ? []
        : [.. lags.EnumerateArray().Take(MostLags).Select(value =>
            value.ValueKind == JsonValueKind.Number && value.TryGetSingle(out float number) && float.IsFinite(number)
                ? Math.Clamp(number, (float)Least, 30) : float.NaN)];

    /// <summary>Again as this program writes it, with every character that HTML gives a meaning escaped.</summary>
    private static byte[] Copy(JsonElement element)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer)) element.WriteTo(json);
        return buffer.ToArray();
    }
}
