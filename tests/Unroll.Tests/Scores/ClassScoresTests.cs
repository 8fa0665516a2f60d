using Unroll.Data;
using Unroll.Scores;

namespace Unroll.Tests.Scores;

public class ClassScoresTests
{
    [Fact]
    public void Scores_are_those_by_hand()
    {
        var scores = new ClassScores(["a", "b", "c"]);
        scores.Add(0, [0.7, 0.2, 0.1]);
        scores.Add(0, [0.1, 0.6, 0.3]);
        scores.Add(1, [0.25, 0.5, 0.25]);
        scores.Add(1, [0, 1, 0]);
        ClassReport report = scores.Report();
        Assert.Equal(0.75, report.Accuracy);
        Assert.Equal(0.75, report.BalancedAccuracy, 12); // (1/2 + 1) / 2: c does not occur
        Assert.Equal(((2 / 3.0) + (4 / 5.0)) / 2, report.MacroF1, 12);
        Assert.Equal(-(Math.Log(0.7) + Math.Log(0.1) + Math.Log(0.5)) / 4, report.LogLoss, 12);
        Assert.Equal(((1 - 0.7) + 0.6 + (1 - 0.5) + 0) / 4, report.CalibrationError, 12); // each in a bin of its own
        Assert.Equal(new long[,] { { 1, 1, 0 }, { 0, 2, 0 }, { 0, 0, 0 } }, report.Confusion);
        Assert.Equal(new ClassScore("b", 2, 3, 2), report.ByClass[1]);
        Assert.Null(report.ByClass[2].F1);
        Assert.Equal((1, 2 / 3.0), (report.ByClass[1].Recall, report.ByClass[1].Precision));
    }

    [Fact]
    public void Sure_and_wrong_is_not_infinite_and_outputs_are_softened()
    {
        var scores = new ClassScores(["a", "b"]);
        scores.Add(0, [0, 1]);
        Assert.Equal(52 * Math.Log(2), scores.Report().LogLoss, 9);
        Assert.Equal((0, 1), (scores.Report().Accuracy, scores.Report().CalibrationError));
        var outputs = new ClassScores(["a", "b"]);
        outputs.AddOutputs(1, [1000, 1000 + Math.Log(3)]);
        Assert.Equal(-Math.Log(0.75), outputs.Report().LogLoss, 9);
    }

    [Fact]
    public void One_class_is_right_always()
    {
        var scores = new ClassScores(["only"]);
        scores.Add(0, [1]);
        ClassReport report = scores.Report();
        Assert.Equal((1, 1, 1), (report.Accuracy, report.BalancedAccuracy, report.MacroF1));
        Assert.Equal((0, 0), (report.LogLoss, report.CalibrationError));
        Assert.Equal(1, report.AccuracyInterval.High);
    }

    [Theory]
    [InlineData(0, 10, 0, 0.27753)]
    [InlineData(3, 3, 0.43850, 1)]
    [InlineData(81, 263, 0.25527, 0.36616)] // Newcombe, 1998
    [InlineData(0, 0, 0, 1)]
    public void Wilsons_interval_is_that_of_the_tables(long hits, long cases, double low, double high)
    {
        ScoreInterval interval = ScoreInterval.Wilson(hits, cases);
        Assert.Equal(low, interval.Low, 1e-4);
        Assert.Equal(high, interval.High, 1e-4);
    }

    [Fact]
    public void The_majority_is_of_the_training_fold()
    {
        var builder = new SequenceBuilder("x");
        foreach (string label in (string[])["b", "b", "a", "c", "c", "c"])
            builder.Add(new float[3], new SequenceInfo { Label = label });
        SequenceFolds folds = SequenceFolds.OfWhole(builder.Build(),
            [Fold.Train, Fold.Train, Fold.Train, Fold.Test, Fold.Test, Fold.Test]);
        var majority = new MajorityClass(folds);
        Assert.Equal("b", folds.Data.Classes[majority.Class]);
        Assert.Equal([1 / 3.0, 2 / 3.0, 0], majority.Shares.ToArray());
        Assert.Throws<ArgumentException>(() => new MajorityClass([0L, 0L]));
        Assert.Throws<ArgumentException>(() => new MajorityClass(Series.Folds(4, 0, 1, 2, 3, 4, 5)));
    }

    [Fact]
    public void What_is_no_prediction_is_refused()
    {
        var scores = new ClassScores(["a", "b"]);
        Assert.Contains("3 probabilities for 2", Message(() => scores.Add(0, [0.2, 0.2, 0.6])));
        Assert.Contains("sum to 0.5", Message(() => scores.Add(0, [0.2, 0.3])));
        Assert.Contains("is NaN", Message(() => scores.Add(0, [double.NaN, 1])));
        Assert.Contains("is NaN", Message(() => scores.AddOutputs(0, [double.NaN, 1])));
        Assert.Throws<ArgumentOutOfRangeException>(() => scores.Add(2, [0.5, 0.5]));
        Assert.Throws<InvalidOperationException>(scores.Report);
        Assert.Throws<ArgumentException>(() => new ClassScores([]));

        static string Message(Action action) => Assert.Throws<ArgumentException>(action).Message;
    }

    [Fact]
    public void Numbers_without_a_horizon_are_scored_over_groups()
    {
        var scores = new NumberScores(deviation: 2);
        for (int i = 0; i < 12; i++) scores.Add(i, i + (i % 2 == 0 ? 1 : -1), i - 0.5, i + 2, $"patient {i / 2}");
        scores.Add(double.NaN, 3);
        (ForecastScore score, var intervals) = scores.Report();
        Assert.Equal((12, 1, 1, 0.5, 0.25), (score.Count, score.Mae, score.Rmse, score.StandardMae, score.StandardMse));
        Assert.Equal(1 - (12 / 143.0), score.RSquared!.Value, 12);
        Assert.Equal(1, score.Coverage);
        Assert.Equal(new ScoreInterval(1, 1), intervals[ForecastMeasure.Mae]);
        Assert.Throws<ArgumentException>(() => scores.Add(1, double.NaN));
        Assert.Throws<ArgumentException>(() => new NumberScores(0));
        Assert.Throws<InvalidOperationException>(() => new NumberScores().Report());
    }
}
