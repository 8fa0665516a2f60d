using System.Runtime.Intrinsics;

namespace Unroll.Tests;

/// <summary>The accuracy of the fixed functions, and that each of their steps is one rounded operation.</summary>
public static class FixedMathTests
{
    /// <summary>The edges of every range, powers of two, and numbers over the whole range, including neighbours.</summary>
    private static IEnumerable<double> Positive()
    {
        double[] edges =
        [
            double.MaxValue, 2.2250738585072014e-308, 1, 2, 0.5, Math.Sqrt(2), Math.Sqrt(0.5), Math.E,
            0.5 / (1L << 32), 1 - (0.5 / (1L << 32)),
        ];
        for (int e = -1022; e < 1024; e++) yield return Math.ScaleB(1, e);
        foreach (double x in edges)
        {
            yield return x;
            if (x < double.MaxValue) yield return Math.BitIncrement(x);
            if (x > 2.2250738585072014e-308) yield return Math.BitDecrement(x);
        }

        RandomSource random = new RandomKey(3, RandomStream.Test, 0).Shared();
        for (int i = 0; i < 40_000; i++)
        {
            yield return random.NextDouble() + (1.0 / (1L << 54));
            yield return 0.7 + (0.7 * i / 40_000);
            yield return Math.ScaleB(1 + random.NextDouble(), (int)(random.NextUInt32() % 2046) - 1022);
        }
    }

    /// <summary>
    /// The edges of the eighths of a turn and their neighbours, small fractions of a turn, and numbers over the whole turn.
    /// </summary>
    private static IEnumerable<double> Turns()
    {
        for (int eighth = -8; eighth <= 8; eighth++)
        {
            double u = eighth / 8.0;
            yield return u;
            if (u < 1) yield return Math.BitIncrement(u);
            if (u > -1) yield return Math.BitDecrement(u);
            if (eighth < 8) yield return u + (0.5 / (1L << 32));
        }

        for (int e = -300; e < 0; e++) yield return Math.ScaleB(1, e);
        RandomSource random = new RandomKey(4, RandomStream.Test, 0).Shared();
        for (int i = 0; i < 40_000; i++)
        {
            yield return (random.NextUInt32() + 0.5) / (1L << 32);
            yield return (2 * random.NextDouble()) - 1;
        }
    }

    [Fact]
    public static void The_logarithm_is_within_a_unit_of_the_last_place()
    {
        foreach (double x in Positive()) Near(Math.Log(x), Log(x), 1, $"ln {x:R}");
    }

    [Fact]
    public static void Sine_and_cosine_of_a_turn_are_within_two_units_of_the_last_place()
    {
        foreach (double u in Turns())
        {
            (double sine, double cosine) = SinCos(u);
            (double trueSine, double trueCosine) = OfTurn(u);
            Near(trueSine, sine, 2, $"sin of {u:R} turns");
            Near(trueCosine, cosine, 2, $"cos of {u:R} turns");
        }
    }

    /// <summary>Each lane has the result of the same operations on a single number, whatever the other lanes hold.</summary>
    [Fact]
    public static void A_lane_has_the_bits_of_one_number_alone()
    {
        double[] positive = [.. Positive()], turns = [.. Turns()];
        for (int i = 0; i + 4 <= positive.Length; i += 4)
        {
            Vector256<double> log = FixedMath.Log(Vector256.Create(positive, i));
            for (int lane = 0; lane < 4; lane++)
                Assert.Equal(Bits(Alone.Log(positive[i + lane])), Bits(log[lane]));
        }

        for (int i = 0; i + 4 <= turns.Length; i += 4)
        {
            FixedMath.SinCos(Vector256.Create(turns, i), out Vector256<double> sine, out Vector256<double> cosine);
            for (int lane = 0; lane < 4; lane++)
            {
                (double s, double c) = Alone.SinCos(turns[i + lane]);
                Assert.Equal((Bits(s), Bits(c)), (Bits(sine[lane]), Bits(cosine[lane])));
            }
        }
    }

    private static double Log(double x) => FixedMath.Log(Vector256.Create(x))[3];

    private static (double Sine, double Cosine) SinCos(double u)
    {
        FixedMath.SinCos(Vector256.Create(u), out Vector256<double> sine, out Vector256<double> cosine);
        return (sine[1], cosine[2]);
    }

    /// <summary>
    /// By the runtime's functions, for an angle below an eighth of a turn, split in two parts to correct its rounding.
    /// </summary>
    private static (double Sine, double Cosine) OfTurn(double u)
    {
        double quarters = Math.Round(4 * u, MidpointRounding.ToEven), r = (4 * u) - quarters;
        double high = r * (Math.PI / 2), low = Math.FusedMultiplyAdd(r, Math.PI / 2, -high) + (r * 6.123233995736766e-17);
        double sine = Math.Sin(high) + (Math.Cos(high) * low), cosine = Math.Cos(high) - (Math.Sin(high) * low);
        return ((int)quarters & 3) switch
        {
            0 => (sine, cosine),
            1 => (cosine, -sine),
            2 => (-sine, -cosine),
            _ => (-cosine, sine),
        };
    }

    private static void Near(double expected, double actual, int units, string what)
    {
        double unit = Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected);
        Assert.True(Math.Abs(actual - expected) <= units * unit, $"{what} is {actual:R} where {expected:R} is near");
    }

    private static long Bits(double x) => BitConverter.DoubleToInt64Bits(x);

    /// <summary>The same operations, in the same order, on one number.</summary>
    private static class Alone
    {
        public static double Log(double x)
        {
            ulong bits = BitConverter.DoubleToUInt64Bits(x) + ((1023UL << 52) - 0x3FE6_A09E_0000_0000);
            double k = (double)(bits >> 52) - 1023;
            double f = BitConverter.UInt64BitsToDouble((bits & 0x000F_FFFF_FFFF_FFFF) + 0x3FE6_A09E_0000_0000) - 1;
            double s = f / (2 + f), z = s * s, w = z * z;
            double even = w * (3.999999999940941908e-01 + (w * (2.222219843214978396e-01 + (w * 1.531383769920937332e-01))));
            double odd = z * (6.666666666666735130e-01 + (w * (2.857142874366239149e-01
                + (w * (1.818357216161805012e-01 + (w * 1.479819860511658591e-01))))));
            double half = 0.5 * f * f;
            return (k * 6.93147180369123816490e-01)
                - (half - ((s * (half + (odd + even))) + (k * 1.90821492927058770002e-10)) - f);
        }

        public static (double Sine, double Cosine) SinCos(double u)
        {
            double quarters = Math.Round(4 * u, MidpointRounding.ToEven), x = ((4 * u) - quarters) * (Math.PI / 2), z = x * x;
            double sin = -1.98412698298579493134e-04
                + (z * (2.75573137070700676789e-06 + (z * (-2.50507602534068634195e-08 + (z * 1.58969099521155010221e-10)))));
            sin = x + (z * x * (-1.66666666666666324348e-01 + (z * (8.33333333332248946124e-03 + (z * sin)))));
            double cos = 2.48015872894767294178e-05
                + (z * (-2.75573143513906633035e-07 + (z * (2.08757232129817482790e-09 + (z * -1.13596475577881948265e-11)))));
            cos = z * (4.16666666666666019037e-02 + (z * (-1.38888888888741095749e-03 + (z * cos))));
            double half = 0.5 * z, rest = 1 - half;
            cos = rest + (1 - rest - half + (z * cos));
            return ((int)quarters & 3) switch
            {
                0 => (sin, cos),
                1 => (cos, -sin),
                2 => (-sin, -cos),
                _ => (-cos, sin),
            };
        }
    }
}
