using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Unroll.Remedies;

/// <summary>What clipping did to one gradient.</summary>
/// <param name="NormBefore">The Euclidean norm before; not finite when an element is not.</param>
/// <param name="NormAfter">The norm after.</param>
/// <param name="Scale">The factor applied to the whole gradient (1 when none was, or with element-wise clipping).</param>
/// <param name="Clipped">Whether anything was changed.</param>
public readonly record struct ClipReport(double NormBefore, double NormAfter, double Scale, bool Clipped);

/// <summary>Clipping of exploding gradients (section 3.2); the last thing done to a gradient before the step.</summary>
public sealed class GradientClipping
{
    // A float below its normal range has lost digits, and the scaled gradient its norm.
    private const double SmallestScale = 1e-37;

    /// <summary>Clips in the given way at the given threshold.</summary>
    /// <param name="mode">By norm (Algorithm 1), by element, or not at all.</param>
    /// <param name="threshold">The threshold, positive and finite; ignored by <see cref="ClipMode.None"/>.</param>
    /// <exception cref="ArgumentException">The threshold is not positive and finite, or the mode is none.</exception>
    public GradientClipping(ClipMode mode, double threshold)
    {
        if (mode != ClipMode.None && !(threshold > 0 && double.IsFinite(threshold)))
            throw new ArgumentException(
                Invariant($"The clipping threshold is {threshold}; it must be positive and finite ")
                    + "(ClipMode.None switches clipping off).");
        if (!Enum.IsDefined(mode)) throw new ArgumentException($"The clipping mode {mode} is not a known value.");
        Mode = mode;
        Threshold = threshold;
    }

    /// <summary>How it clips.</summary>
    public ClipMode Mode { get; }

    /// <summary>The threshold.</summary>
    public double Threshold { get; }

    /// <summary>
    /// The Euclidean norm, summed in double over eight interleaved partial sums in a fixed order: the same bits on every
    /// machine, and no overflow where squares of floats would.
    /// </summary>
    public static double Norm<T>(ReadOnlySpan<T> gradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Span<double> sums = stackalloc double[8];
        sums.Clear();
        int i = typeof(T) == typeof(float) && Vector256.IsHardwareAccelerated
            ? AddSquares(MemoryMarshal.Cast<T, float>(gradient), sums) : 0;
        for (; i + 8 <= gradient.Length; i += 8)
        {
            for (int lane = 0; lane < 8; lane++)
            {
                double v = double.CreateTruncating(gradient[i + lane]);
                sums[lane] += v * v;
            }
        }

        for (; i < gradient.Length; i++)
        {
            double v = double.CreateTruncating(gradient[i]);
            sums[i & 7] += v * v;
        }

        return Math.Sqrt(sums[0] + sums[1] + sums[2] + sums[3] + sums[4] + sums[5] + sums[6] + sums[7]);
    }

    /// <summary>The partial sums of whole groups of eight, each in its lane; the number of elements in them.</summary>
    private static int AddSquares(ReadOnlySpan<float> gradient, Span<double> sums)
    {
        Vector256<double> low = Vector256<double>.Zero, high = low;
        int i = 0;
        for (; i + 8 <= gradient.Length; i += 8)
        {
            (Vector256<double> a, Vector256<double> b) = Vector256.Widen(Vector256.Create(gradient.Slice(i, 8)));
            (low, high) = (low + (a * a), high + (b * b));
        }

        low.CopyTo(sums);
        high.CopyTo(sums[4..]);
        return i;
    }

    /// <summary>
    /// Clips <paramref name="gradient"/> in place. By norm: g becomes (threshold / |g|) g when |g| >= threshold. A gradient
    /// whose norm is not finite is left alone for the caller to decide.
    /// </summary>
    public ClipReport Apply<T>(Span<T> gradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        return Apply(gradient, Norm<T>(gradient), Threshold);
    }

    /// <summary>As <see cref="Apply{T}(Span{T})"/>, where the norm is known and the threshold is not the fixed one.</summary>
    internal ClipReport Apply<T>(Span<T> gradient, double norm, double threshold)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!double.IsFinite(norm)) return new ClipReport(norm, norm, 1, false);
        switch (Mode)
        {
            case ClipMode.Norm when norm >= threshold:
                double scale = threshold / norm;
                Scale(gradient, scale);
                return new ClipReport(norm, threshold, scale, true);
            case ClipMode.Value:
                bool clipped = Clamp(gradient, threshold);
                return new ClipReport(norm, clipped ? Norm<T>(gradient) : norm, 1, clipped);
            default:
                return new ClipReport(norm, norm, 1, false);
        }
    }

    /// <summary>Multiplies by a factor, which may be below the normal numbers of <typeparamref name="T"/>.</summary>
    internal static void Scale<T>(Span<T> values, double scale)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (scale >= SmallestScale) TensorPrimitives.Multiply(values, T.CreateTruncating(scale), values);
        else
            foreach (ref T x in values) x = T.CreateTruncating(double.CreateTruncating(x) * scale);
    }

    /// <summary>Moves every finite element into -threshold..threshold; the result is whether one was outside.</summary>
    internal static bool Clamp<T>(Span<T> values, double threshold)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T limit = T.CreateTruncating(threshold);
        bool clipped = false;
        foreach (ref T x in values)
        {
            if (T.Abs(x) <= limit || !T.IsFinite(x)) continue;
            x = T.CopySign(limit, x);
            clipped = true;
        }

        return clipped;
    }
}
