using System.Numerics;
using System.Runtime.Intrinsics;
using Unroll.Kernels;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Kernels;

/// <summary>exp of one lane has the same bits whatever the other lanes hold, and is accurate.</summary>
public static unsafe class ExpTests
{
    public static TheoryData<int> Widths() => WidthData.Widths();

    [Theory]
    [MemberData(nameof(Widths))]
    public static void Neighbours_change_no_bit(int width)
    {
        Neighbours<float>(width);
        Neighbours<double>(width);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public static void It_is_exp(int width)
    {
        Right<float>(width, 2e-7, 87);
        Right<double>(width, 5e-16, 708);
    }

    private static void Neighbours<T>(int width)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int lanes = WidthData.Lanes<T>(width);
        RandomSource random = new RandomKey(3, RandomStream.Test, 0).Shared();
        foreach (double neighbour in (double[])[double.NegativeInfinity, double.PositiveInfinity, -1e4, 1e4, -709.9, -90])
        {
            for (int round = 0; round < 300; round++)
            {
                var quiet = new T[lanes];
                for (int i = 0; i < lanes; i++) quiet[i] = T.CreateTruncating((random.NextDouble() - 0.8) * 4);
                T[] loud = [.. quiet];
                for (int i = 1; i < lanes; i += 2) loud[i] = T.CreateTruncating(neighbour);
                T[] expected = Exp(width, quiet), actual = Exp(width, loud);
                for (int i = 0; i < lanes; i += 2)
                    Compare.SameBits<T>(actual.AsSpan(i, 1), expected.AsSpan(i, 1),
                        $"{typeof(T).Name} exp({quiet[i]}) beside {neighbour}");
            }
        }
    }

    private static void Right<T>(int width, double error, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int lanes = WidthData.Lanes<T>(width);
        for (double at = -bound * 1.2; at <= bound * 1.2; at += bound / 1000)
        {
            var x = new T[lanes];
            for (int i = 0; i < lanes; i++) x[i] = T.CreateTruncating(at + (i * bound / 5000));
            T[] y = Exp(width, x), negative = Exp(width, x, ofNegative: true);
            for (int i = 0; i < lanes; i++)
            {
                double v = double.CreateTruncating(x[i]);
                double expected = Math.Exp(Math.Clamp(v, -bound, bound));
                Assert.True(Math.Abs(double.CreateTruncating(y[i]) - expected) <= error * expected, $"exp({v}) is {y[i]}.");
                if (v <= 0) Assert.Equal(v <= -bound ? T.Zero : y[i], negative[i]);
            }
        }

        T[] nothing = Exp(width, [.. Enumerable.Repeat(T.NaN, lanes)]),
            none = Exp(width, [.. Enumerable.Repeat(T.NaN, lanes)], ofNegative: true);
        Assert.All(nothing, v => Assert.True(T.IsNaN(v)));
        Assert.All(none, v => Assert.True(T.IsNaN(v)));
    }

    private static T[] Exp<T>(int width, T[] x, bool ofNegative = false)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (width)
        {
            case 512: return Exp<Simd512<T>, Vector512<T>, T>(x, ofNegative);
            case 256: return Exp<Simd256<T>, Vector256<T>, T>(x, ofNegative);
            default: return Exp<Simd128<T>, Vector128<T>, T>(x, ofNegative);
        }
    }

    private static T[] Exp<TSimd, TVector, T>(T[] x, bool ofNegative)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged
    {
        T[] y = new T[x.Length];
        fixed (T* from = x, to = y)
        {
            TVector v = TSimd.Load(from);
            TSimd.Store(to, ofNegative ? SimdMath<TSimd, TVector, T>.ExpOfNegative(v) : SimdMath<TSimd, TVector, T>.Exp(v));
        }

        return y;
    }
}
