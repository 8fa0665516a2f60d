using Unroll.Numerics;
namespace Unroll.Geometry;

/// <summary>The quantities of section 2.3, measured at one point of a training run on one batch.</summary>
/// <param name="Error">E.</param>
/// <param name="GradientNorm">||dE/dtheta||.</param>
/// <param name="LeadingCurvature">The eigenvalue of d2E/dtheta2 that is largest in magnitude.</param>
/// <param name="Residual">A bound on the distance from it to the nearest eigenvalue.</param>
/// <param name="CurvatureAlongGradient">g H g / g g for the gradient g.</param>
/// <param name="Angle">The angle between the gradient and the leading direction, 0..90 degrees. Directions without relation are
/// near 90 degrees: 90 - 57/sqrt(n) for n parameters.</param>
/// <param name="Growth">C and alpha of |dE_t/dtheta . v| along the leading direction v, over the second half of the steps; null
/// when it cannot be fitted.</param>
/// <param name="GrowthAlongGradient">The same along the gradient.</param>
public sealed record GeometryPoint(
    double Error, double GradientNorm, double LeadingCurvature, double Residual, double CurvatureAlongGradient, double Angle,
    ExponentialBound? Growth, ExponentialBound? GrowthAlongGradient);

/// <summary>
/// Tests the hypothesis of section 2.3: when gradients explode, so does the curvature, and the gradient is parallel to the
/// leading direction of the curvature.
/// </summary>
public static class GeometryProbe
{
    /// <summary>
    /// Measures a network on a batch; about <paramref name="steps"/> + 4 times the work of two updates in double, on one core.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="batch">The batch, without rows that continue from an earlier state.</param>
    /// <param name="reduction">Sum or mean over the steps.</param>
    /// <param name="steps">The most Hessian-vector products to spend on the leading direction.</param>
    /// <param name="tolerance">The relative residual at which the direction counts as found.</param>
    /// <exception cref="ArgumentException">The batch does not fit the network.</exception>
    /// <exception cref="ArithmeticException">The curvature is not finite.</exception>
    public static GeometryPoint Measure(
        Network<double> network, Batch batch, CostReduction reduction, int steps = 60, double tolerance = 1e-4)
    {
        var geometry = new ErrorGeometry(network, batch, reduction);
        CurvaturePair leading = geometry.LeadingCurvature(1, steps, tolerance)[0];
        double cosine = Math.Abs(Vectors.Dot(geometry.Gradient, leading.Direction)) / geometry.GradientNorm;
        return new GeometryPoint(
            geometry.Error, geometry.GradientNorm, leading.Value, leading.Residual,
            geometry.CurvatureAlong(geometry.Gradient), Math.Acos(Math.Min(1, cosine)) * 180 / Math.PI,
            Growth(geometry, leading.Direction), Growth(geometry, geometry.Gradient));
    }

    /// <summary>
    /// Fits the second half only: in the first half the initial states determine the growth, not the product of Jacobians.
    /// </summary>
    private static ExponentialBound? Growth(ErrorGeometry geometry, ReadOnlySpan<double> direction)
    {
        double[] byStep = geometry.DirectionalByStep(direction);
        int from = byStep.Length / 2;
        return ExponentialBound.Fit(byStep.AsSpan(from), from + 1);
    }
}
