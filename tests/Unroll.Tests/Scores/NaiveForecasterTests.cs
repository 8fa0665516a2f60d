using Unroll.Data;
using Unroll.Scores;

namespace Unroll.Tests.Scores;

public class NaiveForecasterTests
{
    [Fact]
    public void The_last_value_stays_and_drift_goes_on()
    {
        SequenceFolds folds = Series.Folds(4, 0, 1, 5, 3, 7, 0, 0, 0);
        Assert.Equal([7, 7, 7], Forecast(new NaiveForecaster(folds, [0]), new SequenceWindow(0, 1, 3, 3)));
        Assert.Equal([8, 9, 10], Forecast(new NaiveForecaster(folds, [0], drift: true), new SequenceWindow(0, 1, 3, 3)));
        Assert.Equal([7, 7, 7], Forecast(new NaiveForecaster(folds, [0], drift: true), new SequenceWindow(0, 3, 1, 3)));
    }

    [Fact]
    public void A_season_comes_again_from_before_the_window_and_drifts_once_a_season()
    {
        SequenceFolds folds = Series.Folds(6, 0, 1, 2, 3, 11, 12, 16, 0, 0, 0, 0, 0, 0, 0);
        var window = new SequenceWindow(0, 5, 1, 7);
        Assert.Equal([11, 12, 16, 11, 12, 16, 11], Forecast(new NaiveForecaster(folds, [0], 3), window));
        Assert.Equal([22, 23, 27, 33, 34, 38, 44], Forecast(new NaiveForecaster(folds, [0], 3, drift: true), window));
        Assert.Equal("seasonal naive (3) with drift", new NaiveForecaster(folds, [0], 3, drift: true).Name);
        Assert.Equal("naive", new NaiveForecaster(folds, [0]).Name);
    }

    [Fact]
    public void Less_than_a_season_is_the_last_value_and_less_than_two_have_no_drift()
    {
        SequenceFolds folds = Series.Folds(4, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        Assert.Equal([2, 2, 2], Forecast(new NaiveForecaster(folds, [0], 3, drift: true), new SequenceWindow(0, 0, 2, 3)));
        Assert.Equal([3, 4, 5], Forecast(new NaiveForecaster(folds, [0], 3, drift: true), new SequenceWindow(0, 0, 5, 3)));
        Assert.Equal([7, 8, 9], Forecast(new NaiveForecaster(folds, [0], 3, drift: true), new SequenceWindow(0, 5, 1, 3)));
    }

    [Fact]
    public void Missing_values_are_those_before_them_or_the_mean()
    {
        SequenceFolds folds = Series.Folds(5, 0, float.NaN, 2, 4, float.NaN, float.NaN, 0);
        Assert.Equal([4], Forecast(new NaiveForecaster(folds, [0]), new SequenceWindow(0, 4, 1, 1)));
        Assert.Equal([3], Forecast(new NaiveForecaster(folds, [0]), new SequenceWindow(0, 0, 1, 1)));
    }

    [Fact]
    public void A_season_of_zero_steps_is_refused()
    {
        SequenceFolds folds = Series.Folds(4, 0, 1, 2, 3, 4, 5);
        Assert.Contains("season has 0", Assert.Throws<ArgumentException>(() => new NaiveForecaster(folds, [0], 0)).Message);
        Assert.Contains("1 number, not 2", Assert.Throws<ArgumentException>(() =>
            new NaiveForecaster(folds, [0]).Forecast(new SequenceWindow(0, 0, 2, 1), new double[2])).Message);
    }

    internal static double[] Forecast(IForecaster forecaster, SequenceWindow window, int columns = 1)
    {
        var forecast = new double[window.Horizon * columns];
        forecaster.Forecast(window, forecast);
        return forecast;
    }
}
