using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Unroll.Kernels;

/// <summary>Turns rows into columns. Numbers are moved, so no bit depends on the way.</summary>
internal static unsafe class Columns<T>
    where T : unmanaged
{
    /// <summary>target[k * step + i] = the k-th number of row i, for four rows.</summary>
    /// <param name="a">The first row.</param>
    /// <param name="b">The second row.</param>
    /// <param name="c">The third row.</param>
    /// <param name="d">The fourth row.</param>
    /// <param name="count">Numbers of a row.</param>
    /// <param name="target">Where the first four go, one of each row.</param>
    /// <param name="step">Elements from there to the next four.</param>
    public static void Four(T* a, T* b, T* c, T* d, int count, T* target, nint step)
    {
        int k = typeof(T) == typeof(float) && Sse.IsSupported
            ? Squares((float*)a, (float*)b, (float*)c, (float*)d, count, (float*)target, step) : 0;
        for (T* to = target + (k * step); k < count; k++, to += step) (to[0], to[1], to[2], to[3]) = (a[k], b[k], c[k], d[k]);
    }

    /// <summary>Squares of four by four in registers: four stores for sixteen numbers.</summary>
    private static int Squares(float* a, float* b, float* c, float* d, int count, float* to, nint step)
    {
        int k = 0;
        for (; k + 4 <= count; k += 4, to += 4 * step)
        {
            Vector128<float> ra = Vector128.Load(a + k), rb = Vector128.Load(b + k);
            Vector128<float> rc = Vector128.Load(c + k), rd = Vector128.Load(d + k);
            Vector128<float> ab = Sse.UnpackLow(ra, rb), cd = Sse.UnpackLow(rc, rd); // a0 b0 a1 b1, c0 d0 c1 d1
            Sse.MoveLowToHigh(ab, cd).Store(to);
            Sse.MoveHighToLow(cd, ab).Store(to + step);
            (ab, cd) = (Sse.UnpackHigh(ra, rb), Sse.UnpackHigh(rc, rd));
            Sse.MoveLowToHigh(ab, cd).Store(to + (2 * step));
            Sse.MoveHighToLow(cd, ab).Store(to + (3 * step));
        }

        return k;
    }
}
