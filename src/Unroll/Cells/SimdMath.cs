using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>Activations, their slopes and a few row operations on whole registers.</summary>
internal static unsafe class SimdMath<TSimd, TVector, T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged
{
    /// <summary>h = sigma(x) in place over <paramref name="count"/> elements, a multiple of the register width.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Activate(Activation activation, T* x, nint count)
    {
        T* end = x + count;
        switch (activation)
        {
            case Activation.Tanh:
                for (; x < end; x += TSimd.Lanes) TSimd.Store(x, Tanh(TSimd.Load(x)));
                break;
            case Activation.Sigmoid:
                TVector one = Constant(1);
                for (; x < end; x += TSimd.Lanes)
                {
                    TVector v = TSimd.Load(x), e = Exp(TSimd.Subtract(default, v));
                    TSimd.Store(x, ZeroBelowBound(v, TSimd.Divide(one, TSimd.Add(one, e))));
                }

                break;
            case Activation.Relu:
                for (; x < end; x += TSimd.Lanes)
                {
                    TVector v = TSimd.Load(x);
                    TSimd.Store(x, TSimd.WherePositive(v, v));
                }

                break;
        }
    }

    /// <summary>target = a * sigma'(x), from h = sigma(x), over <paramref name="count"/> elements.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void TimesSlope(Activation activation, T* a, T* h, T* target, nint count)
    {
        int lanes = TSimd.Lanes;
        switch (activation)
        {
            case Activation.Tanh:
                for (nint i = 0; i < count; i += lanes)
                    TSimd.Store(target + i, TSimd.Multiply(TSimd.Load(a + i), TanhSlope(TSimd.Load(h + i))));
                break;
            case Activation.Sigmoid:
                for (nint i = 0; i < count; i += lanes)
                    TSimd.Store(target + i, TSimd.Multiply(TSimd.Load(a + i), SigmoidSlope(TSimd.Load(h + i))));
                break;
            case Activation.Relu:
                for (nint i = 0; i < count; i += lanes)
                    TSimd.Store(target + i, TSimd.WherePositive(TSimd.Load(h + i), TSimd.Load(a + i)));
                break;
            default:
                new ReadOnlySpan<T>(a, (int)count).CopyTo(new Span<T>(target, (int)count));
                break;
        }
    }

    /// <summary>
    /// The sum of squares of <paramref name="count"/> elements: first within each lane, in order, then over the lanes.
    /// </summary>
    public static double SumSquares(T* a, nint count)
    {
        TVector sum = default;
        for (nint i = 0; i < count; i += TSimd.Lanes)
        {
            TVector v = TSimd.Load(a + i);
            sum = TSimd.MultiplyAdd(v, v, sum);
        }

        double total = ToDouble(TSimd.Sum(sum));
        if (double.IsFinite(total)) return total;

        // Squares of exploding floats overflow long before their norm does.
        total = 0;
        for (nint i = 0; i < count; i++)
        {
            double v = ToDouble(a[i]);
            total += v * v;
        }

        return total;
    }

    /// <summary>target += source over <paramref name="count"/> elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddTo(T* target, T* source, nint count)
    {
        for (nint i = 0; i < count; i += TSimd.Lanes)
            TSimd.Store(target + i, TSimd.Add(TSimd.Load(target + i), TSimd.Load(source + i)));
    }

    public static double SumLanes(TVector sum)
    {
        T* lanes = stackalloc T[64 / sizeof(T)];
        TSimd.Store(lanes, sum);
        double total = 0;
        for (int i = 0; i < TSimd.Lanes; i++) total += ToDouble(lanes[i]);
        return total;
    }

    public static double MaxLane(TVector max)
    {
        T* lanes = stackalloc T[64 / sizeof(T)];
        TSimd.Store(lanes, max);
        double largest = ToDouble(lanes[0]);
        for (int i = 1; i < TSimd.Lanes; i++) largest = Math.Max(largest, ToDouble(lanes[i]));
        return largest;
    }

    /// <summary>
    /// The logistic function as gates use it. In float (1 + tanh(x / 2)) / 2 by the rational form of <see cref="Tanh"/>: within
    /// 3e-7 of the exact value, at a third of the cost of the exponential. In double it is the same as in <see cref="Activate"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Gate(TVector x)
    {
        if (typeof(T) == typeof(float))
        {
            TVector half = TSimd.Constant(0.5);
            return TSimd.MultiplyAdd(half, TanhSingle(TSimd.Multiply(half, x)), half);
        }

        TVector one = Constant(1);
        return ZeroBelowBound(x, TSimd.Divide(one, TSimd.Add(one, Exp(TSimd.Subtract(default, x)))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector TanhSlope(TVector h) => TSimd.MultiplyAdd(TSimd.Subtract(default, h), h, TSimd.Constant(1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector SigmoidSlope(TVector h) => TSimd.Multiply(h, TSimd.Subtract(TSimd.Constant(1), h));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Constant(double value) => TSimd.Constant(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T From(double value)
    {
        if (typeof(T) == typeof(float))
        {
            float f = (float)value;
            return Unsafe.As<float, T>(ref f);
        }

        return Unsafe.As<double, T>(ref value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double ToDouble(T value) =>
        typeof(T) == typeof(float) ? Unsafe.As<T, float>(ref value) : Unsafe.As<T, double>(ref value);

    /// <summary>exp(x) and exp(-x) are normal numbers up to this |x|.</summary>
    private static double ExpBound
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 87 : 708;
    }

    /// <summary>
    /// exp(x), with x clamped to where the result is a normal number; NaN stays NaN. When one lane is out of this range, the
    /// runtime computes all lanes in another way, and the last bit differs. How many lanes that affects depends on how the method
    /// was compiled, so without the clamp a run would change in the middle, when the runtime replaces the compiled code by a
    /// faster version.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp(TVector x) => TSimd.Exp(TSimd.Max(Constant(-ExpBound), TSimd.Min(Constant(ExpBound), x)));

    /// <summary>exp(x) for x of at most 0: as <see cref="Exp"/>, but 0 below the bound.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector ExpOfNegative(TVector x) => ZeroBelowBound(x, Exp(x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector ZeroBelowBound(TVector x, TVector value) =>
        TSimd.WherePositive(TSimd.Add(x, Constant(ExpBound)), value);

    /// <summary>
    /// tanh, never beyond [-1, 1]. In float: the rational approximation x P(x^2) / Q(x^2) of degree 13/6 on |x| &lt;= 7.905 (as
    /// in Eigen), relative error at most 3e-7 for |x| >= 1e-35 (below, x P leaves the normal range: 1e-41 absolute). It saturates
    /// at 1 - 2.4e-7, where the slope is 5e-7 rather than 0. In double: Cephes' rational form below 0.625 and 1 - 2 / (exp(2x) +
    /// 1) above, relative error at most 5e-16. NaN stays NaN, so that a broken state is visible. Tests measure these errors over
    /// all exponents.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Tanh(TVector x) => typeof(T) == typeof(float) ? TanhSingle(x) : TanhDouble(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector TanhSingle(TVector x)
    {
        x = TSimd.Min(TSimd.Constant(7.90531110763549805), x);
        x = TSimd.Max(TSimd.Constant(-7.90531110763549805), x);
        TVector z = TSimd.Multiply(x, x);
        TVector p = TSimd.MultiplyAdd(z, TSimd.Constant(-2.76076847742355e-16), TSimd.Constant(2.00018790482477e-13));
        p = TSimd.MultiplyAdd(z, p, TSimd.Constant(-8.60467152213735e-11));
        p = TSimd.MultiplyAdd(z, p, TSimd.Constant(5.12229709037114e-08));
        p = TSimd.MultiplyAdd(z, p, TSimd.Constant(1.48572235717979e-05));
        p = TSimd.MultiplyAdd(z, p, TSimd.Constant(6.37261928875436e-04));
        p = TSimd.MultiplyAdd(z, p, TSimd.Constant(4.89352455891786e-03));
        TVector q = TSimd.MultiplyAdd(z, TSimd.Constant(1.19825839466702e-06), TSimd.Constant(1.18534705686654e-04));
        q = TSimd.MultiplyAdd(z, q, TSimd.Constant(2.26843463243900e-03));
        q = TSimd.MultiplyAdd(z, q, TSimd.Constant(4.89352518554385e-03));
        return TSimd.Divide(TSimd.Multiply(x, p), q);
    }

    private static TVector TanhDouble(TVector x)
    {
        TVector z = TSimd.Multiply(x, x);
        TVector p = TSimd.MultiplyAdd(z, TSimd.Constant(-9.64399179425052238628E-1), TSimd.Constant(-9.92877231001918586564E1));
        p = TSimd.MultiplyAdd(z, p, TSimd.Constant(-1.61468768441708447952E3));
        TVector q = TSimd.Add(z, TSimd.Constant(1.12811678491632931402E2));
        q = TSimd.MultiplyAdd(z, q, TSimd.Constant(2.23548839060100448583E3));
        q = TSimd.MultiplyAdd(z, q, TSimd.Constant(4.84406305325125486048E3));
        TVector small = TSimd.MultiplyAdd(TSimd.Multiply(x, z), TSimd.Divide(p, q), x);

        // The quotient of exp(2x) - 1 and exp(2x) + 1, with x clamped far beyond where the quotient rounds to 1.
        TVector bounded = TSimd.Max(TSimd.Constant(-20), TSimd.Min(TSimd.Constant(20), x));
        TVector e = TSimd.Exp(TSimd.Add(bounded, bounded));
        TVector one = TSimd.Constant(1);
        TVector large = TSimd.Subtract(one, TSimd.Divide(TSimd.Add(one, one), TSimd.Add(e, one)));
        return TSimd.SelectSmall(x, TSimd.Constant(0.625), small, large);
    }
}
