using Unroll.Data;
using Unroll.Numerics;
using Unroll.Scores;

namespace Unroll.Tests.Scores;

public class RidgeForecasterTests
{
    [Fact]
    public void The_weights_are_the_closed_form()
    {
        // Window of 2, one step ahead, no scaling of the window: solved here by the normal equations, centred.
        float[] values = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3];
        SequenceFolds folds = Series.Folds(16, 0, values);
        const double Penalty = 0.05;
        double mean = values.Take(16).Average(), deviation = Math.Sqrt(values.Take(16).Average(v => (v - mean) * (v - mean)));
        double[] z = [.. values.Select(v => (v - mean) / deviation)];
        const int Count = 14;
        double[] m = [.. Enumerable.Range(0, 3).Select(i => Enumerable.Range(0, Count).Average(t => z[t + i]))];
        double S(int i, int j) => Enumerable.Range(0, Count).Sum(t => (z[t + i] - m[i]) * (z[t + j] - m[j]));
        double a = S(0, 0) + (Penalty * Count), b = S(0, 1), d = S(1, 1) + (Penalty * Count), p = S(0, 2), q = S(1, 2);
        double w0 = ((d * p) - (b * q)) / ((a * d) - (b * b)), w1 = ((a * q) - (b * p)) / ((a * d) - (b * b));
        double expected = mean + (deviation * (m[2] + (w0 * (z[14] - m[0])) + (w1 * (z[15] - m[1]))));

        var options = new RidgeOptions { Window = WindowScaling.None, Penalty = Penalty };
        RidgeForecaster ridge = RidgeForecaster.Fit(folds, [0], 2, 1, options);
        double[] forecast = NaiveForecasterTests.Forecast(ridge, new SequenceWindow(0, 14, 2, 1));
        Assert.Equal(expected, Assert.Single(forecast), 9);
    }

    [Theory]
    [InlineData(WindowScaling.None)]
    [InlineData(WindowScaling.Last)]
    [InlineData(WindowScaling.Mean)]
    [InlineData(WindowScaling.Standard)]
    public void A_linear_recurrence_is_forecast_exactly(WindowScaling scaling)
    {
        SequenceFolds folds = Series.Folds(200, 40, Series.Of(300, t => 50 + (10 * Math.Sin(t * 0.3)) + (4 * Math.Cos(t * 0.7))));
        var options = new RidgeOptions { Window = scaling };
        RidgeForecaster ridge = RidgeForecaster.Fit(folds, [0], 12, 5, options);
        var windows = new WindowSet(folds, Fold.Test, 12, 5);
        double error = ForecastScores.Of(folds, [0], windows, ridge, cancellation: TestContext.Current.CancellationToken)
            .Report().Overall.Mae;
        Assert.InRange(error, 0, scaling == WindowScaling.Standard ? 0.3 : 0.01); // divided by a deviation it is not linear
    }

    [Fact]
    public void A_window_whose_square_no_array_holds_is_refused()
    {
        SequenceFolds folds = Series.Folds(50_010, 0, Series.Of(50_010, t => t % 7));
        Assert.Equal("Least squares by 50000 inputs need a matrix of 50000 by 50000; at most 46340 inputs are possible.",
            Assert.Throws<ArgumentException>(() => RidgeForecaster.Fit(folds, [0], 50_000, 1)).Message);
    }

    [Fact]
    public void The_penalty_is_the_one_that_validation_shows_to_be_best()
    {
        RandomSource random = new RandomKey(3, RandomStream.Test, 0).Shared();
        double state = 0;
        float[] values = new float[400];
        for (int t = 0; t < values.Length; t++) values[t] = (float)(state = (0.8 * state) + random.NextNormal());
        SequenceFolds folds = Series.Folds(100, 200, values);
        RidgeForecaster chosen = RidgeForecaster.Fit(folds, [0], 20, 3);
        var windows = new WindowSet(folds, Fold.Validation, 20, 3, looksBack: true);
        double best = Error(Assert.Single(chosen.Penalties));
        foreach (double factor in (double[])[0.1, 0.3, 3, 10]) Assert.True(Error(chosen.Penalties[0] * factor) >= best);

        double Error(double penalty) => ForecastScores.Of(folds, [0], windows,
            RidgeForecaster.Fit(folds, [0], 20, 3, new RidgeOptions { Penalty = penalty }),
            cancellation: TestContext.Current.CancellationToken).Report().Overall.Rmse;
    }

    [Fact]
    public void Columns_share_weights_or_have_their_own()
    {
        // One column repeats after 3 steps, the other after 4: no common weights on two steps forecast both.
        float[] rows = new float[2 * 120];
        for (int t = 0; t < 120; t++) (rows[2 * t], rows[(2 * t) + 1]) = (t % 3, 100 * (t % 4));
        SequenceFolds folds = SequenceFolds.BySteps(new SequenceBuilder("a", "b").Add(rows).Build(), 80, 20, 20);
        var window = new SequenceWindow(0, 96, 4, 2);
        RidgeForecaster own = RidgeForecaster.Fit(
            folds, [0, 1], 4, 2, new RidgeOptions { Shared = false, Window = WindowScaling.None, Penalty = 1e-9 });
        double[] truth = [100 % 3, 100 * (100 % 4), 101 % 3, 100 * (101 % 4)];
        double[] forecast = NaiveForecasterTests.Forecast(own, window, 2);
        for (int i = 0; i < 4; i++) Assert.Equal(truth[i], forecast[i], 1e-3);
        Assert.Equal(2, own.Penalties.Count);
        Assert.Single(RidgeForecaster.Fit(folds, [0, 1], 4, 2).Penalties);
    }

    [Fact]
    public void Few_windows_a_constant_and_no_validation_are_no_trouble()
    {
        SequenceFolds constant = Series.Folds(20, 0, Series.Of(30, _ => 4));
        RidgeForecaster flat = RidgeForecaster.Fit(constant, [0], 5, 2);
        Assert.Equal([4, 4], NaiveForecasterTests.Forecast(flat, new SequenceWindow(0, 20, 5, 2)));
        SequenceFolds one = Series.Folds(5, 0, 1, 2, 3, 4, 5, 6, 7, 8);
        double forecast = NaiveForecasterTests.Forecast(RidgeForecaster.Fit(one, [0], 4, 1), new SequenceWindow(0, 3, 4, 1))[0];
        Assert.InRange(forecast, 7, 9);
        Assert.Contains("training fold has no sequence", Assert.Throws<ArgumentException>(() =>
            RidgeForecaster.Fit(one, [0], 5, 1)).Message);
        Assert.Contains("penalty is 0", Assert.Throws<ArgumentException>(() =>
            RidgeForecaster.Fit(one, [0], 4, 1, new RidgeOptions { Penalty = 0 })).Message);
        Assert.Contains("reads 4 steps and forecasts 1", Assert.Throws<ArgumentException>(() =>
            RidgeForecaster.Fit(one, [0], 4, 1).Forecast(new SequenceWindow(0, 2, 3, 1), new double[1])).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(17)]
    [InlineData(40)]
    public void Eigenvectors_give_the_matrix_back(int n)
    {
        RandomSource random = new RandomKey(7, RandomStream.Test, n).Shared();
        var matrix = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j <= i; j++) matrix[(i * n) + j] = matrix[(j * n) + i] = random.NextNormal();
        }

        (double[] values, double[][] vectors) = SymmetricEigen.Decompose([.. matrix], n);
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double again = Enumerable.Range(0, n).Sum(k => values[k] * vectors[k][i] * vectors[k][j]);
                Assert.Equal(matrix[(i * n) + j], again, 1e-12 * (n + 1));
                Assert.Equal(i == j ? 1 : 0, Vectors.Dot(vectors[i], vectors[j]), 1e-12 * (n + 1));
            }
        }
    }
}
