using System.Buffers.Binary;
using System.Numerics;
using Unroll.Files;

namespace Unroll.Studies.Runs;

/// <summary>
/// An event file of TensorBoard: records of an 8-byte length, the masked CRC-32C of the length, a message, and the masked
/// CRC-32C of the message, appended and handed to the system one by one. A run that goes on drops what it makes again.
/// </summary>
internal sealed class EventFile : IDisposable
{
    /// <summary>The file in a run's folder of events; TensorBoard knows it by "tfevents".</summary>
    public const string Name = "events.out.tfevents.unroll";

    private const int LengthBytes = 8, CrcBytes = 4, HeaderBytes = LengthBytes + CrcBytes;
    private const int StepField = 2;
    private const string Version = "brain.Event:2";

    private readonly string _path;
    private readonly FileStream _file;

    private EventFile(string path, FileStream file) => (_path, _file) = (path, file);

    /// <summary>Whether nothing but the version was in the file when it was opened.</summary>
    public bool IsNew { get; private init; }

    /// <summary>Begins a file, or goes on with one.</summary>
    /// <param name="folder">Its folder, which is made.</param>
    /// <param name="resumedAt">The update up to which events are kept; null for a new run.</param>
    /// <param name="seconds">The time of the first record, seconds since 1970.</param>
    /// <exception cref="UserError">A new run finds events of another.</exception>
    /// <exception cref="IOException">It cannot be written, or is not an event file; the message is one sentence.</exception>
    public static EventFile Open(string folder, long? resumedAt, double seconds)
    {
        string path = Path.Combine(folder, Name);
        if (resumedAt is null && PathLook.At(path) != PathKind.Nothing)
            throw new UserError($"{folder} already holds the events of a run ({Name}); give another folder to --tensorboard.");
        FileStream? file = null;
        try
        {
            Directory.CreateDirectory(folder);
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
            long end = resumedAt is { } update ? Kept(path, file, update) : 0;
            file.SetLength(end);
            file.Position = end;
            var events = new EventFile(path, file) { IsNew = end == 0 };
            if (end == 0) events.Append(new EventMessage().Double(1, seconds).Text(3, Version));
            return events;
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            file?.Dispose();
            throw error is InvalidFileException ? error : FileErrors.NotWritten(path, error);
        }
    }

    /// <summary>Appends a record; a failure leaves the file as it was.</summary>
    public void Append(EventMessage message)
    {
        byte[] data = message.ToArray(), record = new byte[HeaderBytes + data.Length + CrcBytes];
        BinaryPrimitives.WriteInt64LittleEndian(record, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(LengthBytes), Masked(record.AsSpan(0, LengthBytes)));
        data.CopyTo(record, HeaderBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(HeaderBytes + data.Length), Masked(data));
        long end = _file.Position;
        try
        {
            _file.Write(record);
            _file.Flush();
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            try
            {
                _file.SetLength(end);
            }
            catch (Exception second) when (FileErrors.IsAboutFile(second))
            {
                // A torn last record is dropped when the run goes on.
            }

            throw FileErrors.NotWritten(_path, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>CRC-32C, turned and moved, so that a CRC of data with CRCs in it is no trouble.</summary>
    internal static uint Masked(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        foreach (byte one in bytes) crc = BitOperations.Crc32C(crc, one);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }

    /// <summary>The end of the last whole record at most at an update; what follows is torn or made again.</summary>
    private static long Kept(string path, FileStream file, long update)
    {
        long end = 0;
        byte[] header = new byte[HeaderBytes];
        while (file.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) == HeaderBytes)
        {
            long length = BinaryPrimitives.ReadInt64LittleEndian(header);
            bool whole = BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(LengthBytes)) == Masked(header.AsSpan(0,
                LengthBytes));
            if (!whole && end == 0) throw new InvalidFileException(path, "is not an event file of TensorBoard; move it away");
            if (!whole || length < 0 || length > file.Length - file.Position - CrcBytes) break;
            byte[] data = new byte[length + CrcBytes];
            file.ReadExactly(data);
            if (BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan((int)length)) != Masked(data.AsSpan(0, (int)length))) break;
            if (Step(data.AsSpan(0, (int)length)) > update) break;
            end = file.Position;
        }

        return end;
    }

    /// <summary>The step of an event of ours: a time of 64 bits, and then the step where it is not 0.</summary>
    private static long Step(ReadOnlySpan<byte> data)
    {
        const int TimeBytes = 9;
        if (data.Length <= TimeBytes || data[TimeBytes] != StepField << 3) return 0;
        ulong step = 0;
        for (int at = TimeBytes + 1, shift = 0; at < data.Length && shift < 64; at++, shift += 7)
        {
            step |= (ulong)(data[at] & 0x7f) << shift;
            if (data[at] < 0x80) break;
        }

        return (long)step;
    }
}
