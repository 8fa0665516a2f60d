using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Unroll.Interop;

/// <summary>A field of a message: its number, and a whole number or bytes.</summary>
internal readonly record struct ProtoField(int Number, ulong Whole, ReadOnlyMemory<byte> Bytes)
{
    public string Text => Encoding.UTF8.GetString(Bytes.Span);
}

/// <summary>A tensor of a graph: its sizes, and its numbers where they are floats, or a few whole ones.</summary>
internal sealed record OnnxTensor(string Name, long[] Sizes, float[]? Values)
{
    /// <summary>The numbers of a short list of whole ones, such as axes; else null.</summary>
    public long[]? Whole { get; init; }

    /// <summary>The number that says of which type its numbers are, where these are not read; else 0.</summary>
    public long Type { get; init; }

    /// <summary>A whole number that stands alone.</summary>
    public long? Alone => Whole is [long one] ? one : null;

    public bool Has(params ReadOnlySpan<long> sizes) => Sizes.AsSpan().SequenceEqual(sizes);
}

/// <summary>A node of a graph.</summary>
internal sealed record OnnxNode(string Type, string Domain, string[] Inputs, string[] Outputs, IReadOnlyDictionary<string,
    ProtoField[]> Attributes)
{
    /// <summary>The name of an input; empty where it is left out.</summary>
    public string Input(int index) => index < Inputs.Length ? Inputs[index] : "";

    /// <summary>A whole number.</summary>
    public long Whole(string name, long otherwise) => Field(name, 3) is { } field ? (long)field.Whole : otherwise;

    /// <summary>Whole numbers; null where the attribute is not there.</summary>
    public long[]? Wholes(string name)
    {
        if (!Attributes.TryGetValue(name, out ProtoField[]? fields)) return null;
        return [.. fields.Where(field => field.Number == 8).SelectMany(field =>
            field.Bytes.IsEmpty ? [(long)field.Whole] : OnnxFile.Packed(field.Bytes))];
    }

    /// <summary>A float.</summary>
    public float Float(string name, float otherwise) =>
        Field(name, 2) is { Bytes.Length: 4 } field ? BinaryPrimitives.ReadSingleLittleEndian(field.Bytes.Span) : otherwise;

    /// <summary>A text.</summary>
    public string? Text(string name) => Field(name, 4)?.Text;

    /// <summary>Texts.</summary>
    public string[] Texts(string name) =>
        [.. Attributes.GetValueOrDefault(name, []).Where(field => field.Number == 9).Select(field => field.Text)];

    private ProtoField? Field(string name, int number)
    {
        foreach (ProtoField field in Attributes.GetValueOrDefault(name, []))
        {
            if (field.Number == number) return field;
        }

        return null;
    }
}

/// <summary>
/// What is read of an ONNX file: metadata, nodes, constants, inputs. Nothing larger than the file is allocated, and graphs
/// in nodes are not looked into.
/// </summary>
internal sealed class OnnxFile
{
    private const int MostNodes = 100_000;

    /// <summary>The metadata by key.</summary>
    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    /// <summary>The graph as it is in the file.</summary>
    public ReadOnlyMemory<byte> GraphBytes { get; private set; }

    /// <summary>The nodes in their order.</summary>
    public List<OnnxNode> Nodes { get; } = [];

    /// <summary>Constants by name.</summary>
    public Dictionary<string, OnnxTensor> Constants { get; } = new(StringComparer.Ordinal);

    /// <summary>The graph's inputs, without those that are constants.</summary>
    public HashSet<string> Inputs { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It is damaged, or keeps its weights elsewhere.</exception>
    public static OnnxFile Read(ReadOnlyMemory<byte> bytes)
    {
        var file = new OnnxFile();
        bool any = false;
        foreach (ProtoField field in Fields(bytes))
        {
            if (field.Number == 7)
            {
                any = true;
                file.GraphBytes = field.Bytes;
                file.Graph(field.Bytes);
            }

            if (field.Number != 14) continue;
            string key = "", value = "";
            foreach (ProtoField part in Fields(field.Bytes)) _ = part.Number == 1 ? key = part.Text : value = part.Text;
            file.Metadata[key] = value;
        }

        if (!any) throw new FormatException("has no graph");
        file.Inputs.ExceptWith(file.Constants.Keys);
        return file;
    }

    /// <summary>Whether a file begins as an ONNX model does: the version of the format, then a text or the graph.</summary>
    public static bool Begins(ReadOnlySpan<byte> start) =>
        start.Length > 2 && start[0] == 0x08 && start[1] is > 0 and < 0x20 && start[2] is 0x12 or 0x1a or 0x22 or 0x3a or 0x42;

    /// <summary>The fields of a message.</summary>
    /// <exception cref="FormatException">It ends in the middle of one.</exception>
    public static IEnumerable<ProtoField> Fields(ReadOnlyMemory<byte> bytes)
    {
        int at = 0;
        while (at < bytes.Length)
        {
            ulong tag = Whole();
            int number = (int)Math.Min(tag >> 3, int.MaxValue), size;
            switch (tag & 7)
            {
                case 0:
                    yield return new ProtoField(number, Whole(), default);
                    continue;
                case 1:
                    size = sizeof(double);
                    break;
                case 5:
                    size = sizeof(float);
                    break;
                case 2:
                    size = (int)Math.Min(Whole(), int.MaxValue);
                    break;
                default:
                    throw new FormatException("is damaged: it has a field of an unknown type");
            }

            if (size > bytes.Length - at) throw new FormatException("is cut off");
            at += size;
            yield return new ProtoField(number, 0, bytes.Slice(at - size, size));
        }

        ulong Whole()
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                if (at >= bytes.Length || shift > 63) throw new FormatException("is cut off");
                byte one = bytes.Span[at++];
                value |= (ulong)(one & 0x7f) << shift;
                if (one < 0x80) return value;
            }
        }
    }

    private void Graph(ReadOnlyMemory<byte> graph)
    {
        foreach (ProtoField field in Fields(graph))
        {
            switch (field.Number)
            {
                case 1:
                    if (Nodes.Count == MostNodes) throw new FormatException($"has more than {MostNodes} nodes");
                    Add(Node(field.Bytes));
                    break;
                case 5:
                    OnnxTensor tensor = Tensor(field.Bytes);
                    Constants[tensor.Name] = tensor;
                    break;
                case 11:
                    foreach (ProtoField part in Fields(field.Bytes))
                    {
                        if (part.Number == 1) Inputs.Add(part.Text);
                    }

                    break;
            }
        }
    }

    private void Add(OnnxNode node)
    {
        Nodes.Add(node);
        if (node.Type != "Constant" || node.Outputs.Length != 1 || !node.Attributes.TryGetValue("value",
            out ProtoField[]? value)) return;
        foreach (ProtoField field in value)
        {
            if (field.Number == 5) Constants[node.Outputs[0]] = Tensor(field.Bytes) with { Name = node.Outputs[0] };
        }
    }

    /// <summary>A node.</summary>
    internal static OnnxNode Node(ReadOnlyMemory<byte> bytes)
    {
        string type = "", domain = "";
        List<string> inputs = [], outputs = [];
        var attributes = new Dictionary<string, ProtoField[]>(StringComparer.Ordinal);
        foreach (ProtoField field in Fields(bytes))
        {
            switch (field.Number)
            {
                case 1:
                    inputs.Add(field.Text);
                    break;
                case 2:
                    outputs.Add(field.Text);
                    break;
                case 4:
                    type = field.Text;
                    break;
                case 7:
                    domain = field.Text;
                    break;
                case 5:
                    ProtoField[] parts = [.. Fields(field.Bytes)];
                    attributes[parts.FirstOrDefault(part => part.Number == 1).Text] = parts;
                    break;
            }
        }

        return new OnnxNode(type, domain, [.. inputs], [.. outputs], attributes);
    }

    private static OnnxTensor Tensor(ReadOnlyMemory<byte> bytes)
    {
        const int Float = 1, Double = 11, Half = 10, BrainFloat = 16, Int = 6, Long = 7, MostWhole = 64;
        string name = "";
        long type = 0;
        List<long> sizes = [];
        var data = new List<ReadOnlyMemory<byte>>();
        var integers = new List<ProtoField>(); // a list of them, which is no block of bytes
        bool elsewhere = false;
        foreach (ProtoField field in Fields(bytes))
        {
            switch (field.Number)
            {
                case 1 when field.Bytes.IsEmpty:
                    sizes.Add((long)field.Whole);
                    break;
                case 1:
                    sizes.AddRange(Packed(field.Bytes));
                    break;
                case 2:
                    type = (long)field.Whole;
                    break;
                case 5 or 7:
                    integers.Add(field);
                    break;
                case 8:
                    name = field.Text;
                    break;
                case 4 or 9 or 10:
                    data.Add(field.Bytes);
                    break;
                case 14:
                    elsewhere = field.Whole == 1;
                    break;
            }
        }

        if (elsewhere) throw new FormatException("keeps its weights in another file; save it as one file");
        IEnumerable<long> listed = integers.SelectMany(field => field.Bytes.IsEmpty ? [(long)field.Whole] : Packed(field.Bytes));
        if (type is Int or Long)
        {
            List<long> whole = [.. listed.Take(MostWhole + 1)];
            if (data.Count == 1 && data[0].Length <= MostWhole * sizeof(long))
            {
                whole.AddRange(type == Long ? MemoryMarshal.Cast<byte, long>(data[0].Span).ToArray()
                    : MemoryMarshal.Cast<byte, int>(data[0].Span).ToArray().Select(one => (long)one));
            }

            return new OnnxTensor(name, [.. sizes], null) { Whole = whole.Count is > 0 and <= MostWhole ? [.. whole] : null };
        }

        if (type is not (Float or Double or Half or BrainFloat)) return new OnnxTensor(name, [.. sizes], null) { Type = type };
        byte[] all = data.Count == 1 ? data[0].ToArray() : [.. data.SelectMany(part => part.ToArray())];
        if (all.Length == 0 && type is Half or BrainFloat) // the bits of each are an integer of the list
            all = [.. listed.SelectMany(bits => (byte[])[(byte)bits, (byte)(bits >> 8)])];
        long count = 1;
        foreach (long size in sizes)
        {
            if (size < 0 || (size > 0 && count > all.Length / size)) throw new FormatException("claims more numbers than it has");
            count *= size;
        }

        if (all.Length != count * (type == Float ? 4 : type == Double ? 8 : 2))
            throw new FormatException("has a tensor whose numbers are not those of its sizes");
        float[] values = type == Float ? MemoryMarshal.Cast<byte, float>(all).ToArray()
            : type == Double ? [.. MemoryMarshal.Cast<byte, double>(all).ToArray().Select(one => (float)one)]
            : type == Half ? [.. MemoryMarshal.Cast<byte, Half>(all).ToArray().Select(one => (float)one)]
            : [.. MemoryMarshal.Cast<byte, ushort>(all).ToArray().Select(bits => BitConverter.Int32BitsToSingle(bits << 16))];
        return new OnnxTensor(name, [.. sizes], values);
    }

    /// <summary>Whole numbers one behind the other.</summary>
    internal static IEnumerable<long> Packed(ReadOnlyMemory<byte> bytes)
    {
        ulong value = 0;
        int shift = 0;
        foreach (byte one in bytes.ToArray())
        {
            value |= (ulong)(one & 0x7f) << Math.Min(shift, 63);
            shift += 7;
            if (one >= 0x80) continue;
            yield return (long)value;
            (value, shift) = (0, 0);
        }
    }
}
