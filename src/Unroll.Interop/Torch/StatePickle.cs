using System.Buffers.Binary;
using System.Text;

namespace Unroll.Interop;

/// <summary>Writes a state dict as the pickle (protocol 2) that torch.load reads, weights_only or not.</summary>
internal sealed class StatePickle
{
    private readonly MemoryStream _bytes = new();

    private StatePickle()
    {
    }

    /// <summary>The pickle of tensors; the numbers of each are in the storage of its place in the list.</summary>
    /// <param name="tensors">The tensors.</param>
    /// <param name="storage">The name of their storages in torch, such as <c>FloatStorage</c>.</param>
    /// <param name="size">The bytes of a number.</param>
    public static byte[] Of(IReadOnlyList<StateTensor> tensors, string storage, int size)
    {
        var pickle = new StatePickle();
        pickle.Write(tensors, storage, size);
        return pickle._bytes.ToArray();
    }

    private void Write(IReadOnlyList<StateTensor> tensors, string storage, int size)
    {
        Code(0x80, 2); // PROTO
        EmptyDictionary();
        Code('(');
        for (int i = 0; i < tensors.Count; i++)
        {
            StateTensor tensor = tensors[i];
            Text(tensor.Name);
            Global("torch._utils", "_rebuild_tensor_v2");
            Code('(');
            Code('(');
            Text("storage");
            Global("torch", storage);
            Text(Invariant($"{i}"));
            Text("cpu");
            Integer(tensor.Data.Length / size);
            Code('t', 'Q'); // the tuple, as a persistent id
            Integer(0);
            Sizes(tensor.Shape);
            Sizes(Strides(tensor.Shape));
            Code(0x89); // False: needs no gradient
            EmptyDictionary();
            Code('t', 'R');
        }

        Code('u', '.');
    }

    private static long[] Strides(long[] shape)
    {
        var strides = new long[shape.Length];
        long stride = 1;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            strides[d] = stride;
            stride *= shape[d];
        }

        return strides;
    }

    private void EmptyDictionary()
    {
        Global("collections", "OrderedDict");
        Code(')', 'R');
    }

    private void Sizes(long[] sizes)
    {
        Code('(');
        foreach (long size in sizes) Integer(size);
        Code('t');
    }

    private void Integer(long value)
    {
        Span<byte> four = stackalloc byte[4];
        Code('J');
        BinaryPrimitives.WriteInt32LittleEndian(four, checked((int)value));
        _bytes.Write(four);
    }

    private void Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> four = stackalloc byte[4];
        Code('X');
        BinaryPrimitives.WriteInt32LittleEndian(four, bytes.Length);
        _bytes.Write(four);
        _bytes.Write(bytes);
    }

    private void Global(string module, string name)
    {
        Code('c');
        _bytes.Write(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
    }

    private void Code(params ReadOnlySpan<int> codes)
    {
        foreach (int code in codes) _bytes.WriteByte((byte)code);
    }
}
