using System.Text;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tests.Files;

namespace Unroll.Tests.Data;

public sealed class MusicFileTests
{
    private static readonly PianoRoll[][] Folds =
    [
        [Samples.Roll(1, 7), Samples.Roll(2, 16), Samples.Roll(3, 50, 0.5)], [Samples.Roll(4, 2), Samples.Roll(5, 17, 1)],
        [Samples.Roll(6, 3, 0)],
    ];

    private static MusicCorpus Read(byte[] bytes, MusicReadOptions? options = null) =>
        MusicFile.Read(new MemoryStream(bytes), "FILE.x", options);

    private static string Refused(byte[] bytes)
    {
        var error = Assert.Throws<InvalidFileException>(() => Read(bytes));
        TempFolder.AssertSentence(error, "FILE.x");
        return error.Message;
    }

    private static void AssertFolds(MusicCorpus corpus)
    {
        foreach (Fold fold in Enum.GetValues<Fold>()) Samples.AssertSame(Folds[(int)fold], corpus.Of(fold));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Matlab_files_of_every_number_and_order_are_read(bool bigEndian, bool compress)
    {
        for (int number = 0; number < Samples.Numbers.Length; number++)
            AssertFolds(Read(Samples.Mat(Folds, number, bigEndian, compress)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Pickles_of_every_protocol_are_read(int protocol) => AssertFolds(Read(Samples.Pickle(Folds, protocol)));

    [Fact]
    public void Streams_that_cannot_go_back_are_read_a_byte_at_a_time()
    {
        AssertFolds(MusicFile.Read(new Pipe(Samples.Mat(Folds)), "FILE.x"));
        for (int protocol = 0; protocol < 3; protocol++)
            AssertFolds(MusicFile.Read(new Pipe(Samples.Pickle(Folds, protocol)), "FILE.x"));
        foreach (byte[] wrong in (byte[][])[[], [1], "MThd"u8.ToArray(), Samples.Mat(Folds)[..200]])
            TempFolder.AssertSentence(
                Assert.Throws<InvalidFileException>(() => MusicFile.Read(new Pipe(wrong), "FILE.x")), "FILE.x");
        byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("Ein süßer Text\n", 20)));
        Assert.Equal(TextFile.Read(new MemoryStream(text), "FILE.x").Train.ToArray(),
            TextFile.Read(new Pipe(text), "FILE.x").Train.ToArray());
    }

    [Fact]
    public void Files_are_read_from_their_paths_and_named_after_them()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["Some.music.mat"], Samples.Mat(Folds));
        MusicCorpus corpus = MusicFile.Read(folder["Some.music.mat"]);
        AssertFolds(corpus);
        Assert.Equal("Some.music", corpus.Name);
        Assert.Equal("mine", MusicFile.Read(folder["Some.music.mat"], new MusicReadOptions { Name = "mine" }).Name);
        Assert.Equal(6, MusicFile.ReadPieces(folder["Some.music.mat"]).Count);
        Assert.Throws<FileNotFoundException>(() => MusicFile.Read(folder["none.mat"]));
    }

    [Theory]
    [InlineData("cos\nsystem\n(S'echo'\ntR.", "GLOBAL at byte 0")]
    [InlineData("(dS'train'\ncnumpy\narray\n", "GLOBAL at byte 11")]
    [InlineData("(ios\nsystem\n", "INST at byte 1")]
    [InlineData("}(F1.5\n", "ends too early")]
    [InlineData("}(Fhalf\n", "no number")]
    [InlineData("cos\nsystem\n.", "(os.system)")]
    [InlineData("cnumpy.core.multiarray\nfrombuffer\n.", "GLOBAL at byte 0")]
    [InlineData("cnumpy\ndtype\n(S'i8'\nI0\nI1\ntR(I3\ntb.", "BUILD at byte ")]
    [InlineData("cnumpy.core.multiarray\nscalar\n(I1\ntR.", "REDUCE at byte ")]
    [InlineData("c_codecs\nencode\n(Va\nVrot13\ntR.", "REDUCE at byte ")]
    [InlineData("}\u0081.", "NEWOBJ at byte 1")]
    [InlineData("}\u0093.", "STACK_GLOBAL at byte 1")]
    [InlineData("\u0080\u0002}R.", "REDUCE at byte 3")]
    [InlineData("\u0080\u0004\u0095", "ends too early")]
    [InlineData("\u0080\u0006}.", "protocol 6")]
    [InlineData("}\u00FF", "0xFF")]
    [InlineData("(.", "no object|more or less|none")]
    [InlineData("(l.", "other than a dictionary")]
    [InlineData("}.", "without the fold 'train'")]
    [InlineData("}h\u0005.", "not remembered")]
    [InlineData("}a.", "none")]
    [InlineData("(d(tI2\ns.", "no text")]
    [InlineData("(lp0\ng0\na", "ends too early")]
    [InlineData("}(U\u0005train]]e", "not")]
    public void Pickles_that_are_more_or_less_than_data_are_refused(string pickle, string expected)
    {
        string message = Refused(Encoding.Latin1.GetBytes(pickle));
        Assert.True(
            expected.Split('|').Any(part => message.Contains(part, StringComparison.Ordinal)) || expected == "not", message);
    }

    [Fact]
    public void A_pickle_that_repeats_itself_takes_no_memory()
    {
        // 2000 x 2000 x 2000 steps in 12 kB, by one list in many places.
        var bytes = new List<byte>([.. "}(U\u0005train]q\u0001(]q\u0002(]q\u0003("u8]);
        for (int i = 0; i < 2000; i++) bytes.AddRange("K\u0040"u8);
        bytes.AddRange("e"u8);
        for (int i = 0; i < 2000; i++) bytes.AddRange("h\u0003"u8);
        bytes.AddRange("e"u8);
        for (int i = 0; i < 2000; i++) bytes.AddRange("h\u0002"u8);
        bytes.AddRange("eU\u0005valid]U\u0004test]u."u8);
        byte[] file = [.. bytes];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("repeats", Refused(file), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000 + (300 * file.Length));
    }

    [Fact]
    public void Notes_of_a_pickle_that_a_piano_lacks_are_refused_or_dropped()
    {
        byte[] file = Samples.Pickle(Folds, 0);
        int at = file.AsSpan().IndexOf("I1"u8);
        file[at + 1] = (byte)'9';
        file[at + 2] = (byte)'9';
        file = Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(file).Replace("I99", "I209", StringComparison.Ordinal));
        Assert.Contains("train[0]", Refused(file), StringComparison.Ordinal);
        string notice = "";
        Read(file, new MusicReadOptions { OutOfRange = OutOfRangeNotes.Drop, Notice = sentence => notice += sentence });
        Assert.StartsWith("FILE.x has ", notice, StringComparison.Ordinal);
    }

    [Fact]
    public void Folds_and_pieces_that_teach_nothing_are_refused()
    {
        PianoRoll[] one = [Samples.Roll(1, 1)], none = [], good = [Samples.Roll(1, 5)];
        Assert.Contains("no piece in its validation fold", Refused(Samples.Mat([good, none, good])), StringComparison.Ordinal);
        Assert.Contains("testdata{1}", Refused(Samples.Mat([good, good, one])), StringComparison.Ordinal);
        Assert.Contains("lacks the variable testdata", Refused(Samples.Mat([good, good])), StringComparison.Ordinal);
        Assert.Contains("shorter than two steps", Refused(Samples.Pickle([one, good, good], 2)), StringComparison.Ordinal);
        Assert.Contains("no piece in its test fold", Refused(Samples.Pickle([good, good, none], 2)), StringComparison.Ordinal);
        Assert.Contains("no music", Refused("a text"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("is empty, not music", Refused([]), StringComparison.Ordinal);
        Assert.Contains("one piece", Refused(Samples.Midi(Samples.Roll(1, 5))), StringComparison.Ordinal);
    }

    [Fact]
    public void Matlab_files_that_are_something_else_are_refused()
    {
        byte[] file = Samples.Mat(Folds, 0, false, compress: false);
        byte[] newer = [.. file];
        newer[125] = 2;
        Assert.Contains("-v7", Refused(newer), StringComparison.Ordinal);
        byte[] wide = [.. file];
        int sizes = wide.AsSpan().IndexOf((byte[])[7, 0, 0, 0, 88, 0, 0, 0]);
        wide[sizes + 4] = 89;
        Assert.Contains("7 x 89", Refused(wide), StringComparison.Ordinal);
        wide[sizes + 4] = 88;
        wide[sizes + 3] = 0x40;
        Assert.Contains("traindata{1}", Refused(wide), StringComparison.Ordinal);
        byte[] two = [.. file];
        two[sizes + 8 + 8 + 8] = 2; // past the sizes, the empty name and the tag of the data
        Assert.Contains("other than 0 and 1 in traindata{1}, at step 1, key 1", Refused(two), StringComparison.Ordinal);
        byte[] damaged = Samples.Mat(Folds);
        damaged[^20] ^= 0x55;
        Assert.Contains("damaged", Refused(damaged), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncated_file_is_refused()
    {
        foreach (byte[] file in (byte[][])[Samples.Mat(Folds), Samples.Mat(
            [.. Folds.Select(fold => fold[..1])], 0, false, compress: false), Samples.Pickle(Folds, 2)])
        {
            for (int length = 0; length < file.Length; length += 1 + (file.Length / 300)) Refused(file[..length]);
        }
    }

    [Fact]
    public void A_matlab_file_that_claims_much_causes_no_large_allocation()
    {
        byte[] file = Samples.Mat(Folds, 0, false, compress: false);
        int sizes = file.AsSpan().IndexOf((byte[])[7, 0, 0, 0, 88, 0, 0, 0]),
            cells = file.AsSpan().IndexOf((byte[])[1, 0, 0, 0, 3, 0, 0, 0]);
        var claims = new List<byte[]>();
        foreach (int steps in (int[])[1 << 24, (1 << 24) + 1, int.MaxValue, 1 << 20])
        {
            // A piece whose sizes and lengths all agree, so that the only fault is the missing end.
            byte[] claim = file[..(sizes + 24 + (7 * PianoRoll.Keys))];
            Put(claim, sizes, steps);
            Put(claim, sizes + 8 + 8 + 4, unchecked(steps * PianoRoll.Keys));
            Put(claim, sizes - 28, int.MaxValue);
            Put(claim, cells - 28, -1);
            Put(claim, cells + 4, int.MaxValue);
            claims.Add(claim);
        }

        // And no other fault was found before that.
        Assert.Contains("ends too early", Refused(claims[0]), StringComparison.Ordinal);
        foreach (byte[] claim in claims) Refused(claim); // warm up
        foreach (byte[] claim in claims)
        {
            var stream = new MemoryStream(claim);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<InvalidFileException>(() => MusicFile.Read(stream, "FILE.x"));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        }

        static void Put(byte[] bytes, int at, int value) =>
            System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
    }

    [Fact]
    public void A_broken_file_of_a_folder_is_named()
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 4; i++) MidiFile.Write(folder[$"{i}.mid"], Samples.Roll((ulong)i, 5));
        File.WriteAllBytes(folder["2.mid"], Samples.Midi(Samples.Roll(2, 5))[..60]);
        var error = Assert.Throws<InvalidFileException>(() =>
            MusicFile.Read(folder.Path, new MusicReadOptions { Strict = true }));
        TempFolder.AssertSentence(error, folder["2.mid"]);
        Assert.Equal(folder["2.mid"], error.File);
        Assert.Equal(["0.mid", "1.mid", "3.mid"], MusicFile.ReadPieces(folder.Path).Select(piece => piece.Name));
    }

    [Fact]
    public void A_folder_of_small_files_cannot_claim_any_number_of_steps()
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 4; i++) MidiFile.Write(folder[$"{i}.mid"], Samples.Roll((ulong)i, 5, 0.9));
        var options = new MusicReadOptions();
        Assert.Equal(4, MidiFolder.ReadPieces(folder.Path, options, mostSteps: 20).Count);
        var error = Assert.Throws<InvalidFileException>(() => MidiFolder.ReadPieces(folder.Path, options, mostSteps: 19));
        TempFolder.AssertSentence(error, folder.Path);
        Assert.Contains("more than 19 steps", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_midi_files_is_split_by_piece_in_the_order_of_names()
    {
        using var folder = new TempFolder();
        Directory.CreateDirectory(folder["sub"]);
        for (int i = 0; i < 11; i++)
            MidiFile.Write(folder[i % 2 == 0 ? $"p{i:00}.mid" : $"sub/p{i:00}.MIDI"], Samples.Roll((ulong)i, 5 + i));
        File.WriteAllText(folder["notes.txt"], "no music");
        MusicCorpus corpus = MusicFile.Read(folder.Path + Path.DirectorySeparatorChar);
        Assert.Equal(["p00.mid", "p02.mid", "p04.mid", "p06.mid", "p08.mid", "p10.mid", "sub/p01.MIDI", "sub/p03.MIDI",
            "sub/p05.MIDI"], corpus.Train.Select(p => p.Name));
        Assert.Equal(["sub/p07.MIDI"], corpus.Validation.Select(p => p.Name));
        Assert.Equal(["sub/p09.MIDI"], corpus.Test.Select(p => p.Name));
        Samples.AssertSame([Samples.Roll(9, 14)], corpus.Test);
        Assert.Equal(Path.GetFileName(folder.Path), corpus.Name);
        Assert.Equal(11, MusicFile.ReadPieces(folder.Path).Count);
    }

    [Fact]
    public void A_folder_may_bring_its_folds_and_needs_three_pieces()
    {
        using var folder = new TempFolder();
        MidiFile.Write(folder["a.mid"], Samples.Roll(1, 5));
        MidiFile.Write(folder["b.mid"], Samples.Roll(2, 5));
        var error = Assert.Throws<InvalidFileException>(() => MusicFile.Read(folder.Path));
        Assert.Contains("has 2 MIDI files", error.Message, StringComparison.Ordinal);
        MidiFile.Write(folder["c.mid"], Samples.Roll(3, 5, density: 0));
        Assert.Contains("2 pieces of music in 3 MIDI files",
            Assert.Throws<InvalidFileException>(() => MusicFile.Read(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("no note",
            Assert.Throws<InvalidFileException>(() =>
            MusicFile.Read(folder.Path, new MusicReadOptions { Strict = true })).Message, StringComparison.Ordinal);
        foreach ((string fold, ulong seed) in (ReadOnlySpan<(string, ulong)>)[("train", 4), ("valid", 5), ("test", 6)])
        {
            Directory.CreateDirectory(folder[fold]);
            MidiFile.Write(folder[$"{fold}/x.mid"], Samples.Roll(seed, 5));
        }

        MusicCorpus corpus = MusicFile.Read(folder.Path);
        Samples.AssertSame([Samples.Roll(5, 5)], corpus.Validation);
        Assert.Equal("x.mid", corpus.Validation[0].Name);
    }

    [Fact]
    public void Steps_are_in_range() =>
        Assert.Throws<ArgumentException>(() => Read(Samples.Mat(Folds), new MusicReadOptions { Step = 0.001 }));
}
