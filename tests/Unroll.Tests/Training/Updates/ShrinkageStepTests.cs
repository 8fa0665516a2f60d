using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The proximal step of L1.</summary>
public static class ShrinkageStepTests
{
    [Fact]
    public static void Weights_move_to_0_by_rate_times_weight_and_stop_there()
    {
        using var steps = new Steps();
        ParameterBlock block = steps.Block(ParameterBlock.RecurrentWeights);
        double[] given = [0.5, -0.5, 0.02, -0.02, 0.019, 0, -0.0, 1e-300, double.NaN, double.PositiveInfinity];
        given.CopyTo(steps.Network.Parameters[block.Offset..]);
        double[] before = steps.Parameters;
        steps.Apply(new ShrinkageStep<double>(steps.Network.Shape, [new(block.Name, 0.2)]), rate: 0.1);
        double[] now = steps.Parameters;
        Assert.Equal([0.48, -0.48, 0, 0, 0, 0, 0, 0, double.NaN, double.PositiveInfinity],
            now[block.Offset..(block.Offset + given.Length)].Select(x => Math.Round(x, 12)));
        for (int i = 0; i < now.Length; i++)
        {
            if (i < block.Offset || i >= block.Offset + block.Length) Assert.Equal(before[i], now[i]);
        }
    }

    /// <summary>The expected result: the minimum of (x - w)^2 / 2 + rate weight |x|, found by search.</summary>
    [Fact]
    public static void It_is_the_proximal_step()
    {
        using var steps = new Steps();
        ParameterBlock block = steps.Block(ParameterBlock.InputWeights);
        double[] before = steps.Parameters;
        steps.Apply(new ShrinkageStep<double>(steps.Network.Shape, [new(block.Name, 3)]), rate: 0.2);
        for (int i = block.Offset; i < block.Offset + block.Length; i++)
        {
            double now = steps.Parameters[i];
            double Cost(double x) => ((x - before[i]) * (x - before[i]) / 2) + (0.6 * Math.Abs(x));
            foreach (double other in (double[])[now + 1e-4, now - 1e-4, 0, before[i], before[i] / 2])
                Assert.True(Cost(now) <= Cost(other));
        }
    }

    /// <summary>
    /// In a run the recurrent weights become sparse, and the checks report that the spectral radius fell below 1.
    /// </summary>
    [Fact]
    public static void In_a_run_most_weights_become_0_and_the_fall_of_the_radius_is_told()
    {
        TrainingOptions options = Runs.Small
            with
        {
            Hidden = 12,
            Initialization = Initialization.Orthogonal,
            Omega = 0,
            L1 = [new(ParameterBlock.RecurrentWeights, 0.3)],
            MaximumUpdates = 200
        };
        (List<TrainingProgress> checks, Unroll.Files.Checkpoint end) = Runs.Run(Runs.Task, options);
        Assert.InRange(Runs.Parameters(end).Count(w => w == 0), 40, 144);
        Assert.NotNull(checks[^1].ContractingSince);
        TrainingProgress first = checks.First(check => check.Update == checks[^1].ContractingSince);
        Assert.All(checks.Where(check => check.Update >= first.Update), check => Assert.True(check.SpectralRadius < 1));
        int at = checks.IndexOf(first);
        if (at > 0) Assert.True(checks[at - 1].SpectralRadius >= 1);
        Assert.All(Runs.Run(Runs.Task, options with { L1 = [] }).Checks, check => Assert.Null(check.ContractingSince));
    }
}
