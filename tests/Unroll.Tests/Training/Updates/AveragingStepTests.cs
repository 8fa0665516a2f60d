using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The moving average of the parameters, against its formula.</summary>
public static class AveragingStepTests
{
    [Fact]
    public static void It_is_the_formula_and_goes_back_with_the_parameters()
    {
        using var steps = new Steps();
        double[] expected = steps.Parameters;
        var averaging = new AveragingStep<double>(steps.Network.Parameters, 0.8);
        RandomSource random = new RandomKey(4, RandomStream.Test, 0).Shared();
        for (long n = 1; n <= 60; n++)
        {
            foreach (ref double p in steps.Network.Parameters) p = random.NextNormal();
            double kept = Math.Min(0.8, n / (n + 9.0));
            for (int i = 0; i < expected.Length; i++) expected[i] = (kept * expected[i])
                + ((1 - kept) * steps.Network.Parameters[i]);
            steps.Apply(averaging, n);
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], averaging.Average[i], 1e-13);
        }

        double[] earlier = [.. Enumerable.Range(0, expected.Length).Select(i => (double)i)];
        averaging.WentBack(earlier);
        Assert.Equal(earlier, averaging.Average.ToArray());
        Assert.Equal("average", Assert.Single(averaging.State).Name);
    }
}
