using Unroll.Scores;

namespace Unroll.Tests.Scores;

public static class QuantileScoresTests
{
    [Fact]
    public static void Shares_widths_and_pinball_costs_are_those_by_hand()
    {
        var scores = new QuantileScores([0.1, 0.5, 0.9]);
        scores.Add(10, [8, 10, 13]); // errors 2, 0, -3
        scores.Add(20, [12, 15, 18]); // errors 8, 5, 2
        scores.Add(double.NaN, [1, 2, 3]);
        scores.Add(0, [1, 2, 3]); // errors -1, -2, -3
        QuantileReport report = scores.Report();
        Assert.Equal(3, report.Count);
        Assert.Equal((1.0 / 3, 0.8), (report.Coverage!.Value, report.Nominal!.Value));
        Assert.Equal((5.0 + 6 + 2) / 3, report.Width!.Value, 1e-12);
        double[] below = [1.0 / 3, 2.0 / 3, 2.0 / 3];
        double[] pinball =
            [((0.1 * 2) + (0.1 * 8) + (0.9 * 1)) / 3, ((0.5 * 5) + (0.5 * 2)) / 3, ((0.1 * 3) + (0.9 * 2) + (0.1 * 3)) / 3];
        for (int q = 0; q < 3; q++)
        {
            Assert.Equal(below[q], report.ByLevel[q].Below, 1e-12);
            Assert.Equal(pinball[q], report.ByLevel[q].Pinball, 1e-12);
        }

        Assert.Equal(pinball.Average(), report.Pinball, 1e-12);
    }

    [Fact]
    public static void The_cost_of_the_median_is_half_of_the_absolute_error_and_one_level_has_no_interval()
    {
        var scores = new QuantileScores([0.5]);
        scores.Add(4, [1]);
        scores.Add(4, [9]);
        QuantileReport report = scores.Report();
        Assert.Equal(2, report.Pinball);
        Assert.Null(report.Coverage);
        Assert.Null(report.Width);
        Assert.Null(report.Nominal);
    }

    /// <summary>Normal numbers and their true quantiles: shares are the levels, up to chance.</summary>
    [Fact]
    public static void Right_quantiles_have_right_shares()
    {
        var scores = new QuantileScores([0.1, 0.5, 0.9]);
        var random = new System.Random(1);
        const double Tenth = 1.2815515655446004;
        for (int i = 0; i < 20_000; i++)
        {
            double size = 1 + random.NextDouble();
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            scores.Add(size * normal, [-Tenth * size, 0, Tenth * size]);
        }

        QuantileReport report = scores.Report();
        Assert.Equal(0.8, report.Coverage!.Value, 0.01);
        Assert.Equal(0.1, report.ByLevel[0].Below, 0.01);
        Assert.Equal(0.5, report.ByLevel[1].Below, 0.015);
    }

    [Fact]
    public static void Bad_input_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new QuantileScores([0.5, 0.1]));
        var scores = new QuantileScores([0.1, 0.9]);
        Assert.Throws<ArgumentException>(() => scores.Add(1, [1]));
        Assert.Throws<ArgumentException>(() => scores.Add(1, [1, double.NaN]));
        Assert.Throws<InvalidOperationException>(() => scores.Report());
    }
}
