using Unroll.Analysis;
using Unroll.Numerics;
using Unroll.Remedies;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// A start that is advised and that the run had already is no remedy: training led away from it, and would again. The rate did
/// that.
/// </summary>
internal static class KnownStart
{
    /// <summary>The advice with a lower rate in the place of a start that the run had.</summary>
    /// <param name="advice">The advice.</param>
    /// <param name="run">The options of the run; null where they are not known.</param>
    public static IReadOnlyList<Advice> Replace(IReadOnlyList<Advice> advice, TrainingOptions? run)
    {
        if (run is null || run.Optimizer is OptimizerKind.Ridge or OptimizerKind.HessianFree) return advice;
        if (advice.FirstOrDefault(one => one.About == "init" && RemedyTrials.IsInForce(one, run)) is not { } had) return advice;
        Advice? lower = advice.Any(one => one is { About: "lr", Asks: true }) ? null : GrownWeights.LowerRate(run,
            $"the run began with --init {OptionsText.Name(run.Initialization)} already, and training led away from it; "
                + had.Because, had.Section);
        return [.. advice.Select(one => one == had ? lower : one).OfType<Advice>()];
    }
}
