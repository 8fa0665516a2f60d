namespace Unroll.Scores;

/// <summary>How one class was predicted.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Truths">How many are of it.</param>
/// <param name="Predictions">How many were said to be of it.</param>
/// <param name="Right">How many are of it and were said to be.</param>
public sealed record ClassScore(string Name, long Truths, long Predictions, long Right)
{
    /// <summary>The share of its own that was found; null where there is none.</summary>
    public double? Recall => Truths > 0 ? (double)Right / Truths : null;

    /// <summary>The share of what was said to be of it that is; null where nothing was.</summary>
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
    /// What a probability of a truth counts for at least in <see cref="LogLoss"/>: 2^-52, so that one miss is not infinite.
    /// </summary>
    public const double LeastProbability = 2.220446049250313e-16;

    /// <summary>The predictions.</summary>
    public required long Count { get; init; }

    /// <summary>The share that is right.</summary>
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
    /// Expected calibration error (Guo et al., 2017): the distance between how sure the predictions are and how often they
    /// are right, in 15 bins of equal width by the probability of what is predicted, weighted by the predictions in each.
    /// </summary>
    public required double CalibrationError { get; init; }

    /// <summary>Of each class, in the order of classes.</summary>
    public required IReadOnlyList<ClassScore> ByClass { get; init; }

    /// <summary>(K, K): how many of the class of the row were said to be of the class of the column.</summary>
    public required long[,] Confusion { get; init; }
}
