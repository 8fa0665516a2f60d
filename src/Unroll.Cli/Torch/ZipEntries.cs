using System.Buffers.Binary;
using System.Text;
using Unroll.Files;
using Unroll.Interop;

namespace Unroll.Cli.Torch;

/// <summary>
/// The entries of a zip file, as PyTorch writes them: stored, not compressed. Sizes are compared with the file's length before
/// anything is allocated, so nothing larger than the file is.
/// </summary>
internal sealed class ZipEntries
{
    private const uint EndSignature = 0x06054b50, End64Signature = 0x06064b50, Locator64Signature = 0x07064b50,
        EntrySignature = 0x02014b50, LocalSignature = 0x04034b50;
    private const int EndSize = 22, LocatorSize = 20, End64Size = 56, EntrySize = 46, LocalSize = 30, MostComment = 65_535;

    private readonly Stream _stream;
    private readonly string _file;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private long _packed;

    private ZipEntries(Stream stream, string file) => (_stream, _file) = (stream, file);

    private sealed record Entry(string Name, int Flags, int Method, uint Crc, long Size, long Packed, long Local);

    /// <summary>The entries' names.</summary>
    public IReadOnlyCollection<string> Names => _entries.Keys;

    /// <summary>Reads the directory; the entries themselves when they are asked for.</summary>
    /// <param name="stream">A seekable stream; it stays open and must stay so.</param>
    /// <param name="file">What to call it in messages.</param>
    /// <exception cref="InvalidFileException">It is no zip file, or is damaged.</exception>
    public static ZipEntries Read(Stream stream, string file)
    {
        var zip = new ZipEntries(stream, file);
        zip.ReadDirectory();
        return zip;
    }

    /// <summary>Whether there is an entry of this name.</summary>
    public bool Contains(string name) => _entries.ContainsKey(name);

    /// <summary>The length of an entry in bytes; -1 when there is no entry of this name.</summary>
    public long Length(string name) => _entries.TryGetValue(name, out Entry? entry) ? entry.Size : -1;

    /// <summary>
    /// The bytes of an entry, compared with its checksum if it has one: PyTorch can leave it out, and writes 0 then.
    /// </summary>
    /// <exception cref="InvalidFileException">There is no such entry, it is packed, or it was altered.</exception>
    public byte[] Bytes(string name)
    {
        if (!_entries.TryGetValue(name, out Entry? entry)) throw Wrong($"it has no entry {SafeTensorsHeader.Quote(name)}");
        string shown = SafeTensorsHeader.Quote(name);
        if ((entry.Flags & 1) != 0) throw Wrong($"its entry {shown} is encrypted");
        if (entry.Method != 0)
            throw Wrong($"its entry {shown} is compressed, which torch.save never does; unpack it and pack it with zip -0");
        if (entry.Size != entry.Packed) throw Wrong($"its entry {shown} is stored and has two sizes");
        Span<byte> local = stackalloc byte[LocalSize];
        ReadAt(entry.Local, local);
        if (Word(local) != LocalSignature) throw Wrong($"its entry {shown} has no header at byte {entry.Local}");
        long start = entry.Local + LocalSize + Half(local[26..]) + Half(local[28..]);
        if (entry.Size > Array.MaxLength || start > _stream.Length - entry.Size)
            throw Wrong($"its entry {shown} of {entry.Size} bytes goes past its end");
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)entry.Size);
        ReadAt(start, bytes);
        if (entry.Crc != 0 && Crc32.Of(bytes) != entry.Crc)
            throw Wrong($"its entry {shown} was altered after it was written: it does not match its checksum");
        return bytes;
    }

    private void ReadDirectory()
    {
        long length = _stream.Length;
        byte[] tail = new byte[(int)Math.Min(length, EndSize + MostComment)];
        ReadAt(length - tail.Length, tail);
        int at = tail.Length - EndSize;
        while (at >= 0 && !(Word(tail.AsSpan(at)) == EndSignature && Half(tail.AsSpan(at + 20)) == tail.Length - at - EndSize))
            at--;
        if (at < 0) throw Wrong("it has no end of its directory, like a file that was not copied whole");
        ReadOnlySpan<byte> end = tail.AsSpan(at, EndSize);
        (long entries, long size, long offset) = (Half(end[10..]), Word(end[12..]), Word(end[16..]));
        if (entries == ushort.MaxValue || size == uint.MaxValue || offset == uint.MaxValue)
            (entries, size, offset) = ReadEnd64(length - tail.Length + at);
        if (size < 0 || offset < 0 || size > length || offset > length - size)
            throw Wrong($"its directory of {size} bytes at byte {offset} goes past its end");
        if (entries > size / EntrySize || size > Array.MaxLength)
            throw Wrong($"its directory of {size} bytes cannot have {entries} entries");
        byte[] directory = new byte[size];
        ReadAt(offset, directory);
        for (int from = 0, i = 0; i < entries; i++) from = ReadEntry(directory, from);
    }

    private (long Entries, long Size, long Offset) ReadEnd64(long end)
    {
        Span<byte> locator = stackalloc byte[LocatorSize];
        if (end < LocatorSize) throw Wrong("its directory has no 64-bit end");
        ReadAt(end - LocatorSize, locator);
        if (Word(locator) != Locator64Signature) throw Wrong("its directory has no 64-bit end");
        Span<byte> end64 = stackalloc byte[End64Size];
        ReadAt(Long(locator[8..]), end64);
        if (Word(end64) != End64Signature) throw Wrong("its directory has no 64-bit end");
        return (Long(end64[32..]), Long(end64[40..]), Long(end64[48..]));
    }

    private int ReadEntry(byte[] directory, int from)
    {
        ReadOnlySpan<byte> rest = directory.AsSpan(from);
        if (rest.Length < EntrySize || Word(rest) != EntrySignature) throw Wrong("its directory is damaged");
        int name = Half(rest[28..]), extra = Half(rest[30..]), comment = Half(rest[32..]);
        if (EntrySize + name + extra + comment > rest.Length) throw Wrong("its directory ends too early");
        long packed = Word(rest[20..]), size = Word(rest[24..]), local = Word(rest[42..]);
        ReadOnlySpan<byte> extras = rest.Slice(EntrySize + name, extra);
        while (extras.Length >= 4)
        {
            int kind = Half(extras), count = Half(extras[2..]);
            if (count > extras.Length - 4) break;
            if (kind == 1) Widen(extras.Slice(4, count), ref size, ref packed, ref local);
            extras = extras[(4 + count)..];
        }

        string text = Encoding.UTF8.GetString(rest.Slice(EntrySize, name));
        if (size < 0 || packed < 0 || local < 0 || packed > _stream.Length || local > _stream.Length - LocalSize)
            throw Wrong($"its entry {SafeTensorsHeader.Quote(text)} goes past its end");

        // Entries that lie over one another could make a small file fill the memory.
        _packed += packed + LocalSize;
        if (_packed > _stream.Length) throw Wrong($"its entries have more bytes together than its {_stream.Length}");
        if (!_entries.TryAdd(text, new Entry(text, Half(rest[8..]), Half(rest[10..]), Word(rest[16..]), size, packed, local)))
            throw Wrong($"it has two entries {SafeTensorsHeader.Quote(text)}");
        return from + EntrySize + name + extra + comment;
    }

    /// <summary>The 64-bit numbers stand in this order, each only where its 32 bits were full.</summary>
    private void Widen(ReadOnlySpan<byte> wide, ref long size, ref long packed, ref long local)
    {
        if (size == uint.MaxValue) size = Next(ref wide);
        if (packed == uint.MaxValue) packed = Next(ref wide);
        if (local == uint.MaxValue) local = Next(ref wide);
    }

    private long Next(ref ReadOnlySpan<byte> wide)
    {
        if (wide.Length < 8) throw Wrong("its directory ends too early");
        long value = Long(wide);
        wide = wide[8..];
        return value;
    }

    private void ReadAt(long offset, Span<byte> to)
    {
        if (offset < 0 || offset > _stream.Length - to.Length)
            throw Wrong($"it goes on at byte {offset}, past its {_stream.Length} bytes");
        _stream.Position = offset;
        _stream.ReadExactly(to);
    }

    private static ushort Half(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint Word(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private static long Long(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);

    private InvalidFileException Wrong(string problem) => new(_file, $"is a damaged zip file: {problem}");
}
