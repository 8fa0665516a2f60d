using System.Collections.Immutable;
using Unroll.Remedies;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Analysis;

/// <summary>Collects the measurements of a diagnosis, batch by batch.</summary>
internal sealed class DiagnosisSums(DiagnosisOptions options)
{
    /// <summary>
    /// The number of batches on which Omega's gradient is measured when a network has gates or several layers, where it takes a
    /// separate product.
    /// </summary>
    private const int MostOmegaGradients = 5;

    private static readonly VanishingGradientRegularizer Regularizer = new();
    private readonly List<double[]> _curves = []; // the curve by lag of each sequence that has a cost
    private readonly List<LayerSums> _layers = [];
    private readonly List<List<double>> _byStep = [];
    private readonly List<double> _shares = [];
    private readonly List<double> _norms = [];
    private readonly List<double> _usualNorms = []; // infinite where a sequence exploded
    private readonly List<(double Term, double Ratio, int Kept)> _omegaSteps = [];
    private readonly Predictions _predictions = new();
    private double _loss, _saturated, _omega, _kept, _omegaGradient;
    private long _losses, _wrong, _evaluated;
    private int _exploded, _border, _omegaGradients;
    private int? _explodedAt;
    private bool _hasRule;

    public void Add(UnrolledNetwork<double> unrolled, ITask task, Batch batch, CostReduction reduction)
    {
        AddLoss(unrolled, task, batch, reduction, unrolled.Forward(batch, reduction));
        CountWrong(unrolled, task, batch);
        unrolled.Backward();
        double norm = ParameterCopies.Norm(unrolled, options);
        _norms.Add(norm);
        _saturated += ActivationSlopes.SaturatedShare(unrolled);
        AddOmega(unrolled); // after the norm, because it overwrites the gradient
        TemporalComponents components = TemporalComponents.Measure(
            unrolled, CostSteps.Spread(options.CostsPerSequence), options.CopiesOf);
        AddLayers(unrolled, components);
        bool exploded = !double.IsFinite(norm);
        foreach (double[] curve in components.CurvesBySequence())
        {
            _curves.Add(curve);
            for (int lag = 1; lag < curve.Length; lag++)
            {
                if (curve[lag] < GradientDiagnosis.ExplodedFrom * curve[0] || curve[lag] == 0) continue;
                exploded = true;
                if (curve[lag] > 0) _explodedAt = Math.Min(_explodedAt ?? lag, lag);
                break;
            }
        }

        _exploded += exploded ? 1 : 0;
        _usualNorms.Add(exploded ? double.PositiveInfinity : norm);
        if (_border == 0) _border = Math.Max(1, (int)Math.Round(options.LongFrom * batch.Steps));
        _shares.AddRange(components.LongTermSharesBySequence(_border));
        for (int k = 1; k <= batch.Steps; k++)
        {
            if (_byStep.Count < k) _byStep.Add([]);
            for (int row = 0; row < batch.Rows; row++)
            {
                if (batch.Lengths[row] >= k) _byStep[k - 1].Add(components.Total(k, row));
            }
        }
    }

    public GradientDiagnosis Conclude(Network<double> network, int rows, double? curvature)
    {
        int batches = _norms.Count;
        ImmutableArray<Quantiles> byLag = LagCurves.ByLag(_curves, curve => 1);
        int? vanished = VanishedFrom();
        GradientVerdict verdict =
            _exploded > 0 ? GradientVerdict.Exploding : vanished is not null ? GradientVerdict.Vanishing
                : GradientVerdict.Healthy;
        return new GradientDiagnosis
        {
            Verdict = verdict,
            Lag = verdict == GradientVerdict.Exploding ? _explodedAt : verdict == GradientVerdict.Vanishing ? vanished : null,
            ExplodingProbability = (double)_exploded / batches,
            Loss = _loss / _losses,
            Error = _hasRule ? (double)_wrong / _evaluated : null,
            Rows = rows,
            Bounds = GradientBounds.Of(network),
            Measured = LagCurves.Rate([.. byLag.Select(lag => lag.Median)]),
            ByLag = byLag,
            Layers = [.. _layers.Select((sums, index) => sums.Conclude(index, network.Shape.Layers[index], batches))],
            ByStep = [.. _byStep.Select(step => Quantiles.Of([.. step]))],
            Saturated = _saturated / batches,
            LongBorder = _border,
            LongTermShare = Quantiles.Of([.. _shares]),
            Norms = [.. _norms],
            Clipping = ClipAdvice.Of(_usualNorms),
            Omega = new OmegaStatistics(_omega / batches, _kept / batches),
            OmegaGradient = _omegaGradient / _omegaGradients,
            OmegaByStep =
                [.. _omegaSteps.Select((step, k) => new OmegaStep(k, step.Term / step.Kept, step.Ratio / step.Kept, step.Kept))],
            Curvature = curvature,
        };
    }

    /// <summary>
    /// Sums the cost: the mean over the batches, or for a corpus the mean over all predicted steps, because the cost of a fold is
    /// a mean over steps; in the unit of the task.
    /// </summary>
    private void AddLoss(UnrolledNetwork<double> unrolled, ITask task, Batch batch, CostReduction reduction, double cost)
    {
        long count = 1;
        if (task is ICorpusTask corpus)
        {
            (cost, count) = StepCosts.Total(unrolled, batch, reduction);
            cost /= corpus.NatsPerUnit;
        }
        else if (task is ISeriesTask series)
        {
            cost /= series.CostPerUnit;
        }

        (_loss, _losses) = (_loss + cost, _losses + count);
    }

    private void CountWrong(UnrolledNetwork<double> unrolled, ITask task, Batch batch)
    {
        _hasRule = task.HasSuccessRule;
        if (!_hasRule) return;
        unrolled.CopyOutputs(_predictions);
        var correct = new bool[batch.Rows];
        task.MarkCorrect(batch, _predictions, correct);
        _wrong += correct.Count(right => !right);
        _evaluated += batch.Rows;
    }

    private void AddOmega(UnrolledNetwork<double> unrolled)
    {
        // One pass, which also stores the terms by step and by layer.
        bool withGradient = unrolled.Network.Shape.IsOnPreActivations || _omegaGradients < MostOmegaGradients;
        OmegaStatistics omega = withGradient ? OmegaGradient(unrolled) : Regularizer.Measure(unrolled);
        (_omega, _kept) = (_omega + omega.Omega, _kept + omega.Kept);
        int layers = unrolled.Network.Shape.Layers.Count;
        foreach (OmegaStep step in Enumerable.Range(0, layers)
            .SelectMany(layer => OmegaAnalysis.StepsOf(unrolled, Regularizer.Form, layer)))
        {
            if (_omegaSteps.Count <= step.Step) _omegaSteps.Add(default);
            if (step.Kept == 0) continue;
            (double term, double ratio, int kept) = _omegaSteps[step.Step];
            _omegaSteps[step.Step] = (term + (step.Term * step.Kept), ratio + (step.Ratio * step.Kept), kept + step.Kept);
        }
    }

    private OmegaStatistics OmegaGradient(UnrolledNetwork<double> unrolled)
    {
        unrolled.Gradient.Clear();
        OmegaStatistics omega = Regularizer.AddGradient(unrolled, 1);
        double norm = 0;
        foreach (ParameterBlock block in unrolled.Network.Blocks.Where(one => one.Role == ParameterRole.RecurrentWeights))
            norm = double.Hypot(norm, GradientClipping.Norm<double>(unrolled.Gradient.Slice(block.Offset, block.Length)));
        (_omegaGradient, _omegaGradients) = (_omegaGradient + norm, _omegaGradients + 1);
        return omega;
    }

    private void AddLayers(UnrolledNetwork<double> unrolled, TemporalComponents components)
    {
        ImmutableArray<OmegaStatistics> omega = OmegaAnalysis.LayersOf(unrolled, Regularizer);
        ILookup<int, GateSaturation> gates = GateSaturation.Of(unrolled).ToLookup(gate => gate.Layer);
        for (int layer = 0; layer < omega.Length; layer++)
        {
            if (_layers.Count <= layer) _layers.Add(new LayerSums());
            _layers[layer].Add(components.CurvesBySequence(layer), omega[layer], [.. gates[layer]]);
        }
    }

    /// <summary>
    /// The lag from which the median of the sequences' signals stays vanished, each signal relative to its value at lag 0.
    /// </summary>
    private int? VanishedFrom()
    {
        // A sequence whose cost sends no signal at all (the network solves it to the last digit) gives no information about time.
        if (_curves.RemoveAll(curve => curve[0] == 0) > 0 && _curves.Count == 0) return 0;
        ImmutableArray<Quantiles> relative = LagCurves.ByLag(_curves, curve => curve[0]);
        int from = relative.Length;
        while (from > 1 && relative[from - 1].Median < GradientDiagnosis.VanishedBelow) from--;
        return from < relative.Length ? from : null;
    }
}
