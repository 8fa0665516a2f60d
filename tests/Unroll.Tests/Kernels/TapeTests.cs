using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Kernels;

public static unsafe class TapeTests
{
    public static TheoryData<string> Kernels() => [.. KernelFactory.Available()];

    /// <summary>Every pass relies on this: the padding of a row is zero, whatever sigma(0) is.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public static void Padding_stays_zero(string name)
    {
        foreach (Activation activation in Enum.GetValues<Activation>())
        {
            foreach (OutputHead head in Enum.GetValues<OutputHead>())
            {
                const int Rows = 3, Steps = 4, H = 5, O = 3;
                var shape = new NetworkShape(2, H, O) { Activation = activation, Head = head };
                Batch batch = Specimen.Batch(shape, Rows, Steps, 1, 4, 2, 1);
                IKernel<float> kernel = KernelFactory.Create<float>(shape, name);
                var tape = new Tape<float>(shape, kernel) { Reduction = CostReduction.Sum };
                tape.Prepare(batch);
                tape.PrepareBackward();
                kernel.Pack(Specimen.Network<float>(shape, 3), default);
                LayerTape<float> layer = tape.Layers[0];
                kernel.Forward(batch, tape, 0, Rows);
                kernel.Backward(batch, tape, 0, Rows);
                tape.PrepareOmega();
                foreach (OmegaForm form in Enum.GetValues<OmegaForm>())
                {
                    kernel.OmegaNorms(tape, form, 0, Rows);
                    new VanishingGradientRegularizer(form).Coefficients(
                        layer.SignalSquared, layer.FlowSquared, layer.Coefficients, batch.Lengths, Steps, 1);
                    kernel.OmegaRight(tape, form, true, 0, Rows);
                    Check(layer.Right, Steps * Rows, "right operand");
                    Check(layer.Flow, Steps * Rows, "flow");
                }

                Check(layer.States, (Steps + 1) * Rows, "states");
                Check(layer.StateGradients, (Steps + 1) * Rows, "dE/dh");
                Check(layer.PreGradients, Steps * Rows, "dE/dx");
                Check(tape.Carried, Rows, "carried states");
                int outputRows = shape.PredictsEveryStep ? Steps * Rows : Rows;
                for (int i = 0; i < outputRows * tape.OutputStride; i++)
                    Assert.True(i % tape.OutputStride < O || tape.OutputGradients[i] == 0,
                        $"dE/dy, {activation}, {head}: padding is not zero.");

                void Check(float* values, int rows, string what)
                {
                    for (int i = 0; i < rows * layer.StateStride; i++)
                        Assert.True(i % layer.StateStride < H || values[i] == 0,
                            $"{what}, {activation}, {head}: padding is {values[i]}.");
                }
            }
        }
    }
}
