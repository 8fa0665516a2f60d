using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Remedies;

/// <summary>
/// The rules around Omega; its values and gradients are in GoldenTests, FiniteDifferenceTests and FloatKernelTests.
/// </summary>
public static class VanishingGradientRegularizerTests
{
    public static TheoryData<string> Kernels() => [.. KernelFactory.Available()];

    [Fact]
    public static void Entries_below_the_bound_carry_no_signal()
    {
        // (T, B) = (2, 2): below, at, far above the bound, and zero.
        double[] signal = [0.99e-20, 1e-20, 4, 0], flow = [1, 4e-20, 1, 0], coefficients = [9, 9, 9, 9];
        OmegaStatistics code = new VanishingGradientRegularizer(OmegaForm.Code)
            .Coefficients(signal, flow, coefficients, [2, 2], 2, 3);
        Assert.Equal((9 + 0.5625) / 2, code.Omega, 12);
        Assert.Equal(0.5, code.Kept);
        Compare.Close(coefficients, [0, 3 * 4 * 3 / 1e-20 / 2, 3 * 4 * -0.75 / 4 / 2, 0], 1e-14, "code form");

        // The paper's form also leaves out a flow below the bound.
        double[] few = [1, 4e-20, 0.99e-20, 0];
        OmegaStatistics paper = new VanishingGradientRegularizer(OmegaForm.Paper)
            .Coefficients(signal, few, coefficients, [2, 2], 2, 3);
        Assert.Equal(1.0 / 2, paper.Omega, 12);
        Compare.Close(coefficients, [0, 3 * 2 * 1 / 2e-20 / 2, 0, 0], 1e-14, "paper form");
        Assert.Equal(0.5, paper.Kept); // of the two links between states
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void Without_a_signal_there_is_no_Omega(string kernel)
    {
        foreach (OmegaForm form in Enum.GetValues<OmegaForm>())
        {
            // Outputs that ignore the state: nothing flows back. And rows of one step: no link between states.
            var network = new Network<float>(new NetworkShape(3, 9, 2));
            Specimen.Network<float>(network.Shape, 3).RecurrentWeights.CopyTo(network.RecurrentWeights);
            using var unrolled = new UnrolledNetwork<float>(network, kernel: kernel);
            unrolled.Forward(Specimen.Batch(network.Shape, 4, 5, 1), CostReduction.Sum);
            Assert.Equal(default, unrolled.Backward(new VanishingGradientRegularizer(form), 2));
            Assert.All(unrolled.Gradient.ToArray(), g => Assert.True(float.IsFinite(g)));

            Network<float> alive = Specimen.Network<float>(network.Shape, 3);
            using var single = new UnrolledNetwork<float>(alive, kernel: kernel);
            single.Forward(Specimen.Batch(network.Shape, 4, 1, 1), CostReduction.Sum);
            OmegaStatistics statistics = single.Backward(new VanishingGradientRegularizer(form), 2);
            Assert.Equal(form == OmegaForm.Code ? 1.0 : 0.0, statistics.Kept);
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void A_weight_of_zero_changes_no_bit_and_measuring_changes_nothing(string kernel)
    {
        NetworkShape shape = new(3, 9, 2);
        using var unrolled = new UnrolledNetwork<float>(Specimen.Network<float>(shape, 3), kernel: kernel);
        unrolled.Forward(Specimen.Batch(shape, 4, 5, 1), CostReduction.Sum);
        unrolled.Backward();
        float[] gradient = unrolled.Gradient.ToArray();
        foreach (OmegaForm form in Enum.GetValues<OmegaForm>())
        {
            var regularizer = new VanishingGradientRegularizer(form);
            OmegaStatistics measured = regularizer.Measure(unrolled);
            Compare.SameBits<float>(unrolled.Gradient, gradient, "measured");
            Assert.Equal(measured, unrolled.Backward(regularizer, 0));
            Compare.SameBits<float>(unrolled.Gradient, gradient, "fused at weight 0");
            Assert.Equal(measured, regularizer.AddGradient(unrolled, 0));
            Compare.SameBits<float>(unrolled.Gradient, gradient, "added at weight 0");
            Assert.True(measured.Omega > 0);
        }
    }

    [Fact]
    public static void A_negative_weight_and_a_missing_backward_pass_are_refused()
    {
        NetworkShape shape = new(3, 9, 2);
        using var unrolled = new UnrolledNetwork<float>(Specimen.Network<float>(shape, 3));
        var regularizer = new VanishingGradientRegularizer();
        Assert.Throws<InvalidOperationException>(() => regularizer.Measure(unrolled));
        unrolled.Forward(Specimen.Batch(shape, 4, 5, 1), CostReduction.Sum);
        Assert.Throws<InvalidOperationException>(() => regularizer.AddGradient(unrolled, 1));
        unrolled.Backward();
        Assert.Throws<ArgumentOutOfRangeException>(() => regularizer.AddGradient(unrolled, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => unrolled.Backward(regularizer, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => unrolled.Backward(regularizer, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => regularizer.AddGradient(unrolled, double.PositiveInfinity));
    }
}
