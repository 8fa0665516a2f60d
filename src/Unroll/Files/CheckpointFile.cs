namespace Unroll.Files;

/// <summary>Everything needed to continue a training run as if it had never stopped.</summary>
/// <param name="Properties">Options, counters and anything else as text; see <see cref="ExactNumber"/> for floating-point
/// numbers.</param>
/// <param name="Tensors">One-dimensional <c>float[]</c>, <c>double[]</c>, <c>long[]</c> or <c>byte[]</c> arrays by name, kept bit
/// for bit.</param>
public sealed record Checkpoint(IReadOnlyDictionary<string, string> Properties, IReadOnlyDictionary<string, Array> Tensors);

/// <summary>
/// A <see cref="Checkpoint"/> in a safetensors file. Writing replaces the file as a whole (<see cref="AtomicFile"/>), so the
/// previous checkpoint survives a crash at any instant; the same content gives the same bytes.
/// </summary>
public static class CheckpointFile
{
    /// <summary>Writes a checkpoint.</summary>
    /// <exception cref="ArgumentException">A tensor is an array of another type.</exception>
    /// <exception cref="IOException">It could not be written; the previous checkpoint is as it was.</exception>
    public static void Write(string path, Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        List<KeyValuePair<string, string>> metadata = UnrollMetadata.Begin(UnrollMetadata.Checkpoint);
        UnrollMetadata.AddProperties(metadata, checkpoint.Properties);
        List<SafeTensor> tensors = [.. checkpoint.Tensors
            .OrderBy(tensor => tensor.Key, StringComparer.Ordinal)
            .Select(tensor => ToTensor(tensor.Key, tensor.Value))];
        AtomicFile.Write(path, stream => SafeTensors.Write(stream, metadata, tensors));
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidFileException">The content is not a checkpoint, was truncated or altered, or is of a newer
    /// format.</exception>
    public static Checkpoint Read(string path)
    {
        SafeTensorsFile file = SafeTensorsFile.ReadUnverified(path);
        if (!file.Metadata.ContainsKey(UnrollMetadata.FormatKey))
            throw new InvalidFileException(
                path, $"is not a checkpoint of Unroll: its metadata has no {UnrollMetadata.FormatKey}");
        UnrollMetadata.Check(file, UnrollMetadata.Checkpoint);
        return new Checkpoint(
            UnrollMetadata.Properties(file),
            file.Tensors.ToDictionary(tensor => tensor.Name, tensor => ToArray(file, tensor), StringComparer.Ordinal));
    }

    private static SafeTensor ToTensor(string name, Array values) => values switch
    {
        float[] floats => SafeTensor.Of(name, floats),
        double[] doubles => SafeTensor.Of(name, doubles),
        long[] longs => SafeTensor.Of(name, longs),
        byte[] bytes => SafeTensor.Of(name, bytes),
        _ => throw new ArgumentException($"The tensor {name} is a {values?.GetType().Name ?? "null"}, "
            + "but a checkpoint holds float[], double[], long[] and byte[]."),
    };

    private static Array ToArray(SafeTensorsFile file, SafeTensor tensor) => tensor.Type switch
    {
        "F32" => file.Floats(tensor.Name),
        "F64" => file.Doubles(tensor.Name),
        "I64" => file.Longs(tensor.Name),
        "U8" => file.Bytes(tensor.Name),
        _ => throw new InvalidFileException(file.Path, $"has the tensor {SafeTensorsHeader.Quote(tensor.Name)} as "
            + $"{SafeTensorsHeader.Quote(tensor.Type)}, which no checkpoint holds"),
    };
}
