using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Unroll;

/// <summary>
/// The logarithm, and the sine and cosine of a fraction of a turn, four numbers at once, with the same bits on every machine.
/// </summary>
/// <remarks>
/// The runtime's own vector functions use a fused multiply-add where the code was compiled for one. The last bit then depends on
/// the processor, and on whether a method still runs in its first compiled version. Here every step is one operation that IEEE
/// 754 rounds correctly: add, subtract, multiply, divide. No multiply-add is fused, because on a processor without the
/// instruction each one takes a call. The polynomials are those of fdlibm (Sun Microsystems, 1993).
/// </remarks>
internal static class FixedMath
{
    private const double LogHigh = 6.93147180369123816490e-01, LogLow = 1.90821492927058770002e-10;
    private const ulong ExponentBias = 1023, SqrtHalfBits = 0x3FE6_A09E_0000_0000, FractionBits = 0x000F_FFFF_FFFF_FFFF;

    /// <summary>
    /// 2^52, whose last fraction bit has the value 1; and 1.5 times 2^52, which also works for negative numbers.
    /// </summary>
    private const double Ones = 4503599627370496.0, SignedOnes = 6755399441055744.0;

    /// <summary>ln x, within one unit in the last place.</summary>
    /// <param name="x">Positive, finite, and at least 2^-1022.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Log(Vector256<double> x)
    {
        // x = 2^k (1 + f) with 1 + f from sqrt(1/2) to sqrt(2).
        Vector256<ulong> bits = x.AsUInt64() + Vector256.Create((ExponentBias << 52) - SqrtHalfBits);
        Vector256<double> k = ((bits >> 52) | Vector256.Create(Ones).AsUInt64()).AsDouble()
            - Vector256.Create(Ones + ExponentBias);
        Vector256<double> f = ((bits & Vector256.Create(FractionBits)) + Vector256.Create(SqrtHalfBits)).AsDouble()
            - Vector256.Create(1.0);

        // ln(1 + f) = f - f^2/2 + s (f^2/2 + R(s^2)) with s = f / (2 + f).
        Vector256<double> s = f / (Vector256.Create(2.0) + f), z = s * s, w = z * z;
        Vector256<double> even = w * (C(3.999999999940941908e-01)
            + (w * (C(2.222219843214978396e-01) + (w * C(1.531383769920937332e-01)))));
        Vector256<double> odd = z * (C(6.666666666666735130e-01) + (w * (C(2.857142874366239149e-01)
            + (w * (C(1.818357216161805012e-01) + (w * C(1.479819860511658591e-01)))))));
        Vector256<double> half = C(0.5) * f * f;
        return (k * C(LogHigh)) - (half - ((s * (half + (odd + even))) + (k * C(LogLow))) - f);
    }

    /// <summary>sin(2 pi u) and cos(2 pi u), each within two units in the last place.</summary>
    /// <param name="turns">u, from -1 to 1.</param>
    /// <param name="sine">The sine.</param>
    /// <param name="cosine">The cosine.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SinCos(Vector256<double> turns, out Vector256<double> sine, out Vector256<double> cosine)
    {
        // 4 u = q + r, exactly, with q whole and r from -1/2 to 1/2.
        Vector256<double> quarters = C(4) * turns, shifted = quarters + C(SignedOnes);
        Vector256<double> x = (quarters - (shifted - C(SignedOnes))) * C(Math.PI / 2), z = x * x;
        Vector256<ulong> q = shifted.AsUInt64();

        Vector256<double> sin = C(-1.98412698298579493134e-04)
            + (z * (C(2.75573137070700676789e-06)
                + (z * (C(-2.50507602534068634195e-08) + (z * C(1.58969099521155010221e-10))))));
        sin = C(-1.66666666666666324348e-01) + (z * (C(8.33333333332248946124e-03) + (z * sin)));
        sin = x + (z * x * sin);

        Vector256<double> cos = C(2.48015872894767294178e-05)
            + (z * (C(-2.75573143513906633035e-07)
                + (z * (C(2.08757232129817482790e-09) + (z * C(-1.13596475577881948265e-11))))));
        cos = z * (C(4.16666666666666019037e-02) + (z * (C(-1.38888888888741095749e-03) + (z * cos))));
        Vector256<double> half = C(0.5) * z, rest = C(1) - half;
        cos = rest + (C(1) - rest - half + (z * cos));

        // An odd number of quarters swaps the two; the quarter decides the signs.
        Vector256<double> swaps = Vector256.Equals(q & Vector256.Create(1UL), Vector256.Create(1UL)).AsDouble();
        sine = Signed(Vector256.ConditionalSelect(swaps, cos, sin), q);
        cosine = Signed(Vector256.ConditionalSelect(swaps, sin, cos), q + Vector256.Create(1UL));
    }

    /// <summary>The number, negated where the second bit of <paramref name="quarters"/> is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Signed(Vector256<double> x, Vector256<ulong> quarters) =>
        (x.AsUInt64() ^ ((quarters & Vector256.Create(2UL)) << 62)).AsDouble();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> C(double value) => Vector256.Create(value);
}
