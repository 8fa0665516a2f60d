using Unroll.Training;

namespace Unroll.Analysis;

/// <summary>
/// When, in a training run, the weights passed the bounds and when gradients exploded (section 4.1.1): the first check of each
/// event, or null when it did not happen.
/// </summary>
/// <param name="RadiusAbove">The update at which the spectral radius was first above 1 / gamma; null for networks that are not
/// one plain layer, which have no gamma.</param>
/// <param name="SingularValueAbove">The update at which the largest singular value was first above 1 / gamma: exploding needs
/// it. Null for networks that are not one plain layer.</param>
/// <param name="Exploded">The update at which the mean gradient norm first was not finite or <paramref name="Factor"/> times the
/// median of all checks before it.</param>
/// <param name="Factor">The multiple of the median that counts as exploded.</param>
public sealed record BoundCrossings(long? RadiusAbove, long? SingularValueAbove, long? Exploded, double Factor)
{
    /// <summary>Computes the crossings from the checks of a run, in their order.</summary>
    /// <param name="checks">What training reported.</param>
    /// <param name="shape">The network's shape. The bounds of section 2.1 are for one plain layer; for other networks only
    /// <see cref="Exploded"/> is computed.</param>
    /// <param name="factor">The multiple of the median of the checks before that counts as exploded, above 1.</param>
    public static BoundCrossings Of(IEnumerable<TrainingProgress> checks, NetworkShape shape, double factor = 10)
    {
        ArgumentNullException.ThrowIfNull(checks);
        ArgumentNullException.ThrowIfNull(shape);
        if (!(factor > 1)) throw new ArgumentOutOfRangeException(nameof(factor),
            Invariant($"The factor is {factor}; it must be above 1."));
        double bound = 1 / (GradientBounds.GammaOf(shape) ?? double.NaN); // no number is above NaN
        long? radius = null, singular = null, exploded = null;
        var norms = new List<double>(); // ascending
        foreach (TrainingProgress check in checks)
        {
            if (check.SpectralRadius > bound) radius ??= check.Update;
            if (check.LargestSingularValue > bound) singular ??= check.Update;
            bool far = norms.Count > 0 && check.GradientNorm > 0
                && check.GradientNorm >= factor * Quantiles.At(
                    System.Runtime.InteropServices.CollectionsMarshal.AsSpan(norms), 0.5);
            if (far || !double.IsFinite(check.GradientNorm)) exploded ??= check.Update;
            if (!double.IsFinite(check.GradientNorm)) continue;
            int place = norms.BinarySearch(check.GradientNorm);
            norms.Insert(place < 0 ? ~place : place, check.GradientNorm);
        }

        return new BoundCrossings(radius, singular, exploded, factor);
    }
}
