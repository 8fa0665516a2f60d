using Unroll.Remedies;

namespace Unroll.Training;

/// <summary>How the optimizer turns a gradient into a step.</summary>
public enum OptimizerKind
{
    /// <summary>theta -= rate * g.</summary>
    Sgd,

    /// <summary>Classical momentum: v = mu v - rate * g; theta += v.</summary>
    Momentum,

    /// <summary>
    /// Nesterov momentum in the form that needs the gradient at theta only: v = mu v - rate * g; theta += mu v - rate * g.
    /// </summary>
    Nesterov,

    /// <summary>Adam (Kingma and Ba, 2015) with bias correction.</summary>
    Adam,

    /// <summary>
    /// Nesterov's method as in Sutskever et al. (2013): the gradient is taken at theta + mu_t v, and mu_t grows from 1/2 to the
    /// momentum.
    /// </summary>
    Sutskever,

    /// <summary>AdaGrad (Duchi et al., 2011): s += g^2; theta -= rate * g / sqrt(s).</summary>
    Adagrad,

    /// <summary>RMSProp (Tieleman and Hinton, 2012): s = 0.9 s + 0.1 g^2; theta -= rate * g / sqrt(s).</summary>
    Rmsprop,

    /// <summary>
    /// Hessian-Free with structural damping (Martens and Sutskever, 2011): each step minimizes a model with the Gauss-Newton
    /// curvature by conjugate gradients. See <see cref="HessianFreeOptions"/>.
    /// </summary>
    HessianFree,
}

/// <summary>How the learning rate changes during training.</summary>
public enum RateSchedule
{
    /// <summary>The same rate throughout.</summary>
    Constant,

    /// <summary>Halved at every check whose validation loss is above that of the check before.</summary>
    HalveOnRise,

    /// <summary>
    /// Halved at every check whose training loss, the mean since the check before, is above that of the check before: the
    /// supplement's "every time the error over an epoch increased", where the error is taken to be the training loss.
    /// </summary>
    HalveOnTrainingRise,

    /// <summary>The first rate divided by the number of the interval between checks (1, 2, 3, ...).</summary>
    Inverse,

    /// <summary>
    /// Halved after <see cref="TrainingOptions.PlateauChecks"/> checks in a row whose validation loss was not below the lowest
    /// before; then the count starts again.
    /// </summary>
    Plateau,
}

/// <summary>How the regularizer's weight alpha changes during training.</summary>
public enum OmegaSchedule
{
    /// <summary>alpha throughout.</summary>
    Constant,

    /// <summary>alpha divided by the number of the interval between checks (1, 2, 3, ...): the supplement's 1/t.</summary>
    Inverse,
}

/// <summary>What to do when the gradient's norm is not a finite number.</summary>
public enum NonFinitePolicy
{
    /// <summary>Stop with an error that names the update, the parameter and the first step that was not finite.</summary>
    Stop,

    /// <summary>Leave the parameters as they are, count the update, and continue.</summary>
    Skip,

    /// <summary>
    /// The authors' code: when the norm is not finite or above 1e10, the gradient of W_rec becomes 0.02 W_rec and all others 0.
    /// The update is counted.
    /// </summary>
    Rescue,
}

/// <summary>When a run counts as solved and ends before its budget.</summary>
public enum StopRule
{
    /// <summary>At the first check with at most 1% of the sequences wrong (the paper's criterion).</summary>
    First,

    /// <summary>At the third check in a row with at most 1% wrong.</summary>
    Sustained,

    /// <summary>At the first check without any error (the authors' code).</summary>
    Zero,

    /// <summary>Never before the budget; solved when some check had at most 1% wrong.</summary>
    Budget,
}

/// <summary>
/// A curriculum on the length: training starts on short sequences, and the longest length grows by a factor whenever the
/// network gets enough of the training sequences right, until it is the task's own range. Checks are always made on the
/// task's own range. While the longest length L is below the task's, lengths are drawn from L/2 (or the task's shortest, if
/// that is less) to L.
/// </summary>
/// <param name="Start">The initial L, in steps.</param>
/// <param name="Growth">The factor by which L grows, above 1.</param>
/// <param name="Threshold">L grows when at most this share of the training sequences was wrong, in (0, 1).</param>
/// <param name="Every">Updates over which that share is counted, at least 1.</param>
public sealed record LengthCurriculum(int Start, double Growth, double Threshold, int Every = 200);

/// <summary>
/// Returning to the best model when training collapses. It happens at a check whose share of wrong sequences is above
/// <paramref name="Above"/> and above <paramref name="Times"/> times the lowest share before, if that lowest share is below
/// <paramref name="Once"/>. The next update then starts from the best model with a reset optimizer, and the rate is halved from
/// then on.
/// </summary>
/// <param name="Above">The share of wrong sequences above which training has collapsed, in (0, 1).</param>
/// <param name="Times">The multiple of the lowest share that it must also exceed, at least 1.</param>
/// <param name="Once">The rule applies once the lowest share of wrong sequences is below this, in (0, 1].</param>
/// <param name="Slowest">The smallest factor that these halvings apply to the rate, in (0, 1].</param>
public sealed record RescueRule(double Above = 0.3, double Times = 3, double Once = 0.2, double Slowest = 0.1);

/// <summary>A penalty on the weights of one block.</summary>
/// <param name="Block">The block's name (see <see cref="ParameterBlock"/>).</param>
/// <param name="Weight">The penalty's weight, positive.</param>
public sealed record BlockPenalty(string Block, double Weight);

/// <summary>A distribution of the initial weights of one block.</summary>
/// <param name="Block">The block's name (see <see cref="ParameterBlock"/>); it is a matrix of weights.</param>
/// <param name="Kind">The distribution.</param>
public sealed record BlockInitialization(string Block, Initialization Kind);

/// <summary>
/// All options of a training run. One record drives the trainer, the command line and the checkpoint; the defaults are those of
/// temporal order in the paper's supplement.
/// </summary>
public sealed record TrainingOptions
{
    /// <summary>H, the number of hidden units of every layer, 1..16384.</summary>
    public int Hidden { get; init; } = 50;

    /// <summary>The nonlinearity of plain and leaky units; gated cells have their own and take tanh here.</summary>
    public Activation Activation { get; init; } = Activation.Tanh;

    /// <summary>What the units of every layer compute.</summary>
    public CellKind Cell { get; init; } = CellKind.Plain;

    /// <summary>How many layers, 1..8, all alike.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>
    /// The leak of leaky units, above 0 and at most 1; a trained leak starts from this value, which must then be below 1.
    /// </summary>
    public double Leak { get; init; } = 1;

    /// <summary>Whether each leaky unit has its own trained leak.</summary>
    public bool TrainedLeak { get; init; }

    /// <summary>
    /// 1..8 layers that are not all alike, the one next to the input first; replaces <see cref="Hidden"/>,
    /// <see cref="Activation"/>, <see cref="Cell"/>, <see cref="Layers"/>, <see cref="Leak"/> and <see cref="TrainedLeak"/>. Null
    /// for layers that are all alike.
    /// </summary>
    public LayerList? Stack { get; init; }

    /// <summary>
    /// The share of a layer's h that the layer above does not see while an update is computed, in [0, 1); for two layers or
    /// more. Checks and evaluations drop nothing.
    /// </summary>
    public double Dropout { get; init; }

    /// <summary>The share of the network's inputs that is dropped in the same way, in [0, 1).</summary>
    public double InputDropout { get; init; }

    /// <summary>The share of the last layer's h that the head does not see, in [0, 1).</summary>
    public double OutputDropout { get; init; }

    /// <summary>Whether the hidden and the output layer have biases.</summary>
    public bool Biases { get; init; } = true;

    /// <summary>Whether h_0 is trained.</summary>
    public bool LearnedInitialState { get; init; }

    /// <summary>The distribution of the initial parameters.</summary>
    public Initialization Initialization { get; init; } = Initialization.SmartTanh;

    /// <summary>Blocks of weights that start from a distribution of their own.</summary>
    public IReadOnlyList<BlockInitialization> InitializationByBlock { get; init; } = [];

    /// <summary>What is added to the initial bias of an LSTM's forget gate, finite.</summary>
    public double ForgetBias { get; init; } = 1;

    /// <summary>
    /// Chrono initialization (Tallec and Ollivier, 2018) for memories of up to this many steps, at least 3; it replaces the
    /// forget bias. For LSTM, GRU and trained leaks. Null for none.
    /// </summary>
    public int? LongestLag { get; init; }

    /// <summary>The optimizer.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    /// <summary>The (first) learning rate, positive.</summary>
    public double LearningRate { get; init; } = 0.001;

    /// <summary>How the rate changes.</summary>
    public RateSchedule RateSchedule { get; init; } = RateSchedule.Constant;

    /// <summary>
    /// For <see cref="RateSchedule.Plateau"/>, the checks without a lower validation loss after which the rate is halved, at
    /// least 1.
    /// </summary>
    public int PlateauChecks { get; init; } = 10;

    /// <summary>mu of momentum, in [0, 1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>What <see cref="OptimizerKind.HessianFree"/> has to choose.</summary>
    public HessianFreeOptions HessianFree { get; init; } = new();

    /// <summary>
    /// Polyak averaging: the share of the old average kept at each update, in [0, 1); checks and saved models then use the moving
    /// average of the parameters instead of the parameters themselves. After update t at most t / (t + 9) is kept, so that the
    /// start does not dominate the average of a short run. 0 is no averaging.
    /// </summary>
    public double Averaging { get; init; }

    /// <summary>
    /// Weight noise: the standard deviation of the normal noise added to every weight (not to biases or h_0) while an update's
    /// gradient is computed, at least 0. A memory that survives this noise cannot depend on finely tuned weights.
    /// </summary>
    public double WeightNoise { get; init; }

    /// <summary>
    /// State noise: the standard deviation of the normal noise added to every pre-activation (of every gate) while an update is
    /// computed, at least 0. A memory that survives this noise is kept by an attractor, and not by a finely tuned flow.
    /// </summary>
    public double StateNoise { get; init; }

    /// <summary>
    /// Weight decay: this share of every weight (not of biases or h_0) is added to its gradient, at least 0; half of it is the
    /// factor of the squared L2 norm in the cost. Weight decay is added before clipping.
    /// </summary>
    public double WeightDecay { get; init; }

    /// <summary>
    /// L1 penalties by block: after each step every weight of the block moves towards 0 by the rate times the penalty's weight,
    /// and stops at 0. Clipping does not include the penalty.
    /// </summary>
    public IReadOnlyList<BlockPenalty> L1 { get; init; } = [];

    /// <summary>
    /// L2 penalties by block: like <see cref="WeightDecay"/>, but on any block (biases too), each with its own weight.
    /// </summary>
    public IReadOnlyList<BlockPenalty> L2 { get; init; } = [];

    /// <summary>
    /// Gradient noise: the standard deviation, at the first update, of the normal noise that is added to the clipped gradient,
    /// at least 0.
    /// </summary>
    public double GradientNoise { get; init; }

    /// <summary>The decay of the gradient noise: at update t its variance is divided by t to this power, at least 0.</summary>
    public double GradientNoiseDecay { get; init; } = 0.55;

    /// <summary>How the gradient is clipped.</summary>
    public ClipMode ClipMode { get; init; } = ClipMode.Norm;

    /// <summary>The clipping threshold, positive (section 3.2).</summary>
    public double ClipThreshold { get; init; } = 6;

    /// <summary>
    /// A threshold that adapts to the norms seen, for <see cref="ClipMode.Norm"/>; null for the fixed one. It is used once
    /// <see cref="Remedies.AdaptiveThreshold.WarmUp"/> norms have been seen; until then <see cref="ClipThreshold"/> is used.
    /// </summary>
    public AdaptiveThreshold? AdaptiveThreshold { get; init; }

    /// <summary>
    /// Clipping of the error signals as they flow back (Mikolov, 2012); null for none. Not together with <see cref="Omega"/>.
    /// </summary>
    public TemporalClipping? TemporalClip { get; init; }

    /// <summary>alpha, the weight of the regularizer Omega (section 3.3), at least 0; 0 leaves it out.</summary>
    public double Omega { get; init; } = 2;

    /// <summary>The form of Omega.</summary>
    public OmegaForm OmegaForm { get; init; } = OmegaForm.Code;

    /// <summary>How alpha changes.</summary>
    public OmegaSchedule OmegaSchedule { get; init; } = OmegaSchedule.Constant;

    /// <summary>What to do about a gradient that is not finite.</summary>
    public NonFinitePolicy OnNonFinite { get; init; } = NonFinitePolicy.Stop;

    /// <summary>
    /// Returning to the best model when the error of a check jumps; null for never. For a task with a success rule.
    /// </summary>
    public RescueRule? Rescue { get; init; }

    /// <summary>How per-step costs are combined; null takes the task's own.</summary>
    public CostReduction? Reduction { get; init; }

    /// <summary>B, the number of sequences in an update, at least 1; a task that is one whole set uses all of it.</summary>
    public int BatchSize { get; init; } = 20;

    /// <summary>A curriculum on the length, or null for the task's own lengths from the start.</summary>
    public LengthCurriculum? Curriculum { get; init; }

    /// <summary>The names of parameters that are not trained (see <see cref="ParameterBlock"/>).</summary>
    public IReadOnlyList<string> Frozen { get; init; } = [];

    /// <summary>The seed that, with these options, fixes every bit of the result.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The budget in updates, at least 1.</summary>
    public long MaximumUpdates { get; init; } = 5_000_000;

    /// <summary>
    /// The budget in epochs of a corpus, at least 1, or null for none; the budget that is reached first ends the run.
    /// </summary>
    public int? MaximumEpochs { get; init; }

    /// <summary>The budget in minutes of wall-clock time, or null for none.</summary>
    public double? MaximumMinutes { get; init; }

    /// <summary>Updates from one check to the next, at least 1; for a corpus 0 means one epoch.</summary>
    public int CheckEvery { get; init; } = 2_000;

    /// <summary>
    /// Fresh sequences evaluated at a check, at least 1; a task that is one whole set is evaluated on all of it.
    /// </summary>
    public int ValidationSequences { get; init; } = 10_000;

    /// <summary>
    /// Lengths, usually longer than those trained on. Among checks with at most 1% wrong on the task's own lengths, the best
    /// model is the one with the lowest worst error at these lengths (a tenth as many sequences are drawn at each). When empty,
    /// the task's own lengths decide.
    /// </summary>
    public IReadOnlyList<int> SelectionLengths { get; init; } = [];

    /// <summary>
    /// Early stopping: the run ends after this many checks in a row without a better validation cost, at least 1; null for never.
    /// For a task without a success rule.
    /// </summary>
    public int? Patience { get; init; }

    /// <summary>When the run ends before its budget.</summary>
    public StopRule Stop { get; init; } = StopRule.First;

    /// <summary>The floating-point type.</summary>
    public Precision Precision { get; init; } = Precision.Float;

    /// <summary>Worker threads, at least 1. Their number changes the speed but no bit of the result.</summary>
    public int Threads { get; init; } = 1;
}
