using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>L2: adds a share of the parameter to its gradient, for all weights or for the given blocks.</summary>
public static class WeightDecayStepTests
{
    [Fact]
    public static void Of_weights_leaves_biases_and_the_initial_state_alone()
    {
        using var steps = new Steps();
        double[] gradient = steps.Gradient;
        steps.Apply(WeightDecayStep<double>.OfWeights(steps.Network.Shape, 0.3));
        Check(steps, gradient, block => block.Name is "weight_ih_l0" or "weight_hh_l0" or "weight" ? 0.3 : 0);
    }

    [Fact]
    public static void Of_blocks_takes_each_its_own_share()
    {
        using var steps = new Steps();
        double[] gradient = steps.Gradient;
        steps.Apply(WeightDecayStep<double>.OfBlocks(steps.Network.Shape, [new("weight_hh_l0", 0.7), new("bias", 2)]));
        Check(steps, gradient, block => block.Name switch { "weight_hh_l0" => 0.7, "bias" => 2, _ => 0 });
    }

    private static void Check(Steps steps, double[] before, Func<ParameterBlock, double> share)
    {
        foreach (ParameterBlock block in steps.Network.Blocks)
        {
            for (int i = block.Offset; i < block.Offset + block.Length; i++)
                Assert.Equal(before[i] + (share(block) * steps.Network.Parameters[i]), steps.Gradient[i], 1e-14);
        }
    }
}
