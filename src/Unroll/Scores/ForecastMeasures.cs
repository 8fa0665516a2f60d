namespace Unroll.Scores;

/// <summary>From sums of errors to scores.</summary>
internal static class ForecastMeasures
{
    /// <summary>The sums of a block: count, |e|, e^2, both in standard deviations, scaled |e| and its count.</summary>
    public const int Width = 7;

    public static readonly ForecastMeasure[] All = Enum.GetValues<ForecastMeasure>();

    /// <summary>The score of columns, each with its sums; null where nothing is known.</summary>
    public static ForecastScore? Score(ReadOnlySpan<ErrorSums> columns)
    {
        var all = default(ErrorSums);
        (double determined, int defined) = (0, 0);
        foreach (ErrorSums column in columns)
        {
            all.AddErrors(column);
            if (column.RSquared is not { } share) continue;
            determined += share;
            defined++;
        }

        if (all.Count == 0) return null;
        double n = all.Count;
        return new ForecastScore
        {
            Count = all.Count,
            Mae = all.Absolute / n,
            Rmse = Math.Sqrt(all.Squares / n),
            StandardMse = all.StandardSquares / n,
            StandardMae = all.StandardAbsolute / n,
            Mase = all.ScaledCount > 0 ? all.Scaled / all.ScaledCount : null,
            Smape = all.Symmetric / n,
            RSquared = defined > 0 ? determined / defined : null,
            Coverage = all.Intervals > 0 ? (double)all.Covered / all.Intervals : null,
            Width = all.Intervals > 0 ? all.Width / all.Intervals : null,
        };
    }

    public static void AddTo(Span<double> block, in ErrorSums sums)
    {
        block[0] += sums.Count;
        block[1] += sums.Absolute;
        block[2] += sums.Squares;
        block[3] += sums.StandardAbsolute;
        block[4] += sums.StandardSquares;
        block[5] += sums.Scaled;
        block[6] += sums.ScaledCount;
    }

    public static double Of(ForecastMeasure measure, ReadOnlySpan<double> sums) => measure switch
    {
        ForecastMeasure.Mae => sums[1] / sums[0],
        ForecastMeasure.Rmse => Math.Sqrt(sums[2] / sums[0]),
        ForecastMeasure.StandardMse => sums[4] / sums[0],
        ForecastMeasure.StandardMae => sums[3] / sums[0],
        ForecastMeasure.Mase => sums[5] / sums[6],
        _ => throw new ArgumentException($"The measure {measure} is not a known value."),
    };

    /// <summary>The intervals of the measures that have one.</summary>
    /// <param name="blocks">(blocks, <see cref="Width"/>): the sums of each block.</param>
    /// <param name="seed">The seed of the draws.</param>
    public static Dictionary<ForecastMeasure, ScoreInterval> Intervals(double[] blocks, ulong seed)
    {
        ScoreInterval?[] found = BlockBootstrap.Intervals(blocks, Width, All.Length, Evaluate, seed);
        var intervals = new Dictionary<ForecastMeasure, ScoreInterval>();
        for (int i = 0; i < found.Length; i++)
        {
            if (found[i] is { } interval) intervals[All[i]] = interval;
        }

        return intervals;
    }

    private static void Evaluate(double[] sums, double[] values)
    {
        for (int i = 0; i < All.Length; i++) values[i] = Of(All[i], sums);
    }
}
