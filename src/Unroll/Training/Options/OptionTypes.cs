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

    /// <summary>
    /// No gradient: the head's weights are the ridge regression from the states to the targets of all sequences so far, and all
    /// other weights stay as they started. With <see cref="Initialization.Reservoir"/> it is an echo state network.
    /// </summary>
    Ridge,
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

/// <summary>What models are compared by at the lengths of <see cref="TrainingOptions.SelectionLengths"/>.</summary>
public enum SelectionMeasure
{
    /// <summary>The share of wrong sequences.</summary>
    Error,

    /// <summary>The cost: it tells apart models of which none has a sequence wrong.</summary>
    Cost,
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
