using Unroll.Files;

namespace Unroll.Data;

/// <summary>
/// Standard MIDI files as piano rolls and back. Reading takes the notes of all tracks and of all channels except the tenth
/// (percussion). Each note goes from the step nearest its beginning to the step nearest its end and has at least one step. When a
/// key sounds several times on one channel, a note-off ends the note that began first. Pedals, loudness and tempo are ignored;
/// where a file counts time in seconds (SMPTE), a beat is half a second. In format 2 each track is a piece. A file in a RIFF
/// wrapper or behind a MacBinary header is found in it. Two notes of one key that follow each other without a pause are one held
/// note in a piano roll. So a roll that was written is read back equal, while a MIDI file that was read is not written back note
/// for note.
/// </summary>
public static class MidiFile
{
    /// <summary>The most steps of one file.</summary>
    public const int MaximumSteps = 1 << 18;

    /// <summary>The most bytes of one file.</summary>
    public const int MaximumBytes = 1 << 24;

    /// <summary>Ticks a beat of files that are written; the finest step has ten.</summary>
    private const int Division = 960;

    private const int Velocity = 80, LongestDelta = 0x0FFFFFFF;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The time step and the treatment of notes that a piano does not have; null for the defaults.</param>
    /// <exception cref="InvalidFileException">The content cannot be accepted.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static PianoRoll Read(string path, MusicReadOptions? options = null) =>
        FileBytes.Use(path, stream => Read(stream, path, options));

    /// <summary>
    /// Reads all pieces of a file: one, or for format 2 one for each track that has a note, named after the file and the track.
    /// </summary>
    /// <inheritdoc cref="Read(string, MusicReadOptions?)"/>
    public static IReadOnlyList<PianoRoll> ReadPieces(string path, MusicReadOptions? options = null) =>
        FileBytes.Use(path, stream => ReadPieces(stream, path, options));

    /// <summary>Reads a stream to its end. It allocates at most 5 MB plus 40 times the length of the stream.</summary>
    /// <param name="stream">The content.</param>
    /// <param name="file">The name, for messages and the piece.</param>
    /// <param name="options">The time step and the treatment of notes that a piano does not have; null for the defaults.</param>
    /// <exception cref="InvalidFileException">The content cannot be accepted.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static PianoRoll Read(Stream stream, string file, MusicReadOptions? options = null)
    {
        IReadOnlyList<PianoRoll> pieces = ReadPieces(stream, file, options);
        return pieces.Count == 1 ? pieces[0]
            : throw new InvalidFileException(file, $"has {pieces.Count} pieces, each a track (format 2), where one is expected");
    }

    /// <summary>
    /// Reads all pieces of a stream: one, or for format 2 one for each track that has a note, named after the file and the track.
    /// </summary>
    /// <inheritdoc cref="Read(Stream, string, MusicReadOptions?)"/>
    public static IReadOnlyList<PianoRoll> ReadPieces(Stream stream, string file, MusicReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options = (options ?? new()).Checked();
        (byte[] bytes, int length) = FileBytes.Read(stream, file, MaximumBytes);
        return MidiReader.Read(bytes, length, file, options);
    }

    /// <summary>Writes a piece as a file of format 0, which replaces an old file as a whole.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    /// <inheritdoc cref="Write(Stream, PianoRoll, double, double)"/>
    public static void Write(string path, PianoRoll roll, double tempo = 120, double step = 0.5)
    {
        Check(roll, tempo, step);
        AtomicFile.Write(path, stream => Write(stream, roll, tempo, step));
    }

    /// <summary>
    /// Writes a piece as a file of format 0: a key that is down in steps that follow each other is one held note.
    /// </summary>
    /// <param name="stream">Where to.</param>
    /// <param name="roll">The piece, of at most <see cref="MaximumSteps"/> steps.</param>
    /// <param name="tempo">Beats a minute, 4..1000.</param>
    /// <param name="step">Beats a step, 1/96..16.</param>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    public static void Write(Stream stream, PianoRoll roll, double tempo = 120, double step = 0.5)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Check(roll, tempo, step);
        var track = new List<byte>(roll.Steps * 8);
        long written = 0;
        int microseconds = (int)Math.Round(60e6 / tempo);
        Event(0, 0xFF, 0x51, 3, (byte)(microseconds >> 16), (byte)(microseconds >> 8), (byte)microseconds);
        for (int t = 0; t <= roll.Steps; t++)
        {
            for (int key = 0; key < PianoRoll.Keys; key++)
            {
                if (t > 0 && roll[t - 1, key] && !(t < roll.Steps && roll[t, key]))
                    Event(t, 0x80, (byte)(key + PianoRoll.LowestNote), 64);
            }

            for (int key = 0; t < roll.Steps && key < PianoRoll.Keys; key++)
            {
                if (roll[t, key] && !(t > 0 && roll[t - 1, key])) Event(t, 0x90, (byte)(key + PianoRoll.LowestNote), Velocity);
            }
        }

        Event(roll.Steps, 0xFF, 0x2F, 0);
        stream.Write("MThd\0\0\0\x06\0\0\0\x01"u8);
        stream.Write([Division >> 8, Division & 255]);
        stream.Write("MTrk"u8);
        stream.Write([(byte)(track.Count >> 24), (byte)(track.Count >> 16), (byte)(track.Count >> 8), (byte)track.Count]);
        stream.Write(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(track));

        void Event(int at, params ReadOnlySpan<byte> message)
        {
            long tick = (long)Math.Round(at * step * Division), delta = tick - written;
            for (; delta > LongestDelta; delta -= LongestDelta)
            {
                Delta(LongestDelta);
                track.AddRange([0xFF, 0x01, 0]); // an empty text: the pause is longer than one number can hold
            }

            Delta((int)delta);
            track.AddRange(message);
            written = tick;
        }

        void Delta(int ticks)
        {
            for (int shift = 21; shift > 0; shift -= 7)
            {
                if (ticks >> shift != 0) track.Add((byte)(ticks >> shift | 0x80));
            }

            track.Add((byte)(ticks & 0x7F));
        }
    }

    private static void Check(PianoRoll roll, double tempo, double step)
    {
        ArgumentNullException.ThrowIfNull(roll);
        if (roll.Steps > MaximumSteps) throw new ArgumentException(
            Invariant($"A MIDI file has at most {MaximumSteps} steps, not {roll.Steps}."));
        if (tempo is not (>= 4 and <= 1000)) throw new ArgumentException(
            Invariant($"The tempo is 4 to 1000 beats a minute, not {tempo}."));
        _ = new MusicReadOptions { Step = step }.Checked();
    }
}
