using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;
using Unroll.Numerics;

namespace Unroll.Files;

/// <summary>
/// The JSON header of a safetensors file, read with every length bounded: nothing here allocates more than a small multiple of
/// the header's own size, whatever the header claims.
/// </summary>
internal sealed class SafeTensorsHeader
{
    /// <summary>A tensor's entry: its bytes are [Begin, End) of the data.</summary>
    internal sealed record Entry(string Name, string Type, ImmutableArray<long> Shape, long Begin, long End);

    private readonly string _file;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<Entry> _entries = [];

    private SafeTensorsHeader(string file) => _file = file;

    /// <summary>The metadata in file order.</summary>
    public List<KeyValuePair<string, string>> Metadata { get; } = [];

    /// <summary>The tensors in the order of their data.</summary>
    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>Reads and checks a header.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataLength">The bytes that follow the header in the file.</param>
    /// <exception cref="InvalidFileException">Anything is wrong with it.</exception>
    public static SafeTensorsHeader Parse(string file, ReadOnlySpan<byte> json, long dataLength)
    {
        var header = new SafeTensorsHeader(file);
        if (!Utf8.IsValid(json)) throw header.Wrong("its header is not UTF-8 text");
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
        try
        {
            header.ReadRoot(ref reader);
            if (reader.Read()) throw header.Wrong("its header goes on after its end");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: an escape in a string that is half of a surrogate pair.
            throw header.Wrong(Invariant($"its header is not valid JSON near byte {8 + reader.BytesConsumed}"));
        }

        header.CheckPlaces(dataLength);
        return header;
    }

    /// <summary>A name from a file for use in a message: short, and without line breaks.</summary>
    public static string Quote(string name)
    {
        int length = name.Length <= 60 ? name.Length : char.IsHighSurrogate(name[59]) ? 59 : 60;
        return $"'{Printable.Line(name[..length])}{(length < name.Length ? "…" : "")}'";
    }

    private void ReadRoot(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "its header is not a JSON object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (!_names.Add(name)) throw Wrong($"its header names {Quote(name)} twice");
            if (name == SafeTensors.MetadataName) ReadMetadata(ref reader);
            else _entries.Add(ReadEntry(ref reader, name));
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "its metadata is not a JSON object");
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            if (!keys.Add(key)) throw Wrong($"its metadata names {Quote(key)} twice");
            Expect(ref reader, JsonTokenType.String, $"its metadata entry {Quote(key)} is not a text");
            Metadata.Add(new(key, reader.GetString()!));
        }
    }

    private Entry ReadEntry(ref Utf8JsonReader reader, string name)
    {
        string where = $"the header's entry {Quote(name)}";
        Expect(ref reader, JsonTokenType.StartObject, $"{where} is not a JSON object");
        string? type = null;
        ImmutableArray<long> shape = default, offsets = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string field = reader.GetString()!;
            if (field == "dtype" && type is null)
            {
                Expect(ref reader, JsonTokenType.String, $"{where} has a dtype that is not a text");
                type = reader.GetString()!;
            }
            else if (field == "shape" && shape.IsDefault)
            {
                shape = ReadNumbers(ref reader, $"the shape of {where}", SafeTensors.MaximumRank);
            }
            else if (field == "data_offsets" && offsets.IsDefault)
            {
                offsets = ReadNumbers(ref reader, $"data_offsets of {where}", 2);
            }
            else
            {
                throw Wrong($"{where} has {Quote(field)} twice or out of place");
            }
        }

        if (type is null || shape.IsDefault || offsets.IsDefault || offsets.Length != 2)
            throw Wrong($"{where} lacks its dtype, shape or two data_offsets");
        return Check(new Entry(name, type, shape, offsets[0], offsets[1]), where);
    }

    private Entry Check(Entry entry, string where)
    {
        long count = SafeTensor.Count(entry.Shape.AsSpan());
        int size = SafeTensor.SizeOf(entry.Type);
        if (count < 0 || (size > 0 && count > long.MaxValue / size))
            throw Wrong($"{where} has the shape {SafeTensor.Describe(entry.Shape.AsSpan())}, which is too large");
        if (entry.End < entry.Begin)
            throw Wrong(Invariant($"{where} ends at byte {entry.End} of the data, before it begins at {entry.Begin}"));
        if (size > 0 && count * size != entry.End - entry.Begin)
            throw Wrong(
                Invariant($"{where} has {Counted.Of(entry.End - entry.Begin, "byte")} where its shape ")
                    + Invariant($"{SafeTensor.Describe(entry.Shape.AsSpan())} of {entry.Type} takes {count * size}"));
        return entry;
    }

    /// <summary>The tensors must cover the data exactly, without gap or overlap.</summary>
    private void CheckPlaces(long dataLength)
    {
        _entries.Sort((a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.End.CompareTo(b.End));
        long end = 0;
        foreach (Entry entry in _entries)
        {
            if (entry.Begin != end)
                throw Wrong(
                    Invariant(
                        $"the tensor {Quote(entry.Name)} begins at byte {entry.Begin} of the data where {end} is expected"));
            end = entry.End;
        }

        if (end > dataLength) throw Wrong(
            Invariant($"it is truncated, with {Counted.Of(dataLength, "byte")} of data where its tensors take {end}"));
        if (end < dataLength) throw Wrong(Invariant($"it has {Counted.Of(dataLength, "byte")} of data where its tensors ")
            + Invariant($"take {end}"));
    }

    private ImmutableArray<long> ReadNumbers(ref Utf8JsonReader reader, string what, int most)
    {
        Expect(ref reader, JsonTokenType.StartArray, $"{what} is not a list");
        Span<long> numbers = stackalloc long[SafeTensors.MaximumRank];
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (count == most) throw Wrong(Invariant($"{what} has more than {most} numbers"));
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
                throw Wrong($"{what} holds something that is not a whole number from 0 to 2^63 - 1");
            numbers[count++] = number;
        }

        return ImmutableArray.Create<long>(numbers[..count]);
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string otherwise)
    {
        if (!reader.Read() || reader.TokenType != type) throw Wrong(otherwise);
    }

    private InvalidFileException Wrong(string problem) => new(_file, $"is not a valid safetensors file: {problem}");
}
