using Unroll.Geometry;
using Unroll.Tasks;

namespace Unroll.Tests.Geometry;

public sealed class GeometryRunTests
{
    [Fact]
    public void A_run_measures_at_its_interval_and_when_gradients_explode_and_repeats_itself()
    {
        var task = new TemporalOrder(12);
        var options = new GeometryRunOptions
        {
            Updates = 260,
            BatchSize = 4,
            LearningRate = 0.3,
            Every = 100,
            ExplodesAt = 2.5,
            MostExplosions = 4,
            Products = 20,
        };
        (GeometryRun run, Network<double> network) = Run();
        Assert.Equal(260, run.Norms.Count);
        Assert.Equal([0, 100, 200], run.Measurements.Where(one => one.Update % 100 == 0).Select(one => one.Update));
        GeometryMeasurement[] wild = [.. run.Measurements.Where(one => one.IsExplosion)];
        Assert.True(wild.Length is > 0 and <= 5, $"{wild.Length}");
        Assert.True(run.Explosions >= wild.Length);
        Assert.All(wild, one => Assert.True(one.Point.GradientNorm > 2.5 * one.MedianNorm));
        Assert.All(run.Measurements, one => Assert.Equal(run.Norms[one.Update], one.Point.GradientNorm, 1e-9));
        Assert.Null(run.StoppedAt);
        (GeometryRun again, Network<double> same) = Run();
        Assert.Equal(network.Parameters.ToArray(), same.Parameters.ToArray());
        Assert.Equal(run.Measurements, again.Measurements);

        (GeometryRun, Network<double>) Run()
        {
            var one = new Network<double>(new NetworkShape(task.Inputs, 8, task.Outputs));
            Initializer.Initialize(one, Initialization.SmartTanh, 1);
            return (GeometryRun.Measure(one, task, options, cancellation: TestContext.Current.CancellationToken), one);
        }
    }

    [Fact]
    public void A_run_that_leaves_the_finite_numbers_says_where_and_bad_options_are_refused()
    {
        var task = new TemporalOrder(40);
        var network = new Network<double>(new NetworkShape(task.Inputs, 5, task.Outputs) { Activation = Activation.Identity });
        Initializer.Initialize(network, Initialization.Orthogonal, 1);
        GeometryRun run = GeometryRun.Measure(
            network, task, new GeometryRunOptions { Updates = 3000, LearningRate = 5, Every = 1_000_000, MostExplosions = 0 },
            cancellation: TestContext.Current.CancellationToken);
        Assert.NotNull(run.StoppedAt);
        Assert.Equal(run.StoppedAt, run.Norms.Count);
        foreach (GeometryRunOptions bad in (GeometryRunOptions[])[new() { Updates = 0 }, new() { LearningRate = double.NaN },
            new() { Every = 0 }, new() { ExplodesAt = 1 }, new() { Products = 1 }])
            Assert.Throws<ArgumentOutOfRangeException>(
                () => GeometryRun.Measure(network, task, bad, cancellation: TestContext.Current.CancellationToken));
    }
}
