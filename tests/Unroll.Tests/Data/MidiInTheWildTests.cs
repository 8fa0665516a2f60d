using Unroll.Data;
using Unroll.Files;
using Unroll.Tests.Files;

namespace Unroll.Tests.Data;

/// <summary>MIDI files as programs write them, including what the standard does not allow.</summary>
public sealed class MidiInTheWildTests
{
    private static readonly byte[] End = [0, 0xFF, 0x2F, 0], Note = [0, 0x90, 60, 80, 4, 60, 0, .. End];
    private static readonly MusicReadOptions Ticks = new() { Step = 1 };

    private static PianoRoll Read(byte[] bytes, MusicReadOptions? options = null) =>
        MidiFile.Read(new MemoryStream(bytes), "FILE.mid", options);

    private static string Refused(byte[] bytes)
    {
        var error = Assert.Throws<InvalidFileException>(() => Read(bytes));
        TempFolder.AssertSentence(error, "FILE.mid");
        return error.Message;
    }

    [Fact]
    public void A_key_that_is_struck_at_the_tick_at_which_it_ends_is_held()
    {
        PianoRoll before = MidiFile.Read(Cases.At("midi/restrike-off-before-on.mid")),
            after = MidiFile.Read(Cases.At("midi/restrike-on-before-off.mid"));
        Assert.Equal("39/39/39/39/39/39", Samples.Text(after));
        Assert.Equal(Samples.Text(before), Samples.Text(after));
    }

    /// <summary>
    /// Random note-ons and note-offs of a few keys on two channels, compared with a queue for each key and channel.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void An_end_ends_the_strike_that_began_first(int number)
    {
        RandomSource random = new RandomKey(11, RandomStream.Test, number).Shared();
        var track = new List<byte>();
        var open = new Dictionary<(int Channel, int Key), Queue<int>>();
        var notes = new List<(int Key, int Begin, int End)>();
        int tick = 0;
        for (int i = 0; i < 200; i++)
        {
            int delta = random.NextInt(3), channel = random.NextInt(2), key = 40 + random.NextInt(3);
            tick += delta;
            Queue<int> queue = open.TryGetValue((channel, key), out Queue<int>? known) ? known
                : open[(channel, key)] = new Queue<int>();
            bool strike = random.NextInt(2) == 0;
            track.AddRange([(byte)delta, (byte)((strike || random.NextInt(2) == 0 ? 0x90 : 0x80) | channel),
                (byte)(key + PianoRoll.LowestNote), (byte)(strike ? 70 : 0)]);
            if (strike) queue.Enqueue(tick);
            else if (queue.TryDequeue(out int begin)) notes.Add((key, begin, Math.Max(begin + 1, tick)));
        }

        foreach (((_, int key), Queue<int> queue) in open)
            notes.AddRange(queue.Select(begin => (key, begin, Math.Max(begin + 1, tick))));
        PianoRoll roll = Read(Samples.Midi(0, 1, [.. track, .. End]), Ticks);
        Assert.Equal(Math.Max(tick, notes.Max(note => note.End)), roll.Steps);
        for (int t = 0; t < roll.Steps; t++)
        {
            for (int key = 0; key < PianoRoll.Keys; key++)
                Assert.Equal(notes.Any(note => note.Key == key && t >= note.Begin && t < note.End), roll[t, key]);
        }
    }

    [Fact]
    public void Running_status_survives_meta_and_exclusive_events_and_clocks()
    {
        Assert.Equal("39/39/41/41", Samples.Text(MidiFile.Read(Cases.At("midi/running-status-after-meta.mid"))));
        byte[] between = [0, 0xF0, 2, 1, 0xF7, 0, 0xF7, 1, 0x33, 0, 0xF8, 0, 0xFE, 0, 0xFA, 0, 0xF1, 5, 0, 0xF2, 1, 2, 0, 0xF3, 7,
            0, 0xF6];
        Assert.Equal("39/39", Samples.Text(Read(Samples.Midi(0, 4, [0, 0x90, 60, 80, .. between, 4, 60, 0, .. End]))));
        Assert.Contains("0xF4", Refused(Samples.Midi(0, 4, [0, 0xF4, .. End])), StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_byte_that_is_too_large_is_named_but_in_control_changes_does_no_harm()
    {
        Assert.Equal("39/39",
            Samples.Text(Read(Samples.Midi(0, 4,
            [0, 0xB0, 7, 200, 0, 0xB0, 0xC8, 0xFF, 0, 7, 0x80, 0, 0x90, 60, 80, 4, 60, 0, .. End]))));
        string message = Assert.Throws<InvalidFileException>(() => MidiFile.Read(Cases.At("midi/velocity-200.mid"))).Message;
        Assert.Contains("has the value 200 (0xC8) at byte 25, where a data byte of an event is expected, which is at most 127",
            message, StringComparison.Ordinal);
        Assert.Contains("the value 130 (0x82) at byte 24", Refused(Samples.Midi(0, 4, [0, 0x90, 130, 80, .. End])),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Wrappers_are_opened()
    {
        string expected = Samples.Text(MidiFile.Read(Cases.At("midi/ok.mid")));
        Assert.Equal(expected, Samples.Text(MidiFile.Read(Cases.At("midi/riff-rmid.mid"))));
        byte[] plain = File.ReadAllBytes(Cases.At("midi/ok.mid"));

        // Another chunk of odd length in front, and a length that goes past the end.
        byte[] riff = [.. "RIFF"u8, 0xFF, 0xFF, 0xFF, 0x7F, .. "RMIDDISP"u8, 3, 0, 0, 0, 1, 2, 3, 0, .. "data"u8, 0xFF, 0xFF, 0,
            0, .. plain];
        Assert.Equal(expected, Samples.Text(Read(riff)));
        byte[] mac = new byte[128];
        (mac[1], mac[2], mac[86]) = (1, (byte)'a', (byte)plain.Length);
        Assert.Equal(expected, Samples.Text(Read([.. mac, .. plain, .. new byte[128 - (plain.Length % 128)], 1, 2, 3])));
        Assert.Equal(expected, Samples.Text(Read([.. mac[..86], (byte)riff.Length, .. mac[87..], .. riff])));
        for (int length = 0; length < riff.Length; length++) Refused(riff[..length]);
    }

    [Fact]
    public void Each_track_of_format_2_is_a_piece()
    {
        IReadOnlyList<PianoRoll> pieces = MidiFile.ReadPieces(Cases.At("midi/format2.mid"));
        Assert.Equal([("format2 track 1", 16), ("format2 track 2", 16)], pieces.Select(piece => (piece.Name, piece.Steps)));
        Assert.Contains("has 2 pieces",
            Assert.Throws<InvalidFileException>(() => MidiFile.Read(Cases.At("midi/format2.mid"))).Message,
            StringComparison.Ordinal);
        byte[] bytes = Samples.Midi(2, 4, Note, [9, 0xFF, 1, 0, .. End], [8, 0x90, 64, 80, 4, 64, 0, .. End],
            [0, 0x91, 65, 80, 4, 65, 0, .. End]);
        pieces = MidiFile.ReadPieces(new MemoryStream(bytes), "FILE.mid");
        Assert.Equal(["FILE track 1", "FILE track 3", "FILE track 4"], pieces.Select(piece => piece.Name));
        Assert.Equal(["39/39", "////43/43", "44/44"], pieces.Select(Samples.Text));
        MusicCorpus corpus = MusicFile.Read(new MemoryStream(bytes), "FILE.mid");
        Assert.Equal((1, 1, 1), (corpus.Train.Count, corpus.Validation.Count, corpus.Test.Count));
        Assert.Contains("no note", Refused(Samples.Midi(2, 4, [9, 0xFF, 1, 0, .. End])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0xE728, 500)] // 25 frames of 40 ticks are 1000 ticks a second
    [InlineData(0xE850, 960)] // 24 of 80
    [InlineData(0xE264, 1500)] // 30 of 100
    [InlineData(0xE364, 1499)] // 29.97 of 100: a beat of 1498.5 ticks, rounded up
    public void Seconds_are_two_beats(int division, int ticksPerBeat)
    {
        byte[] track = [0, 0x90, 60, 80, (byte)(0x80 | (ticksPerBeat >> 7)), (byte)(ticksPerBeat & 127), 60, 0, .. End];
        Assert.Equal("39/39", Samples.Text(Read(Samples.Midi(0, division, track))));
        Assert.Equal("39", Samples.Text(Read(Samples.Midi(0, division, track), Ticks)));
    }

    [Fact]
    public void What_is_something_else_is_named()
    {
        Assert.Contains("is a web page, not a MIDI file.",
            Assert.Throws<InvalidFileException>(() => MidiFile.Read(Cases.At("midi/web-page.mid"))).Message,
            StringComparison.Ordinal);
        foreach ((byte[] bytes, string what) in (ReadOnlySpan<(byte[], string)>)
            [([0x1F, 0x8B, 8, 0], "gzip"), ([.. "PK\u0003\u0004"u8, .. new byte[40]], "zip"),
                ([.. "\n<!DOCTYPE HTML>"u8], "a web page"), ([.. "<?xml ?><score-partwise>"u8], "MusicXML"),
                ([.. "X:1\nT:a\nK:G\nab"u8], "ABC"), ([], "empty")])
        {
            Assert.Contains(what, Refused(bytes), StringComparison.Ordinal);
        }
    }
}
