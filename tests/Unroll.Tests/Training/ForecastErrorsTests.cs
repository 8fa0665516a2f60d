using Unroll.Data;
using Unroll.Scores;
using Unroll.Tasks;
using Unroll.Tests.Tasks.Series;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Errors in the data's own units, by networks that say nothing, whose forecasts are known.</summary>
public static class ForecastErrorsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public static void A_network_of_zeros_that_adds_the_last_value_is_as_wrong_as_the_naive_forecast(bool logarithm)
    {
        SequenceFolds folds = SequenceFolds.BySteps(Series(), 40, 10, 10);
        string[] logarithms = logarithm ? ["x"] : [];
        ForecastTask task = Task(folds, new EncoderOptions { Window = WindowScaling.Last, Logarithm = logarithms });
        double found = ForecastErrors.StandardMae(Zeros(task), task, Fold.Validation, TestContext.Current.CancellationToken);
        Assert.Equal(Naive(folds, task, season: 1, drift: false), found, 1e-5);
    }

    [Fact]
    public static void Differences_over_a_season_are_added_to_it_before_they_are_compared()
    {
        SequenceFolds folds = SequenceFolds.BySteps(Series(), 40, 10, 10);
        ForecastTask task = Task(folds, new EncoderOptions { Differenced = ["x"], Season = 4, Scale = Scaling.None });
        double found = ForecastErrors.StandardMae(Zeros(task), task, Fold.Validation, TestContext.Current.CancellationToken);
        Assert.Equal(Naive(folds, task, season: 4, drift: false), found, 1e-5);
    }

    [Fact]
    public static void Of_quantiles_it_is_the_median_and_other_tasks_are_refused()
    {
        SequenceFolds folds = SequenceFolds.BySteps(Series(), 40, 10, 10);
        var task = new ForecastTask(folds, new SeriesOptions
        {
            Window = 8,
            Horizon = 3,
            LooksBack = true,
            Loss = SeriesLoss.Quantile,
            Encoder = new EncoderOptions { Window = WindowScaling.Last },
        });
        Network<double> network = Zeros(task);
        network.Parameters[^3..].Clear();
        network.Parameters[^1] = 9; // the highest level of the last step
        Assert.Equal(Naive(folds, task, season: 1, drift: false),
            ForecastErrors.StandardMae(network, task, Fold.Validation, TestContext.Current.CancellationToken), 1e-5);
        var classes = new ClassifyTask(SequenceFolds.BySequence(SomeSeries.Slopes(20)), new SeriesOptions { Window = 0 });
        Assert.Contains("no forecast", Assert.Throws<ArgumentException>(() => ForecastErrors.StandardMae(Zeros(classes), classes,
            Fold.Validation, TestContext.Current.CancellationToken)).Message);
    }

    private static SequenceData Series() => new SequenceBuilder("x")
        .AddCopy([.. Enumerable.Range(0, 60).Select(t => 20 + t + (float)(5 * Math.Sin(t * 1.7)))]).Build();

    private static ForecastTask Task(SequenceFolds folds, EncoderOptions encoder) =>
        new(folds, new SeriesOptions { Window = 8, Horizon = 3, LooksBack = true, Encoder = encoder });

    private static Network<double> Zeros(SeriesTask task)
    {
        TrainingOptions options = SeriesRecipes.Get(task.Codec.Kind, 30) with { Hidden = 2, Precision = Precision.Double };
        using var trainer = new Trainer(task, options);
        Network<double> network = trainer.LastNetwork<double>();
        network.Parameters.Clear();
        return network;
    }

    private static double Naive(SequenceFolds folds, ForecastTask task, int season, bool drift)
    {
        var windows = new WindowSet(folds, Fold.Validation, 8, 3, looksBack: true);
        var options = new ForecastScoreOptions { Season = 1 };
        return ForecastScores.Of(folds, [0], windows, new NaiveForecaster(folds, [0], season, drift), options,
            TestContext.Current.CancellationToken).Report().Overall.StandardMae;
    }
}
