namespace Unroll.Scores;

/// <summary>How one class was predicted.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Truths">How many truths are of this class.</param>
/// <param name="Predictions">How many predictions are of this class.</param>
/// <param name="Right">How many truths of this class were predicted as such.</param>
public sealed record ClassScore(string Name, long Truths, long Predictions, long Right)
{
    /// <summary>The share of the truths of this class that was predicted as such, 0..1; null without a truth.</summary>
    public double? Recall => Truths > 0 ? (double)Right / Truths : null;

    /// <summary>The share of the predictions of this class that is right, 0..1; null without a prediction.</summary>
    public double? Precision => Predictions > 0 ? (double)Right / Predictions : null;

    /// <summary>
    /// 2 Right / (Truths + Predictions), the harmonic mean of both; null where the class does not occur at all.
    /// </summary>
    public double? F1 => Truths + Predictions > 0 ? 2.0 * Right / (Truths + Predictions) : null;
}

/// <summary>How good predicted classes are.</summary>
public sealed record ClassReport
{
    /// <summary>
    /// The least probability of a truth that <see cref="LogLoss"/> counts, 2^-52: a lower one counts as this one, so that one
    /// miss is not infinite.
    /// </summary>
    public const double LeastProbability = 2.220446049250313e-16;

    /// <summary>The number of predictions.</summary>
    public required long Count { get; init; }

    /// <summary>The share of predictions that is right, 0..1.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Wilson's 95% interval of it, for predictions that are independent of one another.</summary>
    public required ScoreInterval AccuracyInterval { get; init; }

    /// <summary>The mean of the recalls of classes that occur.</summary>
    public required double BalancedAccuracy { get; init; }

    /// <summary>The mean of the F1 of classes that occur or were predicted.</summary>
    public required double MacroF1 { get; init; }

    /// <summary>The mean of -ln of the probability of the truth, in nats.</summary>
    public required double LogLoss { get; init; }

    /// <summary>
    /// Expected calibration error (Guo et al., 2017): in 15 bins of equal width by the probability of the predicted class,
    /// the distance between the mean of that probability and the share of right predictions, weighted by the predictions in each.
    /// </summary>
    public required double CalibrationError { get; init; }

    /// <summary>(K): the scores of each class, in the order of the classes.</summary>
    public required IReadOnlyList<ClassScore> ByClass { get; init; }

    /// <summary>(K, K): how many truths of the class of the row were predicted as the class of the column.</summary>
    public required long[,] Confusion { get; init; }
}
