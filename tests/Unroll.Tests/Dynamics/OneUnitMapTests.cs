using Unroll.Dynamics;

namespace Unroll.Tests.Dynamics;

public sealed class OneUnitMapTests
{
    /// <summary>Weights of every regime, and biases around and far from the folds.</summary>
    public static TheoryData<double, double, Activation> Maps()
    {
        var data = new TheoryData<double, double, Activation>();
        foreach (double w in (double[])[-30, -6, -1.5, -0.5, 0, 0.7, 1, 1.25, 3.9, 4, 5, 12, 80])
        {
            foreach (double b in (double[])[-40, -6, -2.5, -2, -0.3, 0, 1, 7])
            {
                data.Add(w, b, Activation.Sigmoid);
                data.Add(w, b, Activation.Tanh);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Maps))]
    public void Fixed_points_are_all_those_that_a_fine_grid_finds(double w, double b, Activation activation)
    {
        var map = new OneUnitMap(w, b, activation);
        IReadOnlyList<FixedPoint> points = map.FixedPoints();
        Assert.All(points,
            point => Assert.True(Math.Abs(map.Apply(point.X) - point.X) <= 1e-14 * (1 + Math.Abs(w) + Math.Abs(b)), $"{point}"));
        Assert.All(points, point => Assert.Equal(w * Slope(activation, point.X), point.Multiplier, 1e-13 * (1 + Math.Abs(w))));

        var found = new List<double>();
        double reach = Math.Abs(w) + Math.Abs(b) + 0.137;
        double Difference(double x) => (w * Sigma(activation, x)) + b - x;
        const int Steps = 20_000;
        for (int i = 0; i < Steps; i++)
        {
            double from = -reach + (2 * reach * i / Steps), to = -reach + (2 * reach * (i + 1) / Steps);
            if (Difference(from) > 0 != Difference(to) > 0) found.Add((from + to) / 2);
        }

        // At the pitchfork of tanh (w = 1, b = 0) and the logistic cusp (w = 4, b = -2) there is one point, with multiplier 1.
        Assert.Equal(found.Count, points.Count);
        for (int i = 0; i < found.Count; i++) Assert.Equal(found[i], points[i].X, 1e-4 * reach);
    }

    [Theory]
    [MemberData(nameof(Maps))]
    public void Attractors_and_boundaries_are_those_that_iteration_shows(double w, double b, Activation activation)
    {
        var map = new OneUnitMap(w, b, activation);
        IReadOnlyList<double> boundaries = map.BasinBoundaries();
        double reach = Math.Abs(w) + Math.Abs(b);
        for (int i = 0; i <= 16; i++)
        {
            double start = reach * ((i / 8.0) - 1.013), x = start;
            for (int t = 0; t < 4000; t++) x = map.Apply(x);
            FixedPoint? attractor = map.AttractorOf(start);
            if (attractor is null)
            {
                PeriodTwoCycle cycle = map.PeriodTwo()!;
                Assert.Equal(Math.Abs(x - cycle.Low) < Math.Abs(x - cycle.High) ? cycle.Low : cycle.High, x, 1e-9 * (1 + reach));
                Assert.Equal(cycle.Low, map.Apply(cycle.High), 1e-9 * (1 + reach));
                Assert.InRange(cycle.Multiplier, 0, 1);
            }
            else if (attractor.Stability == Stability.Stable)
            {
                Assert.Equal(attractor.X, x, Math.Abs(attractor.Multiplier) > 0.99 ? 1e-3 : 1e-9 * (1 + reach));
                Assert.All(boundaries, c => Assert.Equal(start > c, attractor.X > c));
            }
        }
    }

    [Fact]
    public void The_papers_unit_has_the_numbers_of_figure_3()
    {
        IReadOnlyList<Bifurcation> both = Bifurcations.InBias(5);
        Assert.Equal([-2.3444, -2.6556], both.Select(one => Math.Round(one.Parameter, 4)));
        Assert.All(both, one => Assert.Equal(BifurcationKind.Fold, one.Kind));
        var map = new OneUnitMap(5, -2.5);
        Assert.Equal([Stability.Stable, Stability.Unstable, Stability.Stable],
            map.FixedPoints().Select(point => point.Stability));
        Assert.Equal(0, Assert.Single(map.BasinBoundaries()), 1e-15); // by symmetry: 5 sigma(0) = 2.5
        Assert.Equal(1.25, map.FixedPoints()[1].Multiplier);
    }

    [Theory]
    [InlineData(5, Activation.Sigmoid)]
    [InlineData(4.001, Activation.Sigmoid)]
    [InlineData(300, Activation.Sigmoid)]
    [InlineData(1.25, Activation.Tanh)]
    [InlineData(17, Activation.Tanh)]
    public void At_a_fold_there_are_two_fixed_points_one_of_them_neutral_and_beside_it_one_or_three(
        double w, Activation activation)
    {
        foreach (Bifurcation fold in Bifurcations.InBias(w, activation))
        {
            IReadOnlyList<FixedPoint> points = new OneUnitMap(w, fold.Parameter, activation).FixedPoints();
            Assert.Equal([Stability.Neutral, Stability.Stable], points.Select(point => point.Stability).Order().Reverse());
            Assert.Contains(points, point => point.X == fold.X);
            Assert.Equal([1, 3], new[] { -1, 1 }
                .Select(side => new OneUnitMap(w, fold.Parameter + (side * 1e-9 * w), activation).FixedPoints().Count).Order());
        }
    }

    [Theory]
    [InlineData(5, -2.5, Activation.Sigmoid)]
    [InlineData(-3, 0.4, Activation.Tanh)]
    public void A_preimage_is_mapped_back_and_outside_the_range_there_is_none(double w, double b, Activation activation)
    {
        var map = new OneUnitMap(w, b, activation);
        foreach (double x in (double[])[-3, -0.1, 0, 2]) Assert.Equal(x, map.Preimage(map.Apply(x)), 1e-12);
        Assert.True(double.IsNaN(map.Preimage(b + (2 * Math.Abs(w)))));
        Assert.True(double.IsNaN(new OneUnitMap(0, b, activation).Preimage(b)));
    }

    [Fact]
    public void A_linear_unit_has_the_fixed_point_of_its_closed_form()
    {
        Assert.Equal(-4, Assert.Single(new OneUnitMap(1.5, 2, Activation.Identity).FixedPoints()).X);
        Assert.Empty(new OneUnitMap(1, 2, Activation.Identity).FixedPoints());
        Assert.Null(new OneUnitMap(1.5, 2, Activation.Identity).AttractorOf(1));
    }

    [Fact]
    public void Bad_maps_are_refused()
    {
        Assert.Contains("finite", Assert.Throws<ArgumentOutOfRangeException>(() => new OneUnitMap(double.NaN, 0)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "finite", Assert.Throws<ArgumentOutOfRangeException>(() => new OneUnitMap(1, double.PositiveInfinity)).Message,
            StringComparison.Ordinal);
        Assert.Contains("Relu", Assert.Throws<ArgumentException>(() => new OneUnitMap(1, 0, Activation.Relu)).Message,
            StringComparison.Ordinal);
        Assert.Contains("Identity", Assert.Throws<ArgumentException>(() => Bifurcations.InBias(5, Activation.Identity)).Message,
            StringComparison.Ordinal);
    }

    internal static double Sigma(Activation activation, double x) =>
        activation == Activation.Tanh ? Math.Tanh(x) : 1 / (1 + Math.Exp(-x));

    internal static double Slope(Activation activation, double x) =>
        activation == Activation.Tanh
            ? 1 / (Math.Cosh(x) * Math.Cosh(x))
            : Math.Exp(-Math.Abs(x)) / Math.Pow(1 + Math.Exp(-Math.Abs(x)), 2);
}
