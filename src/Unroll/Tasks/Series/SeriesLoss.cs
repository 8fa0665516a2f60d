namespace Unroll.Tasks;

/// <summary>By which error numbers are trained: forecasts, numbers of sequences and tags that are numbers.</summary>
public enum SeriesLoss
{
    /// <summary>Squared errors: the mean is predicted.</summary>
    Squared,

    /// <summary>Absolute errors: the median is predicted, which a few wild values move little.</summary>
    Absolute,

    /// <summary>Squared errors up to a size, absolute ones beyond it (Huber, 1964).</summary>
    Huber,

    /// <summary>The pinball cost of quantiles: intervals are predicted (Koenker and Bassett, 1978).</summary>
    Quantile,
}
