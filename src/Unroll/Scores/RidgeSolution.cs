using Unroll.Numerics;

namespace Unroll.Scores;

/// <summary>
/// The weights of a ridge regression with an intercept that is not penalized: from sums over examples of W inputs and H targets,
/// with one decomposition of X'X for every penalty.
/// </summary>
/// <param name="InputMean">(W).</param>
/// <param name="TargetMean">(H).</param>
/// <param name="Weights">(H, W).</param>
/// <param name="Penalty">By example.</param>
internal sealed record RidgeSolution(double[] InputMean, double[] TargetMean, double[] Weights, double Penalty)
{
    private const double Rounding = 1e-14;

    /// <summary>Penalties by example from 10^-7 to 100.</summary>
    public static IReadOnlyList<double> Usual { get; } = [.. Enumerable.Range(0, 37).Select(i => Math.Pow(10, -7 + (i / 4.0)))];

    /// <summary>Whether the equations, with the penalty, leave a direction of the weights open.</summary>
    public bool IsSingular { get; private init; }

    /// <summary>The weights at a penalty, or at the one of several that is best for the sums of other examples.</summary>
    /// <param name="fit">The sums.</param>
    /// <param name="check">The sums of other examples; needed where no penalty is given.</param>
    /// <param name="penalty">By example.</param>
    /// <param name="w">W.</param>
    /// <param name="h">H.</param>
    /// <param name="penalties">Those to choose from; null for the usual ones.</param>
    /// <param name="intercept">Whether there is an intercept.</param>
    public static RidgeSolution Solve(
        RidgeSums fit, RidgeSums? check, double? penalty, int w, int h, IReadOnlyList<double>? penalties = null,
        bool intercept = true)
    {
        double[] a = intercept ? fit.InputMean() : new double[w], b = intercept ? fit.TargetMean() : new double[h];
        (double[] values, double[][] vectors) = SymmetricEigen.Decompose(fit.Products(a), w);
        double[] cross = Turn(vectors, fit.Cross(a, b), w, h);
        for (int i = 0; i < w; i++) values[i] = Math.Max(0, values[i]);
        double chosen = penalty ?? Choose(values, vectors, cross, fit.Count, check!, a, b, h, penalties ?? Usual);
        var weights = new double[h * w];
        for (int i = 0; i < w; i++)
        {
            double factor = 1 / (values[i] + (chosen * fit.Count));
            for (int t = 0; t < h; t++) Vectors.Add(weights.AsSpan(t * w, w), cross[(i * h) + t] * factor, vectors[i]);
        }

        bool singular = values.Min() + (chosen * fit.Count) <= Rounding * values.Max();
        return new RidgeSolution(a, b, weights, chosen) { IsSingular = singular };
    }

    private static double Choose(
        double[] values, double[][] vectors, double[] cross, long count, RidgeSums check, double[] a, double[] b, int h,
        IReadOnlyList<double> penalties)
    {
        // With weights V c / (lambda + penalty): |y|^2 - 2 c . (V'X'Y) + c' (V'X'X V) c, summed over the targets.
        int w = values.Length;
        double[] checkCross = Turn(vectors, check.Cross(a, b), w, h), products = check.Products(a);
        double[] own = new double[w], both = new double[w * w], row = new double[w];
        for (int i = 0; i < w; i++)
        {
            Array.Clear(row);
            for (int j = 0; j < w; j++) Vectors.Add(row, vectors[i][j], products.AsSpan(j * w, w));
            Span<double> mine = cross.AsSpan(i * h, h);
            own[i] = Vectors.Dot(mine, checkCross.AsSpan(i * h, h));
            for (int j = 0; j < w; j++)
                both[(i * w) + j] = Vectors.Dot(row, vectors[j]) * Vectors.Dot(mine, cross.AsSpan(j * h, h));
        }

        double best = penalties[^1], least = double.PositiveInfinity, squares = check.TargetSquares(b);
        var factors = new double[w];
        foreach (double penalty in penalties)
        {
            for (int i = 0; i < w; i++) factors[i] = 1 / (values[i] + (penalty * count));
            double error = squares - (2 * Vectors.Dot(own, factors));
            for (int i = 0; i < w; i++) error += factors[i] * Vectors.Dot(both.AsSpan(i * w, w), factors);
            if (error < least) (best, least) = (penalty, error);
        }

        return best;
    }

    /// <summary>V' M for the rows of V.</summary>
    private static double[] Turn(double[][] vectors, double[] matrix, int w, int h)
    {
        var turned = new double[w * h];
        for (int i = 0; i < w; i++)
        {
            for (int j = 0; j < w; j++) Vectors.Add(turned.AsSpan(i * h, h), vectors[i][j], matrix.AsSpan(j * h, h));
        }

        return turned;
    }
}
