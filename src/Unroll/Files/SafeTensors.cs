using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;

namespace Unroll.Files;

/// <summary>
/// Writes the safetensors format: 8 bytes of header length (little-endian), a JSON header (metadata, then for each tensor its
/// type, shape and place in the data) padded with spaces to a multiple of 8 bytes, and the tensors one after another. The same
/// content gives the same bytes. <see cref="SafeTensorsFile"/> reads it.
/// </summary>
public static class SafeTensors
{
    /// <summary>The longest header that is written or read, in bytes.</summary>
    public const int MaximumHeader = 16 << 20;

    /// <summary>The metadata entry that holds the checksum, which the format itself lacks.</summary>
    public const string ChecksumKey = "unroll.checksum";

    /// <summary>The largest number of dimensions.</summary>
    internal const int MaximumRank = 64;

    /// <summary>The header's entry that is not a tensor.</summary>
    internal const string MetadataName = "__metadata__";

    /// <summary>
    /// Writes metadata and tensors in the order given. A last metadata entry <see cref="ChecksumKey"/> is added (one that is
    /// given is replaced): the CRC-64 of all metadata and tensors, so that an altered file is refused.
    /// </summary>
    /// <param name="stream">Where to write; it need not be seekable and stays open.</param>
    /// <param name="metadata">Texts by name.</param>
    /// <param name="tensors">The tensors.</param>
    /// <exception cref="ArgumentException">A name occurs twice, or the header would exceed
    /// <see cref="MaximumHeader"/>.</exception>
    public static void Write(Stream stream, IEnumerable<KeyValuePair<string, string>> metadata, IReadOnlyList<SafeTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(metadata);
        ArgumentNullException.ThrowIfNull(tensors);
        KeyValuePair<string, string>[] entries = [.. metadata.Where(entry => entry.Key != ChecksumKey)];
        RefuseDuplicates(entries.Select(entry => entry.Key), "metadata entry");
        RefuseDuplicates(tensors.Select(tensor => tensor.Name), "tensor");

        var header = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(header)) WriteHeader(json, entries, tensors);
        int length = (header.WrittenCount + 7) & ~7;
        if (length > MaximumHeader)
            throw new ArgumentException(
                Invariant($"The header of {length} bytes exceeds the {MaximumHeader} that are read back."), nameof(metadata));
        header.GetSpan(8)[..(length - header.WrittenCount)].Fill((byte)' ');
        header.Advance(length - header.WrittenCount);

        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, length);
        stream.Write(prefix);
        stream.Write(header.WrittenSpan);
        foreach (SafeTensor tensor in tensors) stream.Write(tensor.Data.Span);
    }

    /// <summary>
    /// The checksum of a content: CRC-64/XZ over the metadata sorted by name (the checksum itself left out) and the tensors
    /// sorted by name (name, type, number of dimensions, sizes, bytes), each text with its length before it. The order in which
    /// a file stores them does not matter.
    /// </summary>
    internal static string Checksum(IEnumerable<KeyValuePair<string, string>> metadata, IEnumerable<SafeTensor> tensors)
    {
        var crc = default(Crc64);
        var texts = new Dictionary<string, string>(metadata, StringComparer.Ordinal);
        texts.Remove(ChecksumKey);
        foreach (string key in texts.Keys.Order(StringComparer.Ordinal))
        {
            crc.Append(key);
            crc.Append(texts[key]);
        }

        foreach (SafeTensor tensor in tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            crc.Append(tensor.Name);
            crc.Append(tensor.Type);
            crc.Append(tensor.Shape.Length);
            foreach (long size in tensor.Shape) crc.Append(size);
            crc.Append(tensor.Data.Span);
        }

        return "crc64:" + crc.Value.ToString("x16", CultureInfo.InvariantCulture);
    }

    private static void WriteHeader(
        Utf8JsonWriter json, KeyValuePair<string, string>[] metadata, IReadOnlyList<SafeTensor> tensors)
    {
        json.WriteStartObject();
        json.WriteStartObject(MetadataName);
        foreach ((string key, string value) in metadata) json.WriteString(key, value);
        json.WriteString(ChecksumKey, Checksum(metadata, tensors));
        json.WriteEndObject();
        long offset = 0;
        foreach (SafeTensor tensor in tensors)
        {
            json.WriteStartObject(tensor.Name);
            json.WriteString("dtype", tensor.Type);
            json.WriteStartArray("shape");
            foreach (long size in tensor.Shape) json.WriteNumberValue(size);
            json.WriteEndArray();
            json.WriteStartArray("data_offsets");
            json.WriteNumberValue(offset);
            offset += tensor.Data.Length;
            json.WriteNumberValue(offset);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void RefuseDuplicates(IEnumerable<string> names, string what)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (!seen.Add(name)) throw new ArgumentException($"The {what} {name} occurs twice.");
        }
    }
}
