using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Unroll.Numerics;

/// <summary>
/// The sums over vectors that results depend on, in a fixed order, and element-wise operations, where the order does not matter.
/// </summary>
internal static class Vectors
{
    /// <summary>a . b over four interleaved partial sums: a fixed order that the processor can still overlap.</summary>
    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        b = b[..a.Length];
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        int i = 0;
        for (; i + 4 <= a.Length; i += 4)
        {
            s0 += a[i] * b[i];
            s1 += a[i + 1] * b[i + 1];
            s2 += a[i + 2] * b[i + 2];
            s3 += a[i + 3] * b[i + 3];
        }

        for (; i < a.Length; i++) s0 += a[i] * b[i];
        return s0 + s1 + (s2 + s3);
    }

    /// <summary>
    /// ||a||; squares that would leave the range of doubles are scaled, so that a plateau's 1e-200 is not zero.
    /// </summary>
    public static double Norm(ReadOnlySpan<double> a)
    {
        double squares = Dot(a, a);
        if (squares is > 1e-280 and < double.PositiveInfinity) return Math.Sqrt(squares);
        double largest = 0;
        foreach (double one in a) largest = Math.Max(largest, Math.Abs(one));
        if (!(largest > 0 && double.IsFinite(largest))) return largest;
        int exponent = Math.ILogB(largest);
        double sum = 0;
        foreach (double one in a)
        {
            double scaled = Math.ScaleB(one, -exponent);
            sum += scaled * scaled;
        }

        return Math.ScaleB(Math.Sqrt(sum), exponent);
    }

    /// <summary>y += factor x.</summary>
    public static void Add(Span<double> y, double factor, ReadOnlySpan<double> x)
    {
        if (factor != 0) TensorPrimitives.MultiplyAdd(x, factor, y, y);
    }

    /// <summary>y += M x for a row-major M of y.Length rows.</summary>
    /// <remarks>
    /// Four rows at a time, so that the processor adds to four sums at once; each has the bits of <see cref="Dot"/>.
    /// </remarks>
    public static void AddProduct(Span<double> y, ReadOnlySpan<double> matrix, ReadOnlySpan<double> x)
    {
        int i = 0, n = x.Length, whole = n & ~3;
        for (; Vector256.IsHardwareAccelerated && n >= 4 && i + 4 <= y.Length; i += 4)
        {
            ReadOnlySpan<double> r0 = matrix.Slice(i * n, n), r1 = matrix.Slice((i + 1) * n, n);
            ReadOnlySpan<double> r2 = matrix.Slice((i + 2) * n, n), r3 = matrix.Slice((i + 3) * n, n);
            Vector256<double> s0 = default, s1 = default, s2 = default, s3 = default;
            for (int j = 0; j < whole; j += 4)
            {
                Vector256<double> at = Load(x, j);
                s0 += at * Load(r0, j);
                s1 += at * Load(r1, j);
                s2 += at * Load(r2, j);
                s3 += at * Load(r3, j);
            }

            y[i] += Sum(s0, x[whole..], r0[whole..]);
            y[i + 1] += Sum(s1, x[whole..], r1[whole..]);
            y[i + 2] += Sum(s2, x[whole..], r2[whole..]);
            y[i + 3] += Sum(s3, x[whole..], r3[whole..]);
        }

        for (; i < y.Length; i++) y[i] += Dot(x, matrix.Slice(i * n, n));
    }

    /// <summary>y += x M for a row-major M of x.Length rows.</summary>
    public static void AddTransposed(Span<double> y, ReadOnlySpan<double> matrix, ReadOnlySpan<double> x)
    {
        for (int i = 0; i < x.Length; i++) Add(y, x[i], matrix.Slice(i * y.Length, y.Length));
    }

    /// <summary>M += left right^T for a row-major M.</summary>
    public static void AddOuter(Span<double> matrix, ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        for (int i = 0; i < left.Length; i++) Add(matrix.Slice(i * right.Length, right.Length), left[i], right);
    }

    private static Vector256<double> Load(ReadOnlySpan<double> from, int at) =>
        Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(from), (nuint)at);

    /// <summary>The four sums and the products of the remaining elements, in the order of <see cref="Dot"/>.</summary>
    private static double Sum(Vector256<double> sums, ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double s0 = sums[0];
        for (int i = 0; i < a.Length; i++) s0 += a[i] * b[i];
        return s0 + sums[1] + (sums[2] + sums[3]);
    }
}
