using System.Collections.Immutable;
using Unroll.Remedies;

namespace Unroll.Analysis;

/// <summary>Combines the curves of the sequences (error signal against lag) into one.</summary>
internal static class LagCurves
{
    /// <summary>
    /// At each lag the quantiles over the sequences that reach that far back, each sequence divided by its own scale.
    /// </summary>
    public static ImmutableArray<Quantiles> ByLag(IReadOnlyCollection<double[]> curves, Func<double[], double> divisor)
    {
        int longest = curves.Count == 0 ? 0 : curves.Max(curve => curve.Length);
        var quantiles = ImmutableArray.CreateBuilder<Quantiles>(longest);
        for (int lag = 0; lag < longest; lag++)
        {
            int at = lag;
            quantiles.Add(Quantiles.Of([.. curves.Where(curve => curve.Length > at).Select(curve =>
                curve[at] / divisor(curve))]));
        }

        return quantiles.DrainToImmutable();
    }

    /// <summary>The fitted rate; 0 for a signal of which nothing is left after one step, so that no line can be fitted.</summary>
    public static DecayRate Rate(ReadOnlySpan<double> medians)
    {
        DecayRate fitted = DecayRate.Fit(medians);
        bool gone = fitted.Points == 1 && medians.Length > 1 && medians[0] > 0 && !medians[1..].ContainsAnyExcept(0);
        return gone ? new DecayRate(0, medians[0], 0, 1) : fitted;
    }
}

/// <summary>Collects the measurements of one layer, batch by batch.</summary>
internal sealed class LayerSums
{
    private readonly List<double[]> _curves = [];
    private GateSaturation[] _gates = [];
    private double _omega, _kept;

    public void Add(IEnumerable<double[]> curves, OmegaStatistics omega, GateSaturation[] gates)
    {
        _curves.AddRange(curves);
        (_omega, _kept) = (_omega + omega.Omega, _kept + omega.Kept);
        _gates = _gates.Length == 0 ? gates
            : [.. _gates.Zip(gates, (sum, one) =>
                sum with { Low = sum.Low + one.Low, High = sum.High + one.High, Mean = sum.Mean + one.Mean })];
    }

    public LayerDiagnosis Conclude(int index, LayerShape shape, int batches)
    {
        ImmutableArray<Quantiles> byLag = LagCurves.ByLag(_curves, _ => 1);
        return new LayerDiagnosis(
            index, shape, byLag, LagCurves.Rate([.. byLag.Select(lag =>
                lag.Median)]), new OmegaStatistics(_omega / batches, _kept / batches),
            [.. _gates.Select(gate =>
                gate with { Low = gate.Low / batches, High = gate.High / batches, Mean = gate.Mean / batches })]);
    }
}
