using Unroll.Analysis;
using Unroll.Remedies;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Analysis;

public static class OmegaAnalysisTests
{
    [Theory]
    [InlineData(OmegaForm.Code)]
    [InlineData(OmegaForm.Paper)]
    public static void The_terms_by_step_make_up_Omega(OmegaForm form)
    {
        var shape = new NetworkShape(3, 7, 2) { Head = OutputHead.SoftmaxEvery };
        using UnrolledNetwork<double> unrolled = Run(shape, out Batch batch);
        var steps = OmegaAnalysis.ByStep(unrolled, form);
        double sum = steps.Where(step => step.Kept > 0).Sum(step => step.Term * step.Kept);
        OmegaStatistics omega = new VanishingGradientRegularizer(form).Measure(unrolled);
        Compare.Close(form == OmegaForm.Code ? sum / steps.Sum(step => step.Kept) : sum / batch.Rows, omega.Omega,
            1e-12, "Omega");
    }

    [Fact]
    public static void The_ratio_is_a_stretch_that_the_Jacobian_allows()
    {
        var shape = new NetworkShape(3, 7, 2);
        using UnrolledNetwork<double> unrolled = Run(shape, out _);
        for (int k = 1; k < 12; k++)
        {
            OmegaDirection direction = OmegaAnalysis.Direction(unrolled, 1, k);
            Assert.InRange(direction.Ratio, direction.SingularValues[^1], direction.SingularValues[0]);
            Assert.InRange(direction.Rank, 0, 1);
            double ratio = GradientClipping.Norm(unrolled.PreActivationGradient(k, 1))
                / GradientClipping.Norm(unrolled.PreActivationGradient(k + 1, 1));
            Compare.Close(direction.Ratio, ratio, 1e-10, "ratio"); // a cost at the last step only
        }
    }

    [Fact]
    public static void A_rotation_leaves_nothing_to_regularize()
    {
        var shape = new NetworkShape(1, 2, 1)
        {
            Activation = Activation.Identity,
            Head = OutputHead.LinearLast,
            Encoding = InputEncoding.Dense,
        };
        var network = new Network<double>(shape);
        new double[] { 0.6, -0.8, 0.8, 0.6 }.CopyTo(network.RecurrentWeights);
        network.OutputWeights[0] = 1;
        var batch = Batch.For(shape);
        batch.Resize(1, 6);
        batch.Values(0, 0)[0] = 1;
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        Assert.All(OmegaAnalysis.ByStep(unrolled),
            step => Assert.Equal((1.0, 0.0), (Math.Round(step.Ratio, 12), Math.Round(step.Term, 12))));
        Assert.Equal(1, OmegaAnalysis.Direction(unrolled, 0, 3).Ratio, 12);
    }

    [Fact]
    public static void Where_nothing_but_W_matters_the_immediate_derivative_is_the_full_one()
    {
        // One linear unit: the ratio is |w| at every step whatever the states and signals, so treating them as constants loses
        // nothing.
        var shape = new NetworkShape(1, 1, 1)
        {
            Activation = Activation.Identity,
            Head = OutputHead.LinearLast,
            Encoding = InputEncoding.Dense,
        };
        Network<double> network = Specimen.Network<double>(shape, 8);
        network.RecurrentWeights[0] = 0.8;
        Batch batch = Specimen.Batch(shape, 2, 6, 3);
        OmegaDerivatives one = OmegaAnalysis.Derivatives(network, batch, CostReduction.Sum);
        Assert.Equal(1, one.Cosine, 9);
        Compare.Close(one.FullNorm, one.ImmediateNorm, 1e-6, "norms");
        Compare.Close(one.FullNorm, 4 * 0.8 * (1 - 0.64), 1e-6, "d(w^2 - 1)^2/dw");

        // For a tanh network the two derivatives point in roughly the same direction and are not equal.
        var tanh = new NetworkShape(3, 5, 2);
        OmegaDerivatives five = OmegaAnalysis.Derivatives(Specimen.Network<double>(tanh, 8), Specimen.Batch(tanh, 3, 8, 3),
            CostReduction.Sum);
        Assert.InRange(five.Cosine, 0.1, 0.99999);
        Assert.Equal(0.8, network.RecurrentWeights[0]);
    }

    [Fact]
    public static void A_derivative_of_states_that_are_carried_on_is_refused()
    {
        // Each pass would begin where the pass before ended.
        var shape = new NetworkShape(3, 5, 2);
        Batch batch = Specimen.Batch(shape, 3, 8, 3);
        batch.Carry[2] = true;
        Assert.Contains("continues", Assert.Throws<ArgumentException>(() => OmegaAnalysis.Derivatives(
            Specimen.Network<double>(shape, 8), batch, CostReduction.Sum)).Message, StringComparison.Ordinal);
    }

    private static UnrolledNetwork<double> Run(NetworkShape shape, out Batch batch)
    {
        batch = Specimen.Batch(shape, 3, 12, 9);
        var unrolled = new UnrolledNetwork<double>(Specimen.Network<double>(shape, 3));
        unrolled.Forward(batch, CostReduction.Sum);
        unrolled.Backward();
        return unrolled;
    }
}
