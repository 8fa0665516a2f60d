using System.Numerics;
using System.Numerics.Tensors;
using Unroll.Files;
using Unroll.Remedies;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>
/// What one update did. The loss is the batch's cost, except for a corpus: there it is the sum over its <c>Steps</c> predicted
/// steps, in the task's unit.
/// </summary>
internal readonly record struct UpdateReport(double Loss, long Steps, ClipReport Clip, OmegaStatistics Omega, bool NonFinite, string? Failure);

/// <summary>The part of a training run that depends on the precision; the trainer holds the rest.</summary>
internal interface ITrainingEngine : IDisposable
{
    /// <summary>One update: forward, backward, regularizer, clipping, step.</summary>
    UpdateReport Update(Batch batch, double alpha, double rate, long update);

    /// <summary>Copies the outputs of the last update's forward pass.</summary>
    void CopyOutputs(Predictions predictions);

    EvaluationResult Validate(RandomKey key, long sequences, CancellationToken cancellation);

    /// <summary>Share of sequences wrong on another version of the task.</summary>
    double ErrorAt(ITask task, RandomKey key, long sequences, CancellationToken cancellation);

    (double SpectralRadius, double LargestSingularValue) Spectrum();

    /// <summary>Keeps the present parameters as the best ones.</summary>
    void KeepBest();

    /// <summary>A copy of the best network or of the present one, in another precision or the same.</summary>
    Network<TOut> Copy<TOut>(bool best)
        where TOut : unmanaged, IBinaryFloatingPointIeee754<TOut>;

    void Save(string path, bool best, ModelInfo info);

    void Capture(Dictionary<string, string> properties, Dictionary<string, Array> tensors);

    void Restore(Checkpoint checkpoint);
}

/// <inheritdoc/>
internal sealed class TrainingEngine<T> : ITrainingEngine
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const double RescueAbove = 1e10;
    private const double RescueFactor = 0.02;
    private readonly TrainingOptions _options;
    private readonly CostReduction _reduction;
    private readonly UnrolledNetwork<T> _unrolled;
    private readonly Optimizer<T> _optimizer;
    private readonly GradientClipping _clipping;
    private readonly VanishingGradientRegularizer _regularizer;
    private readonly Evaluator.Judge<T> _judge;
    private readonly CorpusEvaluator.Reader<T>? _corpus;
    private readonly double _natsPerUnit = 1;
    private readonly T[] _best;
    private readonly T[] _clean; // the parameters while noise lies on them
    private readonly double[] _normals;
    private readonly T[] _noise;
    private readonly ParameterBlock[] _frozen;
    private readonly int _rows;

    // Checks run on the moving average or, without averaging, on the trained network itself; always apart from training, whose
    // states a task may carry from one update to the next.
    private readonly T[] _average;
    private readonly T[] _towards;
    private readonly Network<T> _judged;
    private readonly UnrolledNetwork<T> _judgedUnrolled;

    public TrainingEngine(ITask task, TrainingOptions options, NetworkShape shape)
    {
        _options = options;
        _rows = task.WholeSet ?? options.BatchSize;
        _reduction = options.Reduction ?? task.Reduction;
        Network = new Network<T>(shape);
        Initializer.Initialize(Network, options.Initialization, options.Seed);
        _unrolled = new UnrolledNetwork<T>(Network, options.Threads);
        _optimizer = new Optimizer<T>(options.Optimizer, options.Momentum, shape.ParameterCount);
        _clipping = new GradientClipping(options.ClipMode, options.ClipThreshold);
        _regularizer = new VanishingGradientRegularizer(options.OmegaForm);
        _best = new T[shape.ParameterCount];
        bool noisy = options.WeightNoise > 0;
        _clean = noisy ? new T[shape.ParameterCount] : [];
        _normals = noisy ? new double[RandomSource.NormalsAtOnce] : [];
        _noise = new T[_normals.Length];
        bool averages = options.Averaging > 0;
        _average = averages ? Network.Parameters.ToArray() : [];
        _towards = new T[_average.Length];
        _judged = averages ? new Network<T>(shape) : Network;
        _judgedUnrolled = new UnrolledNetwork<T>(_judged, options.Threads);
        _frozen = [.. Network.Blocks.Where(block => options.Frozen.Contains(block.Name))];
        _judge = new Evaluator.Judge<T>(_judgedUnrolled, task, _reduction);
        if (task is not ICorpusTask corpus) return;
        _corpus = new CorpusEvaluator.Reader<T>(_judgedUnrolled, corpus);
        _natsPerUnit = corpus.NatsPerUnit;
    }

    /// <summary>The network in training.</summary>
    public Network<T> Network { get; }

    public UpdateReport Update(Batch batch, double alpha, double rate, long update)
    {
        if (_options.WeightNoise > 0) AddNoise(update);
        (double loss, long steps) = (_unrolled.Forward(batch, _reduction), 0);
        if (_corpus is not null)
        {
            (loss, steps) = StepCosts.Total(_unrolled, batch, _reduction);
            loss /= _natsPerUnit;
        }

        OmegaStatistics omega = alpha > 0 ? _unrolled.Backward(_regularizer, alpha) : Plain();
        if (_options.WeightNoise > 0) _clean.CopyTo(Network.Parameters);
        Span<T> gradient = _unrolled.Gradient;
        if (_options.WeightDecay > 0) Decay(gradient);
        foreach (ParameterBlock frozen in _frozen) gradient.Slice(frozen.Offset, frozen.Length).Clear();

        ClipReport clip = _clipping.Apply(gradient);
        if (!double.IsFinite(clip.NormBefore) && NonFiniteData.Describe(batch, typeof(T) == typeof(float)) is { } cause)
            return new UpdateReport(loss, steps, clip, omega, true,
                $"The gradient of update {update} is not finite because {cause}."); // whatever the policy: no rate helps
        bool rescue = _options.OnNonFinite == NonFinitePolicy.Rescue && !(clip.NormBefore <= RescueAbove);
        if (rescue)
        {
            gradient.Clear();
            if (!_options.Frozen.Contains(ParameterBlock.RecurrentWeights))
            {
                Span<T> target = Block(gradient, ParameterBlock.RecurrentWeights);
                for (int i = 0; i < target.Length; i++) target[i] = T.CreateTruncating(RescueFactor) * Network.RecurrentWeights[i];
            }
        }
        else if (!double.IsFinite(clip.NormBefore))
        {
            string? failure = _options.OnNonFinite == NonFinitePolicy.Stop ? Describe(gradient, update) : null;
            return new UpdateReport(loss, steps, clip, omega, true, failure);
        }

        _optimizer.Step(Network.Parameters, gradient, rate);
        if (_options.Averaging > 0) Average(update);
        return new UpdateReport(loss, steps, clip, omega, rescue, null);

        OmegaStatistics Plain()
        {
            _unrolled.Backward();
            return default;
        }
    }

    public void CopyOutputs(Predictions predictions) => _unrolled.CopyOutputs(predictions);

    public EvaluationResult Validate(RandomKey key, long sequences, CancellationToken cancellation)
    {
        _average.CopyTo(_judged.Parameters);
        if (_corpus is null) return _judge.Run(key, sequences, cancellation);
        FoldCost cost = _corpus.Run(Data.Fold.Validation, cancellation);
        return new EvaluationResult(null, cost.Streams.Count, null, null, cost.Loss, cost.LossUnit);
    }

    public double ErrorAt(ITask task, RandomKey key, long sequences, CancellationToken cancellation) =>
        new Evaluator.Judge<T>(_judgedUnrolled, task, _reduction).Run(key, sequences, cancellation).Error ?? 0;

    public (double SpectralRadius, double LargestSingularValue) Spectrum() =>
        (Analysis.Spectrum.SpectralRadius(_judged), Analysis.Spectrum.LargestSingularValue(_judged));

    public void KeepBest() => _judged.Parameters.CopyTo(_best);

    public void Save(string path, bool best, ModelInfo info) => ModelFile.Save(path, Copy<T>(best), info);

    public Network<TOut> Copy<TOut>(bool best)
        where TOut : unmanaged, IBinaryFloatingPointIeee754<TOut>
    {
        var copy = new Network<T>(Network.Shape);
        (best ? _best : _average.Length > 0 ? _average : Network.Parameters).CopyTo(copy.Parameters);
        return copy.Convert<TOut>();
    }

    public void Capture(Dictionary<string, string> properties, Dictionary<string, Array> tensors)
    {
        properties["optimizer-steps"] = _optimizer.Steps.ToString(System.Globalization.CultureInfo.InvariantCulture);
        tensors["parameters"] = Network.Parameters.ToArray();
        tensors["best"] = _best.ToArray();
        tensors["carried"] = Carried();
        if (_average.Length > 0) tensors["average"] = _average.ToArray();
        if (_optimizer.First.Length > 0) tensors["optimizer.first"] = _optimizer.First.ToArray();
        if (_optimizer.Second.Length > 0) tensors["optimizer.second"] = _optimizer.Second.ToArray();
    }

    public void Restore(Checkpoint checkpoint)
    {
        _optimizer.Steps = TrainerState.Whole(checkpoint, "optimizer-steps");
        Read("parameters", Network.Parameters);
        Read("best", _best);
        T[] carried = Carried();
        Read("carried", carried);
        for (int r = 0; r < _rows; r++) carried.AsSpan(r * Network.Shape.Hidden, Network.Shape.Hidden).CopyTo(_unrolled.CarriedState(r));
        Read("average", _average);
        Read("optimizer.first", _optimizer.First);
        Read("optimizer.second", _optimizer.Second);

        void Read(string name, Span<T> target)
        {
            if (target.IsEmpty) return;
            if (!checkpoint.Tensors.TryGetValue(name, out Array? array) || array is not T[] values || values.Length != target.Length)
                throw new ArgumentException($"The checkpoint does not fit these options: its tensor '{name}' is missing or of another size or precision.");
            values.CopyTo(target);
        }
    }

    public void Dispose()
    {
        _unrolled.Dispose();
        _judgedUnrolled.Dispose();
    }

    /// <summary>(B, H): the states from which the next update's rows may go on.</summary>
    private T[] Carried()
    {
        var carried = new T[_rows * Network.Shape.Hidden];
        _ = _unrolled.CarriedState(_rows - 1); // the last first: the network makes room for all of them at once
        for (int r = 0; r < _rows; r++) _unrolled.CarriedState(r).CopyTo(carried.AsSpan(r * Network.Shape.Hidden));
        return carried;
    }

    private void AddNoise(long update)
    {
        Network.Parameters.CopyTo(_clean);
        var key = new RandomKey(_options.Seed, RandomStream.WeightNoise, update);
        for (int b = 0; b < Network.Blocks.Length; b++)
        {
            ParameterBlock block = Network.Blocks[b];
            if (!IsWeight(block)) continue;
            RandomSource random = key.Row(b);
            for (int i = 0; i < block.Length; i += RandomSource.NormalsAtOnce)
            {
                Span<T> weights = Network.Parameters.Slice(block.Offset + i, Math.Min(RandomSource.NormalsAtOnce, block.Length - i));
                random.FillNormals(_normals);
                TensorPrimitives.ConvertTruncating<double, T>(_normals.AsSpan(0, weights.Length), _noise);
                TensorPrimitives.MultiplyAdd(_noise.AsSpan(0, weights.Length), T.CreateTruncating(_options.WeightNoise), weights, weights);
            }
        }
    }

    private void Decay(Span<T> gradient)
    {
        T share = T.CreateTruncating(_options.WeightDecay);
        foreach (ParameterBlock block in Network.Blocks)
        {
            if (!IsWeight(block)) continue;
            Span<T> target = gradient.Slice(block.Offset, block.Length);
            TensorPrimitives.MultiplyAdd(Network.Parameters.Slice(block.Offset, block.Length), share, target, target);
        }
    }

    private static bool IsWeight(ParameterBlock block) =>
        block.Name is ParameterBlock.InputWeights or ParameterBlock.RecurrentWeights or ParameterBlock.OutputWeights;

    /// <summary>
    /// average += (1 - factor) (parameters - average): factor and 1 - factor as two rounded numbers would not add up to 1, and in
    /// 32 bits shrink the average by 0.14% at a factor of 0.99999. The factor begins small, at t / (t + 9) after update t: an average
    /// of 1 / (1 - factor) updates would otherwise keep the initial parameters for several times as many.
    /// </summary>
    private void Average(long update)
    {
        double factor = Math.Min(_options.Averaging, update / (update + 9.0));
        TensorPrimitives.Subtract(Network.Parameters, _average, _towards);
        TensorPrimitives.MultiplyAdd(_towards, T.CreateTruncating(1 - factor), _average, _average);
    }

    private Span<T> Block(Span<T> flat, string name)
    {
        foreach (ParameterBlock block in Network.Blocks)
        {
            if (block.Name == name) return flat.Slice(block.Offset, block.Length);
        }

        return default;
    }

    private string Describe(Span<T> gradient, long update)
    {
        string parameter = "all parameters together";
        foreach (ParameterBlock block in Network.Blocks)
        {
            bool finite = true;
            foreach (T value in gradient.Slice(block.Offset, block.Length)) finite &= T.IsFinite(value);
            if (finite) continue;
            parameter = block.Name;
            break;
        }

        string where = _unrolled.FirstNonFiniteStep() is { } step ? $"first at time step {step} of {_unrolled.Steps}" : "although every state and error signal is finite";
        return $"The gradient of update {update} is not finite: in {parameter}, {where}; lower the learning rate, clip by norm, or choose --on-nonfinite skip or rescue.";
    }
}
