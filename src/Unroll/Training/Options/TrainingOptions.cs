using System.Collections.Immutable;

namespace Unroll.Training;

/// <summary>
/// All options of a training run. One record drives the trainer, the command line and the checkpoint; the defaults are those of
/// temporal order in the paper's supplement.
/// </summary>
public sealed partial record TrainingOptions
{
    /// <summary>The declaration of every option, in the order of files; each stands beside its property.</summary>
    internal static ImmutableArray<TrainingOption> Declared { get; } =
        [.. OfNetwork, .. OfOptimizer, .. OfReservoir, .. OfRemedies, .. OfData, .. OfBudget];
}
