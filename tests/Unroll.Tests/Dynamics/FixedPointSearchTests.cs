using System.Numerics;
using Unroll.Dynamics;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Dynamics;

public sealed class FixedPointSearchTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(50)]
    public void Independent_units_have_the_fixed_points_of_each(int hidden)
    {
        // tanh units h = tanh(w h + b) with x = w h + b: the one-unit map x = w tanh(x) + b, three fixed points each.
        (Network<double> network, OneUnitMap[] units) = Independent(hidden);
        var map = new AutonomousNetwork(network);
        RandomSource random = new RandomKey(1, RandomStream.Test, 0).Shared();
        var starts = new List<double[]>();
        for (int i = 0; i < 200; i++)
        {
            var start = new double[hidden];
            foreach (ref double one in start.AsSpan()) one = (2 * random.NextDouble()) - 1;
            starts.Add(start);
        }

        IReadOnlyList<NetworkFixedPoint> found = FixedPointSearch.Find(map, starts,
            new FixedPointSearchOptions { SlowSpeed = 0 });
        Assert.True(found.Count > 1);
        if (hidden == 1) Assert.Equal(3, found.Count);
        foreach (NetworkFixedPoint point in found)
        {
            Assert.True(point.IsFixed);
            Assert.True(map.Speed(point.State) < 1e-20 * hidden);
            Assert.Equal(point.Speed, map.Speed(point.State), 1e-26);
            double[] multipliers = [.. Enumerable.Range(0, hidden).Select(i =>
            {
                FixedPoint own = units[i].FixedPoints().MinBy(one => Math.Abs(Math.Tanh(one.X) - point.State[i]))!;
                Assert.Equal(Math.Tanh(own.X), point.State[i], 1e-10);
                return own.Multiplier;
            })];
            Assert.Equal(multipliers.OrderDescending(), point.Eigenvalues.Select(value => value.Real),
                (a, b) => Math.Abs(a - b) < 1e-8);
            Assert.Equal(multipliers.Count(value => value > 1), point.UnstableDirections);
            Assert.Equal(point.UnstableDirections == 0 ? Stability.Stable : Stability.Unstable, point.Stability);
        }

        Assert.True(found.Sum(point => point.Starts) <= starts.Count);
        Assert.Equal(found.Select(point => point.State),
            FixedPointSearch.Find(map, starts, new FixedPointSearchOptions { SlowSpeed = 0 }).Select(point => point.State));
    }

    [Fact]
    public void A_network_just_past_its_fold_has_a_slow_point_where_the_fixed_point_was()
    {
        Bifurcation fold = Bifurcations.InBias(1.5, Activation.Tanh)[0];
        Network<double> network = OneUnit(1.5, fold.Parameter + 1e-4);
        NetworkFixedPoint[] found = [.. FixedPointSearch.Find(new AutonomousNetwork(network), [[-0.9], [-0.3], [0.9]])];
        Assert.Equal([true, false], found.Select(point => point.IsFixed));
        Assert.Equal(Math.Tanh(fold.X), found[1].State[0], 0.01);
        Assert.InRange(found[1].Speed, 1e-12, 1e-8);
        Assert.Equal(1, Complex.Abs(found[1].Eigenvalues[0]), 0.01);

        // When slow points are not requested, it is left out.
        Assert.Single(FixedPointSearch.Find(
            new AutonomousNetwork(network), [[-0.9], [-0.3], [0.9]], new FixedPointSearchOptions { SlowSpeed = 0 }));
    }

    [Theory]
    [InlineData(Activation.Tanh)]
    [InlineData(Activation.Sigmoid)]
    [InlineData(Activation.Relu)]
    public void The_jacobian_is_that_of_finite_differences(Activation activation)
    {
        var shape = new NetworkShape(2, 7, 2) { Activation = activation };
        var map = new AutonomousNetwork(Specimen.Network<double>(shape, 6));
        double[] h = [.. Enumerable.Range(0, 7).Select(i => Math.Cos(i + 0.5))], jacobian = map.Jacobian(h),
            expected = new double[49];
        for (int i = 0; i < 7; i++)
        {
            double[] above = new double[7], below = new double[7], moved = [.. h];
            moved[i] += 1e-6;
            map.Apply(moved, above);
            moved[i] -= 2e-6;
            map.Apply(moved, below);
            for (int j = 0; j < 7; j++) expected[(j * 7) + i] = (above[j] - below[j]) / 2e-6;
        }

        Compare.Close(jacobian, expected, 1e-8, "dF/dh");
    }

    [Fact]
    public void Inputs_that_push_a_state_over_the_boundary_are_the_crossings()
    {
        // One unit with attractors near ±0.86 and a boundary at 0; an input at step 3 pushes the state up, the inputs before are
        // not strong enough, and one at step 6 pushes it down.
        Network<double> network = OneUnit(1.5, 0);
        network.InputWeights[0] = 1;
        Batch batch = Batch.For(network.Shape);
        batch.Resize(1, 8);
        double[] inputs = [-2, 0.5, 4, 0, -0.3, -5, 0, 0];
        for (int t = 0; t < 8; t++) batch.Dense(t, 0)[0] = inputs[t];
        var map = new AutonomousNetwork(network);
        double[][] states = map.StatesOf(batch, 0);
        Assert.Equal(9, states.Length);
        Assert.Equal(Math.Tanh((1.5 * states[2][0]) + 4), states[3][0], 1e-14);
        BasinPath path = BasinPath.Follow(map, batch, 0);
        Assert.Equal(3, path.Attractors.Count); // including the boundary itself, on which h_0 = 0 stays
        Assert.Equal([1, 3, 6], path.Crossings);
        Assert.Equal(path.ByStep[1], path.ByStep[8]);
        Assert.All(path.Attractors, one => Assert.Equal(1, one.Period));
    }

    [Fact]
    public void A_cycle_is_an_attractor_of_its_period()
    {
        var map = new AutonomousNetwork(OneUnit(-2, 0));
        BasinPath path = BasinPath.Follow(map, [[0.5], [-0.1], [0.9]]);
        NetworkAttractor cycle = Assert.Single(path.Attractors);
        Assert.Equal(2, cycle.Period);
        PeriodTwoCycle closed = new OneUnitMap(-2, 0, Activation.Tanh).PeriodTwo()!;
        Assert.Equal([Math.Tanh(closed.Low), Math.Tanh(closed.High)], cycle.States.Select(state => state[0]).Order(),
            (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Empty(path.Crossings);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var map = new AutonomousNetwork(OneUnit(1, 0));
        Assert.Throws<ArgumentException>(() => map.Speed([1, 2]));
        Assert.Throws<ArgumentException>(() => FixedPointSearch.Find(map, [[1, 2]]));
        Assert.Contains("finite", Assert.Throws<ArgumentException>(() => FixedPointSearch.Find(map, [[double.NaN]])).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => BasinPath.Follow(map, [[1]], 0));
        Network<double> network = OneUnit(1, 0);
        Batch batch = Batch.For(network.Shape);
        batch.Resize(1, 3);
        batch.Carry[0] = true;
        Assert.Contains("continues", Assert.Throws<ArgumentException>(() => map.StatesOf(batch, 0)).Message,
            StringComparison.Ordinal);
    }

    private static Network<double> OneUnit(double w, double b)
    {
        var network = new Network<double>(
            new NetworkShape(1, 1, 1) { Encoding = InputEncoding.Dense, Head = OutputHead.LinearLast });
        (network.RecurrentWeights[0], network.HiddenBias[0]) = (w, b);
        return network;
    }

    private static (Network<double> Network, OneUnitMap[] Units) Independent(int hidden)
    {
        var network = new Network<double>(
            new NetworkShape(1, hidden, 1) { Encoding = InputEncoding.Dense, Head = OutputHead.LinearLast });
        var units = new OneUnitMap[hidden];
        for (int i = 0; i < hidden; i++)
        {
            units[i] = new OneUnitMap(1.4 + (0.2 * i), 0.02 * (i - 1), Activation.Tanh);
            (network.RecurrentWeights[(i * hidden) + i], network.HiddenBias[i]) = (units[i].Weight, units[i].Bias);
        }

        return (network, units);
    }
}
