using Unroll.Remedies;
using Unroll.Tests.Oracles;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>The passes as steps: the network's own cost and gradient, and for a corpus the sum in its unit.</summary>
public static class CostStepTests
{
    [Theory]
    [InlineData(CostReduction.Sum)]
    [InlineData(CostReduction.Mean)]
    public static void Cost_and_gradient_are_those_of_the_network(CostReduction reduction)
    {
        using var steps = new Steps();
        Batch batch = Specimen.Batch(steps.Network.Shape, 6, 4, 3);
        using var alone = new UnrolledNetwork<double>(steps.Network);
        foreach (double alpha in (double[])[0, 1.5])
        {
            double cost = alone.Forward(batch, reduction);
            OmegaStatistics omega = alpha > 0
                ? alone.Backward(new VanishingGradientRegularizer(OmegaForm.Paper), alpha)
                : default;
            if (alpha == 0) alone.Backward();
            steps.Update.Begin(batch, alpha, 0.1, 1);
            new CostStep<double>(reduction, null).Apply(steps.Update);
            new BackwardWithOmega<double>(OmegaForm.Paper).Apply(steps.Update);
            Assert.Equal((cost, 0L, omega), (steps.Update.Loss, steps.Update.Steps, steps.Update.Omega));
            Assert.Equal(alone.Gradient.ToArray(), steps.Gradient);
        }
    }

    /// <summary>Every step predicted: the sum of the costs over all rows and steps, whatever the reduction, in bits.</summary>
    [Fact]
    public static void Of_a_corpus_it_is_the_sum_in_its_unit()
    {
        var shape = new NetworkShape(4, 5, 4) { Head = OutputHead.SoftmaxEvery };
        using var steps = new Steps(shape);
        Batch batch = Specimen.Batch(shape, 7, 3, 2);
        for (int e = 0; e < 21; e++) batch.SetClass(e / 7, e % 7, e % 4); // a corpus predicts every step
        using var alone = new UnrolledNetwork<double>(steps.Network);
        double sum = 7 * alone.Forward(batch, CostReduction.Sum);
        foreach (CostReduction reduction in Enum.GetValues<CostReduction>())
        {
            steps.Update.Begin(batch, 0, 0.1, 1);
            new CostStep<double>(reduction, Math.Log(2)).Apply(steps.Update);
            Assert.Equal(21, steps.Update.Steps);
            Assert.Equal(sum / Math.Log(2), steps.Update.Loss, 1e-9);
        }
    }
}
