using System.Buffers.Binary;
using System.Text;

namespace Unroll.Interop;

/// <summary>
/// Writes a zip file whose entries are stored, each beginning at a multiple of 64 bytes, as PyTorch does, so that it can map
/// them into memory. It has no times, so that the same entries give the same bytes.
/// </summary>
internal sealed class StoredZip(Stream stream)
{
    private const uint LocalSignature = 0x04034b50, EntrySignature = 0x02014b50, EndSignature = 0x06054b50;
    private const int Alignment = 64, LocalSize = 30, EntrySize = 46, EndSize = 22, FirstDay = 0x0021; // 1980-01-01

    private readonly MemoryStream _directory = new();
    private long _at;
    private int _count;

    /// <summary>The most bytes of a file without 64-bit sizes.</summary>
    public const long Largest = uint.MaxValue;

    /// <summary>Writes an entry.</summary>
    public void Add(string name, ReadOnlySpan<byte> data)
    {
        byte[] text = Encoding.UTF8.GetBytes(name);
        uint crc = Crc32.Of(data);
        int used = (int)((_at + LocalSize + text.Length + 4) % Alignment), padding = used == 0 ? 0 : Alignment - used;
        Span<byte> local = stackalloc byte[LocalSize];
        local.Clear();
        Put(local, 0, LocalSignature);
        Common(local[4..], crc, (uint)data.Length, text.Length);
        PutHalf(local, 28, padding + 4);

        Span<byte> entry = stackalloc byte[EntrySize];
        entry.Clear();
        Put(entry, 0, EntrySignature);
        Common(entry[6..], crc, (uint)data.Length, text.Length);
        Put(entry, 42, (uint)_at);
        _directory.Write(entry);
        _directory.Write(text);

        // The extra field that PyTorch pads with: "FB", its length, then letters.
        var extra = new byte[padding + 4];
        extra.AsSpan().Fill((byte)'Z');
        (extra[0], extra[1]) = ((byte)'F', (byte)'B');
        PutHalf(extra, 2, padding);
        Write(local);
        Write(text);
        Write(extra);
        Write(data);
        _count++;
    }

    /// <summary>Writes the directory.</summary>
    public void Finish()
    {
        Span<byte> end = stackalloc byte[EndSize];
        end.Clear();
        Put(end, 0, EndSignature);
        PutHalf(end, 8, _count);
        PutHalf(end, 10, _count);
        Put(end, 12, (uint)_directory.Length);
        Put(end, 16, (uint)_at);
        Write(_directory.GetBuffer().AsSpan(0, (int)_directory.Length));
        Write(end);
    }

    /// <summary>What a local header and the directory say alike, from the version on.</summary>
    private static void Common(Span<byte> to, uint crc, uint size, int name)
    {
        PutHalf(to, 0, 10);
        PutHalf(to, 8, FirstDay);
        Put(to, 10, crc);
        Put(to, 14, size);
        Put(to, 18, size);
        PutHalf(to, 22, name);
    }

    private static void Put(Span<byte> to, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(to[at..], value);

    private static void PutHalf(Span<byte> to, int at, int value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(to[at..], (ushort)value);

    private void Write(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        _at += bytes.Length;
    }
}
