using System.Buffers.Binary;
using Unroll.Files;

namespace Unroll.Data;

/// <summary>Reads the content of one standard MIDI file.</summary>
internal sealed class MidiReader
{
    private const int Channels = 16, Notes = 128, Percussion = 9;
    private readonly string _file;
    private readonly double _ticksPerStep;
    private readonly bool _drop;
    private readonly List<(int Key, long Begin, long End)> _notes = [];
    private readonly long[] _begun = new long[Channels * Notes];
    private readonly byte[] _bytes;
    private readonly int _length;
    private int _at, _end;
    private long _steps;
    private int _dropped;

    private MidiReader(byte[] bytes, int count, string file, bool drop, double step)
    {
        (_bytes, _length, _file, _drop) = (bytes, count, file, drop);
        _end = count;
        if (!bytes.AsSpan(0, count).StartsWith("MThd"u8)) throw Wrong("is not a MIDI file: it does not begin with MThd");
        _at = 4;
        int length = Int32(), begin = _at;
        int format = UInt16(), tracks = UInt16(), division = UInt16();
        if (format > 1) throw Wrong($"is a MIDI file of format {format}, where 0 and 1 are read");
        if (division is 0 or > short.MaxValue) throw Wrong("is a MIDI file that does not count time in ticks a beat, but in seconds or not at all");
        if (length < 6) throw Wrong($"has a MIDI header of {length} bytes, where 6 are expected");
        _ticksPerStep = division * step;
        Go(begin + (long)length);
        for (int track = 0; track < tracks;)
        {
            ReadOnlySpan<byte> kind = Bytes(4);
            length = Int32();
            if (length < 0 || length > count - _at) throw Wrong($"is truncated: {count - _at} bytes follow byte {_at}, where {(uint)length} are announced");
            if (!kind.SequenceEqual("MTrk"u8))
            {
                _at += length;
                continue;
            }

            _end = _at + length;
            ReadTrack();
            (_at, _end) = (_end, count);
            track++;
        }
    }

    /// <summary>Reads a file's notes as a piano roll.</summary>
    public static PianoRoll Read(byte[] bytes, int count, string file, MusicReadOptions options)
    {
        var reader = new MidiReader(bytes, count, file, options.OutOfRange == OutOfRangeNotes.Drop, options.Step);
        if (reader._dropped > 0) options.Notice?.Invoke($"{file} has {reader._dropped} notes outside 21..108, which are left out.");
        var roll = new PianoRoll(options.Name ?? Path.GetFileNameWithoutExtension(file), (int)reader._steps);
        reader.Draw(roll);
        return roll;
    }

    /// <summary>Notes by key and beginning, so that a step is set once however many notes of a hostile file cover it.</summary>
    private void Draw(PianoRoll roll)
    {
        _notes.Sort((a, b) => a.Key != b.Key ? a.Key.CompareTo(b.Key) : a.Begin.CompareTo(b.Begin));
        (int drawn, long next) = (-1, 0);
        foreach ((int key, long begin, long end) in _notes)
        {
            if (key != drawn) (drawn, next) = (key, 0);
            next = Math.Max(next, begin);
            for (; next < end; next++) roll[(int)next, key] = true;
        }
    }

    private void ReadTrack()
    {
        Array.Fill(_begun, -1);
        long tick = 0;
        int status = 0;
        while (_at < _end)
        {
            tick += Variable();
            if (_bytes[Here()] >= 0x80) status = Byte();
            else if (status is 0 or >= 0xF0) throw Wrong($"has no event where one is expected, at byte {_at}");
            if (status >= 0xF0)
            {
                int kind = status == 0xFF ? Byte() : status is 0xF0 or 0xF7 ? -1 : throw Wrong($"has an event 0x{status:X2} at byte {_at - 1}, which no file may have");
                int length = Variable();
                Go(_at + (long)length);
                status = 0;
                if (kind == 0x2F) break;
                continue;
            }

            int at = _at, first = Data(), second = (status & 0xE0) == 0xC0 ? 0 : Data();
            int channel = status & 15, place = (channel * Notes) + first;
            if (status >> 4 is not (8 or 9) || channel == Percussion) continue;
            if (_begun[place] >= 0) Add(first, _begun[place], tick, at);
            _begun[place] = status >> 4 == 9 && second > 0 ? tick : -1;
        }

        for (int place = 0; place < _begun.Length; place++)
        {
            if (_begun[place] >= 0) Add(place % Notes, _begun[place], tick, _at);
        }

        Extend(Nearest(tick));
    }

    private void Add(int note, long begin, long end, int at)
    {
        long first = Nearest(begin), last = Math.Max(first + 1, Nearest(end));
        if (note is >= PianoRoll.LowestNote and < PianoRoll.LowestNote + PianoRoll.Keys) _notes.Add((note - PianoRoll.LowestNote, first, last));
        else if (_drop) _dropped++;
        else throw Wrong($"has the note {note} before byte {at}, where a piano has 21 to 108; such notes can be dropped");
        Extend(last);
    }

    private long Nearest(long tick) => (long)Math.Floor((tick / _ticksPerStep) + 0.5);

    private void Extend(long steps)
    {
        _steps = Math.Max(_steps, steps);
        if (_steps > MidiFile.MaximumSteps) throw Wrong($"is longer than {MidiFile.MaximumSteps} steps, before byte {_at}; a longer step makes fewer of them");
    }

    private int Variable()
    {
        int value = 0;
        for (int i = 0; i < 4; i++)
        {
            int b = Byte();
            value = (value << 7) | (b & 0x7F);
            if (b < 0x80) return value;
        }

        throw Wrong($"has a number of more than four bytes before byte {_at}");
    }

    private int Data()
    {
        int value = Byte();
        return value < 0x80 ? value : throw Wrong($"has an event that is cut short at byte {_at - 1}");
    }

    private int Here() => _at < _end ? _at : throw Early();

    private int Byte() => _bytes[_at < _end ? _at++ : throw Early()];

    private ReadOnlySpan<byte> Bytes(int count)
    {
        int at = _at;
        Go(at + (long)count);
        return _bytes.AsSpan(at, count);
    }

    private void Go(long to) => _at = to >= _at && to <= _end ? (int)to : throw Early();

    private int UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Bytes(2));

    private int Int32() => BinaryPrimitives.ReadInt32BigEndian(Bytes(4));

    private InvalidFileException Early() => Wrong(_end < _length ? $"has an event that goes past the end of its track at byte {_end}" : $"ends too early, at byte {_end}");

    private InvalidFileException Wrong(string problem) => new(_file, problem);
}
