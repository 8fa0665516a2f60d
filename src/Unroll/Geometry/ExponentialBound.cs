namespace Unroll.Geometry;

/// <summary>
/// The growth |dE_t/dtheta . v| >= C alpha^t of section 2.3, fitted to measured magnitudes: alpha by least squares of the
/// logarithms, C as the largest for which the bound holds at every step of the fit.
/// </summary>
/// <param name="C">C, above 0.</param>
/// <param name="Alpha">alpha; above 1 the direction explodes.</param>
/// <param name="Tightness">The share of the logarithms' variance that the line explains, 0..1: near 1 the growth is
/// exponential.</param>
/// <param name="Steps">How many steps the fit used: those with a magnitude above 0.</param>
public sealed record ExponentialBound(double C, double Alpha, double Tightness, int Steps)
{
    /// <summary>Fits the bound, or null when fewer than three magnitudes are finite and above 0.</summary>
    /// <param name="magnitudes">g_t for t = <paramref name="firstStep"/>, <paramref name="firstStep"/> + 1, ...; signs are
    /// ignored.</param>
    /// <param name="firstStep">The t of the first magnitude.</param>
    public static ExponentialBound? Fit(ReadOnlySpan<double> magnitudes, int firstStep = 1)
    {
        var points = new List<(double T, double Log)>();
        for (int i = 0; i < magnitudes.Length; i++)
        {
            double size = Math.Abs(magnitudes[i]);
            if (size > 0 && double.IsFinite(size)) points.Add((firstStep + i, Math.Log(size)));
        }

        if (points.Count < 3) return null;
        double meanT = points.Average(point => point.T), meanLog = points.Average(point => point.Log);
        double tt = points.Sum(point => (point.T - meanT) * (point.T - meanT));
        double tl = points.Sum(point => (point.T - meanT) * (point.Log - meanLog));
        double ll = points.Sum(point => (point.Log - meanLog) * (point.Log - meanLog));
        double slope = tl / tt;
        double c = Math.Exp(points.Min(point => point.Log - (slope * point.T)));
        return new ExponentialBound(c, Math.Exp(slope), ll == 0 ? 1 : tl * tl / (tt * ll), points.Count);
    }
}
