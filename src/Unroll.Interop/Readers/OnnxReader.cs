using System.Numerics;
using System.Text.Json;
using Unroll.Files;

namespace Unroll.Interop;

/// <summary>
/// Reads ONNX models: those of <see cref="OnnxWriter"/> whole, with what is known about them; of other programs stacks of
/// <c>RNN</c>, <c>LSTM</c> and <c>GRU</c> with one linear head, such as PyTorch's exporter makes. Nothing in a file is executed.
/// </summary>
public static class OnnxReader
{
    private const string Own = "unroll.initial_state";

    /// <summary>Loads a network that <see cref="OnnxWriter"/> wrote.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>; the file has 32 bits.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="info">Receives what the file says.</param>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidFileException">It is not such a model, or damaged.</exception>
    public static Network<T> Load<T>(string path, out ModelInfo info)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SafeTensorsFile file = Open(path, out _) ?? throw new InvalidFileException(path, "is not an ONNX model");
        return ModelFile.Load<T>(file, out info);
    }

    /// <summary>
    /// An ONNX model as the file that it would be in safetensors: a model of ours, or a state dict in PyTorch's names. Null
    /// for a file of another kind.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="activation">Receives the nonlinearity of the layers of another program's plain RNN.</param>
    /// <exception cref="InvalidFileException">It is damaged, or holds more than such a network.</exception>
    internal static SafeTensorsFile? Open(string path, out Activation? activation)
    {
        activation = null;
        byte[] bytes;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            Span<byte> start = stackalloc byte[9];
            int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
            bool named = path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase);
            if (!named && (!OnnxFile.Begins(start[..read]) || (read == start.Length && start[8] == '{'))) return null;
            if (stream.Length > Array.MaxLength) throw new InvalidFileException(path, "has 2 GB or more, which ONNX cannot have");
            stream.Position = 0;
            bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error) && error is not InvalidFileException)
        {
            throw FileErrors.NotRead(path, error);
        }

        return Read(bytes, path, out activation);
    }

    /// <summary>As <see cref="Open"/>, of a file's bytes.</summary>
    internal static SafeTensorsFile Read(ReadOnlyMemory<byte> bytes, string path, out Activation? activation)
    {
        activation = null;
        try
        {
            OnnxFile file = OnnxFile.Read(bytes);
            if (!file.Metadata.ContainsKey(UnrollMetadata.FormatKey))
                return Written([], new ForeignOnnx(file).StateDict(out activation), path);
            Dictionary<string, string> metadata = new(file.Metadata);
            metadata.Remove(Own);
            metadata.Remove(OnnxWriter.ChecksumKey);
            NetworkShape shape = ModelFile.ReadInfo(Written(metadata, [], path), checkTensors: false).Shape;
            List<SafeTensor> tensors = Tensors(file, shape);

            // Last, so that what is missing is named; files of earlier versions have none.
            if (file.Metadata.TryGetValue(OnnxWriter.ChecksumKey, out string? checksum)
                && checksum != Seal.Digest(file.GraphBytes.Span))
                throw new FormatException("was altered after it was written: its graph does not match its checksum");
            return Written(metadata, tensors, path);
        }
        catch (FormatException error)
        {
            throw new InvalidFileException(path, Printable.Line(error.Message.TrimEnd('.')));
        }
        catch (Exception error) when (error is ArgumentException or OverflowException)
        {
            throw new InvalidFileException(path, $"is damaged: {Printable.Line(error.Message.TrimEnd('.'))}");
        }
    }

    private static SafeTensorsFile Written(
        IEnumerable<KeyValuePair<string, string>> metadata, IReadOnlyList<SafeTensor> tensors, string path)
    {
        using var stream = new MemoryStream();
        SafeTensors.Write(stream, metadata, tensors);
        stream.Position = 0;
        return SafeTensorsFile.Read(stream, path);
    }

    /// <summary>The parameters of a graph of ours.</summary>
    private static List<SafeTensor> Tensors(OnnxFile file, NetworkShape shape)
    {
        var tensors = new List<SafeTensor>();
        for (int k = 0; k < shape.Layers.Count; k++)
        {
            LayerShape layer = shape.Layers[k];
            int h = layer.Hidden, inputs = shape.InputsOf(k), gates = layer.Definition.Layout.Gates;
            string At(string name) => Invariant($"{name}_l{k}");
            void Add(string name, float[] values, params ReadOnlySpan<long> sizes) =>
                tensors.Add(SafeTensor.Of(ParameterBlock.Of(name, k), values, sizes));
            if (layer.Cell == CellKind.Leaky || (layer.Cell == CellKind.Plain && layer.Activation == Activation.Identity))
            {
                Add("weight_ih", LayerView.Transposed(Constant(At("W"), inputs, h), h), h, inputs);
                Add("weight_hh", LayerView.Transposed(Constant(At("R"), h, h), h), h, h);
                if (shape.Biases) Add("bias", Constant(At("b"), h), h);
                if (layer is { Cell: CellKind.Leaky, TrainedLeak: true }) Add("leak", [.. Constant(At("leak"),
                    h).Select(Logit)], h);
                continue;
            }

            int[] order = layer.Cell switch { CellKind.Lstm => GatesOf.Lstm, CellKind.Gru => GatesOf.Gru, _ => [0] };
            Add("weight_ih", GatesOf.Back(Constant(At("W"), 1, gates * h, inputs), order), gates * h, inputs);
            Add("weight_hh", GatesOf.Back(Constant(At("R"), 1, gates * h, h), order), gates * h, h);
            if (!shape.Biases) continue;
            float[] both = Constant(At("B"), 1, 2 * gates * h);
            Add("bias", GatesOf.Back(both[..(gates * h)], order), gates * h);
            if (layer.Cell == CellKind.Gru) Add("bias_hn", both[^h..], h);
        }

        tensors.Add(SafeTensor.Of(ParameterBlock.OutputWeights,
            LayerView.Transposed(Constant("head_weight", shape.Hidden, shape.Outputs), shape.Outputs), shape.Outputs,
                shape.Hidden));
        if (shape.Biases) tensors.Add(SafeTensor.Of(ParameterBlock.OutputBias, Constant("head_bias", shape.Outputs),
            shape.Outputs));
        if (shape.LearnedInitialState) tensors.Add(SafeTensor.Of(ParameterBlock.InitialState, InitialState(file),
            shape.StateWidth));
        return tensors;

        float[] Constant(string name, params ReadOnlySpan<long> sizes) =>
            file.Constants.GetValueOrDefault(name) is { Values: { } values } found && found.Has(sizes) ? values
                : throw new FormatException($"lacks the constant {name} of sizes [{string.Join(", ", sizes.ToArray())}]");

        static float Logit(float share) => (float)Math.Log(Math.Max(share, 1e-30) / Math.Max(1 - (double)share, 1e-9));
    }

    private static float[] InitialState(OnnxFile file)
    {
        try
        {
            using JsonDocument list = JsonDocument.Parse(file.Metadata.GetValueOrDefault(Own, ""));
            return [.. list.RootElement.EnumerateArray().Select(one => one.GetSingle())];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            throw new FormatException($"has no list of numbers as its {Own}", error);
        }
    }
}

/// <summary>The order of the operators' gates: which of ours stands at each place.</summary>
internal static class GatesOf
{
    /// <summary>i, o, f, c of our i, f, g, o.</summary>
    public static int[] Lstm { get; } = [0, 3, 1, 2];

    /// <summary>z, r, h of our r, z, n.</summary>
    public static int[] Gru { get; } = [1, 0, 2];

    /// <summary>Blocks in the operators' order in ours.</summary>
    public static float[] Back(float[] values, int[] order)
    {
        int size = values.Length / order.Length;
        var moved = new float[values.Length];
        for (int place = 0; place < order.Length; place++)
            values.AsSpan(place * size, size).CopyTo(moved.AsSpan(order[place] * size));
        return moved;
    }
}
