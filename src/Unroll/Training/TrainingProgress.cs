namespace Unroll.Training;

/// <summary>
/// What is known at one check of a training run. Averages are over the updates since the check before, without those that were
/// skipped or rescued. An average is NaN when there was no update.
/// </summary>
/// <param name="Update">Updates made so far.</param>
/// <param name="Loss">Mean training cost, in <paramref name="LossUnit"/>.</param>
/// <param name="LossUnit">The task's unit of cost.</param>
/// <param name="ValidationLoss">Mean cost of the validation sequences.</param>
/// <param name="Error">Share of wrong validation sequences, 0..1; null for a task without a success rule.</param>
/// <param name="StrictError">For squared-error tasks, the share with |e| above 0.04, the stricter reading of the text; otherwise
/// null.</param>
/// <param name="GradientNorm">Mean Euclidean norm of the whole gradient before clipping.</param>
/// <param name="ClipRate">Share of updates that were clipped, 0..1.</param>
/// <param name="Omega">Mean Omega; null when the regularizer is off.</param>
/// <param name="OmegaKept">Mean share of (step, sequence) entries kept by Omega, 0..1; null when the regularizer is off.</param>
/// <param name="SpectralRadius">Largest |eigenvalue| of W_rec; of a network that is not one plain layer, of the Jacobian of its
/// whole state at zero state and input.</param>
/// <param name="LargestSingularValue">Largest singular value of the same matrix.</param>
/// <param name="LearningRate">The rate of the last update.</param>
/// <param name="LongestLength">The longest training length in force (it grows under a curriculum); null for a corpus.</param>
/// <param name="NonFinite">Updates skipped or rescued because the gradient was not finite, since the start.</param>
/// <param name="UpdatesPerSecond">Speed of training since the check before, checks excluded.</param>
/// <param name="Seconds">Wall-clock seconds of training and checks, those before a resume included.</param>
/// <param name="SelectionError">The largest share of wrong sequences at one of <see cref="TrainingOptions.SelectionLengths"/>;
/// null when it was not measured.</param>
public sealed record TrainingProgress(
    long Update,
    double Loss,
    string LossUnit,
    double ValidationLoss,
    double? Error,
    double? StrictError,
    double GradientNorm,
    double ClipRate,
    double? Omega,
    double? OmegaKept,
    double SpectralRadius,
    double LargestSingularValue,
    double LearningRate,
    int? LongestLength,
    long NonFinite,
    double UpdatesPerSecond,
    double Seconds,
    double? SelectionError)
{
    /// <summary>The largest cost at one of <see cref="TrainingOptions.SelectionLengths"/>, a sequence; null where
    /// <see cref="SelectionError"/> is, or the best model is not chosen by it (<see cref="TrainingOptions.SelectionMeasure"/>).
    /// </summary>
    public double? SelectionCost { get; init; }

    /// <summary>How often the corpus has been seen; null for a task that is not a corpus.</summary>
    public double? Epoch { get; init; }

    /// <summary>
    /// How often training returned to its best model, this check included; null without <see cref="TrainingOptions.Rescue"/>.
    /// </summary>
    public long? Rescues { get; init; }

    /// <summary>The clipping threshold of the next update, where it adapts to the norms; otherwise null.</summary>
    public double? ClipThreshold { get; init; }

    /// <summary>lambda of the next update, a predicted output, of Hessian-Free; null for other optimizers.</summary>
    public double? Damping { get; init; }

    /// <summary>
    /// Under an L1 or L2 penalty, the update of the check since which the spectral radius of W_rec has been below 1, so that the
    /// network can keep no memory (section 2.1); null while the radius is not below 1.
    /// </summary>
    public long? ContractingSince { get; init; }
}

/// <summary>How a training run ended.</summary>
public enum TrainingOutcome
{
    /// <summary>The stop rule was met (or, under <see cref="StopRule.Budget"/>, met at some check).</summary>
    Solved,

    /// <summary>The budget was spent and the rule was not met.</summary>
    Unsolved,

    /// <summary>The budget was spent on a task that has no success rule.</summary>
    Finished,

    /// <summary>A gradient was not finite and the policy was to stop.</summary>
    NonFinite,

    /// <summary>The caller cancelled.</summary>
    Cancelled,
}

/// <summary>The end of a training run.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Updates">Updates made.</param>
/// <param name="Last">The last check, or null when there was none.</param>
/// <param name="BestError">The lowest share of wrong sequences at any check; null for a task without a success rule or before a
/// check.</param>
/// <param name="BestUpdate">The update at which the best model was kept.</param>
/// <param name="SolvedAt">The update of the first check at which the stop rule held; null when it never did.</param>
/// <param name="Message">For <see cref="TrainingOutcome.NonFinite"/>, what was not finite and where; otherwise null.</param>
public sealed record TrainingResult(
    TrainingOutcome Outcome,
    long Updates,
    TrainingProgress? Last,
    double? BestError,
    long BestUpdate,
    long? SolvedAt,
    string? Message);
