using System.Text;
using System.Text.Json;
using Unroll.Cli.Data;
using Unroll.Data;
using Unroll.Studies.Corpora;

namespace Unroll.Cli.Tests.Data;

public class DataCommandTests
{
    private static string Music(TempFolder folder, string name = "tunes", int pieces = 4)
    {
        for (int i = 0; i < pieces; i++)
        {
            var roll = new PianoRoll($"p{i}", 6 + i);
            for (int t = 0; t < roll.Steps; t++) roll[t, 39 + ((t + i) % 5)] = t % 3 > 0;
            Directory.CreateDirectory(folder.At(name));
            MidiFile.Write(folder.At($"{name}/p{i}.mid"), roll);
        }

        return folder.At(name);
    }

    private static Dictionary<string, string> Nowhere(TempFolder folder) =>
        new() { ["XDG_CACHE_HOME"] = folder.At("cache"), [DataCommand.UrlVariable] = "http://127.0.0.1:1" };

    /// <summary>Files of the names of Penn Treebank and Nottingham, with something small in them.</summary>
    private static string Layout(TempFolder folder)
    {
        Directory.CreateDirectory(folder.At("data/ptb"));
        foreach (string fold in (string[])["train", "valid", "test"])
            File.WriteAllText(folder.At($"data/ptb/ptb.{fold}.txt"), " a small text of small words \n and another line \n");
        return folder.At("data");
    }

    [Fact]
    public void The_list_says_what_is_where()
    {
        using var folder = new TempFolder();
        string data = Layout(folder);
        CliResult list = Cli.RunIn(Nowhere(folder), "data", "list", "--data-dir", data);
        Assert.Equal(ExitCode.Success, list.Code);
        Assert.Contains(data, Assert.Single(list.OutLines, line => line.StartsWith("ptb ")));
        Assert.Contains("not here", Assert.Single(list.OutLines, line => line.StartsWith("nottingham ")));
        Assert.Contains("unroll data get NAME", list.Out);
        JsonElement[] json = Cli.RunIn(Nowhere(folder), "data", "list", "--json", "--data-dir", data).Json;
        Assert.Equal(["ptb", "piano-midi", "nottingham", "musedata"], json.Select(set => set.GetProperty("name").GetString()));
        Assert.Equal(data, json[0].GetProperty("folder").GetString());
        Assert.Equal(JsonValueKind.Null, json[1].GetProperty("folder").ValueKind);
    }

    [Fact]
    public void Folders_are_searched_in_order()
    {
        using var folder = new TempFolder();
        string[] homes = [folder.At("given"), folder.At("named"), folder.At("cache/unroll")];
        var environment = new Dictionary<string, string> { ["XDG_CACHE_HOME"] = folder.At("cache"), ["UNROLL_DATA"] = homes[1] };
        var host = new CommandHost(TextReader.Null, TextWriter.Null, TextWriter.Null)
        {
            Variable = environment.GetValueOrDefault,
        };
        DataSet ptb = DataCatalogue.Get("ptb");
        var folders = new DataFolders(host.ForData(), homes[0]);
        Assert.Equal(homes, folders.All);
        Assert.Equal(homes[0], folders.Target);
        foreach (string home in homes.Reverse())
        {
            foreach (DataFile file in ptb.Files)
            {
                Assert.NotEqual(home, folders.Find(ptb));
                string path = DataFolders.At(home, file);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, "");
            }

            Assert.Equal(home, folders.Find(ptb));
        }

        if (OperatingSystem.IsLinux())
            Assert.Equal(["/home/x/.cache/unroll"],
                new DataFolders((host with { Variable = name => name == "HOME" ? "/home/x" : null }).ForData(), null).All);
        Assert.Contains("--data-dir",
            Assert.Throws<UserError>(() => new DataFolders((host with { Variable = _ => null }).ForData(), null).Target).Message);
    }

    [Theory]
    [InlineData("Piano-midi.de", "piano-midi")]
    [InlineData("PIANO_MIDI", "piano-midi")]
    [InlineData("MuseData", "musedata")]
    [InlineData("Nottingham", "nottingham")]
    [InlineData("PTB", "ptb")]
    [InlineData("Penn Treebank", "ptb")]
    public void Names_are_found_in_any_case(string typed, string name) => Assert.Equal(name, DataCatalogue.Find(typed)?.Name);

    [Fact]
    public void What_is_not_there_is_said_with_what_to_do()
    {
        using var folder = new TempFolder();
        Dictionary<string, string> nowhere = Nowhere(folder);
        Assert.Contains($"run unroll data get nottingham or put music/Nottingham.mat into {folder.At("cache/unroll")}",
            Cli.RunIn(nowhere, "data", "show", "Nottingham").RefusedWith());
        Assert.Contains("did you mean nottingham", Cli.RunIn(nowhere, "data", "show", "notingham").RefusedWith());
        Assert.Contains("did you mean musedata", Cli.RunIn(nowhere, "data", "get", "musedat").RefusedWith());
        Assert.Contains("There is no file or folder ./nottingham",
            Cli.RunIn(nowhere, "data", "show", "./nottingham").RefusedWith());
        Assert.Contains("list, get, show", Cli.RunIn(nowhere, "data").RefusedWith());
        nowhere[DataCommand.UrlVariable] = "ftp://x";
        Assert.Contains(DataCommand.UrlVariable, Cli.RunIn(nowhere, "data", "get", "ptb").RefusedWith());
    }

    [Fact]
    public void A_wrong_body_from_a_server_leaves_nothing()
    {
        using var folder = new TempFolder();
        using var server = new TestServer(("music/Nottingham.mat", [new Answer(new byte[371_688])]));
        Dictionary<string, string> environment = Nowhere(folder);
        environment[DataCommand.UrlVariable] = server.Url + "/";
        CliResult wrong = Cli.RunIn(environment, "data", "get", "nottingham", "--json");
        Assert.Contains("was deleted", wrong.RefusedWith());
        Assert.Empty(Directory.GetFiles(folder.At("cache"), "*", SearchOption.AllDirectories));
        Assert.Contains("404", Cli.RunIn(environment, "data", "get", "musedata", "--json").RefusedWith());
    }

    [Fact]
    public void The_published_files_are_downloaded_checked_and_found_again()
    {
        string? data = Environment.GetEnvironmentVariable("UNROLL_DATA");
        Assert.SkipUnless(data is { Length: > 0 } && File.Exists(Path.Combine(data, "music/Piano_midi.mat")), "skipped: no data");
        using var folder = new TempFolder();
        using var server = new TestServer(("music/Piano_midi.mat",
            [new Answer(File.ReadAllBytes(Path.Combine(data, "music/Piano_midi.mat")), BreakAfter: 100_000),
                new Answer(File.ReadAllBytes(Path.Combine(data, "music/Piano_midi.mat")))]));
        Dictionary<string, string> environment = Nowhere(folder);
        environment[DataCommand.UrlVariable] = server.Url;
        CliResult get = Cli.RunIn(environment, "data", "get", "piano-midi");
        Assert.Equal((ExitCode.Success, ""), (get.Code, get.Error));
        Assert.Contains("checked and moved in place", get.Out);
        Assert.Equal([0, 100_000], server.Requests.Select(request => request.From));
        Assert.Equal("present", Assert.Single(Cli.RunIn(environment, "data", "get", "Piano-midi.de", "--json").Json)
            .GetProperty("status").GetString());
        JsonElement train = Assert.Single(Cli.RunIn(environment, "data", "show", "piano-midi", "--json").Json)
            .GetProperty("folds")[0];
        Assert.Equal((87, 75_911), (train.GetProperty("pieces").GetInt32(), train.GetProperty("steps").GetInt32()));
    }

    [Fact]
    public void Music_of_one_s_own_is_shown()
    {
        using var folder = new TempFolder();
        string tunes = Music(folder);
        CliResult show = Cli.Run("data", "show", tunes);
        Assert.Equal((ExitCode.Success, ""), (show.Code, show.Error));
        foreach (string part in (string[])["tunes, music", "pieces", "keys a step", "p0.mid begins", "C4 .....#"])
            Assert.Contains(part, show.Out);
        JsonElement json = Assert.Single(Cli.Run("data", "show", tunes, "--json").Json);
        Assert.Equal(2, json.GetProperty("folds")[0].GetProperty("pieces").GetInt32());
        Assert.Equal(13, json.GetProperty("folds")[0].GetProperty("steps").GetInt32());
        Assert.Equal(26, Assert.Single(Cli.Run("data", "show", tunes, "--json", "--step", "0.25").Json).GetProperty("folds")[0]
            .GetProperty("steps").GetInt32());
        Assert.Contains("p1 begins", Cli.Run("data", "show", Path.Combine(tunes, "p1.mid")).Out);
        Assert.Contains("--step", Cli.Run("data", "show", tunes, "--step", "0.001").RefusedWith());
        Assert.Contains("--step", Cli.Run("data", "show", tunes, "--step", "many").RefusedWith());
        CliResult few = Cli.Run("data", "show", Music(folder, "two", 2));
        Assert.Equal(ExitCode.Success, few.Code);
        Assert.Contains("has 2 pieces; at least 3 are needed", few.Error);
        Assert.Contains("at least 3", Cli.Run("train", "music", "--data", folder.At("two")).RefusedWith());
        Assert.Contains($"--bytes is for text, and {tunes} is music.", Cli.Run("data", "show", tunes, "--bytes").RefusedWith());
    }

    [Fact]
    public void Text_of_one_s_own_and_standard_input_are_shown()
    {
        using var folder = new TempFolder();
        string text = string.Concat(Enumerable.Repeat("ein Text\n", 20));
        File.WriteAllText(folder.At("mine.txt"), text);
        foreach (CliResult show in (CliResult[])[Cli.Run("data", "show", folder.At("mine.txt")),
            Cli.RunWith(text, "data", "show", "-")])
        {
            Assert.Equal((ExitCode.Success, ""), (show.Code, show.Error));
            foreach (string part in (string[])["an alphabet of 8 characters", "  ein Text", "'e'"])
                Assert.Contains(part, show.Out);
        }

        JsonElement json = Assert.Single(Cli.Run("data", "show", folder.At("mine.txt"), "--json", "--bytes").Json);
        Assert.Equal("byte:0A,20,54,65,69,6E,74,78", json.GetProperty("alphabet").GetString());
        Assert.Equal(144, json.GetProperty("folds")[0].GetProperty("symbols").GetInt32());
        File.WriteAllText(folder.At("mine.txt"), text + "ß");
        Assert.Contains("'ß' (line 21, character 1); without --strict",
            Cli.Run("data", "show", folder.At("mine.txt"), "--strict").RefusedWith());
        CliResult unknown = Cli.Run("data", "show", folder.At("mine.txt"), "--json");
        Assert.Contains(
            "in its test fold that the training fold lacks: 'ß' (line 21, character 1); they are read as one unknown symbol, 1 "
                + "of 19 in all.", unknown.Error);
        Assert.Equal([0, 0, 1],
            Assert.Single(unknown.Json).GetProperty("folds").EnumerateArray().Select(fold =>
            fold.GetProperty("unknown").GetInt32()));
        Assert.Contains("--strict refuses what --map-unknown reads",
            Cli.Run("data", "show", folder.At("mine.txt"), "--strict", "--map-unknown").RefusedWith());
        Assert.Equal(ExitCode.Success, Cli.Run("data", "show", folder.At("mine.txt"), "--map-unknown").Code);
        Assert.Contains("--rare", Cli.Run("data", "show", folder.At("mine.txt"), "--rare", "-1").RefusedWith());
        Assert.Contains("--step is for music", Cli.Run("data", "show", folder.At("mine.txt"), "--step", "1").RefusedWith());

        // Three files are the folds as given, here as in training.
        File.WriteAllText(folder.At("other.txt"), text[..18]);
        json = Assert.Single(Cli.Run("data", "show", folder.At("mine.txt"), "--valid-data", folder.At("other.txt"), "--test-data",
            folder.At("other.txt"), "--json").Json);
        Assert.Equal([181, 18, 18], json.GetProperty("folds").EnumerateArray()
            .Select(fold => fold.GetProperty("symbols").GetInt32()));
        Assert.Contains("--valid-data and --test-data go together",
            Cli.Run("data", "show", folder.At("mine.txt"), "--valid-data", folder.At("other.txt")).RefusedWith());
    }

    [Fact]
    public async Task A_named_pipe_is_read_once_as_what_its_name_says()
    {
        if (OperatingSystem.IsWindows()) return; // has no such files
        using var folder = new TempFolder();
        string text = string.Concat(Enumerable.Repeat("one word and another\n", 20));
        File.WriteAllText(folder.At("file"), text);
        Assert.Equal(Cli.Run("data", "show", folder.At("file")).Out.Replace("file", "pipe", StringComparison.Ordinal),
            (await ThroughPipe("pipe", Encoding.UTF8.GetBytes(text))).Out);

        MidiFile.Write(folder.At("a.mid"), new PianoRoll("a", 3));
        CliResult song = await ThroughPipe("b.mid", File.ReadAllBytes(folder.At("a.mid")));
        Assert.Contains("b, music: 88 keys", song.Out);

        async Task<CliResult> ThroughPipe(string name, byte[] bytes)
        {
            using (var make = System.Diagnostics.Process.Start("mkfifo", [folder.At(name)]))
                await make.WaitForExitAsync(TestContext.Current.CancellationToken);
            Task write = Task.Run(() => File.WriteAllBytes(folder.At(name), bytes), TestContext.Current.CancellationToken);
            CliResult result = Cli.Run("data", "show", folder.At(name));
            await write;
            return result;
        }
    }

    [Fact]
    public void Music_is_not_read_from_standard_input()
    {
        Assert.Contains("folder of MIDI files", Cli.RunWith("MThd", ["train", "music", "--data", "-"]).RefusedWith());
    }

    [Fact]
    public void Named_text_is_trimmed_and_kept_in_its_folds()
    {
        using var folder = new TempFolder();
        var host = new CommandHost(new StringReader(string.Concat(Enumerable.Repeat("äb", 10))), TextWriter.Null,
            TextWriter.Null);
        var source = new DataSource(host.ForData(), Layout(folder));
        TextCorpus ptb = Text("PTB");
        Assert.Equal(("ptb", "a small text of small words\nand another line\n"),
            (ptb.Name, TextCodec.Decode(ptb.Test.Span, ptb.Alphabet)));
        Assert.Contains("is text, not music",
            Assert.Throws<UserError>(() => MusicKind.Instance.Read(source, "ptb", new MusicReadOptions())).Message);
        Assert.Contains("is music, not text", Assert.Throws<UserError>(() => Text("nottingham")).Message);
        Assert.Equal("äb", TextCodec.Decode(Text("-").Test.Span, new Alphabet(SymbolKind.Scalar, ['ä', 'b'])));
        string[] files = [.. ((string[])["train", "valid", "test"]).Select(fold => folder.At($"data/ptb/ptb.{fold}.txt"))];
        Assert.Equal(49, Text(files[0], files[1], files[2]).Validation.Length);
        Assert.Throws<UserError>(() => Text(files[0], files[1]));
        Assert.Throws<UserError>(() => Text("ptb", files[1], files[2]));
        Directory.CreateDirectory(folder.At("own"));
        Assert.Contains("train.txt", Assert.Throws<UserError>(() => Text(folder.At("own"))).Message);
        foreach (string fold in (string[])["train", "valid", "test"])
            File.WriteAllText(folder.At($"own/{fold}.txt"), "some text");
        Assert.Equal("own", Text(folder.At("own")).Name);
        Assert.Equal(TextKind.Instance, source.KindOf(folder.At("own")));
        var alphabet = new TextReadOptions { Alphabet = ptb.Alphabet };
        Assert.Equal(49, Whole(files[0]).Train.Length);
        Assert.Contains("lacks", Assert.Throws<Unroll.Files.InvalidFileException>(() => Whole(WriteText("XYZ"))).Message);

        TextCorpus Text(string data, string? validation = null, string? test = null)
        {
            var settings = new TextSettings { Data = data, ValidationFile = validation, TestFile = test };
            return TextKind.Instance.Read(source, settings, settings.ReadOptions());
        }

        TextCorpus Whole(string file) => TextKind.Instance.ReadWhole(source, file, ptb.Alphabet, alphabet, "a model");

        string WriteText(string text)
        {
            File.WriteAllText(folder.At("odd.txt"), text, new UTF8Encoding(false));
            return folder.At("odd.txt");
        }
    }
}
