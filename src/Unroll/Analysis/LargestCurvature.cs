using Unroll.Remedies;

namespace Unroll.Analysis;

/// <summary>
/// The Hessian's largest eigenvalue on one batch, by power iteration; a product with the Hessian is a central difference of the
/// gradient, in double. The start is drawn from the seed, so the result is the same every time.
/// </summary>
internal static class LargestCurvature
{
    /// <summary>The most passes over the batch, forward and back.</summary>
    public const int MostPasses = 2 * 2 * MostIterations;

    private const int MostIterations = 30;
    private const double Tolerance = 0.01;

    /// <summary>The largest eigenvalue, to about a percent when the next one is clearly smaller; NaN when a gradient is not finite, or none above zero was found.</summary>
    public static double Measure(Network<double> network, Batch batch, CostReduction reduction, ulong seed, int threads, Action<int>? onPasses = null, CancellationToken cancellation = default)
    {
        int passes = 0;
        void Count()
        {
            cancellation.ThrowIfCancellationRequested();
            onPasses?.Invoke(passes += 2);
        }

        double dominant = Dominant(network, batch, reduction, seed, threads, 0, Count);

        // When the one of largest size is negative, moving all of them by it makes the largest one dominant.
        if (dominant >= 0 || double.IsNaN(dominant)) return dominant;
        double largest = Dominant(network, batch, reduction, seed, threads, -dominant, Count) + dominant;
        return largest >= 0 ? largest : double.NaN;
    }

    private static double Dominant(Network<double> network, Batch batch, CostReduction reduction, ulong seed, int threads, double shift, Action onIteration)
    {
        Network<double> moved = network.Convert<double>();
        using var unrolled = new UnrolledNetwork<double>(moved, threads);
        int n = moved.Parameters.Length;
        double[] origin = network.Parameters.ToArray(), direction = new double[n], product = new double[n];
        RandomSource random = new RandomKey(seed, RandomStream.Test, 1).Shared();
        for (int i = 0; i < n; i++) direction[i] = random.NextNormal();
        Normalise(direction);

        // The cube root of the precision, by the size of what is moved.
        double step = 6e-6 * (1 + GradientClipping.Norm<double>(origin));
        double eigenvalue = 0;
        for (int iteration = 0; iteration < MostIterations; iteration++)
        {
            GradientAt(step).CopyTo(product);
            Span<double> behind = GradientAt(-step);
            for (int i = 0; i < n; i++) product[i] = ((product[i] - behind[i]) / (2 * step)) + (shift * direction[i]);
            onIteration();
            double before = eigenvalue;
            eigenvalue = 0;
            for (int i = 0; i < n; i++) eigenvalue += product[i] * direction[i];
            if (!double.IsFinite(eigenvalue)) return double.NaN;
            product.CopyTo(direction, 0);
            if (!Normalise(direction) || Math.Abs(eigenvalue - before) <= Tolerance * Math.Abs(eigenvalue)) break;
        }

        return eigenvalue;

        Span<double> GradientAt(double distance)
        {
            for (int i = 0; i < n; i++) moved.Parameters[i] = origin[i] + (distance * direction[i]);
            unrolled.Forward(batch, reduction);
            unrolled.Backward();
            return unrolled.Gradient;
        }
    }

    private static bool Normalise(double[] vector)
    {
        double norm = GradientClipping.Norm<double>(vector);
        if (!(norm > 0 && double.IsFinite(norm))) return false;
        for (int i = 0; i < vector.Length; i++) vector[i] /= norm;
        return true;
    }
}
