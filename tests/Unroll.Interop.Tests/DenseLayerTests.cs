using Unroll.Files;
using Unroll.Training;

namespace Unroll.Interop.Tests;

/// <summary>A dense layer is written as a plain one whose recurrent weights are 0, which says the same.</summary>
public static class DenseLayerTests
{
    private static readonly NetworkShape s_shape = new(3,
        [
            new LayerShape(5) { Cell = CellKind.Dense, Activation = Activation.Relu }, new LayerShape(4) { Cell = CellKind.Gru },
            new LayerShape(6) { Cell = CellKind.Dense, Activation = Activation.Sigmoid },
        ], 2)
    {
        Encoding = InputEncoding.Dense,
        Head = OutputHead.LinearEvery,
        LearnedInitialState = true,
    };

    [Fact]
    public static void Every_format_has_the_plain_layer_and_its_outputs()
    {
        Network<float> network = Networks.Random<float>(s_shape), plain = Plain(network);
        Batch batch = Batch.For(s_shape);
        batch.Resize(2, 7);
        for (int t = 0; t < 7; t++)
        {
            for (int row = 0; row < 2; row++)
            {
                for (int i = 0; i < 3; i++) batch.Dense(t, row)[i] = Math.Sin((5 * t) + (3 * row) + i);
            }
        }

        Assert.Equal(Outputs(network, batch), Outputs(plain, batch), new Close());
        var info = new ModelInfo(s_shape) { Seed = 4 };
        ModelInfo other = info with { Shape = plain.Shape };
        Assert.Equal(Bytes(stream => OnnxWriter.Write(stream, plain, other)),
            Bytes(stream => OnnxWriter.Write(stream, network, info)));
        Assert.Equal(Bytes(stream => TorchWriter.WriteStateDict(stream, plain)),
            Bytes(stream => TorchWriter.WriteStateDict(stream, network)));
        Assert.Equal(Bytes(stream => TorchWriter.WriteSafeTensors(stream, plain)),
            Bytes(stream => TorchWriter.WriteSafeTensors(stream, network)));
        Assert.Equal(TorchWriter.PythonClass(plain.Shape, Precision.Float), TorchWriter.PythonClass(s_shape, Precision.Float));
        foreach (CWeights weights in Enum.GetValues<CWeights>())
        {
            var options = new CHeaderOptions("model") { Weights = weights };
            Assert.Equal(Text(plain, other), Text(network, info));

            string Text(Network<float> one, ModelInfo about)
            {
                using var writer = new StringWriter();
                CWriter.Write(writer, one, about, options);
                return writer.ToString();
            }
        }

        Assert.Equal(CWriter.Quantized(plain).Parameters.ToArray(), CWriter.Quantized(network).Parameters.ToArray());
        Assert.Equal(CWriter.Quantized(plain, [batch]).Parameters.ToArray(),
            CWriter.Quantized(network, [batch]).Parameters.ToArray());
        Assert.All(CWriter.Quantized(network).Parameters.ToArray(), value => Assert.True(float.IsFinite(value)));
    }

    private static Network<float> Plain(Network<float> network)
    {
        var plain = new Network<float>(s_shape with
        {
            Layers = [.. s_shape.Layers.Select(layer => layer with
            {
                Cell = layer.Cell == CellKind.Dense ? CellKind.Plain : layer.Cell,
            })],
        });
        foreach (ParameterBlock block in network.Blocks) network.Parameter(block.Name).CopyTo(plain.Parameter(block.Name));
        return plain;
    }

    private static double[] Outputs(Network<float> network, Batch batch)
    {
        using var unrolled = new UnrolledNetwork<float>(network);
        var predictions = new Predictions();
        unrolled.Predict(batch, predictions);
        return [.. Enumerable.Range(0, 7).SelectMany(t => predictions.At(t, 1).ToArray())];
    }

    private static byte[] Bytes(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    private sealed class Close : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) < 1e-6;

        public int GetHashCode(double value) => 0;
    }
}
