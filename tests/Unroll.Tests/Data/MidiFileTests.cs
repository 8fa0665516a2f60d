using Unroll.Data;
using Unroll.Files;
using Unroll.Tests.Files;

namespace Unroll.Tests.Data;

public sealed class MidiFileTests
{
    private static readonly byte[] End = [0, 0xFF, 0x2F, 0];

    private static PianoRoll Read(byte[] bytes, MusicReadOptions? options = null) =>
        MidiFile.Read(new MemoryStream(bytes), "FILE.mid", options);

    private static string Refused(byte[] bytes, MusicReadOptions? options = null)
    {
        var error = Assert.Throws<InvalidFileException>(() => Read(bytes, options));
        TempFolder.AssertSentence(error, "FILE.mid");
        return error.Message;
    }

    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(3, 1.0 / 3)]
    [InlineData(7, 0.25)]
    [InlineData(16, MusicReadOptions.MinimumStep)]
    [InlineData(17, MusicReadOptions.MaximumStep)]
    [InlineData(50, 0.123)]
    public void What_is_written_is_read_back(int steps, double step)
    {
        using var folder = new TempFolder();
        foreach (double density in (double[])[0, 0.05, 0.5, 1])
        {
            PianoRoll roll = Samples.Roll(3, steps, density);
            MidiFile.Write(folder["a.mid"], roll, 97.3, step);
            PianoRoll back = MidiFile.Read(folder["a.mid"], new MusicReadOptions { Step = step });
            Assert.Equal(Samples.Text(roll), Samples.Text(back));
            Assert.Equal("a", back.Name);
        }
    }

    [Fact]
    public void Held_steps_are_one_note_and_the_tempo_is_set()
    {
        var roll = new PianoRoll("held", 4);
        (roll[0, 39], roll[1, 39], roll[2, 39]) = (true, true, true);
        byte[] bytes = Samples.Midi(roll);
        byte[] expected = Samples.Midi(0, 960,
            [0, 0xFF, 0x51, 3, 0x07, 0xA1, 0x20, 0, 0x90, 60, 80, 0x8B, 0x20, 0x80, 60, 64, 0x83, 0x60, 0xFF, 0x2F, 0]);
        Assert.Equal(expected, bytes);
    }

    [Fact]
    public void Tracks_running_status_and_silent_beginnings_are_notes()
    {
        // Division 4, a step of half a beat is 2 ticks. Track 1: note 60 from 0 to 4, note 64 from 4 to 6 by running status and
        // velocity 0, a tempo between. Track 2, on its own channel: note 72 from 3 to 7, rounded to 4..8; percussion, which is
        // ignored; a note 76 from 6 without an end, until the end of the track at 8.
        byte[] first = [0, 0xFF, 0x51, 3, 7, 0xA1, 0x20, 0, 0x90, 60, 80, 4, 60, 0, 0, 64, 80, 0, 0xF0, 2, 1, 0xF7, 2, 0x90, 64,
            0, .. End];
        byte[] second = [3, 0x91, 72, 1, 0, 0x99, 36, 99, 0, 0xB1, 64, 127, 0, 0xC1, 5, 3, 0x91, 76, 9, 1, 0x81, 72, 0, 1, 0xFF,
            0x2F, 0];
        PianoRoll roll = Read(Samples.Midi(1, 4, first, second));
        Assert.Equal("39/39/43,51/51,55", Samples.Text(roll));
    }

    [Fact]
    public void A_note_is_at_least_one_step_and_two_that_follow_are_one()
    {
        byte[] track = [0, 0x90, 60, 80, 1, 0x80, 60, 0, 3, 0x90, 60, 80, 4, 60, 80, 4, 60, 0, .. End];
        PianoRoll roll = Read(Samples.Midi(0, 8, track));
        Assert.Equal("39/39/39", Samples.Text(roll));
    }

    [Fact]
    public void Notes_that_a_piano_lacks_are_refused_or_dropped()
    {
        byte[] bytes = Samples.Midi(0, 2, [0, 0x90, 20, 80, 0, 60, 80, 0, 109, 80, 2, 20, 0, 0, 60, 0, 0, 109, 0, .. End]);
        Assert.Contains("the note 20 ", Refused(bytes), StringComparison.Ordinal);
        string notice = "";
        PianoRoll roll = Read(bytes,
            new MusicReadOptions { OutOfRange = OutOfRangeNotes.Drop, Notice = sentence => notice += sentence });
        Assert.Equal("39/39", Samples.Text(roll));
        Assert.Equal("FILE.mid has 2 notes outside 21..108, which are left out.", notice);
    }

    [Fact]
    public void What_is_no_midi_file_is_refused_in_one_sentence()
    {
        byte[] note = [0, 0x90, 60, 80, 4, 60, 0, .. End];
        Assert.Contains("does not begin with MThd", Refused("MTrk0000RMID"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("RIFF file without a MIDI file", Refused("RIFF0000RMID"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("format 3", Refused(Samples.Midi(3, 96, note)), StringComparison.Ordinal);
        Assert.Contains("division 0xE928", Refused(Samples.Midi(0, 0xE928, note)), StringComparison.Ordinal);
        Assert.Contains("ticks a beat", Refused(Samples.Midi(0, 0, note)), StringComparison.Ordinal);
        Assert.Contains("longer than 262144 steps", Refused(Samples.Midi(0, 1, [0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0x2F, 0])),
            StringComparison.Ordinal);
        Assert.Contains("more than four bytes", Refused(Samples.Midi(0, 1, [0x81, 0x81, 0x81, 0x81, 0, 0x90, 60, 80])),
            StringComparison.Ordinal);
        Assert.Contains("no event", Refused(Samples.Midi(0, 1, [0, 60, 80])), StringComparison.Ordinal);
        Assert.Contains("past the end of its track", Refused([.. Samples.Midi(0, 1, [0, 0x90, 60]), 1, 2, 3]),
            StringComparison.Ordinal);
        Assert.Contains("0xF4", Refused(Samples.Midi(0, 1, [0, 0xF4, 60])), StringComparison.Ordinal);
        byte[] whole = Samples.Midi(0, 96, note);
        for (int length = 0; length < whole.Length; length++) Refused(whole[..length]);
        byte[] claims = [.. whole];
        claims[18] = 0x7F;
        Assert.Contains("truncated", Refused(claims), StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_numbers_are_refused_before_anything_is_written()
    {
        using var folder = new TempFolder();
        PianoRoll roll = Samples.Roll(1, 3);
        Assert.Throws<ArgumentException>(() => MidiFile.Write(folder["a.mid"], roll, 3));
        Assert.Throws<ArgumentException>(() => MidiFile.Write(folder["a.mid"], roll, double.NaN));
        Assert.Throws<ArgumentException>(() => MidiFile.Write(folder["a.mid"], roll, 120, 0));
        Assert.Throws<ArgumentException>(() => MidiFile.Write(folder["a.mid"], new PianoRoll("long", MidiFile.MaximumSteps + 1)));
        Assert.Empty(Directory.GetFiles(folder.Path));
        Assert.Throws<IOException>(() => MidiFile.Write(folder["none/a.mid"], roll));
    }

    [Fact]
    public void A_long_silence_is_written_in_parts()
    {
        var roll = new PianoRoll("silence", 20_000);
        roll[19_999, 0] = true;
        byte[] bytes = Samples.Midi(roll, MusicReadOptions.MaximumStep);
        Assert.Equal(Samples.Text(roll), Samples.Text(Read(bytes, new MusicReadOptions { Step = MusicReadOptions.MaximumStep })));
    }

    [Fact]
    public void Many_notes_held_for_as_long_as_a_piece_may_be_are_read_in_no_time()
    {
        // 250,000 notes of 15 channels in 200 tracks, each as long as the whole: 6e10 steps of notes in 2.3e7 of piano.
        byte[] track =
        [
            .. Enumerable.Range(0, 15 * PianoRoll.Keys).SelectMany(i => (byte[])
                [0, (byte)(0x90 | (i % 15 < 9 ? i % 15 : (i % 15) + 1)), (byte)(PianoRoll.LowestNote + (i / 15)), 80]),
            0x8F, 0xFF, 0x7F, 0xFF, 0x2F, 0,
        ];
        var watch = System.Diagnostics.Stopwatch.StartNew();
        PianoRoll roll = Read(Samples.Midi(1, 1, [.. Enumerable.Repeat(track, 200)]), new MusicReadOptions { Step = 1 });
        Assert.Equal(MidiFile.MaximumSteps - 1, roll.Steps);
        foreach (int t in (int[])[0, 1, 4711, roll.Steps - 1])
            Assert.All(Enumerable.Range(0, PianoRoll.Keys), key => Assert.True(roll[t, key]));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 15);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    public void Notes_of_a_key_that_cover_one_another_are_the_steps_of_all(int notes)
    {
        RandomSource random = new RandomKey(7, RandomStream.Test, notes).Shared();
        (int Key, int From, int To)[] all = [.. Enumerable.Range(0, notes).Select(_ => (random.NextInt(3), random.NextInt(50), 0))
            .Select(note => (note.Item1, note.Item2, note.Item2 + 1 + random.NextInt(60)))];
        byte[][] tracks = [.. all.Select(note => (byte[])
            [(byte)note.From, 0x90, (byte)(60 + note.Key), 80, (byte)(note.To - note.From), (byte)(60 + note.Key), 0, .. End])];
        PianoRoll roll = Read(Samples.Midi(1, 1, tracks), new MusicReadOptions { Step = 1 });
        Assert.Equal(all.Max(note => note.To), roll.Steps);
        for (int t = 0; t < roll.Steps; t++)
        {
            for (int key = 0; key < 3; key++)
                Assert.Equal(all.Any(note => note.Key == key && t >= note.From && t < note.To),
                    roll[t, key + 60 - PianoRoll.LowestNote]);
        }
    }
}
