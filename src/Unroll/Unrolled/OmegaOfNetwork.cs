using System.Numerics;

namespace Unroll.Remedies;

/// <summary>Omega of a network after its backward pass; the sum over its layers.</summary>
public static class OmegaOfNetwork
{
    /// <summary>Measures Omega on the last backward pass and adds nothing.</summary>
    /// <param name="regularizer">The regularizer.</param>
    /// <param name="unrolled">The network after its backward pass.</param>
    /// <exception cref="InvalidOperationException">There was no backward pass.</exception>
    public static OmegaStatistics Measure<T>(this VanishingGradientRegularizer regularizer, UnrolledNetwork<T> unrolled)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(regularizer);
        ArgumentNullException.ThrowIfNull(unrolled);
        return unrolled.MeasureOmega(regularizer, 0, add: false);
    }

    /// <summary>Adds alpha dOmega/dW_hh of every layer to the gradient of the last backward pass.</summary>
    /// <param name="regularizer">The regularizer.</param>
    /// <param name="unrolled">The network after <see cref="UnrolledNetwork{T}.Backward()"/>.</param>
    /// <param name="alpha">The weight, finite and at least 0.</param>
    /// <exception cref="InvalidOperationException">There was no backward pass.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The weight is negative or not finite.</exception>
    public static OmegaStatistics AddGradient<T>(
        this VanishingGradientRegularizer regularizer, UnrolledNetwork<T> unrolled, double alpha)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(regularizer);
        ArgumentNullException.ThrowIfNull(unrolled);
        VanishingGradientRegularizer.CheckWeight(alpha);
        return unrolled.MeasureOmega(regularizer, alpha, add: true);
    }
}
