using Unroll.Analysis;

namespace Unroll.Scores;

/// <summary>
/// 95% intervals by a bootstrap over blocks: as many blocks as there are, drawn with replacement, again and again. The ends
/// are the percentiles of what comes out, moved outwards for a small number of blocks as a t interval is (Hesterberg, 2015,
/// "expanded percentile interval").
/// </summary>
internal static class BlockBootstrap
{
    /// <summary>With fewer blocks nothing can be said.</summary>
    public const int FewestBlocks = 5;

    private const double Work = 4e7;

    /// <summary>The intervals of some statistics; those that are not finite in a draw have none.</summary>
    /// <param name="sums">(blocks, width): the sums of each block.</param>
    /// <param name="width">The sums of a block.</param>
    /// <param name="statistics">How many statistics there are.</param>
    /// <param name="evaluate">From the sums over the drawn blocks to the statistics.</param>
    /// <param name="seed">The seed; the same gives the same intervals.</param>
    public static ScoreInterval?[] Intervals(
        double[] sums, int width, int statistics, Action<double[], double[]> evaluate, ulong seed)
    {
        var intervals = new ScoreInterval?[statistics];
        int blocks = sums.Length / width;
        if (blocks < FewestBlocks) return intervals;
        int draws = (int)Math.Clamp(Work / ((double)blocks * width), 200, 4000);
        double[][] found = [.. Enumerable.Range(0, statistics).Select(_ => new double[draws])];
        double[] total = new double[width], values = new double[statistics];
        var key = new RandomKey(seed, RandomStream.Bootstrap, 0);
        for (int d = 0; d < draws; d++)
        {
            Array.Clear(total);
            RandomSource random = key.Row(d);
            for (int b = 0; b < blocks; b++)
            {
                int at = random.NextInt(blocks) * width;
                for (int i = 0; i < width; i++) total[i] += sums[at + i];
            }

            evaluate(total, values);
            for (int s = 0; s < statistics; s++) found[s][d] = values[s];
        }

        double share = Normal(-Math.Sqrt(blocks / (blocks - 1.0)) * StudentQuantile(blocks - 1));
        for (int s = 0; s < statistics; s++)
        {
            if (!found[s].All(double.IsFinite)) continue;
            Array.Sort(found[s]);
            intervals[s] = new ScoreInterval(Quantiles.At(found[s], share), Quantiles.At(found[s], 1 - share));
        }

        return intervals;
    }

    /// <summary>The 97.5% quantile of Student's t by its expansion (Abramowitz and Stegun, 26.7.5).</summary>
    internal static double StudentQuantile(int freedom)
    {
        const double Z = ScoreInterval.Z;
        double n = freedom, z3 = Z * Z * Z, z5 = z3 * Z * Z, z7 = z5 * Z * Z, z9 = z7 * Z * Z;
        return Z + ((z3 + Z) / (4 * n)) + (((5 * z5) + (16 * z3) + (3 * Z)) / (96 * n * n))
            + (((3 * z7) + (19 * z5) + (17 * z3) - (15 * Z)) / (384 * n * n * n))
            + (((79 * z9) + (776 * z7) + (1482 * z5) - (1920 * z3) - (945 * Z)) / (92160 * n * n * n * n));
    }

    /// <summary>The standard normal distribution at x &lt;= 0 (Abramowitz and Stegun, 26.2.17; within 7.5e-8).</summary>
    internal static double Normal(double x)
    {
        double t = 1 / (1 - (0.2316419 * x));
        double sum = t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937 + (t * (-1.821255978 + (t * 1.330274429))))))));
        return Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI) * sum;
    }
}
