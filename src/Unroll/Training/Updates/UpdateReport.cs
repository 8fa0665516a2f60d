using Unroll.Remedies;

namespace Unroll.Training;

/// <summary>
/// What one update did. The loss is the batch's cost; for a corpus it is the sum over its <c>Steps</c> predicted steps, in the
/// task's unit.
/// </summary>
internal readonly record struct UpdateReport(
    double Loss, long Steps, ClipReport Clip, OmegaStatistics Omega, bool NonFinite, string? Failure);
