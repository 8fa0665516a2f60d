using System.Runtime.InteropServices;
using System.Text;

namespace Unroll.Interop.Tests.Onnx;

/// <summary>A graph of another program, node by node, as the bytes of an ONNX file.</summary>
internal sealed class ForeignGraph
{
    private const int Float = 1, Long = 7;
    private readonly MemoryStream _graph = new();

    /// <summary>Adds a node; whole attributes by their names.</summary>
    public ForeignGraph Node(
        string type, string inputs, string outputs, params ReadOnlySpan<(string Name, long[] Values)> attributes)
    {
        var node = new MemoryStream();
        foreach (string name in inputs.Split(' ')) Field(node, 1, name == "-" ? "" : name);
        foreach (string name in outputs.Split(' ')) Field(node, 2, name);
        Field(node, 4, type);
        foreach ((string name, long[] values) in attributes)
        {
            var attribute = new MemoryStream();
            Field(attribute, 1, name);
            foreach (long value in values) Whole(attribute, name is "perm" or "axes" ? 8 : 3, value);
            Field(node, 5, attribute.ToArray());
        }

        Field(_graph, 1, node.ToArray());
        return this;
    }

    /// <summary>Adds a constant of floats.</summary>
    public ForeignGraph Constant(string name, long[] sizes, params float[] values) =>
        Tensor(name, sizes, Float, tensor => Field(tensor, 9, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()));

    /// <summary>Adds a constant of whole numbers; of no sizes where it is one that stands alone.</summary>
    public ForeignGraph Whole(string name, long[] sizes, params long[] values) =>
        Tensor(name, sizes, Long, tensor => Field(tensor, 9, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()));

    /// <summary>Adds a constant whose numbers are a list of integers, as some writers give 16 bits.</summary>
    public ForeignGraph Listed(string name, long[] sizes, int type, params ushort[] bits) => Tensor(name, sizes, type, tensor =>
    {
        var list = new MemoryStream();
        foreach (ushort one in bits) Varint(list, one);
        Field(tensor, 5, list.ToArray());
    });

    /// <summary>Adds a constant of any type by its bytes.</summary>
    public ForeignGraph Bytes(string name, long[] sizes, int type, byte[] bytes) =>
        Tensor(name, sizes, type, tensor => Field(tensor, 9, bytes));

    /// <summary>The file.</summary>
    public byte[] ToArray()
    {
        var file = new MemoryStream();
        Whole(file, 1, 7);
        Field(file, 2, "another");
        Field(file, 7, _graph.ToArray());
        return file.ToArray();
    }

    private ForeignGraph Tensor(string name, long[] sizes, int type, Action<MemoryStream> values)
    {
        var tensor = new MemoryStream();
        foreach (long size in sizes) Whole(tensor, 1, size);
        Whole(tensor, 2, type);
        values(tensor);
        Field(tensor, 8, name);
        Field(_graph, 5, tensor.ToArray());
        return this;
    }

    private static void Field(MemoryStream to, int number, string text) => Field(to, number, Encoding.UTF8.GetBytes(text));

    private static void Field(MemoryStream to, int number, byte[] bytes)
    {
        Varint(to, ((ulong)number << 3) | 2);
        Varint(to, (ulong)bytes.Length);
        to.Write(bytes);
    }

    private static void Whole(MemoryStream to, int number, long value)
    {
        Varint(to, (ulong)number << 3);
        Varint(to, (ulong)value);
    }

    private static void Varint(MemoryStream to, ulong value)
    {
        for (; value > 0x7f; value >>= 7) to.WriteByte((byte)(value | 0x80));
        to.WriteByte((byte)value);
    }
}
