using System.Numerics;
using Unroll.Heads;
using Unroll.Numerics;
using Unroll.Scores;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>
/// The readout of an echo state network (Jaeger, 2001): with h the states that the head reads and y the targets of all predicted
/// steps so far,
/// <code>
///   W_out, b_out minimize  sum |W_out h + b_out - y|^2 + penalty |W_out|^2
/// </code>
/// Every update adds its sequences to the sums that this needs. The equations are solved in the last update before a check, and
/// where a budget ends between checks; a run that is resumed with a larger one goes on as if it had not ended. A
/// class is +1 in the output of the class and -1 in the others.
/// </summary>
/// <remarks>
/// A penalty that is not given is chosen by the error on every fifth sequence, or on the last fifth of the steps where an update
/// has fewer than five sequences, of five steps or more; the weights are then solved from all sums.
/// </remarks>
internal sealed class RidgeStep<T> : IUpdateStep<T>, ICountedStep
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Held = 5;

    /// <summary>By example, from 10^-12 to 100: states are within -1 and 1, and what they remember may be small.</summary>
    private static readonly double[] s_penalties = [.. Enumerable.Range(0, 57).Select(i => Math.Pow(10, -12 + (i / 4.0)))];

    private readonly double? _penalty;
    private readonly int _washout;
    private readonly long _every;
    private readonly int _units;
    private readonly int _outputs;
    private readonly HeadCost _cost;
    private readonly bool _intercept;
    private readonly RidgeSums _fit;
    private readonly RidgeSums _check;
    private readonly double[] _h;
    private readonly double[] _y;

    public RidgeStep(ITask task, TrainingOptions o, NetworkShape shape)
    {
        (_penalty, _washout) = (o.RidgePenalty, o.Washout);
        (_units, _outputs, _cost, _intercept) = (shape.Hidden, shape.Outputs, shape.Head.Cost(), shape.Biases);
        long? epoch = (task as IDataTask)?.UpdatesPerEpoch(task.WholeSet ?? o.BatchSize);
        _every = o.CheckEvery > 0 ? o.CheckEvery : epoch ?? 1;
        (_fit, _check) = (new RidgeSums(_units, _outputs), new RidgeSums(_units, _outputs));
        (_h, _y) = (new double[_units], new double[_outputs]);
    }

    public IReadOnlyList<KeptState> State =>
    [
        .. _fit.Arrays.Select(array => new KeptState($"ridge.fit.{array.Name}", array.Values)),
        .. _check.Arrays.Select(array => new KeptState($"ridge.check.{array.Name}", array.Values)),
    ];

    /// <summary>Updates taken into the sums.</summary>
    public long Steps { get; set; }

    /// <summary>The penalty of the last solution, beside the sum of squared errors; null before the first.</summary>
    internal double? Penalty { get; private set; }

    public void Apply(UpdateInProgress<T> update)
    {
        update.Cancellation.ThrowIfCancellationRequested();
        if (!double.IsFinite(update.Loss))
        {
            (update.NonFinite, update.Ended) = (true, true);
            string cause = NonFiniteData.Describe(update.Batch, typeof(T) == typeof(float))
                ?? "the states are not; take a smaller spectral radius, or a bounded activation";
            update.Failure = Invariant($"The cost of update {update.Number} is not finite because {cause}.");
            return;
        }

        for (int row = 0; row < update.Batch.Rows; row++) Add(update, row);
        _fit.Flush();
        _check.Flush();
        Steps++;
        if (update.Number % _every == 0) Solve(update);
    }

    public void Conclude(UpdateInProgress<T> update)
    {
        if (update.Number % _every != 0) Solve(update);
    }

    private void Add(UpdateInProgress<T> update, int row)
    {
        Batch batch = update.Batch;
        int first = batch.EveryStep ? Math.Min(_washout, batch.Lengths[row]) : batch.Lengths[row] - 1;
        int fifth = batch.Rows >= Held ? 0 : (batch.Lengths[row] - first) / Held;
        long sequence = batch.Rows >= Held ? row : ((update.Number - 1) * batch.Rows) + row;
        int held = fifth == 0 && sequence % Held == Held - 1 ? first : batch.Lengths[row] - fifth;
        for (int step = first; step < batch.Lengths[row]; step++)
        {
            if (!batch.IsPredicted(step, row)) continue;
            ReadOnlySpan<T> state = update.Unrolled.HeadInput(step + 1, row);
            for (int i = 0; i < _units; i++) _h[i] = double.CreateTruncating(state[i]);
            Target(batch, step, row);
            (_penalty is null && step >= held ? _check : _fit).Add(_h, _y);
        }
    }

    private void Target(Batch batch, int step, int row)
    {
        if (_cost == HeadCost.Squared)
        {
            batch.Values(step, row).CopyTo(_y);
            return;
        }

        Array.Fill(_y, -1);
        if (_cost == HeadCost.Softmax)
        {
            _y[batch.Class(step, row)] = 1;
            return;
        }

        ReadOnlySpan<ulong> bits = batch.TargetBits(step, row);
        for (int o = 0; o < _outputs; o++) _y[o] = ((bits[o >> 6] >> (o & 63)) & 1) == 1 ? 1 : -1;
    }

    private void Solve(UpdateInProgress<T> update)
    {
        if (_fit.Count == 0)
        {
            (update.Ended, update.Failure) = (true, Invariant($"The readout of update {update.Number} cannot be solved: no step ")
                + (_washout == 0 ? "was predicted so far."
                    : Invariant($"behind the washout of {Counted.Of(_washout, "step")} is predicted; take a smaller one.")));
            return;
        }

        double byExample = _penalty is { } given ? given / _fit.Count
            : _check.Count == 0 ? s_penalties[0]
            : RidgeSolution.Solve(_fit, _check, null, _units, _outputs, s_penalties, _intercept).Penalty;
        RidgeSums all = _penalty is null ? _fit.Plus(_check) : _fit;
        RidgeSolution solution = RidgeSolution.Solve(all, null, byExample, _units, _outputs, intercept: _intercept);
        if (solution.IsSingular)
        {
            (update.Ended, update.Failure) = (true, Invariant($"The readout of update {update.Number} is not determined: ")
                + Invariant($"{Counted.Of(all.Count, "example")} {(all.Count == 1 ? "leaves" : "leave")} some of its ")
                + Invariant($"{Counted.Of(_units, "weight")} an output open; ")
                + "give more sequences, or a --ridge above 0.");
            return;
        }

        Penalty = byExample * all.Count;
        foreach (ParameterBlock block in update.Network.Blocks)
        {
            Span<T> target = update.Network.Parameters.Slice(block.Offset, block.Length);
            if (block.Role == ParameterRole.OutputWeights)
            {
                for (int i = 0; i < target.Length; i++) target[i] = T.CreateTruncating(solution.Weights[i]);
            }
            else if (block.Role == ParameterRole.OutputBias)
            {
                for (int o = 0; o < _outputs; o++)
                {
                    ReadOnlySpan<double> weights = solution.Weights.AsSpan(o * _units, _units);
                    double mean = Numerics.Vectors.Dot(solution.InputMean, weights);
                    target[o] = T.CreateTruncating(solution.TargetMean[o] - mean);
                }
            }
        }
    }
}
