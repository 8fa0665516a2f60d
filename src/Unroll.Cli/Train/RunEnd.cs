using Unroll.Analysis;
using Unroll.Cli.Diagnosis;
using Unroll.Numerics;
using Unroll.Remedies;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary>What is said when a run has ended: why it did, and what to try next for this run.</summary>
internal static class RunEnd
{
    private const double StillFalling = 0.97; // of the loss half a run ago

    private const int LongSequences = 50;

    /// <summary>Why it ended, in words.</summary>
    public static string Why(TrainingResult result, Trainer trainer, TrainingOptions options) => result.Outcome switch
    {
        TrainingOutcome.Solved when options.Stop == StopRule.Budget => "the budget is spent; a check before had solved it",
        TrainingOutcome.Solved => "a check met the rule of --stop",
        TrainingOutcome.NonFinite when options.Optimizer == OptimizerKind.Ridge => "the readout could not be solved",
        TrainingOutcome.NonFinite => "a gradient was not finite, and --on-nonfinite says to stop there",
        TrainingOutcome.Cancelled => "it was cancelled",
        _ when result.Updates >= trainer.Budget => IsByEpochs(trainer, options)
            ? $"the budget of {Format.Counted(options.MaximumEpochs!.Value, "epoch")} is spent (--epochs)"
            : $"the budget of {Format.Counted(trainer.Budget, "update")} is spent (--updates)",
        _ when options.MaximumMinutes is { } minutes && IsSpent(result, trainer, options) =>
            $"the budget of {Format.Exact(minutes)} {Counted.Noun(minutes, "minute")} is spent (--minutes)",
        _ when options.Patience is { } patience => $"{Counted.Of(patience, "check")} in a row had no better validation "
            + "loss (--patience)",
        _ => "the budget is spent",
    };

    /// <summary>What to try next; null where there is nothing to say.</summary>
    /// <param name="result">How the run ended.</param>
    /// <param name="troubles">What was seen on the way.</param>
    /// <param name="checks">Its checks.</param>
    /// <param name="diagnosis">A diagnosis of the last weights; null where none was made.</param>
    /// <param name="trainer">The trainer.</param>
    /// <param name="settings">What was to be trained.</param>
    /// <param name="folder">The folder of the run, or null.</param>
    public static string? Next(
        TrainingResult result, IReadOnlyCollection<Trouble> troubles, IReadOnlyList<TrainingProgress> checks,
        GradientDiagnosis? diagnosis, Trainer trainer, TrainSettings settings, string? folder)
    {
        if (result.Outcome is TrainingOutcome.Solved or TrainingOutcome.Cancelled) return null;
        string budget = result.Updates < trainer.Budget && settings.Options.MaximumMinutes is not null ? "--minutes"
            : IsByEpochs(trainer, settings.Options) ? "--epochs" : "--updates";
        string more = folder is null ? $"a larger budget ({budget})" : $"unroll train --resume {folder} with larger {budget}";
        if (settings.Options.Optimizer == OptimizerKind.Ridge)
            return "more units (--hidden), or another --leak, --spectral-radius or --input-scale";
        if (result.Outcome == TrainingOutcome.NonFinite)
            return settings.Options.ClipMode == ClipMode.None ? "--clip auto, which bounds what explodes (section 3.2)"
                : $"a lower --lr than {Format.Exact(settings.Options.LearningRate)}, or --on-nonfinite skip";
        if (troubles.LastOrDefault() is { } trouble) return $"{trouble.Remedy} ({trouble.Kind} was seen)";
        if (IsSpent(result, trainer, settings.Options) && StillFalls(checks)) return $"{more}: the loss still falls";
        if (diagnosis is { Verdict: not GradientVerdict.Healthy }
            && KnownStart.Replace(Advice.Of(diagnosis, trainer.Task, trainer.Shape), settings.Options)
                .FirstOrDefault(one => one.Asks) is { } advice)
            return $"{advice.Text}{WithMethod(advice, settings.Options)} (gradients: {DiagnosisText.Short(diagnosis)}; "
                + $"{advice.Because})";
        if (result.Outcome == TrainingOutcome.Finished)
            return folder is null ? null : $"unroll evaluate {folder}, for its scores on every fold" + (IsOneChain(trainer.Task)
                ? $"; where they are no better than a baseline's, unroll diagnose {folder} says why" : "");
        string other = settings.Options.Optimizer == OptimizerKind.HessianFree ? "--damping" : "--lr";
        return diagnosis is null ? "unroll diagnose of its model"
            : $"{more}, or another {other}{Curriculum(trainer, settings.Options)}: gradients are healthy, and the loss hardly "
                + "moves";
    }

    /// <summary>Whether the epochs end a run before the updates do.</summary>
    private static bool IsByEpochs(Trainer trainer, TrainingOptions options) => options.MaximumEpochs is not null
        && trainer.UpdatesPerEpoch is not null && options.MaximumUpdates > trainer.Budget;

    private static bool IsSpent(TrainingResult result, Trainer trainer, TrainingOptions options) =>
        result.Updates >= trainer.Budget || result.Last?.Seconds >= 60 * options.MaximumMinutes;

    /// <summary>Only then a diagnosis follows the gradient.</summary>
    private static bool IsOneChain(ITask task) => task is SeriesTask { Codec.Options.Decoder: SeriesDecoder.Direct };

    /// <summary>A method without Omega refuses one.</summary>
    private static string WithMethod(Advice advice, TrainingOptions options) => advice.About != "omega" || options.Omega > 0 ? ""
        : $", by --method {Method.Of(options with { Omega = 1 }).Name}";

    private static string Curriculum(Trainer trainer, TrainingOptions options) =>
        options.Curriculum is null && trainer.Task is ILengthTask { Length.Maximum: >= LongSequences }
            && TaskCatalogue.IsSynthetic(trainer.Task.Name) && Recipes.Get(trainer.Task.Name, "best").Curriculum is not null
            ? ", or short sequences first (the curriculum of the recipe, without --curriculum none)" : "";

    private static bool StillFalls(IReadOnlyList<TrainingProgress> checks) =>
        checks.Count >= 2 && checks[^1].Loss < StillFalling * checks[(checks.Count - 1) / 2].Loss;
}
