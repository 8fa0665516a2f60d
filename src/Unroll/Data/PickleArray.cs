using System.Buffers.Binary;

namespace Unroll.Data;

/// <summary>
/// A function or type that a pickle refers to by name: one of the few names of NumPy and Python that are used to write numbers.
/// </summary>
internal enum PickleName
{
    /// <summary><c>numpy.dtype</c>: with a code such as i8, a type of numbers.</summary>
    Dtype,

    /// <summary><c>numpy.core.multiarray._reconstruct</c>: an array whose state follows.</summary>
    Reconstruct,

    /// <summary><c>numpy.core.multiarray.scalar</c>: with a type and bytes, one number.</summary>
    Scalar,

    /// <summary><c>numpy.core.numeric._frombuffer</c>: with bytes, a type and sizes, an array.</summary>
    FromBuffer,

    /// <summary><c>numpy.ndarray</c>, which only states the kind of array that follows.</summary>
    Array,

    /// <summary><c>_codecs.encode</c>: bytes that were written as text.</summary>
    Encode,

    /// <summary><c>bytes</c> or <c>bytearray</c>.</summary>
    Bytes,

    /// <summary><c>list</c>, <c>tuple</c>, <c>set</c> or <c>frozenset</c> of a list.</summary>
    List,

    /// <summary>A dictionary that remembers its order or has defaults.</summary>
    Dictionary,
}

/// <summary>The type of the numbers of an array: its code and the order of its bytes.</summary>
internal sealed class PickleDtype(string code)
{
    /// <summary>A letter for the kind (i, u, f, b or O) and the bytes of a number.</summary>
    public string Code { get; } = code;

    /// <summary>Whether a number's first byte is the most significant one.</summary>
    public bool BigEndian { get; set; }

    /// <summary>The bytes of a number; 0 for objects and for types that are not supported.</summary>
    public int Size => Code switch
    {
        "b1" or "i1" or "u1" => 1,
        "i2" or "u2" or "f2" => 2,
        "i4" or "u4" or "f4" => 4,
        "i8" or "u8" or "f8" => 8,
        _ => 0,
    };

    /// <summary>Whether an array of this type holds arbitrary objects.</summary>
    public bool IsObject => Code.StartsWith('O');

    /// <summary>The number at the beginning of some bytes: a long, or a double for a fraction.</summary>
    public object Read(ReadOnlySpan<byte> bytes)
    {
        Span<byte> number = stackalloc byte[8];
        bytes[..Size].CopyTo(number);
        if (BigEndian) number[..Size].Reverse();
        return Code switch
        {
            "i1" => (long)(sbyte)number[0],
            "i2" => (long)BinaryPrimitives.ReadInt16LittleEndian(number),
            "i4" => (long)BinaryPrimitives.ReadInt32LittleEndian(number),
            "f2" => (double)BinaryPrimitives.ReadHalfLittleEndian(number),
            "f4" => (double)BinaryPrimitives.ReadSingleLittleEndian(number),
            "f8" => BinaryPrimitives.ReadDoubleLittleEndian(number),
            _ => BinaryPrimitives.ReadInt64LittleEndian(number), // also for shorter numbers, with zeros for the missing bytes
        };
    }
}

/// <summary>An array of NumPy, kept as bytes; items are decoded when they are accessed.</summary>
internal sealed class PickleArray
{
    private long _offset;
    private int _dimension;
    private long[] _strides = [];

    /// <summary>Its sizes.</summary>
    public long[] Shape { get; private set; } = [];

    /// <summary>The type of its numbers; null before its state is known.</summary>
    public PickleDtype? Dtype { get; private set; }

    private byte[] Bytes { get; set; } = [];

    private List<object> Objects { get; set; } = [];

    /// <summary>The number of items: numbers, or arrays of the further dimensions.</summary>
    public long Count => _dimension < Shape.Length ? Shape[_dimension] : 0;

    /// <summary>Sets the content; false where type, sizes and content do not fit each other.</summary>
    public bool Set(PickleDtype dtype, IReadOnlyList<long> shape, bool columnsFirst, object content)
    {
        long count = 1;
        foreach (long size in shape)
        {
            if (size < 0 || (size > 0 && count > int.MaxValue / size)) return false;
            count *= size;
        }

        if (shape.Count is 0 or > 8 || (!dtype.IsObject && dtype.Size == 0)) return false;
        if (dtype.IsObject ? content is not List<object> items || items.Count != count
            : content is not byte[] bytes || bytes.Length != count * dtype.Size) return false;
        (Dtype, Shape, _strides) = (dtype, [.. shape], new long[shape.Count]);
        if (dtype.IsObject) Objects = (List<object>)content;
        else Bytes = (byte[])content;
        long stride = 1;
        for (int i = 0; i < shape.Count; i++)
        {
            int d = columnsFirst ? i : shape.Count - 1 - i;
            (_strides[d], stride) = (stride, stride * shape[d]);
        }

        return true;
    }

    private PickleArray View(long offset) => new()
    {
        _offset = offset,
        _dimension = _dimension + 1,
        _strides = _strides,
        Shape = Shape,
        Dtype = Dtype,
        Bytes = Bytes,
        Objects = Objects,
    };

    /// <summary>An item: a number, or a view of the array of the further dimensions.</summary>
    public object this[long index]
    {
        get
        {
            long offset = _offset + (index * _strides[_dimension]);
            if (_dimension < Shape.Length - 1) return View(offset);
            return Dtype!.IsObject ? Objects[(int)offset] : Dtype.Read(Bytes.AsSpan((int)offset * Dtype.Size));
        }
    }
}
