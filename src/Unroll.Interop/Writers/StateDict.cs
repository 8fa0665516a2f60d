using System.Numerics;
using System.Runtime.InteropServices;

namespace Unroll.Interop;

/// <summary>
/// A module of the Python class: layers that are one <c>nn.RNN</c>, <c>nn.LSTM</c> or <c>nn.GRU</c>, or one
/// layer.
/// </summary>
/// <param name="Name">The attribute's name: <c>rnn</c>, or <c>rnn0</c>, <c>rnn1</c>, ... where there are several.</param>
/// <param name="First">The network's first layer in it.</param>
/// <param name="Count">How many.</param>
internal sealed record TorchPart(string Name, int First, int Count)
{
    /// <summary>The modules of a network: equal neighbours that PyTorch has a module for are one.</summary>
    public static IReadOnlyList<TorchPart> Of(NetworkShape shape)
    {
        var parts = new List<TorchPart>();
        for (int k = 0; k < shape.Layers.Count; k++)
        {
            LayerShape layer = shape.Layers[k];
            if (parts.Count > 0 && CellForms.Of(layer).TorchModule(layer) is not null && shape.Layers[k - 1] == layer)
                parts[^1] = parts[^1] with { Count = parts[^1].Count + 1 };
            else
                parts.Add(new TorchPart("", k, 1));
        }

        return [.. parts.Select((part, i) => part with { Name = parts.Count == 1 ? "rnn" : Invariant($"rnn{i}") })];
    }
}

/// <summary>
/// The tensors of a network in PyTorch's names and sizes. The flat bias is PyTorch's first, its second is zero.
/// </summary>
internal static class StateDict
{
    /// <summary>Refuses a network whose head reads several states of a sequence.</summary>
    /// <exception cref="ArgumentException">It does.</exception>
    public static void RequireLast(NetworkShape shape)
    {
        if (shape.Read != StateReading.Last)
            throw new ArgumentException(
                $"The network's head reads the {Files.ValueNames.Of(shape.Read)} of a sequence's states, which a state "
                    + "dict cannot say; export a network that reads the last one, or write ONNX or C.");
    }

    /// <summary>The tensors.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    public static IReadOnlyList<StateTensor> Of<T>(Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CellForms.Require(network);
        network = DenseAsPlain.Of(network);
        RequireLast(network.Shape);
        NetworkShape shape = network.Shape;
        var tensors = new List<StateTensor>();
        foreach (TorchPart part in TorchPart.Of(shape))
        {
            for (int i = 0; i < part.Count; i++) AddLayer(part, i);
        }

        Add("head.weight", network.OutputWeights, shape.Outputs, shape.Hidden);
        if (shape.Biases) Add("head.bias", network.OutputBias, shape.Outputs);
        if (shape.LearnedInitialState) Add(ParameterBlock.InitialState, network.InitialState, shape.StateWidth);
        return tensors;

        void AddLayer(TorchPart part, int i)
        {
            int k = part.First + i, hidden = shape.Layers[k].Hidden, gates = shape.Layers[k].Definition.Layout.Gates;
            Named("weight_ih", Parameter("weight_ih"), gates * hidden, shape.InputsOf(k));
            Named("weight_hh", Parameter("weight_hh"), gates * hidden, hidden);
            if (shape.Biases)
            {
                Named("bias_ih", Parameter("bias"), gates * hidden);

                // Only a GRU's n has a second bias, as r multiplies it; it is the last gate.
                var second = new T[gates * hidden];
                Parameter("bias_hn").CopyTo(second.AsSpan((gates - 1) * hidden));
                Named("bias_hh", second, gates * hidden);
            }

            if (Parameter("leak") is { IsEmpty: false } leak) Named("leak", leak, hidden);

            ReadOnlySpan<T> Parameter(string name) => network.Parameter(ParameterBlock.Of(name, k));

            void Named(string name, ReadOnlySpan<T> values, params ReadOnlySpan<long> sizes) =>
                Add($"{part.Name}.{ParameterBlock.Of(name, i)}", values, sizes);
        }

        void Add(string name, ReadOnlySpan<T> values, params ReadOnlySpan<long> sizes) =>
            tensors.Add(new StateTensor(name, sizes.ToArray(), MemoryMarshal.AsBytes(values).ToArray()));
    }
}
