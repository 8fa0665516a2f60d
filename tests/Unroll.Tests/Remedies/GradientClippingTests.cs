using System.Numerics;
using Unroll.Remedies;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Remedies;

public static class GradientClippingTests
{
    [Theory]
    [InlineData(ClipMode.Norm)]
    [InlineData(ClipMode.Value)]
    public static void A_threshold_that_is_not_positive_and_finite_is_refused(ClipMode mode)
    {
        foreach (double threshold in (double[])[0, -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity])
        {
            var error = Assert.Throws<ArgumentException>(() => new GradientClipping(mode, threshold));
            Assert.Contains("must be positive and finite", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(ClipMode.None, new GradientClipping(ClipMode.None, 0).Mode);
    }

    [Fact]
    public static void The_norm_has_the_bits_of_eight_sums_in_turn()
    {
        var random = new Random(4);
        for (int length = 0; length < 50; length++)
        {
            float[] gradient =
                [.. Enumerable.Range(0, length).Select(i => (float)((random.NextDouble() - 0.5) * Math.Pow(10, i % 9)))];
            var sums = new double[8];
            for (int i = 0; i < length; i++) sums[i % 8] += (double)gradient[i] * gradient[i];
            double expected = Math.Sqrt(sums[0] + sums[1] + sums[2] + sums[3] + sums[4] + sums[5] + sums[6] + sums[7]);
            Assert.Equal(expected, GradientClipping.Norm<float>(gradient));
            Assert.Equal(expected, GradientClipping.Norm<double>([.. gradient.Select(x => (double)x)]));
        }
    }

    [Fact]
    public static void By_norm_keeps_the_direction_and_meets_the_threshold()
    {
        ByNorm<float>(1e-6);
        ByNorm<double>(1e-14);
    }

    [Fact]
    public static void A_norm_at_the_threshold_is_clipped_and_one_below_is_not()
    {
        float[] gradient = [3, -4];
        Assert.Equal(new ClipReport(5, 5, 1, true), new GradientClipping(ClipMode.Norm, 5).Apply<float>(gradient));
        Assert.Equal([3f, -4f], gradient);
        Assert.Equal(new ClipReport(5, 5, 1, false), new GradientClipping(ClipMode.Norm, 5.000001).Apply<float>(gradient));
        Assert.Equal([3f, -4f], gradient);
        Assert.Equal(new ClipReport(5, 2.5, 0.5, true), new GradientClipping(ClipMode.Norm, 2.5).Apply<float>(gradient));
        Assert.Equal([1.5f, -2f], gradient);
        Assert.Equal(new ClipReport(2.5, 2.5, 1, false), new GradientClipping(ClipMode.None, 1).Apply<float>(gradient));
        Assert.Equal([1.5f, -2f], gradient);
        Assert.Equal(new ClipReport(0, 0, 1, false), new GradientClipping(ClipMode.Norm, 1).Apply<float>(new float[3]));
        Assert.Equal(new ClipReport(0, 0, 1, false), new GradientClipping(ClipMode.Norm, 1).Apply<float>([]));
    }

    [Fact]
    public static void By_value_limits_each_element()
    {
        double[] gradient = [3, -4, 0.5, -0.5, 1, -1, 0];
        ClipReport report = new GradientClipping(ClipMode.Value, 1).Apply<double>(gradient);
        Assert.Equal([1.0, -1.0, 0.5, -0.5, 1.0, -1.0, 0.0], gradient);
        Assert.Equal(Math.Sqrt(27.5), report.NormBefore, 12);
        Assert.Equal(Math.Sqrt(4.5), report.NormAfter, 12);
        Assert.Equal((1.0, true), (report.Scale, report.Clipped));
        report = new GradientClipping(ClipMode.Value, 1).Apply<double>(gradient);
        Assert.False(report.Clipped);
        Assert.Equal(report.NormBefore, report.NormAfter);
    }

    [Fact]
    public static void A_gradient_that_is_not_finite_is_left_alone()
    {
        foreach (float bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            foreach (ClipMode mode in Enum.GetValues<ClipMode>())
            {
                for (int at = 0; at < 19; at++)
                {
                    float[] gradient = [.. Enumerable.Range(0, 19).Select(i => 10f * i)], before = [.. gradient];
                    gradient[at] = before[at] = bad;
                    ClipReport report = new GradientClipping(mode, 1).Apply<float>(gradient);
                    Compare.SameBits<float>(gradient, before, "gradient");
                    Assert.False(double.IsFinite(report.NormBefore) || report.Clipped);
                    Assert.Equal(1.0, report.Scale);
                }
            }
        }
    }

    [Fact]
    public static void The_norm_of_huge_and_of_tiny_floats_is_summed_in_double()
    {
        float[] huge = [.. Enumerable.Repeat(1e30f, 100)], tiny = [.. Enumerable.Repeat(1e-30f, 100)];
        Assert.Equal(1e31, GradientClipping.Norm<float>(huge), 1e25);
        Assert.Equal(1e-29, GradientClipping.Norm<float>(tiny), 1e-35);
        ClipReport report = new GradientClipping(ClipMode.Norm, 2).Apply<float>(huge);
        Assert.Equal(1e31, report.NormBefore, 1e25);
        Assert.All(huge, x => Assert.Equal(0.2, x, 1e-7));

        // A scale below the normal range of float also keeps its digits.
        huge = [.. Enumerable.Range(0, 100).Select(i => (i % 2 == 0 ? 3e38f : -1e38f))];
        float[] direction = [.. huge];
        new GradientClipping(ClipMode.Norm, 0.001).Apply<float>(huge);
        Assert.Equal(0.001, GradientClipping.Norm<float>(huge), 1e-9);
        SameDirection<float>(huge, direction, 1e-6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(1000)]
    public static void The_norm_does_not_depend_on_where_the_gradient_lies(int length)
    {
        float[] values = [.. Enumerable.Range(0, length).Select(i => (float)Math.Sin(i + 1))];
        double expected = GradientClipping.Norm<float>(values);
        double exact = Math.Sqrt(values.Sum(x => (double)x * x));
        Assert.Equal(exact, expected, 1e-12 * exact);
        for (int offset = 1; offset < 17; offset++)
        {
            var moved = new float[length + offset];
            values.CopyTo(moved.AsSpan(offset));
            Assert.Equal(expected, GradientClipping.Norm<float>(moved.AsSpan(offset)));
        }
    }

    private static void ByNorm<T>(double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (int length in (int[])[1, 2, 7, 8, 9, 33, 1001])
        {
            foreach (double threshold in (double[])[1e-6, 0.5, 1.0, 7])
            {
                T[] gradient = [.. Enumerable.Range(0, length).Select(i => T.CreateTruncating(10 * Math.Cos(i * 1.7)))],
                    before = [.. gradient];
                ClipReport report = new GradientClipping(ClipMode.Norm, threshold).Apply<T>(gradient);
                Compare.Close(GradientClipping.Norm<T>(gradient), threshold, bound, "norm after");
                Compare.Close(report.NormAfter, threshold, 0, "reported norm after");
                Compare.Close(report.Scale, threshold / report.NormBefore, 1e-15, "scale");
                Assert.True(report.Clipped);
                SameDirection<T>(gradient, before, bound);
            }
        }
    }

    private static void SameDirection<T>(T[] gradient, T[] before, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double[] Unit(T[] values) => [.. values.Select(v => double.CreateTruncating(v) / GradientClipping.Norm<T>(values))];
        Compare.Close(Unit(gradient), Unit(before), bound, "direction");
    }
}
