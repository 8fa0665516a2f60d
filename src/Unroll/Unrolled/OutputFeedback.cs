using System.Numerics;
using Unroll.Kernels;
using Unroll.Numerics;

namespace Unroll;

/// <summary>
/// Feeds the outputs of a network back as its inputs: O columns of the dense input at step t are the outputs of step t - 1. A
/// pass writes them into a batch, which then is an ordinary batch: its forward pass gives the outputs of a network that read its
/// own, and its backward pass the gradient with these inputs held constant.
/// </summary>
/// <remarks>
/// Only the inputs behind a predicted step can be the network's own. Steps that are not predicted, such as the first ones of a
/// sequence, keep the inputs that the batch has. The passes draw no noise and no dropout. Not safe for concurrent use.
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed unsafe class OutputFeedback<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The largest output that is fed back: a network that explodes has a large cost, and is no refusal.</summary>
    private const double Largest = 1e10;

    private readonly IKernel<T> _kernel;
    private readonly Tape<T> _tape;
    private readonly Batch _window;
    private readonly int _column;
    private RandomSource[] _draws = [];

    /// <summary>Prepares to run a network, whose parameters are read at every pass.</summary>
    /// <param name="network">The network. Its inputs are dense, and it predicts real numbers at every step.</param>
    /// <param name="column">The first of the O input columns that hold the outputs of the step before.</param>
    /// <exception cref="ArgumentException">The network has no outputs that could be fed back, or no such columns.</exception>
    public OutputFeedback(Network<T> network, int column = 0)
    {
        ArgumentNullException.ThrowIfNull(network);
        Network = network;
        if (Refusal(network.Shape, column) is { } refusal) throw new ArgumentException(refusal);
        _column = column;
        _kernel = KernelFactory.Create<T>(network.Shape, null);
        _tape = new Tape<T>(network.Shape, _kernel);
        _window = Batch.For(network.Shape);
    }

    /// <summary>The network.</summary>
    public Network<T> Network { get; }

    /// <summary>
    /// Lets the network run on its own outputs: every input behind a predicted step becomes the output of that step.
    /// </summary>
    /// <param name="batch">Whole sequences; receives the outputs as inputs.</param>
    /// <exception cref="ArgumentException">The batch does not fit, or a row goes on from an earlier state.</exception>
    public void Run(Batch batch) => Mix(batch, 0, default);

    /// <summary>
    /// Scheduled sampling (Bengio et al., 2015): each input behind a predicted step stays what it is with a probability, and
    /// otherwise becomes the output of that step. Outputs are those of the network on the mixed inputs before them.
    /// </summary>
    /// <param name="batch">Whole sequences; receives the outputs as inputs.</param>
    /// <param name="share">The probability that an input stays, within 0 and 1; at 1 nothing is done.</param>
    /// <param name="key">Decides for each row and step. The same key gives the same inputs.</param>
    /// <exception cref="ArgumentException">The batch does not fit, or a row goes on from an earlier state.</exception>
    public void Mix(Batch batch, double share, RandomKey key)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (!(share is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), Invariant($"The share is {share}; it must lie within 0 and 1."));
        NetworkShape shape = Network.Shape;
        if ((batch.Encoding, batch.Inputs, batch.Head, batch.Outputs)
            != (shape.Encoding, shape.Inputs, shape.Head, shape.Outputs))
            throw new ArgumentException("The batch does not have the inputs and outputs of the network.", nameof(batch));
        if (batch.Carry.Contains(true))
            throw new ArgumentException(
                "A row goes on from an earlier state; outputs are fed back in whole sequences only.", nameof(batch));
        if (share == 1) return;
        int first = FirstOwn(batch);
        if (first == batch.Steps) return;
        if (share > 0) BeginDraws(batch.Rows, key);
        _kernel.Pack(Network, default);
        Pass(batch, 0, first);
        for (int t = first; t < batch.Steps; t++)
        {
            int last = t == first ? first - 1 : 0; // the step of the pass before this one
            for (int r = 0; r < batch.Rows; r++)
            {
                if (!IsOwn(batch, t, r) || (share > 0 && _draws[r].NextDouble() < share)) continue;
                FeedBack(_tape.OutputRow((last * batch.Rows) + r), batch.Dense(t, r));
            }

            if (t < batch.Steps - 1) Pass(batch, t, 1);
        }
    }

    /// <summary>Why the outputs of a network cannot be fed back into those columns; null where they can.</summary>
    internal static string? Refusal(NetworkShape shape, int column) =>
        shape.Encoding != InputEncoding.Dense || !shape.PredictsEveryStep || !shape.Head.Cost().HasValues()
            || shape.Head.Cost() == HeadCost.Quantile
            ? "Outputs are fed back where inputs and outputs are real numbers and every step is predicted; this network has "
                + $"{shape.Encoding} inputs and the head {shape.Head}."
        : column < 0 || column + shape.Outputs > shape.Inputs
            ? Invariant($"The outputs cannot be fed back into the inputs from {column} on: the network has ")
                + Invariant($"{Counted.Of(shape.Outputs, "output")} ")
                + Invariant($"and {Counted.Of(shape.Inputs, "input")}.")
        : null;

    private void FeedBack(ReadOnlySpan<T> output, Span<double> input)
    {
        for (int o = 0; o < output.Length; o++)
        {
            double value = double.CreateTruncating(output[o]);
            input[_column + o] = double.IsNaN(value) ? Largest : Math.Clamp(value, -Largest, Largest);
        }
    }

    /// <summary>Whether an input may be the network's own output.</summary>
    private static bool IsOwn(Batch batch, int step, int row) => step < batch.Lengths[row] && batch.IsPredicted(step - 1, row);

    /// <summary>The first step at which some row may read its own output; T where there is none.</summary>
    private static int FirstOwn(Batch batch)
    {
        for (int t = 1; t < batch.Steps; t++)
        {
            for (int r = 0; r < batch.Rows; r++)
            {
                if (IsOwn(batch, t, r)) return t;
            }
        }

        return batch.Steps;
    }

    private void BeginDraws(int rows, RandomKey key)
    {
        if (_draws.Length < rows) _draws = new RandomSource[rows];
        for (int r = 0; r < rows; r++) _draws[r] = key.Row(r);
    }

    /// <summary>Runs some steps of all rows from where the pass before ended.</summary>
    private void Pass(Batch batch, int start, int steps)
    {
        _window.TakeWindow(batch, start, steps, carry: true);
        _tape.Prepare(_window);
        _kernel.Forward(_window, _tape, 0, _window.Rows);
    }
}
