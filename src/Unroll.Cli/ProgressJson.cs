using System.Text.Encodings.Web;
using System.Text.Json;
using Unroll.Analysis;
using Unroll.Cli.Diagnosis;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>The JSON objects of <c>--json</c> and <c>metrics.jsonl</c>: one a line, the same keys everywhere.</summary>
internal static class ProgressJson
{
    /// <summary>Text in full, without escapes that only HTML needs.</summary>
    public static readonly JsonWriterOptions Writer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A progress object, with a diagnosis where one was made.</summary>
    public static byte[] Line(TrainingProgress progress, GradientDiagnosis? diagnosis = null) => Object(json =>
    {
        WriteProgress(json, "progress", progress.Update, progress);
        if (diagnosis is null) return;
        json.WriteStartObject("diagnosis");
        DiagnosisJson.WriteSummary(json, diagnosis);
        json.WriteEndObject();
    });

    /// <summary>A result object: that of the last check, and how it ended.</summary>
    public static byte[] Line(TrainingResult result, string? model) => Object(json =>
    {
        WriteProgress(json, "result", result.Updates, result.Last);
        if (result.Outcome == TrainingOutcome.Finished) json.WriteNull("solved");
        else json.WriteBoolean("solved", result.Outcome == TrainingOutcome.Solved);
        WriteNumber(json, "best_error", result.BestError);
        json.WriteString("model", model);
    });

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

    private static void WriteProgress(Utf8JsonWriter json, string name, long update, TrainingProgress? progress)
    {
        json.WriteString("event", name);
        json.WriteNumber("update", update);
        WriteNumber(json, "loss", progress?.Loss);
        json.WriteString("loss_unit", progress?.LossUnit);
        WriteNumber(json, "error", progress?.Error);
        WriteNumber(json, "gradient_norm", progress?.GradientNorm);
        WriteNumber(json, "clip_rate", progress?.ClipRate);
        WriteNumber(json, "omega", progress?.Omega);
        WriteNumber(json, "omega_kept", progress?.OmegaKept);
        WriteNumber(json, "spectral_radius", progress?.SpectralRadius);
        WriteNumber(json, "updates_per_second", progress?.UpdatesPerSecond);
        WriteNumber(json, "seconds", progress?.Seconds);
        WriteNumber(json, "validation_loss", progress?.ValidationLoss);
        WriteNumber(json, "strict_error", progress?.StrictError);
        WriteNumber(json, "selection_error", progress?.SelectionError);
        WriteNumber(json, "largest_singular_value", progress?.LargestSingularValue);
        WriteNumber(json, "learning_rate", progress?.LearningRate);
        WriteNumber(json, "longest_length", progress?.LongestLength);
        WriteNumber(json, "non_finite", progress?.NonFinite);
        if (progress?.Epoch is { } epoch) json.WriteNumber("epoch", epoch);
        if (progress?.ClipThreshold is not null) WriteNumber(json, "clip_threshold", progress.ClipThreshold);
        if (progress?.Rescues is { } rescues) json.WriteNumber("rescues", rescues);
        if (progress?.ContractingSince is { } since) json.WriteNumber("radius_below_1_since", since);
    }
}
