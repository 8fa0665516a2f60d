using Unroll.Cli.Paper.Figures;
using Unroll.Tasks;

namespace Unroll.Cli.Tests.Paper;

/// <summary>Runs that are measured at the walls that they meet.</summary>
public class WallRunTests
{
    private static readonly WallRunOptions s_options = new(8, 0.1, 0.5, 200, 1.4, 3, 4, 70, 40, [1, 5, 10]);

    [Theory]
    [InlineData(CellKind.Plain)]
    [InlineData(CellKind.Lstm)]
    [InlineData(CellKind.Gru)]
    public void A_gradient_through_the_last_steps_is_that_of_the_cost_with_the_state_before_them_held(CellKind cell)
    {
        var task = new TemporalOrder(12);
        var network = new Network<double>(new NetworkShape(task.Inputs, [new LayerShape(5) { Cell = cell }], task.Outputs));
        Initializer.Initialize(network, Initialization.Uniform, 3);
        using var unrolled = new UnrolledNetwork<double>(network);
        Batch batch = Batch.For(task);
        task.Fill(batch, 4, new RandomKey(1, RandomStream.Training, 0));
        unrolled.Forward(batch, task.Reduction);
        unrolled.Backward();
        double[] whole = [.. unrolled.Gradient];
        AssertNear(whole, WallRun.Truncated(unrolled, batch, 12, task.Reduction), 1e-13);

        const int Steps = 5;
        double[] part = WallRun.Truncated(unrolled, batch, Steps, task.Reduction), differences = new double[part.Length];
        double[][] held = [.. Enumerable.Range(0, 4).Select(row => unrolled.WholeState(12 - Steps, row))];
        for (int i = 0; i < part.Length; i++)
        {
            double Cost(double by)
            {
                Network<double> moved = network.Convert<double>();
                moved.Parameters[i] += by;
                return TailCost(moved, task, batch, held, Steps);
            }

            differences[i] = (Cost(1e-5) - Cost(-1e-5)) / 2e-5;
        }

        AssertNear(differences, part, 1e-9);
        Assert.Contains(whole.Zip(part), pair => Math.Abs(pair.First - pair.Second) > 1e-6); // it is less than the whole
    }

    [Theory]
    [InlineData(CellKind.Plain)]
    [InlineData(CellKind.Gru)]
    public void Walls_are_apart_and_what_is_measured_of_them_is_in_its_range(CellKind cell)
    {
        var task = new TemporalOrder(12);
        int updates = 0;
        WallRun run = WallRun.Measure(task, cell, 1, s_options, () => updates++, CancellationToken.None);
        Assert.Equal((200, 200), (run.Updates, updates));
        MeasuredWall[] walls = [.. run.Points.Where(point => point.IsWall)];
        MeasuredWall[] regular = [.. run.Points.Where(point => !point.IsWall)];
        Assert.InRange(walls.Length, 1, 4);
        Assert.InRange(run.Walls, walls.Length, run.Exploded);
        Assert.All(walls, wall => Assert.True(wall.Norm > 1.4 * wall.MedianNorm));
        Assert.All(regular, point => Assert.Equal(0, point.Update % 70));
        Assert.All(walls.Zip(walls.Skip(1)), pair => Assert.True(pair.Second.Update - pair.First.Update >= 3));
        Assert.All(run.Points, point =>
        {
            Assert.InRange(point.Angle, 0, 90);
            Assert.Equal(3, point.AngleByLag.Count);
            Assert.All(point.AngleByLag, angle => Assert.InRange(angle, 0, 90));
            Assert.True(point.Residual <= 0.06 * Math.Abs(point.Curvature));
            Assert.NotEqual(point.Error, point.ErrorAfter);
        });
        WallRun again = WallRun.Measure(task, cell, 1, s_options, () => { }, CancellationToken.None);
        Assert.Equal(run.Points.Select(point => point.Angle), again.Points.Select(point => point.Angle));
    }

    [Fact]
    public void A_run_that_is_no_longer_finite_ends_there()
    {
        WallRunOptions options = s_options with { Rate = double.PositiveInfinity };
        WallRun run = WallRun.Measure(new TemporalOrder(12), CellKind.Plain, 1, options, () => { }, CancellationToken.None);
        Assert.InRange(run.Updates, 1, 199);
    }

    [Fact]
    public void A_run_that_is_cancelled_ends_by_an_exception()
    {
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() =>
            WallRun.Measure(new TemporalOrder(12), CellKind.Plain, 1, s_options, cancel.Cancel, cancel.Token));
    }

    private static double TailCost(Network<double> network, TemporalOrder task, Batch batch, double[][] held, int steps)
    {
        using var last = new UnrolledNetwork<double>(network);
        Batch tail = Batch.For(task);
        tail.Resize(batch.Rows, steps);
        last.CarriedState(batch.Rows - 1);
        for (int row = 0; row < batch.Rows; row++)
        {
            tail.Carry[row] = true;
            tail.SetClass(steps - 1, row, batch.Class(0, row));
            for (int t = 0; t < steps; t++) tail.SetSymbol(t, row, batch.Symbol(batch.Steps - steps + t, row));
            held[row].CopyTo(last.CarriedState(row));
        }

        return last.Forward(tail, task.Reduction);
    }

    private static void AssertNear(double[] expected, double[] actual, double distance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.InRange(Math.Abs(expected[i] - actual[i]), 0, distance);
    }
}
