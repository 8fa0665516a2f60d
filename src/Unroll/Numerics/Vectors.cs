using System.Numerics.Tensors;

namespace Unroll.Numerics;

/// <summary>The few sums over vectors that results depend on, in a fixed order, and element-wise steps, which have no order.</summary>
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

    /// <summary>||a||; squares that would leave the range of doubles are scaled, so that a plateau's 1e-200 is not zero.</summary>
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
    public static void AddProduct(Span<double> y, ReadOnlySpan<double> matrix, ReadOnlySpan<double> x)
    {
        for (int i = 0; i < y.Length; i++) y[i] += Dot(x, matrix.Slice(i * x.Length, x.Length));
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
}
