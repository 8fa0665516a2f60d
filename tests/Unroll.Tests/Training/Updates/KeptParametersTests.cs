using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Parameters that noise or a look-ahead moved are restored bit for bit.</summary>
public static class KeptParametersTests
{
    [Fact]
    public static void What_was_moved_is_put_back()
    {
        using var steps = new Steps();
        steps.Network.Parameters[2] = double.NaN;
        double[] before = steps.Parameters;
        var kept = new KeptParameters<double>(before.Length);
        IUpdateStep<double> back = kept.PutBack;
        for (int n = 1; n <= 3; n++)
        {
            steps.Apply(kept);
            steps.Apply(new WeightNoiseStep<double>(9, 0.4), n);
            Assert.NotEqual(before, steps.Parameters);
            steps.Apply(back);
            Assert.Equal(before, steps.Parameters);
        }
    }
}
