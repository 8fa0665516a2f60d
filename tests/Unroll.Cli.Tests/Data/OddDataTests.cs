using System.Text.Json;
using Unroll.Data;

namespace Unroll.Cli.Tests.Data;

/// <summary>
/// Data as it lies about, through the command: what is left out is said, in words and in JSON, and refused with --strict.
/// </summary>
public class OddDataTests
{
    private static readonly string[] Short = ["--hidden", "8", "--batch", "2", "--window", "10", "--epochs", "1"];

    private static void WriteSong(string path, int number)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var song = new PianoRoll("song", 12);
        for (int t = 0; t < 12; t++) song[t, 30 + (t * (number + 1) % 12)] = true;
        song[number, 70] = true;
        MidiFile.Write(path, song);
    }

    private static string Songs(TempFolder folder, int odd)
    {
        for (int i = 0; i < 8; i++) WriteSong(folder.At($"songs/{i}.mid"), i);
        for (int i = 0; i < odd; i++) File.WriteAllText(folder.At($"songs/page{i}.mid"), $"<html>{i}</html>");
        return folder.At("songs");
    }

    [Fact]
    public void A_folder_with_odd_files_trains_and_says_what_it_left_out()
    {
        using var folder = new TempFolder();
        string songs = Songs(folder, 7);
        CliResult run = Cli.Run(["train", "music", "--data", songs, "--out", folder.At("run"), "--json", .. Short]);
        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Equal(Enumerable.Range(0, 7).Select(i => ("left_out", $"page{i}.mid", "is a web page, not a MIDI file")),
            run.Json[..7].Select(line =>
            (line.GetProperty("event").GetString()!, line.GetProperty("file").GetString()!,
                line.GetProperty("reason").GetString()!)));
        Assert.StartsWith($"{songs}: 7 of 15 MIDI files are left out: page0.mid (is a web page, not a MIDI file), ", run.Error);
        Assert.EndsWith(", and 2 more.\n", run.Error);

        JsonElement show = Assert.Single(Cli.Run("data", "show", songs, "--json").Json);
        Assert.Equal(6, show.GetProperty("folds")[0].GetProperty("pieces").GetInt32());
        Assert.Equal(7, show.GetProperty("left_out").GetArrayLength());
        Assert.Contains("page0.mid is a web page", Cli.Run("data", "show", songs, "--strict").RefusedWith());
        Assert.Contains("page0.mid is a web page",
            Cli.Run(["train", "music", "--data", songs, "--strict", .. Short]).RefusedWith());
        Assert.Contains("page0.mid is a web page",
            Cli.Run("evaluate", folder.At("run/best.safetensors"), "--strict").RefusedWith());
        JsonElement[] evaluation = Cli.Run("evaluate", folder.At("run/best.safetensors"), "--json").Json;
        Assert.Equal((7, 3), (evaluation.Count(line => line.GetProperty("event").GetString() == "left_out"),
            evaluation.Count(line => line.GetProperty("event").GetString() == "evaluation")));
        string[] few = ["--batch", "1", "--batches", "1", "--json"];
        JsonElement diagnosis = Assert.Single(Cli.Run(["diagnose", folder.At("run/best.safetensors"), .. few]).Json);
        Assert.Equal(7, diagnosis.GetProperty("left_out").GetArrayLength());
        JsonElement probe = Assert.Single(Cli.Run("probe", "music", "--data", songs, "--hidden", "4", "--updates", "3",
            "--json").Json);
        Assert.Equal("page6.mid", probe.GetProperty("left_out")[6].GetProperty("file").GetString());
        Songs(folder, 9);
        Assert.Contains("has 9 MIDI files of 17 that cannot be used, which is more than half",
            Cli.Run("data", "show", songs).RefusedWith());
    }

    [Fact]
    public void Folds_by_other_usual_names_are_those_of_show_and_evaluate()
    {
        using var folder = new TempFolder();
        for (int i = 0; i < 5; i++) WriteSong(folder.At($"music/Train/{i}.mid"), i);
        WriteSong(folder.At("music/Val/a.mid"), 7);
        WriteSong(folder.At("music/TEST/a.mid"), 8);
        JsonElement show = Assert.Single(Cli.Run("data", "show", folder.At("music"), "--json").Json);
        Assert.Equal([5, 1, 1], show.GetProperty("folds").EnumerateArray().Select(fold => fold.GetProperty("pieces").GetInt32()));
        string model = Corpora.CorpusFiles.MusicModel(folder);
        Assert.Equal(["train", "validation", "test"],
            Cli.Run("evaluate", model, "--data", folder.At("music"), "--json").Json.Select(line =>
            line.GetProperty("fold").GetString()));
        Directory.Move(folder.At("music/Val"), folder.At("music/val_set"));
        Assert.Contains("look like folds and are none: val_set", Cli.Run("data", "show", folder.At("music")).RefusedWith());

        Directory.CreateDirectory(folder.At("texts"));
        File.WriteAllText(folder.At("texts/Training.TXT"), string.Concat(Enumerable.Repeat("some words\n", 10)));
        File.WriteAllText(folder.At("texts/eval.txt"), "words some\n");
        show = Assert.Single(Cli.Run("data", "show", folder.At("texts"), "--json").Json);
        Assert.Equal([99, 11, 11],
            show.GetProperty("folds").EnumerateArray().Select(fold => fold.GetProperty("symbols").GetInt32()));
        File.WriteAllText(folder.At("texts/dev-set.txt"), "words");
        Assert.Contains("dev-set.txt", Cli.Run("data", "show", folder.At("texts")).RefusedWith());
        File.Delete(folder.At("texts/dev-set.txt"));
        File.Delete(folder.At("texts/eval.txt"));
        Assert.Contains("lacks test.txt", Cli.Run("data", "show", folder.At("texts")).RefusedWith());
    }

    [Fact]
    public void A_text_with_symbols_that_training_lacks_trains_and_is_evaluated()
    {
        using var folder = new TempFolder();
        string data = Corpora.CorpusFiles.Text(folder, "rare.txt",
            string.Concat(Enumerable.Repeat("the cat sat on the mat\n", 10)) + "(c) 1\n");
        CliResult run = Cli.Run(["train", "text", "--data", data, "--out", folder.At("run"), "--json", .. Short]);
        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Contains(
            "in its test fold that the training fold lacks: '(' (line 11, character 1), ')' (line 11, character 3), '1' (line "
                + "11, character 5); they are read as one unknown symbol, 3 of 24 in all.", run.Error);
        string model = folder.At("run/best.safetensors");
        Assert.EndsWith(",?", Unroll.Files.ModelFile.ReadInfo(model).Properties["alphabet"]);
        CliResult table = Cli.Run("evaluate", model);
        Assert.Equal((ExitCode.Success, "test", "3 unknown"),
            (table.Code, table.OutLines[^1].Split(' ')[0], table.OutLines[^1][^9..]));
        Assert.Contains("that the model does not know: '('", table.Error);
        Assert.Equal([0, 0, 3], Cli.Run("evaluate", model, "--json").Json.Select(line => line.GetProperty("unknown").GetInt32()));
        Assert.Contains("'(' (line 11, character 1)", Cli.Run("evaluate", model, "--strict").RefusedWith());
        CliResult sample = Cli.Run("sample", model, "--length", "300", "--temperature", "5", "--prompt", "Q the");
        Assert.Contains("The prompt has 1 symbol that the model does not know; its unknown symbol stands for it.", sample.Error);
        Assert.DoesNotContain('\uFFFD', sample.Out);
        Assert.Contains("'(' (line 11, character 1), ')' (line 11, character 3), '1' (line 11, character 5); without --strict",
            Cli.Run(["train", "text", "--data", data, "--strict", .. Short]).RefusedWith());
    }

    [Fact]
    public void Files_that_are_something_else_are_named_with_what_helps()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder.At("a.txt"), [0x1F, 0x8B, 8, 0, 0xFF]);
        File.WriteAllBytes(folder.At("b.mid"), [.. "%PDF-1.7"u8]);
        File.WriteAllBytes(folder.At("c.mat"), [0x89, .. "HDF\r\n"u8, 0x1A, 0x0A]);
        File.WriteAllBytes(folder.At("d.txt"), [.. "Stra"u8, 0xDF, .. "en"u8]);
        Assert.Contains("a.txt is compressed with gzip, not text; decompress it first, such as with gunzip.",
            Cli.Run("data", "show", folder.At("a.txt")).RefusedWith());
        Assert.Contains("b.mid is a PDF document, not a MIDI file;", Cli.Run("data", "show", folder.At("b.mid")).RefusedWith());
        Assert.Contains("c.mat is an HDF5 file", Cli.Run("data", "show", folder.At("c.mat")).RefusedWith());
        Assert.Contains("save with -v7", Cli.Run("data", "show", folder.At("c.mat")).RefusedWith());
        File.WriteAllBytes(folder.At("e.pt"),
            [.. "PK\u0003\u0004"u8, .. new byte[22], 16, 0, 0, 0, .. "archive/data.pkl"u8, 0x80, 2]);
        Assert.Contains("e.pt is a damaged zip", Cli.Run("evaluate", folder.At("e.pt")).RefusedWith());
        Assert.Contains("b.mid is a PDF document, not a safetensors file", Cli.Run("sample", folder.At("b.mid")).RefusedWith());
        Assert.Contains("d.txt is not UTF-8 text at byte 4; --bytes reads it",
            Cli.Run("data", "show", folder.At("d.txt")).RefusedWith());
    }
}
