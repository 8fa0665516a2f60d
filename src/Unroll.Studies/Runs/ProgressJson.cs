using System.Text.Json;
using Unroll.Training;

namespace Unroll.Studies.Runs;

/// <summary>The JSON objects of a run's progress, in <c>--json</c> and <c>metrics.jsonl</c>: the same keys everywhere.</summary>
internal static class ProgressJson
{
    /// <summary>A progress object.</summary>
    /// <param name="progress">What it says.</param>
    /// <param name="more">Writes what else there is to say, at its end; null for nothing.</param>
    public static byte[] Line(TrainingProgress progress, Action<Utf8JsonWriter>? more = null) => JsonLine.Object(json =>
    {
        WriteProgress(json, "progress", progress.Update, progress);
        more?.Invoke(json);
    });

    /// <summary>A result object: that of the last check, and how it ended.</summary>
    public static byte[] Line(TrainingResult result, string? model) => JsonLine.Object(json =>
    {
        WriteProgress(json, "result", result.Updates, result.Last);
        if (result.Outcome == TrainingOutcome.Finished) json.WriteNull("solved");
        else json.WriteBoolean("solved", result.Outcome == TrainingOutcome.Solved);
        JsonLine.WriteNumber(json, "best_error", result.BestError);
        json.WriteString("model", model);
    });

    private static void WriteProgress(Utf8JsonWriter json, string name, long update, TrainingProgress? progress)
    {
        json.WriteString("event", name);
        json.WriteNumber("update", update);
        JsonLine.WriteNumber(json, "loss", progress?.Loss);
        json.WriteString("loss_unit", progress?.LossUnit);
        JsonLine.WriteNumber(json, "error", progress?.Error);
        JsonLine.WriteNumber(json, "gradient_norm", progress?.GradientNorm);
        JsonLine.WriteNumber(json, "clip_rate", progress?.ClipRate);
        JsonLine.WriteNumber(json, "omega", progress?.Omega);
        JsonLine.WriteNumber(json, "omega_kept", progress?.OmegaKept);
        JsonLine.WriteNumber(json, "spectral_radius", progress?.SpectralRadius);
        JsonLine.WriteNumber(json, "updates_per_second", progress?.UpdatesPerSecond);
        JsonLine.WriteNumber(json, "seconds", progress?.Seconds);
        JsonLine.WriteNumber(json, "validation_loss", progress?.ValidationLoss);
        JsonLine.WriteNumber(json, "strict_error", progress?.StrictError);
        JsonLine.WriteNumber(json, "selection_error", progress?.SelectionError);
        if (progress?.SelectionCost is not null) JsonLine.WriteNumber(json, "selection_cost", progress.SelectionCost);
        JsonLine.WriteNumber(json, "largest_singular_value", progress?.LargestSingularValue);
        JsonLine.WriteNumber(json, "learning_rate", progress?.LearningRate);
        JsonLine.WriteNumber(json, "longest_length", progress?.LongestLength);
        JsonLine.WriteNumber(json, "non_finite", progress?.NonFinite);
        if (progress?.Epoch is { } epoch) json.WriteNumber("epoch", epoch);
        if (progress?.Damping is not null) JsonLine.WriteNumber(json, "damping", progress.Damping);
        if (progress?.ClipThreshold is not null) JsonLine.WriteNumber(json, "clip_threshold", progress.ClipThreshold);
        if (progress?.Rescues is { } rescues) json.WriteNumber("rescues", rescues);
        if (progress?.ContractingSince is { } since) json.WriteNumber("radius_below_1_since", since);
    }
}
