using Unroll.Files;
using Unroll.Training;

namespace Unroll.Interop.Tests;

/// <summary>A normalized layer has no form elsewhere; every writer says so, whatever the cell and the layer's place.</summary>
public static class NormalizedLayerTests
{
    /// <summary>A class of Python whose head reads the last state would be another network.</summary>
    [Fact]
    public static void A_head_that_reads_all_states_has_no_class_of_Python()
    {
        var shape = new NetworkShape(2, 3, 1) { Read = StateReading.Mean, Head = OutputHead.LinearLast };
        Assert.Contains("head reads the mean", Assert.Throws<ArgumentException>(() =>
            TorchWriter.PythonClass(shape, Precision.Float)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CellKind.Plain)]
    [InlineData(CellKind.Leaky)]
    [InlineData(CellKind.Lstm)]
    [InlineData(CellKind.Gru)]
    public static void Every_writer_refuses_it(CellKind cell)
    {
        var layer = new LayerShape(5) { Cell = cell };
        var shape = new NetworkShape(3, [layer, layer with { LayerNorm = true }], 2);
        Network<float> network = Networks.Random<float>(shape);
        var info = new ModelInfo(shape);
        foreach (Action write in (Action[])
            [
                () => TorchWriter.WriteStateDict(Stream.Null, network), () => TorchWriter.WriteSafeTensors(Stream.Null, network),
                () => TorchWriter.PythonClass(shape, Precision.Float), () => OnnxWriter.Write(Stream.Null, network, info),
                () => CWriter.Write(TextWriter.Null, network, info, new CHeaderOptions("model")),
                () => CWriter.Quantized(network), () => CWriter.Quantized(network, []),
            ])
        {
            Assert.StartsWith(
                "A layer with layer normalization cannot be exported: ", Assert.Throws<ArgumentException>(write).Message,
                StringComparison.Ordinal);
        }
    }
}
