using System.Buffers.Binary;
using System.Collections.Immutable;
using Unroll.Data;
using Unroll.Numerics;

namespace Unroll.Files;

/// <summary>
/// A safetensors file in memory, read once and checked: header, places of the tensors, total length and, where the metadata has a
/// <see cref="SafeTensors.ChecksumKey"/>, the checksum. Files of other tools have no checksum and are accepted without one.
/// Nothing larger than the file itself is allocated, whatever its header claims.
/// </summary>
public sealed class SafeTensorsFile
{
    private readonly Dictionary<string, SafeTensor> _byName;

    private SafeTensorsFile(string path, SafeTensorsHeader header, ImmutableArray<SafeTensor> tensors)
    {
        Path = path;
        Metadata = header.Metadata.ToDictionary(StringComparer.Ordinal);
        Tensors = tensors;
        _byName = tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>The file, as it was named.</summary>
    public string Path { get; }

    /// <summary>The metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>All tensors, in the order of their data, including those whose type cannot be read here.</summary>
    public ImmutableArray<SafeTensor> Tensors { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="InvalidFileException">It is not a valid safetensors file, or was altered.</exception>
    public static SafeTensorsFile Read(string path) => ReadUnverified(path).Verified();

    /// <summary>Reads from a stream that knows its length, from its position to its end.</summary>
    /// <param name="stream">A seekable stream; it stays open.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <inheritdoc cref="Read(string)"/>
    public static SafeTensorsFile Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Parse(stream, name).Verified();
    }

    /// <summary>Reads without comparing the checksum, for a caller that looks at the version of the file first.</summary>
    internal static SafeTensorsFile ReadUnverified(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 0);
            return Parse(stream, path);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw FileErrors.NotRead(path, error);
        }
    }

    /// <summary>Returns this file if its checksum is right or absent.</summary>
    internal SafeTensorsFile Verified()
    {
        if (Metadata.TryGetValue(SafeTensors.ChecksumKey, out string? expected)
            && expected != SafeTensors.Checksum(Metadata, Tensors))
            throw new InvalidFileException(
                Path, $"was altered after it was written: its content does not match its {SafeTensors.ChecksumKey}");
        return this;
    }

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <summary>The tensor of this name.</summary>
    /// <exception cref="InvalidFileException">There is no such tensor.</exception>
    public SafeTensor Tensor(string name) => _byName.TryGetValue(name, out SafeTensor? tensor)
        ? tensor
        : throw new InvalidFileException(Path, $"has no tensor {SafeTensorsHeader.Quote(name)}; it has {Names(Tensors)}");

    /// <summary>The elements of an F32 tensor, a new array.</summary>
    /// <exception cref="InvalidFileException">There is no such tensor, or its type is different.</exception>
    public float[] Floats(string name) => Typed(name, "F32").ToArray<float>();

    /// <summary>The elements of an F64 tensor, a new array.</summary>
    /// <inheritdoc cref="Floats"/>
    public double[] Doubles(string name) => Typed(name, "F64").ToArray<double>();

    /// <summary>The elements of an I64 tensor, a new array.</summary>
    /// <inheritdoc cref="Floats"/>
    public long[] Longs(string name) => Typed(name, "I64").ToArray<long>();

    /// <summary>The elements of a U8 tensor, a new array.</summary>
    /// <inheritdoc cref="Floats"/>
    public byte[] Bytes(string name) => Typed(name, "U8").ToArray<byte>();

    /// <summary>The names of some tensors, for a message.</summary>
    internal static string Names(IReadOnlyList<SafeTensor> tensors) => tensors.Count switch
    {
        0 => "no tensors",
        <= 8 => string.Join(", ", tensors.Select(tensor => SafeTensorsHeader.Quote(tensor.Name))),
        _ => Invariant($"{Names([.. tensors.Take(8)])} and {tensors.Count - 8} more"),
    };

    private SafeTensor Typed(string name, string type)
    {
        SafeTensor tensor = Tensor(name);
        return tensor.Type == type
            ? tensor
            : throw new InvalidFileException(Path, $"holds the tensor {SafeTensorsHeader.Quote(name)} as "
                + $"{SafeTensorsHeader.Quote(tensor.Type)} where {type} is expected");
    }

    /// <summary>What a file that does not begin like a safetensors file is, if that is known.</summary>
    private static FileContent? Foreign(ReadOnlySpan<byte> prefix, Stream stream)
    {
        var start = new byte[FileContent.Length];
        prefix.CopyTo(start);
        int read = stream.ReadAtLeast(start.AsSpan(prefix.Length), start.Length - prefix.Length, throwOnEndOfStream: false);
        return FileContent.OfAny(start.AsSpan(0, prefix.Length + read));
    }

    private static SafeTensorsFile Parse(Stream stream, string name)
    {
        if (!stream.CanSeek) throw new InvalidFileException(name, "is not a regular file, so its length is unknown");
        long length = stream.Length - stream.Position;
        if (length < 8) throw new InvalidFileException(name,
            Invariant($"is not a valid safetensors file: it has {Counted.Of(length, "byte")} where at least 8 are expected"));
        Span<byte> prefix = stackalloc byte[8];
        stream.ReadExactly(prefix);
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > (ulong)(length - 8) && Foreign(prefix, stream) is { } foreign)
            throw new InvalidFileException(name, foreign.Not("a safetensors file"));
        if (headerLength > (ulong)(length - 8))
            throw new InvalidFileException(name,
                Invariant($"is not a valid safetensors file: its first 8 bytes claim a header of ")
                    + Invariant($"{Counted.Of(headerLength, "byte")} ")
                    + Invariant($"where {length - 8} follow"));
        if (headerLength > SafeTensors.MaximumHeader)
            throw new InvalidFileException(name, $"is not a valid safetensors file: its header of "
                + $"{Counted.Of(headerLength, "byte")} "
                + $"exceeds the limit of {SafeTensors.MaximumHeader}");
        long dataLength = length - 8 - (long)headerLength;
        if (dataLength > Array.MaxLength)
            throw new InvalidFileException(name,
                Invariant($"has {dataLength} bytes of tensors; this version reads up to {Array.MaxLength}"));

        var json = new byte[headerLength];
        stream.ReadExactly(json);
        SafeTensorsHeader header = SafeTensorsHeader.Parse(name, json, dataLength);
        byte[] data = GC.AllocateUninitializedArray<byte>((int)dataLength);
        stream.ReadExactly(data);
        return new SafeTensorsFile(name, header, [.. header.Entries.Select(entry => new SafeTensor(
            entry.Name, entry.Type, entry.Shape, data.AsMemory((int)entry.Begin, (int)(entry.End - entry.Begin))))]);
    }
}
