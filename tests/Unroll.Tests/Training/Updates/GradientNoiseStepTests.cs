using Unroll.Remedies;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Noise on the gradient: its size over time, its independence, and where there is none.</summary>
public static class GradientNoiseStepTests
{
    [Theory]
    [InlineData(1, 0.55)]
    [InlineData(100, 0.55)]
    [InlineData(10_000, 0.55)]
    [InlineData(10_000, 0)]
    [InlineData(16, 1)]
    public static void Deviation_falls_as_said(long number, double decay)
    {
        using var steps = new Steps(new NetworkShape(40, 60, 30));
        double[] before = steps.Gradient;
        steps.Apply(new GradientNoiseStep<double>(5, 0.3, decay, []), number);
        double[] noise = [.. steps.Gradient.Zip(before, (now, was) => now - was)];
        double expected = 0.3 / Math.Sqrt(Math.Pow(number, decay));
        Assert.Equal(0, noise.Average() / expected, 0.05);
        Assert.Equal(1, Math.Sqrt(noise.Average(n => n * n)) / expected, 0.03);
        Assert.Equal(noise.Length, noise.Distinct().Count());
    }

    [Fact]
    public static void It_depends_on_seed_and_update_alone_and_spares_frozen_blocks_and_rescues()
    {
        using Steps a = new(), b = new(), c = new(), d = new(), e = new();
        double[] before = a.Gradient;
        ParameterBlock frozen = a.Block(ParameterBlock.InputWeights);
        a.Apply(new GradientNoiseStep<double>(5, 0.3, 0.5, []), 7);
        b.Apply(new GradientNoiseStep<double>(5, 0.3, 0.5, [frozen]), 7);
        c.Apply(new GradientNoiseStep<double>(5, 0.3, 0.5, []), 8);
        d.Apply(new GradientNoiseStep<double>(6, 0.3, 0.5, []), 7);
        Assert.NotEqual(a.Gradient, c.Gradient);
        Assert.NotEqual(a.Gradient, d.Gradient);
        Assert.Equal(before[frozen.Offset..(frozen.Offset + frozen.Length)],
            b.Gradient[frozen.Offset..(frozen.Offset + frozen.Length)]);
        Assert.Equal(a.Gradient[(frozen.Offset + frozen.Length)..], b.Gradient[(frozen.Offset + frozen.Length)..]);
        e.Update.Begin(null!, 0, 0.1, 7);
        e.Update.NonFinite = true;
        new GradientNoiseStep<double>(5, 0.3, 0.5, []).Apply(e.Update);
        Assert.Equal(before, e.Gradient);
    }
}
