using System.Runtime.InteropServices;

namespace Unroll.Cells;

/// <summary>
/// Layer normalization inside a cell (Ba, Kiros and Hinton, 2016, section 3.1), in the arithmetic of S: it defines what the
/// kernels compute. A layer of H units has a block of H pre-activations for each gate. With a = W_hh h_{t-1} + W_ih u_t of one
/// block at one step of one sequence, without bias,
/// <code>
///   mu = sum_i a_i / H,  v = sum_i (a_i - mu)^2 / H,  r = 1 / sqrt(v + 1e-5)
///   n_i = r (a_i - mu),  x_i = g_i n_i + b_i
/// </code>
/// and the cell's step begins from x. g is the gain, which starts at 1, and b is the layer's bias; both are of each block. The
/// recurrent and the input part are normalized together, as their sum. A GRU's candidate has them in two blocks, because r
/// multiplies one of them, so each is normalized by itself: n = tanh(x_n + r x_q), which is the paper's form too.
/// </summary>
/// <remarks>
/// Backward, with d = dE/dx and e = g d: n moves by r (da - mean(da) - n mean(n da)), because dmu = mean(da) and
/// dr = -r^2 mean(n da). This matrix J = r (I - 1 1'/H - n n'/H) is symmetric, so the same function passes signals back and
/// derivatives along a direction forward:
/// <code>
///   dE/da = J e       dE/dg_i = sum d_i n_i       dE/db_i = sum d_i       R{x} = R{g} n + g J R{a} + R{b}
/// </code>
/// Whatever is below the sum (W_hh, W_ih, h_{t-1}, the layer below) sees dE/da alone. J 1 = 0, and J n is nearly 0: a signal
/// that moves all units alike, or that stretches them, does not pass. A block without input and state has a = 0, n = 0 and
/// r = 316.
/// </remarks>
internal static class LayerNorm
{
    /// <summary>What is added to the variance, as by PyTorch's default: a block of equal sums is divided by no zero.</summary>
    public const double Epsilon = 1e-5;

    /// <summary>x from a, and n and r on the way.</summary>
    /// <param name="sums">(H): a.</param>
    /// <param name="gain">(H): g.</param>
    /// <param name="bias">(H): b; empty without biases.</param>
    /// <param name="normed">(H): receives n.</param>
    /// <param name="x">(H): receives x; may be <paramref name="sums"/>.</param>
    /// <returns>r.</returns>
    public static S Forward<S>(
        ReadOnlySpan<S> sums, ReadOnlySpan<S> gain, ReadOnlySpan<S> bias, Span<S> normed, Span<S> x)
        where S : struct, IScalar<S>
    {
        S share = S.Of(1.0 / sums.Length), mean = S.Of(0), variance = S.Of(0);
        foreach (S a in sums) mean += a;
        mean *= share;
        foreach (S a in sums) variance += (a - mean) * (a - mean);
        S scale = S.InverseRoot((variance * share) + S.Of(Epsilon));
        for (int i = 0; i < sums.Length; i++)
        {
            normed[i] = scale * (sums[i] - mean);
            x[i] = gain[i] * normed[i];
            if (!bias.IsEmpty) x[i] += bias[i];
        }

        return scale;
    }

    /// <summary>v becomes J v.</summary>
    /// <param name="normed">(H): n.</param>
    /// <param name="scale">r.</param>
    /// <param name="v">(H).</param>
    public static void Multiply<S>(ReadOnlySpan<S> normed, S scale, Span<S> v)
        where S : struct, IScalar<S>
    {
        S share = S.Of(1.0 / v.Length), mean = S.Of(0), along = S.Of(0);
        for (int i = 0; i < v.Length; i++)
        {
            mean += v[i];
            along += normed[i] * v[i];
        }

        (mean, along) = (mean * share, along * share);
        for (int i = 0; i < v.Length; i++) v[i] = scale * (v[i] - mean - (normed[i] * along));
    }

    /// <summary>dE/dx becomes dE/da, and dE/dg is added.</summary>
    /// <param name="normed">(H): n.</param>
    /// <param name="scale">r.</param>
    /// <param name="gain">(H): g.</param>
    /// <param name="signal">(H): dE/dx, replaced by dE/da.</param>
    /// <param name="gainSum">(H): dE/dg; empty for none.</param>
    public static void Backward<S>(
        ReadOnlySpan<S> normed, S scale, ReadOnlySpan<S> gain, Span<S> signal, Span<S> gainSum)
        where S : struct, IScalar<S>
    {
        for (int i = 0; i < gainSum.Length; i++) gainSum[i] += signal[i] * normed[i];
        for (int i = 0; i < signal.Length; i++) signal[i] = gain[i] * signal[i];
        Multiply(normed, scale, signal);
    }

    /// <summary>Numbers as scalars.</summary>
    public static Span<Real> Reals(Span<double> values) => MemoryMarshal.Cast<double, Real>(values);

    /// <summary>Numbers as scalars.</summary>
    public static ReadOnlySpan<Real> Reals(ReadOnlySpan<double> values) => MemoryMarshal.Cast<double, Real>(values);
}
