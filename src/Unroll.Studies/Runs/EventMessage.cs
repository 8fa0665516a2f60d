using System.Buffers.Binary;
using System.Text;

namespace Unroll.Studies.Runs;

/// <summary>A message of protobuf, as event files have them.</summary>
internal sealed class EventMessage
{
    private readonly MemoryStream _bytes = new();

    /// <summary>A field that is a whole number.</summary>
    public EventMessage Whole(int field, long value)
    {
        Number(((ulong)field << 3) | 0);
        Number((ulong)value);
        return this;
    }

    /// <summary>A field of 64 bits.</summary>
    public EventMessage Double(int field, double value)
    {
        Number(((ulong)field << 3) | 1);
        Write(value);
        return this;
    }

    /// <summary>A field of 32 bits.</summary>
    public EventMessage Float(int field, float value)
    {
        Number(((ulong)field << 3) | 5);
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    /// <summary>A field of numbers of 64 bits, one behind the other.</summary>
    public EventMessage Doubles(int field, ReadOnlySpan<double> values)
    {
        Number(((ulong)field << 3) | 2);
        Number((ulong)values.Length * sizeof(double));
        foreach (double value in values) Write(value);
        return this;
    }

    /// <summary>A field that is a text.</summary>
    public EventMessage Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    /// <summary>A field that is a message.</summary>
    public EventMessage Message(int field, EventMessage message) => Bytes(field, message.ToArray());

    /// <summary>What was written.</summary>
    public byte[] ToArray() => _bytes.ToArray();

    private EventMessage Bytes(int field, ReadOnlySpan<byte> bytes)
    {
        Number(((ulong)field << 3) | 2);
        Number((ulong)bytes.Length);
        _bytes.Write(bytes);
        return this;
    }

    private void Write(double value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        _bytes.Write(bytes);
    }

    private void Number(ulong value)
    {
        for (; value >= 0x80; value >>= 7) _bytes.WriteByte((byte)(value | 0x80));
        _bytes.WriteByte((byte)value);
    }
}
