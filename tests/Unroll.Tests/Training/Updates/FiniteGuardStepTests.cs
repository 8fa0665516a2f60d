using Unroll.Remedies;
using Unroll.Tests.Oracles;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The guard alone; <see cref="NonFiniteTests"/> tests it in runs.</summary>
public static class FiniteGuardStepTests
{
    [Theory]
    [InlineData(NonFinitePolicy.Stop, true, true, true)]
    [InlineData(NonFinitePolicy.Skip, true, true, false)]
    [InlineData(NonFinitePolicy.Rescue, true, false, false)]
    public static void Policies(NonFinitePolicy policy, bool nonFinite, bool ended, bool failed)
    {
        using var steps = new Steps(new NetworkShape(1, 2, 1));
        var guard = new FiniteGuardStep<double>(policy, []);
        foreach (double norm in (double[])[double.NaN, double.PositiveInfinity])
        {
            steps.Update.Begin(Specimen.Batch(steps.Network.Shape, 3, 2, 1), 0, 0.1, 3);
            steps.Update.Clip = new ClipReport(norm, norm, 1, false);
            if (policy == NonFinitePolicy.Stop) continue; // its message needs a pass: NonFiniteTests
            guard.Apply(steps.Update);
            Assert.Equal((nonFinite, ended, failed),
                (steps.Update.NonFinite, steps.Update.Ended, steps.Update.Failure is not null));
        }

        double[] before = steps.Gradient;
        steps.Apply(guard, clip: new ClipReport(1e10, 1e10, 1, false));
        Assert.Equal((false, false), (steps.Update.NonFinite, steps.Update.Ended));
        Assert.Equal(before, steps.Gradient);
    }
}
