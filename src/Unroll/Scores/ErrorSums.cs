namespace Unroll.Scores;

/// <summary>Sums over the forecasts of one column: what every score of them is made of.</summary>
internal struct ErrorSums
{
    private double _truthMean;
    private double _truthSquares; // around their mean

    public long Count { get; private set; }

    /// <summary>Sums of |e| and e^2 in the column's unit, then in standard deviations of the training fold.</summary>
    public double Absolute { get; private set; }

    public double Squares { get; private set; }

    public double StandardAbsolute { get; private set; }

    public double StandardSquares { get; private set; }

    /// <summary>Sum of |e| in steps of the naive forecast, over those that have one.</summary>
    public double Scaled { get; private set; }

    public long ScaledCount { get; private set; }

    /// <summary>Sum of 200 |e| / (|truth| + |forecast|).</summary>
    public double Symmetric { get; private set; }

    public long Intervals { get; private set; }

    public long Covered { get; private set; }

    public double Width { get; private set; }

    /// <summary>1 - sum e^2 / sum (truth - mean truth)^2; null where the truth is one value.</summary>
    public readonly double? RSquared => _truthSquares > 0 ? 1 - (Squares / _truthSquares) : null;

    public void Add(double truth, double forecast, double deviation, double naiveStep)
    {
        double e = Math.Abs(forecast - truth), standard = e / deviation, size = Math.Abs(truth) + Math.Abs(forecast);
        Count++;
        Absolute += e;
        Squares += e * e;
        StandardAbsolute += standard;
        StandardSquares += standard * standard;
        if (size > 0) Symmetric += 200 * e / size;
        if (naiveStep > 0)
        {
            Scaled += e / naiveStep;
            ScaledCount++;
        }

        // Welford's update: the difference of two large sums would have no digits left.
        double change = truth - _truthMean;
        _truthMean += change / Count;
        _truthSquares += change * (truth - _truthMean);
    }

    public void AddInterval(double truth, double lower, double upper)
    {
        Intervals++;
        Width += upper - lower;
        if (truth >= lower && truth <= upper) Covered++;
    }

    /// <summary>Adds the sums over other forecasts of the same column.</summary>
    public void Add(in ErrorSums other)
    {
        if (other.Count == 0) return;
        double change = other._truthMean - _truthMean, all = Count + other.Count;
        _truthSquares += other._truthSquares + (change * change * (Count * (other.Count / all)));
        _truthMean += change * (other.Count / all);
        AddErrors(other);
    }

    /// <summary>Adds sums of another column: the variance of the truth is then that of neither.</summary>
    public void AddErrors(in ErrorSums other)
    {
        Count += other.Count;
        Absolute += other.Absolute;
        Squares += other.Squares;
        StandardAbsolute += other.StandardAbsolute;
        StandardSquares += other.StandardSquares;
        Scaled += other.Scaled;
        ScaledCount += other.ScaledCount;
        Symmetric += other.Symmetric;
        Intervals += other.Intervals;
        Covered += other.Covered;
        Width += other.Width;
    }
}
