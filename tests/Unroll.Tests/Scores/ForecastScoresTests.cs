using Unroll.Data;
using Unroll.Scores;

namespace Unroll.Tests.Scores;

public class ForecastScoresTests
{
    /// <summary>Training 2 4 6 8 (mean 5, deviation sqrt 5, naive step 2); behind it 10 13 12.</summary>
    private static readonly SequenceFolds s_folds = Series.Folds(4, 0, 2, 4, 6, 8, 10, 13, 12);

    [Fact]
    public void Scores_are_those_by_hand()
    {
        var scores = new ForecastScores(s_folds, [0], 2, new ForecastScoreOptions { Season = 1 });
        scores.Add(new SequenceWindow(0, 2, 2, 2), [11, 11], [9, 9], [12, 13]);    // truth 10 13: errors 1 -2
        scores.Add(new SequenceWindow(0, 3, 2, 2), [13, 16], [13.5, 11], [14, 12]); // truth 13 12: errors 0 4
        ForecastReport report = scores.Report();
        ForecastScore all = report.Overall;
        Assert.Equal(4, all.Count);
        Assert.Equal(7.0 / 4, all.Mae, 12);
        Assert.Equal(Math.Sqrt(21.0 / 4), all.Rmse, 12);
        Assert.Equal(21.0 / 4 / 5, all.StandardMse, 12);
        Assert.Equal(7.0 / 4 / Math.Sqrt(5), all.StandardMae, 12);
        Assert.Equal(7.0 / 4 / 2, all.Mase!.Value, 12);
        Assert.Equal((200.0 * 1 / 21 + 200.0 * 2 / 24 + 0 + 200.0 * 4 / 28) / 4, all.Smape, 12);
        Assert.Equal(1 - (21 / 6.0), all.RSquared!.Value, 12); // truths 10 13 13 12: mean 12, squares 4 + 1 + 1 + 0
        Assert.Equal(3 / 4.0, all.Coverage!.Value, 12); // 13 is at an end of 9..13; 13 is outside 13.5..14; 12 is at an end
        Assert.Equal((3 + 4 + 0.5 + 1) / 4, all.Width!.Value, 12);
        Assert.Equal([0.5, 3], report.BySteps.Select(step => step!.Mae));
        Assert.Equal("y", Assert.Single(report.ByColumn).Name);
        Assert.Empty(report.ByGroup);
        Assert.Empty(report.Intervals);
        Assert.Contains(report.Notices, notice => notice.Contains("too few"));
    }

    [Fact]
    public void Other_data_are_scored_in_deviations_of_training()
    {
        var scores = new ForecastScores(s_folds, [0], 2, new ForecastScoreOptions { Season = 1, Deviations = [10] });
        scores.Add(new SequenceWindow(0, 2, 2, 2), [11, 11]); // truth 10 13: errors 1 -2
        ForecastScore all = scores.Report().Overall;
        Assert.Equal(0.15, all.StandardMae, 12);
        Assert.Equal(0.025, all.StandardMse, 12);
        foreach (double[] wrong in (double[][])[[], [1, 2], [0], [double.NaN], [double.PositiveInfinity]])
            Assert.Contains("a finite deviation above 0 for each target, 1;", Assert.Throws<ArgumentException>(() =>
                new ForecastScores(s_folds, [0], 2, new ForecastScoreOptions { Deviations = wrong })).Message);
    }

    [Fact]
    public void Columns_and_groups_have_scores_of_their_own()
    {
        var builder = new SequenceBuilder("a", "b");
        for (int g = 0; g < 3; g++)
        {
            float[] rows = Series.Of(20, i => i % 2 == 0 ? i / 2 : 10 * (i / 2 % 3));
            builder.Add(rows, new SequenceInfo { Name = $"s{g}", Group = g < 2 ? "x" : "y" });
        }

        SequenceFolds folds = SequenceFolds.BySteps(builder.Build(), 6, 0, 4);
        var scores = new ForecastScores(folds, [0, 1], 1, new ForecastScoreOptions { Season = 3 });
        for (int s = 0; s < 3; s++) scores.Add(new SequenceWindow(s, 4, 2, 1), [6 + s, 3]); // truth 6 and 0
        ForecastReport report = scores.Report();
        Assert.Equal([("a", 1.0), ("b", 3.0)], report.ByColumn.Select(one => (one.Name, one.Score.Mae)));
        Assert.Equal([("x", 1.75), ("y", 2.5)], report.ByGroup.Select(one => (one.Name, one.Score.Mae)));
        Assert.Equal(1 / 3.0, report.ByColumn[0].Score.Mase!.Value, 12); // a rises by 3 in a season of 3 steps
        Assert.Null(report.ByColumn[1].Score.Mase); // b repeats itself
        Assert.Contains(report.Notices, notice => notice.Contains("MASE leaves out column 'b'") && notice.Contains("and 2 more"));
    }

    [Fact]
    public void A_constant_series_has_no_scaled_error_and_no_share_explained()
    {
        SequenceFolds folds = Series.Folds(20, 0, Series.Of(40, _ => 7));
        var scores = new ForecastScores(folds, [0], 3);
        for (int t = 20; t < 37; t++) scores.Add(new SequenceWindow(0, t - 5, 5, 3), [7, 7, 8]);
        ForecastReport report = scores.Report();
        Assert.Equal(1 / 3.0, report.Overall.Mae, 12);
        Assert.Null(report.Overall.Mase);
        Assert.Null(report.Overall.RSquared);
        Assert.False(report.Intervals.ContainsKey(ForecastMeasure.Mase));
        Assert.True(report.Intervals.ContainsKey(ForecastMeasure.Mae));
        Assert.Equal(1, report.Season);
        Assert.All(report.BySteps, step => Assert.True(double.IsFinite(step!.Smape)));
    }

    [Fact]
    public void Missing_truths_are_left_out_and_counted()
    {
        SequenceFolds folds = Series.Folds(4, 0, 1, 2, 3, 4, float.NaN, 6, float.NaN, float.NaN);
        var scores = new ForecastScores(folds, [0], 2, new ForecastScoreOptions { Season = 1 });
        scores.Add(new SequenceWindow(0, 2, 2, 2), [5, 7]);
        ForecastReport report = scores.Report();
        Assert.Equal((1, 1), (report.Overall.Count, report.Missing));
        Assert.Equal(1, report.Overall.Mae);
        Assert.Null(report.BySteps[0]);
        var none = new ForecastScores(folds, [0], 2, new ForecastScoreOptions { Season = 1 });
        Assert.Contains("No forecast", Assert.Throws<InvalidOperationException>(none.Report).Message);
        none.Add(new SequenceWindow(0, 4, 2, 2), [5, 7]);
        Assert.Contains("missing in the data", Assert.Throws<InvalidOperationException>(none.Report).Message);
    }

    [Fact]
    public void What_is_no_forecast_is_refused()
    {
        var scores = new ForecastScores(s_folds, [0], 2, new ForecastScoreOptions { Season = 1 });
        Assert.Contains("'y' 2 steps ahead of step 4", Refused([11, double.NaN]));
        Assert.Contains("2 numbers, not 3", Refused([1, 2, 3]));
        Assert.Contains("these scores are of 2", Assert.Throws<ArgumentException>(() =>
            scores.Add(new SequenceWindow(0, 2, 2, 1), [1.0])).Message);
        Assert.Contains("no column to forecast", Assert.Throws<ArgumentException>(() =>
            new ForecastScores(s_folds, [], 2)).Message);
        Assert.Contains("horizon is 0", Assert.Throws<ArgumentException>(() => new ForecastScores(s_folds, [0], 0)).Message);
        Assert.Equal(0, scores.Windows);

        string Refused(double[] forecast) =>
            Assert.Throws<ArgumentException>(() => new ForecastScores(s_folds, [0], 2, new ForecastScoreOptions { Season = 1 })
                .Add(new SequenceWindow(0, 2, 2, 2), forecast)).Message;
    }

    [Fact]
    public void Intervals_hold_the_error_of_the_process_as_often_as_they_say()
    {
        // Errors of a forecast of the last value of white noise: |e| has mean 2 / sqrt(pi) for unit deviations. Windows overlap.
        (int held, int all) = (0, 60);
        for (int trial = 0; trial < all; trial++)
        {
            RandomSource random = new RandomKey((ulong)trial, RandomStream.Test, 0).Shared();
            float[] values = new float[460];
            for (int t = 0; t < values.Length; t++) values[t] = (float)random.NextNormal();
            SequenceFolds folds = Series.Folds(60, 0, values);
            var windows = new WindowSet(folds, Fold.Test, 1, 8, looksBack: true);
            ForecastScores scores = ForecastScores.Of(
                folds, [0], windows, new NaiveForecaster(folds, [0]), new ForecastScoreOptions { Season = 1 },
                TestContext.Current.CancellationToken);
            ScoreInterval interval = scores.Report().Intervals[ForecastMeasure.Mae];
            if (interval.Low <= 2 / Math.Sqrt(Math.PI) && interval.High >= 2 / Math.Sqrt(Math.PI)) held++;
        }

        Assert.InRange(held, 50, 60); // 57 on average
    }

    [Fact]
    public void A_better_forecaster_is_seen_on_the_same_windows_and_equal_ones_are_equal()
    {
        SequenceFolds folds = Series.Folds(100, 0, Series.Of(300, t => Math.Sin(t * Math.PI / 6) + (0.1 * (t * 7919 % 13))));
        var windows = new WindowSet(folds, Fold.Test, 12, 4, looksBack: true);
        ForecastScores Of(IForecaster forecaster, ulong seed = 1) => ForecastScores.Of(
            folds, [0], windows, forecaster, new ForecastScoreOptions { Season = 1, Seed = seed },
            TestContext.Current.CancellationToken);
        ForecastScores naive = Of(new NaiveForecaster(folds, [0])), seasonal = Of(new NaiveForecaster(folds, [0], 12));
        ForecastComparison comparison = seasonal.Against(naive, ForecastMeasure.Mae);
        Assert.Equal(seasonal.Report().Overall.Mae / naive.Report().Overall.Mae, comparison.Ratio, 12);
        Assert.InRange(comparison.Ratio, comparison.Interval!.Value.Low, comparison.Interval.Value.High);
        Assert.True(comparison.IsBetter);
        Assert.False(naive.Against(seasonal, ForecastMeasure.Rmse).IsBetter);
        Assert.Equal(new ForecastComparison(1, new ScoreInterval(1, 1)), naive.Against(naive, ForecastMeasure.StandardMse));
        Assert.Equal(naive.Report().Intervals[ForecastMeasure.Mae],
            Of(new NaiveForecaster(folds, [0])).Report().Intervals[ForecastMeasure.Mae]);
        Assert.NotEqual(naive.Report().Intervals[ForecastMeasure.Mae],
            Of(new NaiveForecaster(folds, [0]), seed: 2).Report().Intervals[ForecastMeasure.Mae]);
        var other = new ForecastScores(folds, [0], 4, new ForecastScoreOptions { Season = 1 });
        Assert.Throws<ArgumentException>(() => other.Against(naive, ForecastMeasure.Mae));
    }

    /// <summary>As many windows, and as many blocks of them, are not the same windows.</summary>
    [Fact]
    public void Forecasters_of_different_folds_are_not_compared()
    {
        SequenceFolds folds = Series.Folds(200, 96, Series.Of(392, t => Math.Sin(t)));
        ForecastScores Of(Fold fold) => ForecastScores.Of(folds, [0], new WindowSet(folds, fold, 5, 2),
            new NaiveForecaster(folds, [0]), new ForecastScoreOptions { Season = 1 }, TestContext.Current.CancellationToken);
        Assert.Contains("same windows", Assert.Throws<ArgumentException>(() =>
            Of(Fold.Validation).Against(Of(Fold.Test), ForecastMeasure.Mae)).Message);
    }

    [Fact]
    public void Ends_of_intervals_that_are_not_finite_are_refused_and_leave_no_trace()
    {
        SequenceFolds folds = Series.Folds(20, 0, Series.Of(30, t => Math.Sin(t)));
        var scores = new ForecastScores(folds, [0], 2, new ForecastScoreOptions { Season = 1 });
        var window = new SequenceWindow(0, 20, 4, 2);
        Assert.Contains("lower end of the interval of column 'y' 1 step ahead", Assert.Throws<ArgumentException>(() =>
            scores.Add(window, [1, 2], [double.NaN, 0], [1, 3])).Message);
        Assert.Contains("upper end", Assert.Throws<ArgumentException>(() =>
            scores.Add(window, [1, 2], [0, 0], [1, double.PositiveInfinity])).Message);
        Assert.Equal(0, scores.Windows);
        var numbers = new NumberScores();
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => numbers.Add(1, 1, double.NaN, 2)).Message);
    }

    [Theory]
    [InlineData(4, 2.776445)]
    [InlineData(9, 2.262157)]
    [InlineData(30, 2.042272)]
    [InlineData(1000, 1.962339)]
    public void Quantiles_of_students_t_are_those_of_the_tables(int freedom, double quantile) =>
        Assert.Equal(quantile, BlockBootstrap.StudentQuantile(freedom), 2e-3);

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(-1, 0.158655254)]
    [InlineData(-1.959963985, 0.025)]
    [InlineData(-3, 0.001349898)]
    public void The_normal_distribution_is_that_of_the_tables(double x, double share) =>
        Assert.Equal(share, BlockBootstrap.Normal(x), 1e-7);
}
