using Unroll.Remedies;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>
/// Every option out of its range is refused with one sentence that names the option and the valid range; the ends of the ranges
/// are accepted.
/// </summary>
public static class OptionsRulesTests
{
    private static readonly (string Says, Func<TrainingOptions, TrainingOptions> Change)[] Bad =
    [
        ("Hidden is 0", o => o with { Hidden = 0 }),
        ("Hidden is 16385", o => o with { Hidden = 16_385 }),
        ("activation", o => o with { Activation = (Activation)99 }),
        ("initialization", o => o with { Initialization = (Initialization)99 }),
        ("optimizer", o => o with { Optimizer = (OptimizerKind)99 }),
        ("rate schedule", o => o with { RateSchedule = (RateSchedule)(-1) }),
        ("clipping mode", o => o with { ClipMode = (ClipMode)99 }),
        ("form of Omega", o => o with { OmegaForm = (OmegaForm)99 }),
        ("schedule of Omega", o => o with { OmegaSchedule = (OmegaSchedule)99 }),
        ("not finite", o => o with { OnNonFinite = (NonFinitePolicy)99 }),
        ("cost reduction", o => o with { Reduction = (CostReduction)99 }),
        ("stop rule", o => o with { Stop = (StopRule)99 }),
        ("precision", o => o with { Precision = (Precision)99 }),
        ("learning rate is 0", o => o with { LearningRate = 0 }),
        ("learning rate is -1", o => o with { LearningRate = -1 }),
        ("learning rate is NaN", o => o with { LearningRate = double.NaN }),
        ("learning rate is Infinity", o => o with { LearningRate = double.PositiveInfinity }),
        ("momentum is 1", o => o with { Momentum = 1 }),
        ("momentum is -0.1", o => o with { Momentum = -0.1 }),
        ("momentum is NaN", o => o with { Momentum = double.NaN }),
        ("averaging factor is 1", o => o with { Averaging = 1 }),
        ("averaging factor is -0.1", o => o with { Averaging = -0.1 }),
        ("averaging factor is NaN", o => o with { Averaging = double.NaN }),
        ("weight noise is -0.1", o => o with { WeightNoise = -0.1 }),
        ("weight noise is Infinity", o => o with { WeightNoise = double.PositiveInfinity }),
        ("weight noise is NaN", o => o with { WeightNoise = double.NaN }),
        ("plateau of 0 checks", o => o with { PlateauChecks = 0 }),
        ("state noise is -0.1", o => o with { StateNoise = -0.1 }),
        ("state noise is Infinity", o => o with { StateNoise = double.PositiveInfinity }),
        ("bias noise is -0.1", o => o with { BiasNoise = -0.1 }),
        ("bias noise is NaN", o => o with { BiasNoise = double.NaN }),
        ("gradient noise is -0.1", o => o with { GradientNoise = -0.1 }),
        ("gradient noise is NaN", o => o with { GradientNoise = double.NaN }),
        ("decay of the gradient noise is -1", o => o with { GradientNoiseDecay = -1 }),
        ("factor of the mean norm is 0", o => o with { AdaptiveThreshold = new(ThresholdRule.Mean, 0) }),
        ("percentile of the norms is 101", o => o with { AdaptiveThreshold = new(ThresholdRule.Percentile, 101) }),
        ("clipping mode Value", o => o with { AdaptiveThreshold = new(ThresholdRule.Mean, 1), ClipMode = ClipMode.Value }),
        ("clipping mode None", o => o with { AdaptiveThreshold = new(ThresholdRule.Mean, 1), ClipMode = ClipMode.None }),
        ("a fall is 0;", o => o with { Rescue = new(0) }),
        ("a fall is 1;", o => o with { Rescue = new(1) }),
        ("a fall is NaN;", o => o with { Rescue = new(double.NaN) }),
        ("0.9 times the least", o => o with { Rescue = new(Times: 0.9) }),
        ("looked for is 0;", o => o with { Rescue = new(Once: 0) }),
        ("share of the rate is 0;", o => o with { Rescue = new(Slowest: 0) }),
        ("share of the rate is 1.1;", o => o with { Rescue = new(Slowest: 1.1) }),
        ("L1 penalty is of the parameter 'nothing'", o => o with { L1 = [new("nothing", 1)] }),
        ("L2 penalty is of the parameter 'initial_state'", o => o with { L2 = [new("bias", 1), new("initial_state", 1)] }),
        ("L1 penalty of bias is given twice", o => o with { L1 = [new("bias", 1), new("bias", 2)] }),
        ("that parameter is frozen", o => o with { L2 = [new("bias", 1)], Frozen = ["bias"] }),
        ("L1 penalty of bias has the weight 0", o => o with { L1 = [new("bias", 0)] }),
        ("L2 penalty of bias has the weight NaN", o => o with { L2 = [new("bias", double.NaN)] }),
        ("temporal clipping is 0", o => o with { Omega = 0, TemporalClip = new(0) }),
        ("temporal clipping is Infinity", o => o with { Omega = 0, TemporalClip = new(double.PositiveInfinity) }),
        ("by Norm or by Value, not by None", o => o with { Omega = 0, TemporalClip = new(1, ClipMode.None) }),
        ("which temporal clipping changes", o => o with { Omega = 0.5, TemporalClip = new(1) }),
        ("threshold is 0", o => o with { ClipThreshold = 0 }),
        ("threshold is -1", o => o with { ClipThreshold = -1 }),
        ("threshold is NaN", o => o with { ClipThreshold = double.NaN, ClipMode = ClipMode.Value }),
        ("threshold is Infinity", o => o with { ClipThreshold = double.PositiveInfinity }),
        ("Omega is -1", o => o with { Omega = -1 }),
        ("Omega is NaN", o => o with { Omega = double.NaN }),
        ("Omega is Infinity", o => o with { Omega = double.PositiveInfinity }),
        ("batch size is 0", o => o with { BatchSize = 0 }),
        ("batch size is 65537", o => o with { BatchSize = 65_537 }),
        ("budget is 0 updates", o => o with { MaximumUpdates = 0 }),
        ("budget is 0 minutes", o => o with { MaximumMinutes = 0 }),
        ("budget is NaN minutes", o => o with { MaximumMinutes = double.NaN }),
        ("budget is Infinity minutes", o => o with { MaximumMinutes = double.PositiveInfinity }),
        ("every 0 updates", o => o with { CheckEvery = 0 }),
        ("on 0 sequences", o => o with { ValidationSequences = 0 }),
        ("on 10000001 sequences", o => o with { ValidationSequences = 10_000_001 }),
        ("threads is 0", o => o with { Threads = 0 }),
        ("threads is 257", o => o with { Threads = 257 }),
        ("starts at length 9", o => o with { Curriculum = new LengthCurriculum(9, 1.1, 0.1) }),
        ("grows by 1;", o => o with { Curriculum = new LengthCurriculum(10, 1, 0.1) }),
        ("grows by NaN", o => o with { Curriculum = new LengthCurriculum(10, double.NaN, 0.1) }),
        ("grows by Infinity", o => o with { Curriculum = new LengthCurriculum(10, double.PositiveInfinity, 0.1) }),
        ("threshold is 0;", o => o with { Curriculum = new LengthCurriculum(10, 1.1, 0) }),
        ("threshold is 1;", o => o with { Curriculum = new LengthCurriculum(10, 1.1, 1) }),
        ("every 0 updates", o => o with { Curriculum = new LengthCurriculum(10, 1.1, 0.1, 0) }),
        ("selection length is 9", o => o with { SelectionLengths = [9] }),
        ("selection length is 1000001", o => o with { SelectionLengths = [1_000_001] }),
        ("There are 0 layers", o => o with { Layers = 0 }),
        ("There are 9 layers", o => o with { Layers = 9 }),
        ("There are -1 layers", o => o with { Layers = -1 }),
        ("There are 2147483647 layers", o => o with { Layers = int.MaxValue }),
        ("There are 0 layers", o => o with { Stack = [] }),
        ("There are 9 layers", o => o with { Stack = LayerList.Repeat(new LayerShape(2), 9) }),
        ("Hidden of layer 2 is 0", o => o with { Stack = [new LayerShape(2), new LayerShape(0)] }),
        ("cell 9 is not a known value", o => o with { Cell = (CellKind)9 }),
        ("A leak is an option of leaky layers", o => o with { Leak = 0.5 }),
        ("A leak is an option of leaky layers; a layer of lstm cells", o => o with { Cell = CellKind.Lstm, TrainedLeak = true }),
        ("The leak is 0;", o => o with { Cell = CellKind.Leaky, Leak = 0 }),
        ("The leak is 1.1;", o => o with { Cell = CellKind.Leaky, Leak = 1.1 }),
        ("The leak is NaN;", o => o with { Cell = CellKind.Leaky, Leak = double.NaN }),
        ("one that is trained must start above 0 and below 1", o => o with { Cell = CellKind.Leaky, TrainedLeak = true }),
        ("The activation Sigmoid is an option of plain, leaky, lru and dense layers; gru", o =>
            o with { Cell = CellKind.Gru, Activation = Activation.Sigmoid }),
        ("Layer normalization is of cells that read their own last state", o =>
            o with { Cell = CellKind.Lru, Omega = 0, LayerNorm = true }),
        ("layer 1 has 1 unit; it needs 2 or more", o => o with { Hidden = 1, LayerNorm = true }),
        ("The initialization Cycle sets how a state grows by W_rec alone, and layer 1 is normalized", o =>
            o with { Initialization = Initialization.Cycle, LayerNorm = true }),
        ("The initialization Reservoir sets how a state grows", o =>
            o with { InitializationByBlock = [new("weight_hh_l0", Initialization.Reservoir)], LayerNorm = true }),
        ("'gain_l0' cannot be frozen", o => o with { Frozen = ["gain_l0"] }),
        ("dropout between layers is 1;", o => o with { Layers = 2, Dropout = 1 }),
        ("dropout between layers is -0.1;", o => o with { Layers = 2, Dropout = -0.1 }),
        ("dropout between layers is NaN;", o => o with { Layers = 2, Dropout = double.NaN }),
        ("dropout between layers is 0.5, and there is one layer", o => o with { Dropout = 0.5 }),
        ("dropout of the inputs is 1;", o => o with { InputDropout = 1 }),
        ("dropout of the outputs is NaN;", o => o with { OutputDropout = double.NaN }),
        ("forget bias is 2, which is an option of LSTM layers with biases; this network has gru layers", o =>
            o with { Cell = CellKind.Gru, ForgetBias = 2 }),
        ("this network has lstm layers without biases", o => o with { Cell = CellKind.Lstm, ForgetBias = 2, Biases = false }),
        ("forget bias is Infinity", o => o with { Cell = CellKind.Lstm, ForgetBias = double.PositiveInfinity }),
        ("longest lag of chrono initialization is 2;", o => o with { Cell = CellKind.Lstm, LongestLag = 2 }),
        ("longest lag of chrono initialization is 1000001;", o => o with { Cell = CellKind.Lstm, LongestLag = 1_000_001 }),
        ("Chrono initialization is for LSTM and GRU layers with biases and for trained leaks; this network has plain layers",
            o => o with { LongestLag = 50 }),
        ("this network has leaky layers", o => o with { Cell = CellKind.Leaky, Leak = 0.5, LongestLag = 50 }),
        ("this network has gru layers without biases", o => o with { Cell = CellKind.Gru, Biases = false, LongestLag = 50 }),
        ("so a forget bias of 2 has no effect", o => o with { Cell = CellKind.Lstm, LongestLag = 50, ForgetBias = 2 }),
        ("The weights 'bias_l0' cannot be initialized", o =>
            o with { InitializationByBlock = [new("bias_l0", Initialization.Uniform)] }),
        ("The weights 'weight_hh_l1' cannot be initialized", o =>
            o with { InitializationByBlock = [new("weight_hh_l1", Initialization.Identity)] }),
        ("initialization of weight is given twice", o =>
            o with { InitializationByBlock = [new("weight", Initialization.Uniform), new("weight", Initialization.Uniform)] }),
        ("initialization 99 is not a known value", o => o with { InitializationByBlock = [new("weight", (Initialization)99)] }),
        ("'bias_hn_l0' cannot be frozen", o => o with { Cell = CellKind.Lstm, Frozen = ["bias_hn_l0"] }),
        ("'nothing' cannot be frozen", o => o with { Frozen = ["nothing"] }),
        ("'initial_state' cannot be frozen", o => o with { Frozen = ["bias", "initial_state"] }),
        ("'bias' cannot be frozen", o => o with { Biases = false, Frozen = ["bias"] }),
    ];

    private static readonly Func<TrainingOptions, TrainingOptions>[] Good =
    [
        o => o,
        o => o with { Hidden = 1, BatchSize = 1, ValidationSequences = 1, CheckEvery = 1, MaximumUpdates = 1, Threads = 1 },
        o => o with { Momentum = 0, Averaging = 0, WeightNoise = 0, Omega = 0, LearningRate = double.Epsilon },
        o => o with { ClipMode = ClipMode.None, ClipThreshold = double.NaN }, // ignored
        o => o with { L1 = [new("bias", double.Epsilon)], L2 = [new("bias", 1), new("weight", 2)], GradientNoise = 1,
            GradientNoiseDecay = 0, PlateauChecks = 1 },
        o => o with { AdaptiveThreshold = new(ThresholdRule.Percentile, 100), Rescue = new(0.001, 1, 1, 1) },
        o => o with { MaximumUpdates = long.MaxValue, MaximumMinutes = double.MaxValue, CheckEvery = int.MaxValue },
        o => o with { Curriculum = new LengthCurriculum(10, 1.0000001, 1e-9, 1), SelectionLengths = [10] },
        o => o with { SelectionLengths = [1_000_000], Frozen = ["bias", "weight_hh_l0", "bias"] },
        o => o with { Hidden = 2, Layers = 8, Dropout = 0.999, InputDropout = 0.5, OutputDropout = double.Epsilon },
        o => o with { Cell = CellKind.Leaky, Leak = double.Epsilon, Activation = Activation.Relu },
        o => o with { Cell = CellKind.Leaky, Leak = 1, Layers = 2, Frozen = ["weight_hh_l1"] },
        o => o with { Cell = CellKind.Leaky, Leak = 0.5, TrainedLeak = true, LongestLag = 3, Biases = false,
            Frozen = ["leak_l0"] },
        o => o with { Cell = CellKind.Lstm, ForgetBias = -3, Layers = 2, L1 = [new("weight_ih_l1", 1)] },
        o => o with { Cell = CellKind.Lstm, LongestLag = 1_000_000 },
        o => o with { Cell = CellKind.Gru, LongestLag = 3, Frozen = ["bias_hn_l0"] },
        o => o with { Cell = CellKind.Gru, LayerNorm = true, Frozen = ["gain_l0"], Omega = 2, OmegaForm = OmegaForm.Paper },
        o => o with { Stack = [new LayerShape(3) { Cell = CellKind.Lstm }, new LayerShape(4)], Hidden = 0, ForgetBias = 0,
            Dropout = 0.1 },
        o => o with { InitializationByBlock = [new("weight_hh_l0", Initialization.Identity),
            new("weight", Initialization.Uniform)] },
        o => o with { LearnedInitialState = true, Frozen = ["initial_state"], Reduction = CostReduction.Mean },
    ];

    public static TheoryData<int> BadCases => [.. Enumerable.Range(0, Bad.Length)];

    public static TheoryData<int> GoodCases => [.. Enumerable.Range(0, Good.Length)];

    [Theory]
    [MemberData(nameof(BadCases))]
    public static void Out_of_range(int index)
    {
        (string says, Func<TrainingOptions, TrainingOptions> change) = Bad[index];
        var error = Assert.Throws<ArgumentException>(() => new Trainer(new TemporalOrder(20), change(new TrainingOptions())));
        Runs.AssertSentence(error.Message, says);
    }

    [Theory]
    [MemberData(nameof(GoodCases))]
    public static void In_range(int index) => new Trainer(new TemporalOrder(20), Good[index](new TrainingOptions())).Dispose();

    [Fact]
    public static void Lengths_and_a_success_rule_are_needed_by_what_uses_them()
    {
        var withoutLengths = new Plain();
        var withoutRule = new ProbeTask(Runs.Task) { HasSuccessRule = false };
        TrainingOptions growing = Runs.Small with { Curriculum = new LengthCurriculum(4, 1.5, 0.1) },
            selecting = Runs.Small with { SelectionLengths = [12] };
        Refused(withoutLengths, growing, "plain has no lengths", "curriculum");
        Refused(withoutRule, growing, "no success rule", "curriculum");
        Refused(withoutLengths, selecting, "no lengths or no success rule", "selected");
        Refused(withoutRule, selecting, "no lengths or no success rule", "selected");
        TrainingProgress check = Runs.Run(withoutLengths, Runs.Small).Checks[0];
        Assert.Null(check.LongestLength);

        static void Refused(ITask task, TrainingOptions options, params string[] says) =>
            Runs.AssertSentence(Assert.Throws<ArgumentException>(() => new Trainer(task, options)).Message, says);
    }

    [Fact]
    public static void The_shape_is_of_the_task_and_the_options()
    {
        TrainingOptions options = new() { Hidden = 9, Activation = Activation.Relu, Biases = false, LearnedInitialState = true };
        using var trainer = new Trainer(new Addition(20), options);
        Assert.Equal(
            new NetworkShape(2, 9, 1)
            {
                Encoding = InputEncoding.Dense,
                Head = OutputHead.LinearLast,
                Activation = Activation.Relu,
                Biases = false,
                LearnedInitialState = true,
            },
            trainer.Shape);
        Assert.Equal(20, trainer.Rows);
        using var whole = new Trainer(Memorization.FiveBits(5), options);
        Assert.Equal(32, whole.Rows);
    }

    /// <summary>A task without lengths.</summary>
    private sealed class Plain : ITask
    {
        private readonly FirstSymbol _inner = new(4);

        public string Name => "plain";

        public InputEncoding Encoding => _inner.Encoding;

        public int Inputs => _inner.Inputs;

        public OutputHead Head => _inner.Head;

        public int Outputs => _inner.Outputs;

        public string LossUnit => _inner.LossUnit;

        public CostReduction Reduction => _inner.Reduction;

        public void Fill(Batch batch, int rows, RandomKey key) => _inner.Fill(batch, rows, key);

        public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct) =>
            _inner.MarkCorrect(batch, predictions, correct);
    }
}
