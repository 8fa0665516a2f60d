using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Unroll.Files;

/// <summary>
/// CRC-64/XZ (reflected ECMA-182 polynomial): finds every burst of up to 64 wrong bits. It detects damage but not forgery, which
/// no checksum inside the file can detect. Unlike SHA-256 it needs no native library.
/// </summary>
internal struct Crc64
{
    private static readonly ulong[] Table = MakeTable();

    private ulong _remainder;

    /// <summary>The checksum of everything appended so far.</summary>
    public readonly ulong Value => _remainder;

    /// <summary>Appends bytes, eight at a time with eight tables (slicing-by-8).</summary>
    /// <remarks>
    /// Compiled with full optimization from the start: a command that reads ten thousand rows ends before the runtime would
    /// recompile it.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Append(ReadOnlySpan<byte> bytes)
    {
        ulong crc = ~_remainder;
        ReadOnlySpan<ulong> table = Table;
        while (bytes.Length >= 8)
        {
            crc ^= BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            crc = table[0x700 + (int)(crc & 255)] ^ table[0x600 + (int)(crc >> 8 & 255)]
                ^ table[0x500 + (int)(crc >> 16 & 255)] ^ table[0x400 + (int)(crc >> 24 & 255)]
                ^ table[0x300 + (int)(crc >> 32 & 255)] ^ table[0x200 + (int)(crc >> 40 & 255)]
                ^ table[0x100 + (int)(crc >> 48 & 255)] ^ table[(int)(crc >> 56)];
            bytes = bytes[8..];
        }

        foreach (byte b in bytes) crc = table[(int)((crc ^ b) & 255)] ^ (crc >> 8);
        _remainder = ~crc;
    }

    /// <summary>Appends a number as 8 little-endian bytes.</summary>
    public void Append(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Append(bytes);
    }

    /// <summary>
    /// Appends a text as its length in UTF-8 bytes and those bytes, so that two texts in a row cannot be confused with two
    /// others.
    /// </summary>
    public void Append(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Append(bytes.LongLength);
        Append(bytes);
    }

    private static ulong[] MakeTable()
    {
        var table = new ulong[8 * 256];
        for (int i = 0; i < 256; i++)
        {
            ulong crc = (ulong)i;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xC96C5795D7870F42UL : 0);
            table[i] = crc;
        }

        for (int i = 256; i < table.Length; i++) table[i] = table[(int)(table[i - 256] & 255)] ^ (table[i - 256] >> 8);
        return table;
    }
}
