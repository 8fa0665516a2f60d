using System.Numerics;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Kernels;

/// <summary>The errors that SimdMath documents, measured at every register width.</summary>
public static class SimdMathTests
{
    /// <summary>Documented for |x| >= 1e-35; below, the product with the numerator leaves the range of normal floats.</summary>
    private const double SingleTanhBound = 3e-7;

    public static TheoryData<int> Widths() => WidthData.Widths();

    [Theory]
    [MemberData(nameof(Widths))]
    public static void Tanh_in_float_over_all_exponents(int width)
    {
        // Every 1,009th positive float (a prime, so that all low bits occur), zero and infinity included.
        float[] x = [.. Steps(0x7F800000, 1009).Select(i => BitConverter.Int32BitsToSingle((int)i)), float.PositiveInfinity];
        float[] y = WidthData.Activate<float>(width, Activation.Tanh, x);
        (double worst, double at) = (0, 0);
        for (int i = 0; i < x.Length; i++)
        {
            double expected = Math.Tanh(x[i]), difference = Math.Abs(y[i] - expected);
            if (x[i] < 1e-35f)
            {
                Assert.True(difference <= 1e-41, $"tanh({x[i]:g9}) is off by {difference:e2}.");
                continue;
            }

            if (difference / expected > worst) (worst, at) = (difference / expected, x[i]);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"vector{width}: tanh float relative error {worst:e3} at {at:g9}");
        Assert.True(worst <= SingleTanhBound, $"relative error {worst:e3} at {at:g9}");
        Assert.True(worst > SingleTanhBound / 4, $"the documented bound is far from the measured {worst:e3}");
        Assert.All(y, h => Assert.InRange(h, 0f, 1f));
        float[] negative = WidthData.Activate<float>(width, Activation.Tanh, [.. x.Select(v => -v)]);
        Compare.SameBits<float>(negative, [.. y.Select(v => -v)], "tanh(-x) = -tanh(x)");
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public static void Tanh_in_double_over_all_exponents(int width)
    {
        double[] x =
        [
            .. Steps(0x7FF0000000000000, 0x7FF0000000000000 / 200_003).Select(BitConverter.Int64BitsToDouble),
            // Densely where tanh bends, including the border of the two forms at 0.625.
            .. Enumerable.Range(1, 400_000).Select(i => i * 5.0000001e-5),
            double.PositiveInfinity,
        ];
        double[] y = WidthData.Activate<double>(width, Activation.Tanh, x);
        double worst = 0, at = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double expected = Math.Tanh(x[i]), error = expected == 0 ? Math.Abs(y[i]) : Math.Abs(y[i] - expected) / expected;
            if (error > worst) (worst, at) = (error, x[i]);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"vector{width}: tanh double relative error {worst:e3} at {at:g17}");
        Assert.True(worst <= 5e-16, $"relative error {worst:e3} at {at:g17}");
        Assert.All(y, h => Assert.InRange(h, 0.0, 1.0));
        double[] negative = WidthData.Activate<double>(width, Activation.Tanh, [.. x.Select(v => -v)]);
        for (int i = 0; i < x.Length; i++) Assert.Equal(-y[i], negative[i], 1e-15);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public static void Sigmoid_stays_in_its_range(int width)
    {
        Sigmoid<float>(width, 4e-7);
        Sigmoid<double>(width, 1e-15);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public static void Undefined_and_infinite_inputs_show(int width)
    {
        Undefined<float>(width);
        Undefined<double>(width);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public static void Slopes_match_their_formula(int width)
    {
        Slopes<float>(width, 2e-7);
        Slopes<double>(width, 1e-15);
    }

    [Theory]
    [MemberData(nameof(Widths))]
    public static void Sums_of_squares_do_not_overflow(int width)
    {
        Compare.Close(WidthData.SumSquares(width, Enumerable.Repeat(1e30f, 48).ToArray()), 48e60, 1e-6,
            "squares of exploding floats");
        Compare.Close(WidthData.SumSquares(width, Enumerable.Range(0, 48).Select(i => (double)i).ToArray()), 35720, 0, "squares");
        Assert.Equal(double.PositiveInfinity,
            WidthData.SumSquares(width, Enumerable.Repeat(float.NegativeInfinity, 16).ToArray()));
        Assert.True(double.IsNaN(WidthData.SumSquares(width, [.. new float[15], float.NaN])));
    }

    private static void Sigmoid<T>(int width, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] x = [.. Enumerable.Range(-40_000, 80_001).Select(i => T.CreateTruncating(i * 0.02))]; // -800..800
        T[] y = WidthData.Activate<T>(width, Activation.Sigmoid, x);
        double smallest = typeof(T) == typeof(float) ? 1e-37 : 1e-300;
        for (int i = 0; i < x.Length; i++)
        {
            double h = double.CreateTruncating(y[i]), expected = 1 / (1 + Math.Exp(-double.CreateTruncating(x[i])));
            Assert.InRange(h, 0.0, 1.0);
            Assert.False(double.IsNegative(h));
            if (expected > smallest)
                Assert.True(Math.Abs(h - expected) / expected <= bound, $"sigmoid({x[i]}) is {h}, not {expected}");
            else Assert.True(h <= 10 * smallest, $"sigmoid({x[i]}) is {h}, not {expected}");
        }
    }

    private static void Undefined<T>(int width)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] x = [T.NaN, T.PositiveInfinity, T.NegativeInfinity, T.Zero, T.NegativeZero];
        (T, T, T)[] expected =
        [
            (T.One, -T.One, T.Zero), (T.One, T.Zero, T.One / (T.One + T.One)),
            (T.PositiveInfinity, T.NegativeInfinity, T.Zero), (T.PositiveInfinity, T.Zero, T.Zero),
        ];
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            // In every lane, because the other lanes must not hide it.
            for (int lane = 0; lane < 16; lane++)
            {
                var padded = new T[32];
                for (int i = 0; i < x.Length; i++) padded[(lane + (i * 3)) % 32] = x[i];
                T[] y = WidthData.Activate<T>(width, activation, padded);
                T At(int i) => y[(lane + (i * 3)) % 32];
                Assert.True(T.IsNaN(At(0)), $"{activation}(NaN) is {At(0)} in lane {lane}.");
                double tolerance = activation == Activation.Tanh && typeof(T) == typeof(float) ? SingleTanhBound : 0;
                Assert.True(At(1) == expected[(int)activation].Item1
                    || Math.Abs(Distance(At(1), expected[(int)activation].Item1)) <= tolerance);
                Assert.True(At(2) == expected[(int)activation].Item2
                    || Math.Abs(Distance(At(2), expected[(int)activation].Item2)) <= tolerance);
                Assert.Equal(expected[(int)activation].Item3, T.Abs(At(3)));
                Assert.Equal(expected[(int)activation].Item3, T.Abs(At(4)));
                for (int i = 0; i < 16; i++)
                {
                    var a = new T[16];
                    a[i] = T.NaN;
                    Assert.True(T.IsNaN(
                        WidthData.TimesSlope(width, activation, a, [.. Enumerable.Repeat(T.One / (T.One + T.One), 16)])[i]));
                }
            }
        }
    }

    private static double Distance<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => double.CreateTruncating(a) - double.CreateTruncating(b);

    private static void Slopes<T>(int width, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] h = [.. Enumerable.Range(0, 160).Select(i => T.CreateTruncating(0.00625 * i))],
            a = [.. Enumerable.Range(0, 160).Select(i => T.CreateTruncating(80 - i))];
        h[5] = T.NegativeZero;
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            T[] y = WidthData.TimesSlope(width, activation, a, h);
            for (int i = 0; i < h.Length; i++)
            {
                double s = double.CreateTruncating(h[i]);
                double slope = activation switch
                {
                    Activation.Tanh => 1 - (s * s),
                    Activation.Sigmoid => s * (1 - s),
                    Activation.Relu => s > 0 ? 1 : 0,
                    _ => 1,
                };
                Assert.Equal(double.CreateTruncating(a[i]) * slope, double.CreateTruncating(y[i]), bound * 80);
            }
        }
    }

    private static IEnumerable<long> Steps(long end, long step)
    {
        for (long i = 0; i < end; i += step) yield return i;
    }
}
