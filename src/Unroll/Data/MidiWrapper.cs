using System.Buffers.Binary;

namespace Unroll.Data;

/// <summary>
/// Finds a standard MIDI file inside a wrapper of some programs: a RIFF file (<c>.rmi</c>) or a MacBinary header.
/// </summary>
internal static class MidiWrapper
{
    /// <summary>The bytes from the beginning that <see cref="IsMidi"/> needs.</summary>
    public const int Length = MacHeader + 12;

    private const int MacHeader = 128, MacLongestName = 63, MacForkLength = 83, RiffHeader = 12, ChunkHeader = 8;

    /// <summary>Whether a file with this beginning is MIDI, wrapped or not.</summary>
    public static bool IsMidi(ReadOnlySpan<byte> start) => start.StartsWith("MThd"u8) || IsRiff(start) || IsMacBinary(start);

    /// <summary>The part of a file that is the MIDI file itself; all of it where there is no wrapper.</summary>
    /// <returns>The position of its first byte, and the position after its last byte: always within the file, whatever a wrapper
    /// claims.</returns>
    public static (int Begin, int End) Find(ReadOnlySpan<byte> file)
    {
        (int begin, int end) = (0, file.Length);
        if (IsMacBinary(file))
        {
            uint fork = BinaryPrimitives.ReadUInt32BigEndian(file[MacForkLength..]);
            begin = MacHeader;
            if (fork is > 0 and < int.MaxValue - MacHeader) end = Math.Min(end, MacHeader + (int)fork);
        }

        if (!IsRiff(file[begin..end])) return (begin, end);
        for (int at = begin + RiffHeader; at <= end - ChunkHeader;)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(file[(at + 4)..]);
            int content = at + ChunkHeader, next = (int)Math.Min(end, content + (long)length);
            if (file[at..].StartsWith("data"u8)) return (content, next);
            at = (int)Math.Min(end, next + (length & 1L));
        }

        return (begin, end);
    }

    private static bool IsRiff(ReadOnlySpan<byte> start) =>
        start.Length >= RiffHeader && start.StartsWith("RIFF"u8) && start.Slice(8, 4).SequenceEqual("RMID"u8);

    private static bool IsMacBinary(ReadOnlySpan<byte> start) =>
        start.Length >= Length && start[0] == 0 && start[1] is > 0 and <= MacLongestName
            && (start[MacHeader..].StartsWith("MThd"u8) || IsRiff(start[MacHeader..]));
}
