using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Data;

/// <summary>
/// Reads the content of one standard MIDI file. The sounding notes of a key on a channel are in a queue, and a note-off ends the
/// note that began first. So a key that is struck again before or at the tick of its note-off loses nothing.
/// </summary>
internal sealed class MidiReader
{
    private const int Channels = 16, Notes = 128, Percussion = 9, None = -1;

    // SMPTE time has no beats. At the default tempo of MIDI a beat is half a second.
    private const double SecondsPerBeat = 0.5, DropFrames = 30_000.0 / 1_001;

    private readonly string _file;
    private readonly double _ticksPerStep;
    private readonly MusicReadOptions _options;
    private readonly List<Strike> _strikes = [];
    private readonly int[] _oldest = new int[Channels * Notes];
    private readonly int[] _newest = new int[Channels * Notes];
    private readonly List<PianoRoll> _pieces = [];
    private readonly byte[] _bytes;
    private readonly int _format;
    private readonly int _length;
    private int _at, _end;
    private long _steps, _stepsOfPieces;
    private int _dropped;

    private MidiReader(byte[] bytes, int count, string file, MusicReadOptions options)
    {
        (_bytes, _file, _options) = (bytes, file, options);
        (_at, _length) = MidiWrapper.Find(bytes.AsSpan(0, count));
        _end = _length;
        ReadOnlySpan<byte> start = bytes.AsSpan(_at, _length - _at);
        if (!start.StartsWith("MThd"u8))
        {
            if (start.StartsWith("RIFF"u8)) throw Wrong("is a RIFF file without a MIDI file in it");
            FileContent? known = FileContent.OfAny(start[..Math.Min(FileContent.Length, start.Length)]);
            throw Wrong(known?.Not("a MIDI file") ?? "is not a MIDI file: it does not begin with MThd");
        }

        _at += 4;
        int length = Int32(), begin = _at;
        _format = UInt16();
        int tracks = UInt16(), division = UInt16();
        if (_format > 2) throw Wrong(Invariant($"is a MIDI file of format {_format}, where 0 to 2 are read"));
        if (length < 6) throw Wrong(Invariant($"has a MIDI header of {Counted.Of(length, "byte")}, where 6 are expected"));
        _ticksPerStep = TicksPerBeat(division) * options.Step;
        Go(begin + (long)length);
        for (int track = 0; track < tracks;)
        {
            ReadOnlySpan<byte> kind = Bytes(4);
            length = Int32();
            if (length < 0 || length > _length - _at)
                throw Wrong(
                    Invariant($"is truncated: {Counted.Of(_length - _at, "byte")} behind byte {_at}, where ")
                        + Invariant($"{(uint)length} are announced"));
            if (!kind.SequenceEqual("MTrk"u8))
            {
                _at += length;
                continue;
            }

            _end = _at + length;
            ReadTrack();
            (_at, _end) = (_end, _length);
            track++;
            if (_format == 2) AddPiece(Invariant($" track {track}"), onlyIfHeard: true);
        }

        if (_format < 2) AddPiece("", onlyIfHeard: false);
        else if (_pieces.Count == 0) throw Wrong("has no note of a piano");
    }

    /// <summary>Reads a file's notes as piano rolls: one, or for format 2 one for each track that has a note.</summary>
    /// <exception cref="InvalidFileException">The content cannot be accepted.</exception>
    public static IReadOnlyList<PianoRoll> Read(byte[] bytes, int count, string file, MusicReadOptions options)
    {
        var reader = new MidiReader(bytes, count, file, options);
        if (reader._dropped > 0) options.Notice?.Invoke(
            Invariant($"{file} has {Counted.Of(reader._dropped, "note")} outside 21..108, which ")
                + Invariant($"{(reader._dropped == 1 ? "is" : "are")} left out."));
        return reader._pieces;
    }

    private double TicksPerBeat(int division)
    {
        if (division is > 0 and <= short.MaxValue) return division;
        int frames = -(sbyte)(division >> 8), ticks = division & 255;
        double rate = frames switch
        {
            24 or 25 or 30 => frames,
            29 => DropFrames,
            _ => 0,
        };
        if (rate == 0 || ticks == 0)
            throw Wrong($"counts time by the division 0x{division:X4}, "
                + "which is neither ticks a beat nor ticks of 1/24, 1/25, 1/29.97 or 1/30 of a second");
        return rate * ticks * SecondsPerBeat;
    }

    /// <summary>
    /// Notes are sorted by key and beginning, so that each step is set once, even if many notes of a hostile file cover it.
    /// </summary>
    private void AddPiece(string suffix, bool onlyIfHeard)
    {
        _stepsOfPieces += _steps;
        if (_stepsOfPieces > MidiFile.MaximumSteps) throw TooLong("in its tracks together");
        if (!onlyIfHeard || _strikes.Exists(strike => strike.Key != None))
        {
            var roll = new PianoRoll((_options.Name ?? Path.GetFileNameWithoutExtension(_file)) + suffix, (int)_steps);
            _strikes.Sort((a, b) => a.Key != b.Key ? a.Key.CompareTo(b.Key) : a.Begin.CompareTo(b.Begin));
            (int drawn, long next) = (None, 0);
            foreach (Strike strike in _strikes)
            {
                if (strike.Key == None) continue;
                if (strike.Key != drawn) (drawn, next) = (strike.Key, 0);
                next = Math.Max(next, strike.Begin);
                for (; next < strike.End; next++) roll[(int)next, strike.Key] = true;
            }

            _pieces.Add(roll);
        }

        _strikes.Clear();
        _steps = 0;
    }

    private void ReadTrack()
    {
        Array.Fill(_oldest, None);
        long tick = 0;
        int running = 0;
        while (_at < _end)
        {
            tick += Variable();
            int status = running;
            if (_bytes[Here()] >= 0x80) status = Byte();
            else if (status == 0) throw Wrong(Invariant($"has no event where one is expected, at byte {_at}"));
            if (status >= 0xF0)
            {
                // The running status stays valid after all of these. The standard says that it does not, but in many files it
                // does.
                if (!SkipSystem(status)) break;
                continue;
            }

            running = status;
            if (status >> 4 == 0xB)
            {
                // Pedals and similar events are ignored, so a data byte that is too large does no harm.
                Bytes(2);
                continue;
            }

            int at = _at, note = Data(), velocity = (status & 0xE0) == 0xC0 ? 0 : Data(), channel = status & 15;
            if (status >> 4 is not (8 or 9) || channel == Percussion) continue;
            if (status >> 4 == 9 && velocity > 0) Begin(channel, note, tick, at);
            else End((channel * Notes) + note, tick);
        }

        for (int place = 0; place < _oldest.Length; place++)
        {
            while (_oldest[place] >= 0) End(place, tick);
        }

        Extend(Nearest(tick));
    }

    /// <summary>Skips a system event; false for the end of the track.</summary>
    private bool SkipSystem(int status)
    {
        switch (status)
        {
            case 0xFF or 0xF0 or 0xF7:
                int kind = status == 0xFF ? Byte() : None, length = Variable();
                Go(_at + (long)length);
                return kind != 0x2F;
            case 0xF1 or 0xF3: Bytes(1); return true;
            case 0xF2: Bytes(2); return true;
            case 0xF6 or >= 0xF8: return true; // a tune request, a clock, a start and similar events
            default: throw Wrong(Invariant($"has an event 0x{status:X2} at byte {_at - 1}, which no file may have"));
        }
    }

    private void Begin(int channel, int note, long tick, int at)
    {
        bool isOnPiano = note is >= PianoRoll.LowestNote and < PianoRoll.LowestNote + PianoRoll.Keys;
        if (!isOnPiano && _options.OutOfRange == OutOfRangeNotes.Refuse)
            throw Wrong(
                Invariant($"has the note {note} at byte {at}, where a piano has 21 to 108; --drop-notes leaves such notes out"));
        if (!isOnPiano) _dropped++;
        int place = (channel * Notes) + note, strike = _strikes.Count;
        if (_oldest[place] < 0) _oldest[place] = strike;
        else CollectionsMarshal.AsSpan(_strikes)[_newest[place]].Next = strike;
        _newest[place] = strike;
        _strikes.Add(new Strike { Key = isOnPiano ? note - PianoRoll.LowestNote : None, Begin = Nearest(tick), Next = None });
    }

    /// <summary>Ends the oldest sounding note of a key on a channel, if there is one.</summary>
    private void End(int place, long tick)
    {
        if (_oldest[place] < 0) return;
        ref Strike strike = ref CollectionsMarshal.AsSpan(_strikes)[_oldest[place]];
        strike.End = Math.Max(strike.Begin + 1, Nearest(tick));
        _oldest[place] = strike.Next;
        Extend(strike.End);
    }

    private long Nearest(long tick) => (long)Math.Floor((tick / _ticksPerStep) + 0.5);

    private void Extend(long steps)
    {
        _steps = Math.Max(_steps, steps);
        if (_steps > MidiFile.MaximumSteps) throw TooLong(Invariant($"before byte {_at}"));
    }

    private InvalidFileException TooLong(string where) =>
        Wrong($"is longer than {MidiFile.MaximumSteps} steps, {where}; a longer --step makes fewer of them");

    private int Variable()
    {
        int value = 0;
        for (int i = 0; i < 4; i++)
        {
            int b = Byte();
            value = (value << 7) | (b & 0x7F);
            if (b < 0x80) return value;
        }

        throw Wrong(Invariant($"has a number of more than four bytes before byte {_at}"));
    }

    private int Data()
    {
        int value = Byte();
        return value < 0x80 ? value
            : throw Wrong(
                Invariant($"has the value {value} (0x{value:X2}) at byte {_at - 1}, ")
                    + "where a data byte of an event is expected, which is at most 127");
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

    private InvalidFileException Early() => Wrong(_end < _length
        ? Invariant($"has an event that goes past the end of its track at byte {_end}")
        : Invariant($"ends too early, at byte {_end}"));

    private InvalidFileException Wrong(string problem) => new(_file, problem);

    /// <summary>A sounding note with its beginning; <see cref="Next"/> is the next note of the same key.</summary>
    private struct Strike
    {
        public int Key, Next;
        public long Begin, End;
    }
}
