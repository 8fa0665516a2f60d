using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Frozen blocks have no gradient; the others keep theirs.</summary>
public static class FreezingStepTests
{
    [Fact]
    public static void Clears_the_blocks_named()
    {
        using var steps = new Steps();
        double[] before = steps.Gradient;
        ParameterBlock[] frozen = [steps.Block(ParameterBlock.HiddenBias), steps.Block(ParameterBlock.InitialState)];
        steps.Apply(new FreezingStep<double>(frozen));
        for (int i = 0; i < before.Length; i++)
            Assert.Equal(frozen.Any(block => i >= block.Offset && i < block.Offset + block.Length) ? 0 : before[i],
                steps.Gradient[i]);
    }
}
