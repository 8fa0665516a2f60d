using System.Globalization;
using System.Numerics;
using Unroll.Files;
using Unroll.Training;

namespace Unroll.Interop;

/// <summary>
/// Writes networks as ONNX models (opset 14, IR version 7) in 32 bits, by hand: no dependency. Steps T and rows B are the
/// caller's choice, <c>sequence_lens</c> (B) gives each row's steps, and the state goes in and comes out, so that a sequence
/// may be fed in pieces or step by step.
/// </summary>
/// <remarks>
/// <para>Inputs: <c>x</c> (T, B, I) of floats, or <c>symbols</c> (T, B) of 64-bit integers for one-hot inputs (-1 is a step
/// without input); <c>sequence_lens</c> (B) of 32-bit integers; <c>h0</c> (layers, B, H), and <c>c0</c> of the LSTM layers
/// alone. Where layers differ in their units each has its own: <c>h0_l0</c> (1, B, H), and so on.</para>
/// <para>Outputs: <c>y</c>, before softmax or sigmoid, and <c>probabilities</c> behind it: (T, B, O), or (B, O) at each
/// row's last step; <c>hn</c> and <c>cn</c> as they went in.</para>
/// <para>Metadata are those of a model file (docs of <see cref="ModelFile"/>), a checksum of the graph under
/// <c>unroll.graph_checksum</c>, and the numbers of a learned initial state as a list in JSON under
/// <c>unroll.initial_state</c>.</para>
/// </remarks>
public static class OnnxWriter
{
    private const int IrVersion = 7, Opset = 14;
    private const string InitialStateKey = "unroll.initial_state";

    /// <summary>The checksum of the graph, by which a damaged file of ours is known.</summary>
    internal const string ChecksumKey = "unroll.graph_checksum";

    /// <summary>Writes a model; the same network gives the same bytes.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>; it is rounded to 32 bits.</typeparam>
    /// <param name="stream">Where to write; it goes forward only and stays open.</param>
    /// <param name="network">The network.</param>
    /// <param name="info">What is known about it; its shape must be the network's.</param>
    /// <exception cref="ArgumentException">
    /// A weight is not finite in 32 bits, a cell or the cost is none of the library's, the shapes differ, or the model would
    /// have 2 GB or more, which the format cannot hold.
    /// </exception>
    public static void Write<T>(Stream stream, Network<T> network, ModelInfo info)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(info);
        (network, info) = (DenseAsPlain.Of(network), DenseAsPlain.Of(info));
        Network<float> rounded = CellForms.Rounded(network, info);
        if ((long)network.Shape.ParameterCount * sizeof(float) > int.MaxValue - (16 << 20))
            throw new ArgumentException("The network has 2 GB of weights or more, which an ONNX file cannot hold.");
        Model(rounded, info).WriteTo(stream);
    }

    private static ProtoMessage Model(Network<float> network, ModelInfo info)
    {
        List<KeyValuePair<string, string>> metadata = ModelFile.Metadata(info with { Precision = Precision.Float });
        ProtoMessage graph = new OnnxModel(network, SeriesPlan.Of(info)).Graph().ToMessage("unroll");
        ProtoMessage model = new ProtoMessage().Add(1, IrVersion).Add(2, "unroll")
            .Add(3, UnrollMetadata.Version)
            .Add(7, graph)
            .Add(8, new ProtoMessage().Add(1, "").Add(2, Opset));
        if (network.Shape.LearnedInitialState)
        {
            IEnumerable<string> numbers =
                network.InitialState.ToArray().Select(x => x.ToString("R", CultureInfo.InvariantCulture));
            metadata.Add(new(InitialStateKey, $"[{string.Join(',', numbers)}]"));
        }

        metadata.Add(new(ChecksumKey, Seal.Digest(graph.Bytes)));
        foreach ((string key, string value) in metadata) model.Add(14, new ProtoMessage().Add(1, key).Add(2, value));
        return model;
    }
}
