using Unroll.Data;
using Unroll.Files;
using Unroll.Tests.Files;

namespace Unroll.Tests.Data;

/// <summary>Folders of MIDI files as users have them: with odd files, links, copies and folds of all names.</summary>
public sealed class MidiFolderTests
{
    private readonly List<string> _notices = [];
    private readonly List<LeftOutFile> _leftOut = [];

    private MusicReadOptions Options => new() { Notice = _notices.Add, LeftOut = _leftOut.Add };

    /// <summary>A piece that is different for every number.</summary>
    private static void Write(TempFolder folder, string name, int number)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
        var roll = new PianoRoll("", 4);
        roll[1, number] = true;
        MidiFile.Write(folder[name], roll);
    }

    private static string Refused(TempFolder folder, MusicReadOptions? options = null)
    {
        var error = Assert.Throws<InvalidFileException>(() => MusicFile.Read(folder.Path, options));
        TempFolder.AssertSentence(error, folder.Path);
        return error.Message;
    }

    private static string[] Names(IReadOnlyList<PianoRoll> fold) => [.. fold.Select(piece => piece.Name)];

    [Fact]
    public void What_cannot_be_used_is_left_out_counted_and_named()
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 8; i++) Write(folder, $"{i}.mid", i);
        foreach (string name in (string[])["drums-only.mid", "velocity-200.mid", "web-page.mid"])
            File.Copy(Cases.At($"midi/{name}"), folder[name]);
        File.WriteAllText(folder["empty.kar"], "");
        MidiFile.Write(folder["one-step.rmi"], Samples.Roll(1, 1, 1));
        File.WriteAllBytes(folder["low.midi"], Samples.Midi(0, 4, [0, 0x90, 5, 80, 4, 5, 0, 0, 0xFF, 0x2F, 0]));
        MusicCorpus corpus = MusicFile.Read(folder.Path, Options);
        Assert.Equal((6, 1, 1), (corpus.Train.Count, corpus.Validation.Count, corpus.Test.Count));
        Assert.Equal(["drums-only.mid", "empty.kar", "low.midi", "one-step.rmi", "velocity-200.mid", "web-page.mid"],
            _leftOut.Select(file => file.Name));
        string notice = Assert.Single(_notices);
        Assert.StartsWith($"{folder.Path}: 6 of 14 MIDI files are left out: drums-only.mid (has no note of a piano), "
            + "empty.kar (is empty), low.midi (has the note 5 at byte 24, where", notice, StringComparison.Ordinal);
        Assert.EndsWith(", and 1 more.", notice, StringComparison.Ordinal);
        Assert.Contains("drums-only.mid has no note", Refused(folder, new MusicReadOptions { Strict = true }),
            StringComparison.Ordinal);

        for (int i = 0; i < 3; i++) File.WriteAllText(folder[$"x{i}.mid"], $"no music {i}");
        Assert.Contains("has 9 MIDI files of 17 that cannot be used, which is more than half: ", Refused(folder),
            StringComparison.Ordinal);
        Write(folder, "8.mid", 8);
        Assert.Equal(9, MusicFile.ReadPieces(folder.Path).Count); // 9 of 18 is not more than half
    }

    [Fact]
    public void Each_real_file_counts_once()
    {
        if (OperatingSystem.IsWindows()) return; // links need a privilege on Windows
        using var folder = new TempFolder();
        for (int i = 0; i < 6; i++) Write(folder, $"sub/{i}.mid", i);
        Directory.CreateSymbolicLink(folder["sub/again"], folder.Path);
        Directory.CreateSymbolicLink(folder["a-link"], folder["sub"]);
        Directory.CreateSymbolicLink(folder["dots"], "./sub/../sub/..");
        File.CreateSymbolicLink(folder["0.mid"], "sub/0.mid");
        File.CreateSymbolicLink(folder["chain.mid"], "0.mid");
        File.CreateSymbolicLink(folder["circle.mid"], "circle.mid");
        File.CreateSymbolicLink(folder["nowhere.mid"], "nothing");
        using (var link = System.Diagnostics.Process.Start("ln",
            [folder["sub/1.mid"], folder["sub/hard.mid"]])) link.WaitForExit();
        File.CreateSymbolicLink(folder["elsewhere.mid"], Cases.At("midi/ok.mid"));
        MusicCorpus corpus = MusicFile.Read(folder.Path, Options);
        Assert.Equal(["elsewhere.mid", "sub/0.mid", "sub/1.mid", "sub/2.mid", "sub/3.mid", "sub/4.mid", "sub/5.mid"],
            [.. Names(corpus.Train), .. Names(corpus.Validation), .. Names(corpus.Test)]);
        Assert.Equal(
            ["0.mid is a link to sub/0.mid", "a-link is a link to sub", "chain.mid is a link to sub/0.mid",
                "dots is a link to the folder itself", "sub/again is a link to the folder itself",
                "sub/hard.mid has the same bytes as sub/1.mid"],
            _leftOut.Where(file => !file.Reason.StartsWith("could not", StringComparison.Ordinal)).Select(file =>
                $"{file.Name} {file.Reason}").Order(StringComparer.Ordinal));
        Assert.Equal(["circle.mid", "nowhere.mid"],
            _leftOut.Where(file => file.Reason.StartsWith("could not", StringComparison.Ordinal)).Select(file =>
            file.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("train", "valid", "test")]
    [InlineData("train", "validation", "test")]
    [InlineData("Training", "Val", "Testing")]
    [InlineData("TRAIN", "DEV", "EVAL")]
    public void Folds_have_their_usual_names(string train, string validation, string test)
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 4; i++) Write(folder, $"{train}/a/{i}.mid", i);
        Write(folder, $"{validation}/v.mid", 10);
        Write(folder, $"{test}/t.mid", 11);
        Write(folder, "outside.mid", 12);
        MusicCorpus corpus = MusicFile.Read(folder.Path, Options);
        Assert.Equal(["a/0.mid", "a/1.mid", "a/2.mid", "a/3.mid"], Names(corpus.Train));
        Assert.Equal(["v.mid"], Names(corpus.Validation));
        Assert.Equal(["t.mid"], Names(corpus.Test));
        Assert.Equal($"{folder.Path}: 1 MIDI file lies outside its folds and is left out: outside.mid.", Assert.Single(_notices));
        Assert.True(MidiFolder.HasFolds(folder.Path));
    }

    [Fact]
    public void Without_a_validation_fold_it_is_the_last_tenth_of_the_training_pieces()
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 24; i++) Write(folder, $"train/{i:00}.mid", i);
        Write(folder, "test/t.mid", 30);
        MusicCorpus corpus = MusicFile.Read(folder.Path, Options);
        Assert.Equal((22, 2, 1), (corpus.Train.Count, corpus.Validation.Count, corpus.Test.Count));
        Assert.Equal(["22.mid", "23.mid"], Names(corpus.Validation));
        Assert.Equal($"{folder.Path} has no validation fold; the last 2 of its 24 training pieces, by name, are that.",
            Assert.Single(_notices));
        Directory.CreateDirectory(folder["val"]);
        Assert.Contains("no MIDI file in a validation fold", Refused(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_bytes_never_lie_in_two_folds()
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 5; i++) Write(folder, $"train/{i}.mid", i);
        Write(folder, "valid/v.mid", 3);
        Write(folder, "valid/w.mid", 20);
        Write(folder, "test/t.mid", 3);
        Write(folder, "test/u.mid", 4);
        MusicCorpus corpus = MusicFile.Read(folder.Path, Options);
        Assert.Equal(["0.mid", "1.mid", "2.mid"], Names(corpus.Train));
        Assert.Equal(["w.mid"], Names(corpus.Validation));
        Assert.Equal(["t.mid", "u.mid"], Names(corpus.Test));
        Assert.Contains("3 MIDI files are there more than once and count once: valid/v.mid (has the same bytes as test/t.mid), "
            + "train/3.mid", Assert.Single(_notices), StringComparison.Ordinal);
        Assert.Contains("has the same bytes as test/t.mid", Refused(folder, new MusicReadOptions { Strict = true }),
            StringComparison.Ordinal);

        // Nor in a folder without folds, wherever the split would be.
        for (int i = 0; i < 5; i++) File.Copy(folder[$"train/{i}.mid"], folder[$"copy{i}.mid"]);
        foreach (string fold in (string[])["train", "valid", "test"]) Directory.Delete(folder[fold], true);
        for (int i = 0; i < 5; i++) Write(folder, $"z/{i}.mid", i);
        Assert.Equal(5, MusicFile.Read(folder.Path).Train.Count + 2);
    }

    [Theory]
    [InlineData("train_set", "test_set", "test_set, train_set")]
    [InlineData("TrainData", "other", "TrainData")]
    [InlineData("fold1", "fold2", "fold1, fold2")]
    [InlineData("val2017", "other", "val2017")]
    [InlineData("my-holdout", "other", "my-holdout")]
    [InlineData("bach/train", "bach/test", "bach/test, bach/train|bach/train, bach/test")]
    [InlineData("train", "valid", "train, valid and no MIDI file in a test fold")]
    [InlineData("test", "other", "test and no MIDI file in a training fold")]
    [InlineData("train", "test-set", "test-set")]
    [InlineData("train", "Training", "which are folders of the same fold")]
    public void Folders_that_look_like_folds_and_are_none_are_an_error(string one, string other, string expected)
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 4; i++) Write(folder, $"{one}/{i}.mid", i);
        for (int i = 0; i < 4; i++) Write(folder, $"{other}/{i}.mid", 10 + i);
        string message = Refused(folder);
        Assert.True(expected.Split('|').Any(part => message.Contains(part, StringComparison.Ordinal)), message);
    }

    [Theory]
    [InlineData("Testament")]
    [InlineData("Valse")]
    [InlineData("Devienne")]
    [InlineData("Contests")]
    [InlineData("1.Splitting-hairs")]
    [InlineData("evaluations of a life")]
    public void Other_names_only_look_like_them(string name)
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 4; i++) Write(folder, $"{name}/{i}.mid", i);
        Assert.Equal(2, MusicFile.Read(folder.Path).Train.Count);
    }

    [Fact]
    public void A_pipe_in_a_folder_is_not_waited_for()
    {
        if (OperatingSystem.IsWindows()) return;
        using var folder = new TempFolder();
        for (int i = 0; i < 4; i++) Write(folder, $"{i}.mid", i);
        using (var make = System.Diagnostics.Process.Start("mkfifo", [folder["p.mid"]])) make.WaitForExit();
        Assert.Equal(4, MusicFile.ReadPieces(folder.Path, Options).Count);
        Assert.Equal(new LeftOutFile("p.mid", "is empty"), Assert.Single(_leftOut));
    }
}
