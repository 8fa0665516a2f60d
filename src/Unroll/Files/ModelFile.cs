using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using Unroll.Training;

namespace Unroll.Files;

/// <summary>
/// A trained network in a safetensors file: the tensors of <see cref="NetworkShape.Blocks"/> in PyTorch's names and
/// orientation, with the shape and options as metadata (<c>unroll.*</c>), so that other tools can read and make one.
/// </summary>
public static class ModelFile
{
    private const string InputsKey = "unroll.inputs", HiddenKey = "unroll.hidden", OutputsKey = "unroll.outputs",
        EncodingKey = "unroll.encoding", ActivationKey = "unroll.activation", HeadKey = "unroll.head",
        BiasesKey =
            "unroll.biases", LayersKey =
                "unroll.layers", InitialStateKey = "unroll.learned_initial_state", PrecisionKey = "unroll.precision",
        ReadKey = "unroll.read", BranchesKey = "unroll.branches", DeltaKey = "unroll.huber_delta",
        QuantilesKey = "unroll.quantiles",
        ReductionKey = "unroll.reduction", SeedKey = "unroll.seed", UpdateKey = "unroll.update";

    /// <summary>Saves a network, replacing the file as a whole (<see cref="AtomicFile"/>).</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>; the weights are stored in it.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="network">The network; its weights must be finite.</param>
    /// <param name="info">What to say about it; its shape must be that of the network.</param>
    /// <exception cref="ArgumentException">A weight is not finite, the shape in <paramref name="info"/> is another, or a cell or
    /// the cost is not one of the library.</exception>
    /// <exception cref="IOException">It could not be written; the file is as it was.</exception>
    public static void Save<T>(string path, Network<T> network, ModelInfo info)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(info);
        if (info.Shape != network.Shape)
            throw new ArgumentException($"The information describes {info.Shape}, but the network is {network.Shape}.");
        RequireKnown(path, network.Shape);
        var tensors = new List<SafeTensor>();
        foreach (ParameterBlock block in network.Blocks)
        {
            ReadOnlySpan<T> values = network.Parameters.Slice(block.Offset, block.Length);
            int wrong = NotFinite(values);
            if (wrong >= 0)
                throw new ArgumentException(
                    $"The network is not saved to {path} because {Element(block, wrong)} is {Text(values[wrong])}.");
            tensors.Add(typeof(T) == typeof(float)
                ? SafeTensor.Of(block.Name, MemoryMarshal.Cast<T, float>(values), Sizes(block))
                : SafeTensor.Of(block.Name, MemoryMarshal.Cast<T, double>(values), Sizes(block)));
        }

        List<KeyValuePair<string, string>> metadata = Metadata(info with
        {
            Precision = typeof(T) == typeof(float) ? Precision.Float : Precision.Double,
        });
        AtomicFile.Write(path, stream => SafeTensors.Write(stream, metadata, tensors));
    }

    /// <summary>Loads a network, converting its weights when the file holds the other precision.</summary>
    /// <inheritdoc cref="Load{T}(string, out ModelInfo)"/>
    public static Network<T> Load<T>(string path)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Load<T>(path, out _);

    /// <summary>Loads a network and what its file says about it.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="info">Receives what the file says.</param>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidFileException">The content is not a model of this library: truncated, altered, of a newer format,
    /// of another tool, with tensors missing or of other shapes, or with weights that are not finite.</exception>
    public static Network<T> Load<T>(string path, out ModelInfo info)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        return Load<T>(SafeTensorsFile.ReadUnverified(path), out info);
    }

    /// <summary>Loads a network from what was read of a file.</summary>
    /// <inheritdoc cref="Load{T}(string, out ModelInfo)"/>
    internal static Network<T> Load<T>(SafeTensorsFile file, out ModelInfo info)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        info = ReadInfo(file);
        var network = new Network<T>(info.Shape);
        foreach (ParameterBlock block in network.Blocks)
        {
            Span<T> target = network.Parameters.Slice(block.Offset, block.Length);
            if (info.Precision == Precision.Float) Copy<float, T>(file, block, file.Floats(block.Name), target);
            else Copy<double, T>(file, block, file.Doubles(block.Name), target);
        }

        return network;
    }

    /// <summary>
    /// Reads what a model file says about its network; everything but the finiteness of the weights is checked.
    /// </summary>
    /// <inheritdoc cref="Load{T}(string, out ModelInfo)"/>
    public static ModelInfo ReadInfo(string path)
    {
        return ReadInfo(SafeTensorsFile.ReadUnverified(path));
    }

    /// <summary>A file stores cells and costs by name, so with an unknown one another network would be read back.</summary>
    private static void RequireKnown(string path, NetworkShape shape)
    {
        for (int k = 0; k < shape.Layers.Count; k++)
        {
            if (shape.Layers[k].Own is not null)
                throw new ArgumentException(
                    Invariant($"The network is not saved to {path} because the cell of layer {k + 1} is not one of the library, ")
                    + "and a file could not name it.");
        }

        if (shape.OwnCost is not null)
            throw new ArgumentException(
                $"The network is not saved to {path} because its cost is not one of the library, and a file could not name it.");
    }

    /// <summary>What a model file says about a network, in its order, without the checksum.</summary>
    internal static List<KeyValuePair<string, string>> Metadata(ModelInfo info)
    {
        NetworkShape shape = info.Shape;
        List<KeyValuePair<string, string>> metadata = UnrollMetadata.Begin(
            UnrollMetadata.Model, shape.Layers.Any(layer => layer.LayerNorm) ? UnrollMetadata.Format
                : shape.Branches > 0 ? UnrollMetadata.BranchesFormat
                : shape.Read != StateReading.Last ? UnrollMetadata.ReadFormat
                : shape.IsOnePlainLayer ? UnrollMetadata.FirstFormat : UnrollMetadata.LayersFormat);
        void Add(string key, string value) => metadata.Add(new(key, value));
        Add(InputsKey, shape.Inputs.ToString(CultureInfo.InvariantCulture));
        Add(HiddenKey, shape.Hidden.ToString(CultureInfo.InvariantCulture));
        if (!shape.IsOnePlainLayer) Add(LayersKey, LayerText.Of(shape.Layers));
        Add(OutputsKey, shape.Outputs.ToString(CultureInfo.InvariantCulture));
        Add(EncodingKey, ValueNames.Of(shape.Encoding));
        Add(ActivationKey, ValueNames.Of(shape.Activation));
        Add(HeadKey, ValueNames.Of(shape.Head));
        if (shape.Read != StateReading.Last) Add(ReadKey, ValueNames.Of(shape.Read));
        if (shape.Branches > 0) Add(BranchesKey, shape.Branches.ToString(CultureInfo.InvariantCulture));
        if (shape.Head.Cost() == HeadCost.Huber) Add(DeltaKey, ExactNumber.ToText(shape.HuberDelta));
        if (shape.Head.Cost() == HeadCost.Quantile)
            Add(QuantilesKey, string.Join(", ", shape.Quantiles.Select(ExactNumber.ToText)));
        Add(BiasesKey, shape.Biases ? "true" : "false");
        Add(InitialStateKey, shape.LearnedInitialState ? "true" : "false");
        Add(PrecisionKey, ValueNames.Of(info.Precision));
        Add(ReductionKey, ValueNames.Of(info.Reduction));
        Add(SeedKey, info.Seed.ToString(CultureInfo.InvariantCulture));
        Add(UpdateKey, info.Update.ToString(CultureInfo.InvariantCulture));
        UnrollMetadata.AddProperties(metadata, info.Properties);
        return metadata;
    }

    /// <summary>What was read of a model's file says about its network.</summary>
    /// <param name="file">The file.</param>
    /// <param name="checkTensors">Whether its tensors must be there.</param>
    internal static ModelInfo ReadInfo(SafeTensorsFile file, bool checkTensors = true)
    {
        if (!file.Metadata.ContainsKey(UnrollMetadata.FormatKey))
        {
            throw new InvalidFileException(file.Path,
                $"is not a model of Unroll: it has {SafeTensorsFile.Names(file.Tensors)} and no {UnrollMetadata.FormatKey} "
                    + $"in its metadata, where {Expected(new NetworkShape(1, 1, 1).Blocks())} "
                    + "and the metadata of a network are expected");
        }

        UnrollMetadata.Check(file, UnrollMetadata.Model);
        ModelInfo info = ReadMetadata(file);
        if (checkTensors) CheckTensors(file, info);
        return info;
    }

    private static ModelInfo ReadMetadata(SafeTensorsFile file)
    {
        var shape = new NetworkShape(
            UnrollMetadata.Integer(file, InputsKey), UnrollMetadata.Integer(file, HiddenKey),
            UnrollMetadata.Integer(file, OutputsKey))
        {
            Encoding = UnrollMetadata.Named<InputEncoding>(file, EncodingKey),
            Activation = UnrollMetadata.Named<Activation>(file, ActivationKey),
            Head = UnrollMetadata.Named<OutputHead>(file, HeadKey),
            Biases = UnrollMetadata.Flag(file, BiasesKey),
            LearnedInitialState = UnrollMetadata.Flag(file, InitialStateKey),
        };
        if (file.Metadata.TryGetValue(LayersKey, out string? layers))
            shape =
                shape with
                {
                    Layers = LayerText.TryRead(layers)
                        ?? throw UnrollMetadata.Unknown(file, LayersKey, "a list of layers such as 'lstm 50, lstm 50'"),
                };

        if (file.Metadata.ContainsKey(BranchesKey))
            shape = shape with { Branches = UnrollMetadata.Integer(file, BranchesKey) };
        if (file.Metadata.ContainsKey(ReadKey))
            shape = shape with { Read = UnrollMetadata.Named<StateReading>(file, ReadKey) };
        if (shape.Head.Cost() == HeadCost.Huber)
            shape = shape with { HuberDelta = Number(file, DeltaKey, UnrollMetadata.Text(file, DeltaKey)) };
        if (shape.Head.Cost() == HeadCost.Quantile)
            shape = shape with
            {
                Quantiles = [.. UnrollMetadata.Text(file, QuantilesKey).Split(", ")
                    .Select(text => Number(file, QuantilesKey, text))],
            };
        try
        {
            shape.Validate();
        }
        catch (ArgumentException error)
        {
            throw new InvalidFileException(file.Path, $"describes a network that cannot be: {error.Message.TrimEnd('.')}");
        }

        // A tool that exports a network need not know how it was trained.
        ulong seed = 0;
        long update = 0;
        if (file.Metadata.TryGetValue(SeedKey, out string? text)
            && !ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seed))
            throw UnrollMetadata.Unknown(file, SeedKey, "a whole number");
        if (file.Metadata.TryGetValue(UpdateKey, out text)
            && !long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out update))
            throw UnrollMetadata.Unknown(file, UpdateKey, "a whole number");
        return new ModelInfo(shape)
        {
            Precision = UnrollMetadata.Named<Precision>(file, PrecisionKey),
            Reduction = file.Metadata.ContainsKey(ReductionKey)
                ? UnrollMetadata.Named<CostReduction>(file, ReductionKey)
                : default,
            Seed = seed,
            Update = update,
            Version = file.Metadata.GetValueOrDefault(UnrollMetadata.VersionKey, ""),
            Properties = UnrollMetadata.Properties(file),
        };
    }

    private static double Number(SafeTensorsFile file, string key, string text) =>
        ExactNumber.TryParse(text, out double number) ? number
            : throw UnrollMetadata.Unknown(file, key, "a number or a list of them");

    /// <summary>The tensors must be those of the shape, before anything is allocated for it.</summary>
    private static void CheckTensors(SafeTensorsFile file, ModelInfo info)
    {
        IReadOnlyList<ParameterBlock> blocks = info.Shape.Blocks();
        string type = info.Precision == Precision.Float ? "F32" : "F64";
        foreach (ParameterBlock block in blocks)
        {
            if (!file.Contains(block.Name))
                throw new InvalidFileException(file.Path, $"lacks the tensor {block.Name}: it has "
                    + $"{SafeTensorsFile.Names(file.Tensors)} where {Expected(blocks)} are expected");
            SafeTensor tensor = file.Tensor(block.Name);
            long[] sizes = Sizes(block);
            if (!tensor.Shape.AsSpan().SequenceEqual(sizes))
                throw new InvalidFileException(file.Path, $"has the tensor {block.Name} in shape "
                    + $"{SafeTensor.Describe(tensor.Shape.AsSpan())} where {SafeTensor.Describe(sizes)} is expected");
            if (tensor.Type != type)
                throw new InvalidFileException(
                    file.Path, $"has the tensor {block.Name} as {SafeTensorsHeader.Quote(tensor.Type)} where {type} is expected");
        }

        SafeTensor? other = file.Tensors.FirstOrDefault(tensor => blocks.All(block => block.Name != tensor.Name));
        if (other is not null)
            throw new InvalidFileException(file.Path, $"has a tensor {SafeTensorsHeader.Quote(other.Name)} "
                + $"that this network does not have; {Expected(blocks)} are expected");
    }

    private static void Copy<TFrom, T>(SafeTensorsFile file, ParameterBlock block, ReadOnlySpan<TFrom> from, Span<T> to)
        where TFrom : unmanaged, IBinaryFloatingPointIeee754<TFrom>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int wrong = NotFinite(from);
        if (wrong >= 0)
            throw new InvalidFileException(
                file.Path, $"holds a weight that is not finite: {Element(block, wrong)} is {Text(from[wrong])}");
        for (int i = 0; i < from.Length; i++) to[i] = T.CreateTruncating(from[i]);
        wrong = NotFinite<T>(to);
        if (wrong >= 0)
            throw new InvalidFileException(
                file.Path, $"holds a weight that is too large for 32 bits: {Element(block, wrong)} is {Text(from[wrong])}");
    }

    private static int NotFinite<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!T.IsFinite(values[i])) return i;
        }

        return -1;
    }

    private static string Text<T>(T value)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => value.ToString("R", CultureInfo.InvariantCulture);

    private static string Element(ParameterBlock block, int index) =>
        IsVector(block)
            ? Invariant($"{block.Name}[{index}]") : Invariant($"{block.Name}[{index / block.Columns}, {index % block.Columns}]");

    private static string Expected(IReadOnlyList<ParameterBlock> blocks) => string.Join(", ", blocks.Select(block => block.Name));

    /// <summary>The role decides, because a matrix may also have one row.</summary>
    private static bool IsVector(ParameterBlock block) =>
        block.Role is ParameterRole.HiddenBias or ParameterRole.CellVector or ParameterRole.NormalizationGain
            or ParameterRole.OutputBias or ParameterRole.InitialState;

    private static long[] Sizes(ParameterBlock block) => IsVector(block) ? [block.Length] : [block.Rows, block.Columns];
}
