using Unroll.Studies;

namespace Unroll.Cli.Tests.Studies;

public class CurveTests
{
    [Fact]
    public void Thinning_keeps_at_most_200_with_the_first_hit_and_the_last_whatever_the_count()
    {
        for (int count = 0; count <= 3000; count += count < 450 ? 1 : 7)
        {
            int hit = count == 0 ? -1 : (count * 7919) % count == 0 ? count / 3 : (count * 7919) % count;
            CurvePoint[] checks = [.. Enumerable.Range(0, count).Select(i => Point(i + 1, i >= hit && hit >= 0 ? 0.005 : 0.5))];
            List<CurvePoint> thin = Curve.Thin(checks);
            Assert.True(thin.Count <= Curve.Most, $"{count}: {thin.Count}");
            Assert.Equal(thin.OrderBy(point => point.Update), thin);
            Assert.Equal(thin.Count, thin.Distinct().Count());
            if (count == 0) continue;
            Assert.Contains(checks[hit], thin);
            Assert.Equal(checks[^1], thin[^1]);
            Assert.Equal(checks[hit], thin[Curve.FirstHit(thin)]);

            // The rest is every n-th check for the least power of two that leaves enough room.
            int stride = 1;
            while (count / stride > 198) stride *= 2;
            Assert.Equal(Enumerable.Range(1, count).Where(n => n % stride == 0 || n == hit + 1 || n == count),
                thin.Select(point => (int)point.Update));
            if (count <= 198) Assert.Equal(checks, thin);
        }
    }

    [Fact]
    public void First_hit_and_three_in_a_row_are_found()
    {
        static CurvePoint[] Checks(params double[] errors) => [.. errors.Select((error, i) => Point(i + 1, error))];
        Assert.Equal(-1, Curve.FirstHit([]));
        Assert.Equal(-1, Curve.FirstHit(Checks(0.5, 0.0101, double.NaN)));
        Assert.Equal(1, Curve.FirstHit(Checks(0.5, 0.01, 0)));
        Assert.Equal(-1, Curve.Sustained(Checks(0, 0, 0.5, 0, 0)));
        Assert.Equal(-1, Curve.Sustained(Checks(0, 0, double.NaN, 0, 0)));
        Assert.Equal(5, Curve.Sustained(Checks(0, 0, 0.5, 0.01, 0.01, 0, 0)));
        Assert.Equal(2, Curve.Sustained(Checks(0, 0, 0, 0.5, 0, 0, 0)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(200)]
    public void Points_packed_and_unpacked_are_the_same_in_32_bits(int count)
    {
        var random = new Random(count);
        double[] odd = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, -0.0, float.Epsilon,
            float.MaxValue, 1e-3f];
        double Next() => random.Next(2) == 0 ? odd[random.Next(odd.Length)] : (float)random.NextDouble();
        CurvePoint[] points = [.. Enumerable.Range(0, count).Select(_ =>
            new CurvePoint(random.Next(1 << 24), Next(), Next(), Next(), Next(), Next(), Next(), Next(), Next(), Next()))];
        byte[] packed = Curve.Pack(points);
        Assert.Equal(points, Curve.Unpack(packed, count));
        Assert.Equal(packed, Curve.Pack(points));
    }

    [Fact]
    public void Bytes_that_are_not_of_so_many_points_are_refused()
    {
        CurvePoint[] points = [.. Enumerable.Range(1, 20).Select(i => Point(i, 1.0 / i))];
        byte[] packed = Curve.Pack(points);
        Assert.Throws<InvalidDataException>(() => Curve.Unpack(packed, 21));
        Assert.Throws<InvalidDataException>(() => Curve.Unpack(packed, 19));
        Assert.Throws<InvalidDataException>(() => Curve.Unpack(packed, -1));
        Assert.Throws<InvalidDataException>(() => Curve.Unpack(packed, int.MaxValue));
        Assert.Throws<InvalidDataException>(() => Curve.Unpack(packed[..(packed.Length / 2)], 20));
        Assert.Throws<InvalidDataException>(() => Curve.Unpack([], 20));
        Assert.Throws<InvalidDataException>(() => Curve.Unpack([.. Enumerable.Repeat((byte)0xff, 100)], 20));
    }

    [Fact]
    public void A_line_of_metrics_is_read_with_null_for_not_a_number()
    {
        CurvePoint point = CurvePoint.FromJson("""
            {"event":"progress","update":20,"loss":1.5,"error":0.25,"gradient_norm":null,"omega":null,"seconds":0.5,
             "validation_loss":2,"clip_rate":0,"spectral_radius":0.9,"largest_singular_value":1.1}
            """);
        Assert.Equal(new CurvePoint(20, 0.5, 1.5, 2, 0.25, double.NaN, 0, double.NaN, 0.9, 1.1), point);
    }

    private static CurvePoint Point(long update, double error) =>
        new(update, update / 8.0, 1, 2, error, 3, 0, double.NaN, 0.9, 1);
}
