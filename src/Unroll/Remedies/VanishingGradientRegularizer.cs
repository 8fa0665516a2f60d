namespace Unroll.Remedies;

/// <summary>What the regularizer saw in one batch.</summary>
/// <param name="Omega">Its value (0 when no entry was kept).</param>
/// <param name="Kept">The share of (step, sequence) entries kept, 0..1; the others carry no error signal worth
/// preserving.</param>
public readonly record struct OmegaStatistics(double Omega, double Kept);

/// <summary>
/// The vanishing-gradient regularizer of section 3.3: it prefers weights for which the error signal keeps its norm as it
/// travels back in time, along the direction of the error only. Its gradient is the immediate derivative of equation (10):
/// states and dE/dx are held constant.
/// </summary>
/// <remarks>
/// With row vectors a (the signal at step k+1) and v (the same signal one step earlier), q = |v|^2 / |a|^2:
/// <code>
///   code form    a = dE/dh_{k+1}, v = (a * sigma'(x_{k+1})) W_rec;  Omega = mean over kept entries of (q - 1)^2
///   paper form   a = dE/dx_{k+1}, v = (a W_rec) * sigma'(x_k);      Omega = sum_k (sqrt(q) - 1)^2, mean over the batch
/// </code>
/// The code form keeps entries with |a|^2 >= 1e-20, the paper form those where |v|^2 is too (else 0/0 once gradients vanish).
/// </remarks>
/// <param name="form">Which form; the authors' code by default, for which the published weights were tuned.</param>
public sealed class VanishingGradientRegularizer(OmegaForm form = OmegaForm.Code)
{
    /// <summary>The squared norm below which an entry counts as carrying no signal.</summary>
    public const double Bound = 1e-20;

    /// <summary>Which form.</summary>
    public OmegaForm Form => form;

    internal static void CheckWeight(double alpha)
    {
        if (!(alpha >= 0 && double.IsFinite(alpha)))
            throw new ArgumentOutOfRangeException(nameof(alpha),
                Invariant($"The weight of the regularizer is {alpha}; it must be finite and at least 0."));
    }

    /// <summary>
    /// From the squared norms of a and v per entry (T, B), Omega and the factor by which each entry's outer product
    /// a^T (dv) enters alpha dOmega/dW_rec.
    /// </summary>
    /// <remarks>
    /// d|v|^2/dW_rec = 2 d^T v for d = dE/dx_{k+1}. Code form: d(q-1)^2 = 2 (q-1) / |a|^2 d|v|^2, over the number kept: the
    /// factor 4 (q-1) / (|a|^2 N). Paper form: with r = |v|/|a|, d(r-1)^2 = 2 (r-1) / (|v| |a|) a^T (v * sigma'), over B.
    /// </remarks>
    internal OmegaStatistics Coefficients(
        ReadOnlySpan<double> signal, ReadOnlySpan<double> flow, Span<double> coefficients, ReadOnlySpan<int> lengths,
        int steps, double alpha)
    {
        int rows = lengths.Length;
        int entries = steps * rows;
        long kept = 0, valid = 0;
        foreach (int length in lengths) valid += form == OmegaForm.Code ? length : length - 1;
        double omega = 0;
        for (int e = 0; e < entries; e++)
        {
            coefficients[e] = 0;
            if (signal[e] < Bound || (form == OmegaForm.Paper && flow[e] < Bound)) continue;
            kept++;
            double q = flow[e] / signal[e];
            double distance = (form == OmegaForm.Code ? q : Math.Sqrt(q)) - 1;
            omega += distance * distance;
            coefficients[e] = form == OmegaForm.Code
                ? 4 * distance / signal[e]
                : 2 * distance / Math.Sqrt(flow[e] * signal[e]);
        }

        if (kept == 0) return new OmegaStatistics(0, 0);
        double share = form == OmegaForm.Code ? 1.0 / kept : 1.0 / rows;
        for (int e = 0; e < entries; e++) coefficients[e] *= alpha * share;
        return new OmegaStatistics(omega * share, (double)kept / valid);
    }
}
