using System.Numerics;
using Unroll.Remedies;

namespace Unroll.Training;

/// <summary>
/// Clips the gradient (section 3.2) at the fixed threshold, or at one that adapts once it has seen enough norms. A norm that is
/// not finite is not clipped and does not enter the statistics.
/// </summary>
internal sealed class ClippingStep<T>(GradientClipping clipping, AdaptiveThreshold? adaptive) : IUpdateStep<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly NormStatistics? _norms = adaptive?.Begin();

    public IReadOnlyList<KeptState> State => _norms is null ? [] : [new("clip.norms", _norms.State)];

    /// <summary>The threshold of the next update; null for one that does not adapt.</summary>
    public double? Threshold => _norms is null ? null : Adapts ? _norms.Threshold : clipping.Threshold;

    private bool Adapts => _norms is { IsReady: true, Threshold: > 0 };

    public void Restored() => _norms?.Restored();

    public void Apply(UpdateInProgress<T> update)
    {
        if (_norms is null)
        {
            update.Clip = clipping.Apply(update.Gradient);
            return;
        }

        double norm = GradientClipping.Norm<T>(update.Gradient);
        double threshold = Threshold!.Value;
        double target = Adapts && norm > threshold ? _norms.Target(norm) : threshold;
        update.Clip = norm > threshold ? clipping.Apply(update.Gradient, norm, target) : new ClipReport(norm, norm, 1, false);
        if (double.IsFinite(norm)) _norms.Add(norm, update.Clip.NormAfter);
    }
}
