using System.Text.Json;

namespace Unroll.Studies;

/// <summary>One check of a trial, as its metrics have it; what was not measured is not a number.</summary>
public readonly record struct CurvePoint(long Update, double Seconds, double Loss, double ValidationLoss, double Error,
    double GradientNorm, double ClipRate, double Omega, double SpectralRadius, double LargestSingularValue)
{
    /// <summary>Reads a line of <c>metrics.jsonl</c>.</summary>
    internal static CurvePoint FromJson(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement root = document.RootElement;
        return new CurvePoint(
            root.GetProperty("update").GetInt64(), Number("seconds"), Number("loss"), Number("validation_loss"), Number("error"),
            Number("gradient_norm"), Number("clip_rate"),
            Number("omega"), Number("spectral_radius"), Number("largest_singular_value"));

        double Number(string name) => root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number
            ? value.GetDouble() : double.NaN;
    }
}
