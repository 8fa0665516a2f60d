using System.Numerics;
using Unroll.Numerics;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>
/// The step of Hessian-Free: the model of the cost around the parameters, gradient x + x (G + mu lambda S + lambda + decay) x / 2
/// with the Gauss-Newton matrix G and structural damping S of one minibatch, is minimized by conjugate gradients from the last
/// solution on; the best iterate by the cost on a second minibatch is searched along on a third; and lambda follows how well
/// the model foretold the cost there (Martens and Sutskever, 2011). No matrix of parameters by parameters is formed.
/// </summary>
internal sealed class HessianFreeStep<T> : IUpdateStep<T>, ICountedStep, IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int CompareEvery = 10;
    private const double Shorter = 0.8;
    private const int Shortenings = 60;
    private const double Poor = 0.25, Good = 0.75;

    private readonly HessianFreeOptions _options;
    private readonly CostReduction _reduction;
    private readonly Minibatches _minibatches;
    private readonly Batch _batch;              // of the curvature
    private readonly Batch _other;              // of the comparison of iterates, then of the line search
    private readonly UnrolledNetwork<T> _curvature;
    private readonly Network<T> _moved;         // parameters that are tried
    private readonly UnrolledNetwork<T> _trial;
    private readonly ConjugateGradients _solver;
    private readonly double[] _decay;           // by parameter: the share that L2 penalties add to its gradient
    private readonly bool[] _isFrozen;
    private readonly double[] _solution;        // where the next conjugate gradients start
    private readonly double[] _damping = new double[1]; // lambda a predicted output's weight
    private readonly double[] _right;
    private readonly double[] _iterate;
    private readonly double[] _best;
    private UpdateInProgress<T>? _update;       // of the products in progress
    private double _lambda;
    private double _structural;

    public HessianFreeStep(ITask task, TrainingOptions o, UnrolledNetwork<T> unrolled, Minibatches minibatches)
    {
        NetworkShape shape = unrolled.Network.Shape;
        int count = shape.ParameterCount;
        (_options, _reduction, _minibatches) = (o.HessianFree, o.Reduction ?? task.Reduction, minibatches);
        (_batch, _other) = (minibatches.NewBatch(), minibatches.NewBatch());
        _curvature = new UnrolledNetwork<T>(unrolled.Network, o.Threads);
        _moved = new Network<T>(shape);
        _trial = new UnrolledNetwork<T>(_moved, o.Threads);
        _solver = new ConjugateGradients(count);
        (_decay, _isFrozen) = (new double[count], new bool[count]);
        (_solution, _right, _iterate, _best) = (new double[count], new double[count], new double[count], new double[count]);
        _damping[0] = _options.Damping;
        foreach (ParameterBlock block in shape.Blocks())
        {
            double share = (block.IsWeight ? o.WeightDecay : 0)
                + o.L2.Where(penalty => penalty.Block == block.Name).Sum(penalty => penalty.Weight);
            _decay.AsSpan(block.Offset, block.Length).Fill(share);
            _isFrozen.AsSpan(block.Offset, block.Length).Fill(o.Frozen.Contains(block.Name));
        }
    }

    public IReadOnlyList<KeptState> State => [new("optimizer.solution", _solution), new("optimizer.damping", _damping)];

    /// <summary>Steps taken.</summary>
    public long Steps { get; set; }

    /// <summary>lambda of the next step, a predicted output.</summary>
    public double Damping => _damping[0];

    /// <summary>The reduction ratio of the last step, for tests.</summary>
    internal double Ratio { get; private set; }

    /// <summary>The share of the solution that the last step went; 0 for none.</summary>
    internal double Taken { get; private set; }

    /// <remarks>Nothing that is kept changes before the end, so that a step which is cancelled leaves no trace.</remarks>
    public void Apply(UpdateInProgress<T> update)
    {
        _update = update;
        Span<T> parameters = update.Network.Parameters;
        for (int i = 0; i < _right.Length; i++) _right[i] = -double.CreateTruncating(update.Gradient[i]);
        _curvature.Forward(Take(_batch, Minibatches.Curvature), _reduction);
        (long predicted, double weight) = _curvature.BeginCurvature();
        _lambda = _damping[0] * weight;
        _structural = _options.StructuralDamping * _lambda / Math.Max(1, predicted);

        Batch comparison = Take(_other, Minibatches.Comparison);
        (double leastCost, double model) = (double.PositiveInfinity, 0);
        Array.Clear(_best);
        _solution.CopyTo(_iterate, 0);
        _solver.Minimize(Multiply, _right, _iterate, _options.Iterations, CompareEvery, (x, value) =>
        {
            double cost = CostAt(x, 1, comparison);
            if (!(cost < leastCost)) return;
            (leastCost, model) = (cost, value);
            x.CopyTo(_best);
        });

        Batch search = Take(_other, Minibatches.LineSearch);
        double now = CostAt(_best, 0, search), whole = CostAt(_best, 1, search);
        double ratio = model < 0 ? (whole - now) / model : double.NaN, share = 1;
        int shortened = 0;
        for (double cost = whole; !(cost < now); cost = CostAt(_best, share, search))
        {
            share = ++shortened > Shortenings ? 0 : share * Shorter;
            if (share == 0) break;
        }

        update.Cancellation.ThrowIfCancellationRequested();
        for (int i = 0; share > 0 && i < parameters.Length; i++)
            parameters[i] = T.CreateTruncating(double.CreateTruncating(parameters[i]) + (share * _best[i]));
        if (share > 0) _iterate.CopyTo(_solution, 0);
        else Array.Clear(_solution);
        if (!double.IsFinite(ratio) || ratio < Poor) _damping[0] *= 3.0 / 2;
        else if (ratio > Good) _damping[0] *= 2.0 / 3;
        (Ratio, Taken) = (ratio, share);
        Steps++;
    }

    /// <summary>The optimizer begins anew.</summary>
    public void WentBack(ReadOnlySpan<T> parameters)
    {
        Steps = 0;
        Array.Clear(_solution);
        _damping[0] = _options.Damping;
    }

    public void Dispose()
    {
        _curvature.Dispose();
        _trial.Dispose();
    }

    /// <summary>A minibatch of this update; of a whole set, that.</summary>
    private Batch Take(Batch batch, int place)
    {
        ITask training = _update!.Training!;
        if (training.WholeSet is not null) return _update.Batch;
        _minibatches.Fill(batch, training, _update.Number, place);
        return batch;
    }

    /// <summary>(G + mu lambda S + lambda + decay) v on what is not frozen.</summary>
    private void Multiply(ReadOnlySpan<double> v, Span<double> result)
    {
        _update!.Cancellation.ThrowIfCancellationRequested();
        _curvature.CurvatureTimes(v, _structural, result);
        for (int i = 0; i < result.Length; i++) result[i] = _isFrozen[i] ? 0 : result[i] + ((_lambda + _decay[i]) * v[i]);
    }

    /// <summary>The cost with its penalties at the parameters plus a share of x.</summary>
    private double CostAt(ReadOnlySpan<double> x, double share, Batch batch)
    {
        _update!.Cancellation.ThrowIfCancellationRequested();
        Span<T> from = _update.Network.Parameters, to = _moved.Parameters;
        double penalty = 0;
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = T.CreateTruncating(double.CreateTruncating(from[i]) + (share * x[i]));
            double value = double.CreateTruncating(to[i]);
            penalty += _decay[i] * value * value;
        }

        return _trial.Forward(batch, _reduction) + (penalty / 2);
    }
}
