using System.Text;

namespace Unroll.Interop;

/// <summary>A message in protobuf's wire format: fields one after another, each a number with its type and a value.</summary>
internal sealed class ProtoMessage
{
    private const int Varint = 0, Delimited = 2;

    private readonly MemoryStream _bytes = new();

    /// <summary>A field that is a whole number.</summary>
    public ProtoMessage Add(int field, long value)
    {
        Tag(field, Varint);
        Number((ulong)value);
        return this;
    }

    /// <summary>A field that is a text.</summary>
    public ProtoMessage Add(int field, string text) => Add(field, Encoding.UTF8.GetBytes(text));

    /// <summary>A field that is bytes.</summary>
    public ProtoMessage Add(int field, ReadOnlySpan<byte> bytes)
    {
        Tag(field, Delimited);
        Number((ulong)bytes.Length);
        _bytes.Write(bytes);
        return this;
    }

    /// <summary>A field that is a message.</summary>
    public ProtoMessage Add(int field, ProtoMessage message) =>
        Add(field, message._bytes.GetBuffer().AsSpan(0, (int)message._bytes.Length));

    /// <summary>Appends the fields of another message.</summary>
    public void Join(ProtoMessage fields) => fields._bytes.WriteTo(_bytes);

    /// <summary>Its bytes; valid until a field is added.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.GetBuffer().AsSpan(0, (int)_bytes.Length);

    /// <summary>Writes it.</summary>
    public void WriteTo(Stream stream) => _bytes.WriteTo(stream);

    private void Tag(int field, int type) => Number(((ulong)field << 3) | (uint)type);

    private void Number(ulong value)
    {
        for (; value >= 0x80; value >>= 7) _bytes.WriteByte((byte)(value | 0x80));
        _bytes.WriteByte((byte)value);
    }
}
