using Unroll.Data;
using Unroll.Scores;

namespace Unroll.Tests.Scores;

public class SeasonTests
{
    private static double Noise(int t) => new RandomKey(5, RandomStream.Test, t).Shared().NextNormal();

    [Theory]
    [InlineData(12)]
    [InlineData(24)]
    [InlineData(7)]
    [InlineData(2)]
    public void A_season_is_found_under_trend_and_noise(int season) => Assert.Equal(season, Find(Series.Of(400, t =>
        1000 + (3 * t) + (0.002 * t * t) + (40 * Math.Cos(t * 2 * Math.PI / season)) + (10 * Noise(t)))));

    [Fact]
    public void Of_a_day_and_a_week_the_one_that_explains_more_is_taken()
    {
        Assert.Equal(24, Find(Series.Of(1500, t => Math.Sin(t * 2 * Math.PI / 24) + (0.2 * Math.Sin(t * 2 * Math.PI / 168)))));
        Assert.Equal(168, Find(Series.Of(1500, t => t % 168 / 24 < 5 ? Math.Sin(t * 2 * Math.PI / 24) : 0)));
    }

    [Fact]
    public void Noise_a_walk_a_line_and_a_constant_have_none()
    {
        double walk = 0;
        Assert.Equal(1, Find(Series.Of(1000, Noise)));
        Assert.Equal(1, Find(Series.Of(1000, t => walk += Noise(t))));
        Assert.Equal(1, Find(Series.Of(100, t => 3 * t)));
        Assert.Equal(1, Find(Series.Of(100, _ => 3)));
        Assert.Equal(1, Find([1, 2, 1, 2]));
    }

    private static int Find(float[] values) => Season.Find(Series.Folds(values.Length, 0, values), [0]);
}
