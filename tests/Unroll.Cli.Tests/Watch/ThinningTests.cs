using Unroll.Cli.Watch;

namespace Unroll.Cli.Tests.Watch;

/// <summary>Thinned curves keep what a reader looks for.</summary>
public class ThinningTests
{
    [Theory]
    [InlineData(5, 4)]
    [InlineData(1_000, 4)]
    [InlineData(1_000, 101)]
    [InlineData(99_999, 2_200)]
    public void Ends_least_and_greatest_values_stay_in_order(int count, int most)
    {
        float Value(int i) => i == count / 3 ? -5 : i == count / 2 ? 9 : (i * 7919 % 1000) / 1000f;
        List<int> kept = Thinning.Keep(0, count, Value, most);
        Assert.True(kept.Count <= most, $"{kept.Count}");
        Assert.Equal((0, count - 1), (kept[0], kept[^1]));
        Assert.Equal(kept.Distinct().Order(), kept);
        Assert.Contains(count / 3, kept);
        Assert.Contains(count / 2, kept);
    }

    [Fact]
    public void Each_part_keeps_its_own_extremes_and_nothing_is_invented()
    {
        float[] values = [.. Enumerable.Range(0, 1_000).Select(i => MathF.Sin(i))];
        List<int> kept = Thinning.Keep(0, values.Length, i => values[i], 102);
        for (int part = 0; part < 50; part++)
        {
            int from = 1 + (998 * part / 50), end = 1 + (998 * (part + 1) / 50);
            float[] of = values[from..end];
            Assert.Equal(of.Min(), kept.Where(i => i >= from && i < end).Min(i => values[i]));
            Assert.Equal(of.Max(), kept.Where(i => i >= from && i < end).Max(i => values[i]));
        }
    }

    [Fact]
    public void Missing_values_are_no_points()
    {
        Assert.Empty(Thinning.Keep(0, 10, _ => float.NaN, 4));
        Assert.Equal([3, 7], Thinning.Keep(0, 10, i => i is 3 or 7 ? i : float.PositiveInfinity, 4));
        Assert.Empty(Thinning.Keep(5, 5, i => i, 4));
    }

    [Theory]
    [InlineData(0, 5, 0)]
    [InlineData(3, 5, 3)]
    [InlineData(9, 1, 1)]
    [InlineData(1_000, 7, 7)]
    public void Places_are_spread_with_both_ends(int count, int most, int expected)
    {
        int[] places = [.. Thinning.Spread(count, most)];
        Assert.Equal(expected, places.Distinct().Count());
        if (count > 0) Assert.Equal(count - 1, places[^1]);
        if (most > 1 && count > 0) Assert.Equal(0, places[0]);
    }
}
