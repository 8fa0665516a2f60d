using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Unroll.Heads;
using Unroll.Kernels;
using Unroll.Remedies;

namespace Unroll;

/// <summary>
/// A network unrolled over the steps of a batch (figure 2): the forward pass, the cost, and backpropagation through time.
/// Buffers are kept from call to call, so repeated calls of one size allocate nothing. Not safe for concurrent use.
/// </summary>
/// <remarks>
/// Full backpropagation runs over the whole batch. For truncated backpropagation run it window by window
/// (<see cref="Batch.TakeWindow"/>): the state is carried over where <see cref="Batch.Carry"/> is set, the gradient is not.
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed unsafe partial class UnrolledNetwork<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly IKernel<T> _kernel;
    private readonly Tape<T> _tape;
    private readonly WorkerTeam _team;
    private readonly T[] _gradient;
    private readonly IHeadCost _cost;
    private readonly TeamJob _forwardJob;
    private readonly TeamJob _backwardJob;
    private readonly TeamJob _normsJob;
    private readonly TeamJob _rightJob;
    private readonly TeamJob _sumsJob;
    private Batch? _batch;
    private int[] _lengths = []; // of its sequences in the forward pass
    private PassNoise _noise;
    private VanishingGradientRegularizer? _regularizer;
    private bool _fused;
    private bool _recurrentOnly;
    private bool _hasBackward;

    /// <summary>Prepares to run <paramref name="network"/>. Every forward pass reads its current parameters.</summary>
    /// <param name="network">The network.</param>
    /// <param name="threads">The most worker threads, 1..256. Their number changes the speed but no bit of the result. The number
    /// in use is at most the number of free cores.</param>
    /// <param name="kernel">The kernel's name, or null for the fastest that this machine runs (or the one UNROLL_KERNEL
    /// names).</param>
    /// <exception cref="ArgumentException">This machine has no such kernel.</exception>
    public UnrolledNetwork(Network<T> network, int threads = 1, string? kernel = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, 256);
        Network = network;
        _kernel = KernelFactory.Create<T>(network.Shape, kernel);
        _cost = HeadTable.Of(network.Shape);
        _tape = new Tape<T>(network.Shape, _kernel);
        _gradient = new T[network.Shape.ParameterCount];
        _team = new WorkerTeam(threads);
        _forwardJob = _team.CreateJob(part => _kernel.Forward(_batch!, _tape, First(part), First(part + 1)));
        _backwardJob = _team.CreateJob(part => _kernel.Backward(_batch!, _tape, First(part), First(part + 1)));
        _normsJob = _team.CreateJob(part => _kernel.OmegaNorms(_tape, _regularizer!.Form, First(part), First(part + 1)));
        _rightJob = _team.CreateJob(part => _kernel.OmegaRight(_tape, _regularizer!.Form, _fused, First(part), First(part + 1)));
        _sumsJob = _team.CreateJob(
            part => _kernel.WeightGradients(_batch!, _tape, _regularizer is not null, _recurrentOnly, part, _team.Parts));
    }

    /// <summary>The network that is run.</summary>
    public Network<T> Network { get; }

    /// <summary>The name of the kernel in use, such as <c>vector512</c> or <c>reference</c>.</summary>
    public string Kernel => _kernel.Name;

    /// <summary>B of the last forward pass.</summary>
    public int Rows => _tape.Rows;

    /// <summary>T of the last forward pass.</summary>
    public int Steps => _tape.Steps;

    /// <summary>
    /// What the next forward passes draw at random: noise on pre-activations and dropout, of one update. Default: nothing, as for
    /// an evaluation. The backward pass differentiates the pass with these draws.
    /// </summary>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public PassNoise Noise
    {
        get => _noise;
        set
        {
            value.Validate();
            _noise = value;
        }
    }

    /// <summary>
    /// How the backward passes clip the error signals that flow back; null, the default, for not. Signals of a pass with Omega
    /// must not be clipped.
    /// </summary>
    /// <exception cref="ArgumentException">A threshold or a mode is none.</exception>
    public TemporalClipping? TemporalClip
    {
        get => _tape.TemporalClip;
        set
        {
            value?.Validate();
            _tape.TemporalClip = value;
        }
    }

    /// <summary>
    /// dE/dtheta, flat, in the layout of <see cref="Network{T}.Parameters"/>; written by <see cref="Backward()"/>.
    /// </summary>
    public Span<T> Gradient => _gradient;

    /// <summary>
    /// Runs the forward pass and returns the cost E: per-step costs reduced over each sequence's predicted steps, averaged over
    /// the batch. The cost may be infinite or NaN when the network has exploded.
    /// </summary>
    /// <param name="batch">The sequences and targets. It must not be changed until <see cref="Backward()"/> has run.</param>
    /// <param name="reduction">Sum or mean over the steps.</param>
    /// <exception cref="ArgumentException">The batch does not fit the network's shape, or the reduction is none.</exception>
    public double Forward(Batch batch, CostReduction reduction)
    {
        if (reduction is not (CostReduction.Sum or CostReduction.Mean))
            throw new ArgumentException($"The reduction {reduction} is not a known value.");
        Run(batch, reduction);
        double total = 0;
        for (int r = 0; r < _tape.Rows; r++) total += _tape.RowCosts[r];
        return total / _tape.Rows;
    }

    /// <summary>The cost of one row of the last <see cref="Forward"/>, reduced over its steps.</summary>
    /// <param name="row">0..B-1 of that batch.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    /// <exception cref="InvalidOperationException">No forward pass with a cost came before.</exception>
    public double RowCost(int row)
    {
        if (_batch is null || _tape.Reduction is null)
            throw new InvalidOperationException("A row's cost needs a forward pass with a cost before it.");
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, _tape.Rows);
        return _tape.RowCosts[row];
    }

    /// <summary>
    /// Runs backpropagation through time for the last <see cref="Forward"/>; fills <see cref="Gradient"/> and every dE/ds_t.
    /// </summary>
    /// <exception cref="InvalidOperationException">No forward pass with a cost came before, or the batch was changed
    /// since.</exception>
    public void Backward() => Backward(null, 0);

    /// <summary>
    /// As <see cref="Backward()"/>, and adds alpha dOmega/dW_rec to the gradient in the same pass: nearly free, while
    /// <see cref="OmegaOfNetwork.AddGradient{T}"/> needs a separate product.
    /// </summary>
    /// <param name="regularizer">The regularizer of section 3.3, or null for none.</param>
    /// <param name="alpha">Its weight, finite and at least 0.</param>
    /// <returns>Omega's value and the share of entries kept; zeros without a regularizer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite.</exception>
    /// <exception cref="InvalidOperationException">No forward pass with a cost came before, or the batch was changed
    /// since.</exception>
    public OmegaStatistics Backward(VanishingGradientRegularizer? regularizer, double alpha)
    {
        if (_batch is null || _tape.Reduction is null)
            throw new InvalidOperationException("Backward needs a forward pass with a cost before it.");
        if (!_batch.Lengths.SequenceEqual(_lengths.AsSpan(0, _tape.Rows)))
            throw new InvalidOperationException("The batch was changed behind its forward pass; run that again.");
        VanishingGradientRegularizer.CheckWeight(alpha);
        if (regularizer is not null) Network.Shape.RequireChain("Omega measures signals that flow back");
        if (regularizer is not null && TemporalClip is not null)
            throw new InvalidOperationException("Omega measures signals as they flow back, which temporal clipping changes.");
        _tape.PrepareBackward();
        _team.Run(_backwardJob, Entries);
        _hasBackward = true;
        _regularizer = regularizer;
        OmegaStatistics statistics = default;
        if (regularizer is not null)
        {
            statistics = Omega(regularizer, alpha);
            _fused = true;
            _team.Run(_rightJob, Entries);
        }

        _recurrentOnly = false;
        _team.Run(_sumsJob, Entries);
        _kernel.Collect(Network, _gradient, addRecurrentOnly: false);
        return statistics;
    }

    /// <summary>Runs the forward pass without a cost and copies the outputs into <paramref name="predictions"/>.</summary>
    /// <exception cref="ArgumentException">The batch does not fit the network's shape.</exception>
    /// <exception cref="ArithmeticException">An output is not finite because an input is not finite; the message has the position
    /// of the input.</exception>
    public void Predict(Batch batch, Predictions predictions)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        Run(batch, null);
        CopyOutputs(predictions);
        if (!predictions.AreFinite && NonFiniteData.Describe(batch, typeof(T) == typeof(float), targets: false) is { } cause)
            throw new ArithmeticException($"An output is not finite because {cause}.");
    }

    /// <summary>
    /// Copies the outputs of the last forward pass into <paramref name="predictions"/>; quantiles that crossed are put in order.
    /// </summary>
    public void CopyOutputs(Predictions predictions)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        bool every = Network.Shape.PredictsEveryStep;
        int steps = every ? _tape.Steps : 1;
        predictions.Resize(_tape.Rows, steps, Network.Shape.Outputs, every);
        for (int t = 0; t < steps; t++)
        {
            for (int r = 0; r < _tape.Rows; r++)
            {
                ReadOnlySpan<T> y = Output(t, r);
                Span<double> target = predictions.At(t, r);
                for (int o = 0; o < y.Length; o++) target[o] = double.CreateTruncating(y[o]);
                _cost.Arrange(target);
            }
        }
    }

    /// <summary>Ends the worker threads.</summary>
    public void Dispose() => _team.Dispose();

    /// <summary>The length of a row of the last forward pass.</summary>
    internal int LengthOf(int row) => _batch!.Lengths[row];

    /// <summary>The threads, for tests.</summary>
    internal WorkerTeam Team => _team;

    /// <summary>The results of the last passes, for the analyses of this library.</summary>
    internal Tape<T> Tape => _tape;

    /// <summary>(O): dE/dy of a step, 0..T-1; a last-step head ignores the step.</summary>
    internal ReadOnlySpan<T> OutputGradient(int step, int row) => new(
        _tape.OutputGradients + ((nint)(Network.Shape.PredictsEveryStep ? (step * _tape.Rows) + row : row) * _tape.OutputStride),
        Network.Shape.Outputs);

    /// <summary>The batch of the last forward pass.</summary>
    /// <exception cref="InvalidOperationException">There was none.</exception>
    internal Batch LastBatch => _batch ?? throw new InvalidOperationException("There was no forward pass.");

    /// <summary>
    /// Backpropagation of the cost of only one step of each row, 0..T-1; the rest of dE/dy is cleared and not restored.
    /// </summary>
    internal void BackwardOfSteps(ReadOnlySpan<int> steps)
    {
        for (int t = 0; Network.Shape.PredictsEveryStep && t < _tape.Steps; t++)
        {
            for (int r = 0; r < _tape.Rows; r++)
            {
                if (t == steps[r]) continue;
                nint at = (nint)((t * _tape.Rows) + r) * _tape.OutputStride;
                new Span<T>(_tape.OutputGradients + at, _tape.OutputStride).Clear();
            }
        }

        Backward();
    }

    /// <summary>The batch of the last pass.</summary>
    /// <exception cref="InvalidOperationException">There was no backward pass.</exception>
    internal Batch AnalysedBatch
    {
        get
        {
            NeedBackward();
            return _batch!;
        }
    }

    internal OmegaStatistics MeasureOmega(VanishingGradientRegularizer regularizer, double alpha, bool add)
    {
        NeedBackward();
        Network.Shape.RequireChain("Omega measures signals that flow back");
        _regularizer = regularizer;
        OmegaStatistics statistics = Omega(regularizer, alpha);
        if (!add) return statistics;
        _fused = false;
        _team.Run(_rightJob, Entries);
        _recurrentOnly = true;
        _team.Run(_sumsJob, Entries);
        _kernel.Collect(Network, _gradient, addRecurrentOnly: true);
        return statistics;
    }

    private OmegaStatistics Omega(VanishingGradientRegularizer regularizer, double alpha)
    {
        _tape.PrepareOmega();
        _team.Run(_normsJob, Entries);
        OmegaStatistics total = default;
        foreach (LayerTape<T> layer in _tape.Layers)
        {
            OmegaStatistics one = regularizer.Coefficients(
                layer.SignalSquared, layer.FlowSquared, layer.Coefficients, _batch!.Lengths, _tape.Steps, alpha);
            total = new OmegaStatistics(total.Omega + one.Omega, total.Kept + (one.Kept / _tape.Layers.Length));
        }

        return total;
    }

    private void Run(Batch batch, CostReduction? reduction)
    {
        ArgumentNullException.ThrowIfNull(batch);
        NetworkShape shape = Network.Shape;
        if (
            batch.Encoding != shape.Encoding || batch.Inputs != shape.Inputs || batch.Head != shape.Head
                || batch.Outputs != shape.Outputs)
            throw new ArgumentException(
                Invariant($"The batch has {batch.Inputs} {batch.Encoding} inputs and {batch.Outputs} {batch.Head} outputs; ")
                    + Invariant($"the network has {shape.Inputs} {shape.Encoding} and {shape.Outputs} {shape.Head}."));
        if (batch.Rows == 0) throw new ArgumentException("The batch is empty; call Resize and fill it first.");
        foreach (int length in batch.Lengths)
        {
            if (length < 1 || length > batch.Steps)
                throw new ArgumentException(
                    Invariant($"A sequence of the batch has length {length}; it must lie in 1..{batch.Steps}."));
            if (shape.Branches > 0 && (length != batch.Steps || length <= shape.Branches))
                throw new ArgumentException(
                    Invariant($"A sequence of the batch has length {length} of {batch.Steps}; where the last {shape.Branches} ")
                        + "steps start from one state, all sequences must have the same length, and more steps than those.");
        }

        _batch = batch;
        if (_lengths.Length < batch.Rows) _lengths = new int[batch.Rows];
        batch.Lengths.CopyTo(_lengths);
        _hasBackward = false;
        _tape.Reduction = reduction;
        _tape.Noise = _noise;
        _tape.Prepare(batch);
        if (reduction is not null) _tape.PrepareCosts();
        _kernel.Pack(Network, _noise);
        _team.Run(_forwardJob, Entries);
    }

    /// <summary>Rows times steps: the time of every job is proportional to it.</summary>
    private long Entries => (long)_tape.Rows * _tape.Steps;

    /// <summary>The first row of a part.</summary>
    private int First(int part) => (int)((long)_tape.Rows * part / _team.Parts);

    private void NeedBackward()
    {
        if (!_hasBackward) Throw();

        [DoesNotReturn]
        static void Throw() => throw new InvalidOperationException("Gradients exist only after Backward.");
    }
}
