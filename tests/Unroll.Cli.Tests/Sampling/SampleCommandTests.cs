using System.Text.Json;
using Unroll.Cli.Tests.Corpora;
using Unroll.Data;
using Unroll.Sampling;

namespace Unroll.Cli.Tests.Sampling;

public class SampleCommandTests
{
    [Fact]
    public void Text_goes_to_the_terminal_a_file_or_an_object()
    {
        using var folder = new TempFolder();
        string model = CorpusFiles.TextModel(folder);
        string[] options = ["--prompt", "ab", "--temperature", "0.7", "--length", "50", "--seed", "3"];
        string expected = TextSampler<double>.Load(model)
            .Sample("ab", new SamplingOptions { Temperature = 0.7, Length = 50, Seed = 3 });
        CliResult plain = Cli.Run(["sample", model, .. options]);
        Assert.Equal((ExitCode.Success, ""), (plain.Code, plain.Error));
        Assert.Equal($"ab{expected}{(expected.EndsWith('\n') ? "" : "\n")}", plain.Out);

        JsonElement json = Assert.Single(Cli.Run(["sample", model, .. options, "--json"]).Json);
        Assert.Equal(("ab", expected, 50, 3UL), (json.GetProperty("prompt").GetString(), json.GetProperty("text").GetString(),
            json.GetProperty("length").GetInt32(), json.GetProperty("seed").GetUInt64()));

        CliResult file = Cli.Run(["sample", model, .. options, "--out", folder.At("a.txt")]);
        Assert.Equal(ExitCode.Success, file.Code);
        Assert.Equal($"ab{expected}", File.ReadAllText(folder.At("a.txt")));
        Assert.Equal($"{folder.At("a.txt")}: 50 characters after the prompt\n", file.Out);
        Assert.Equal(folder.At("a.txt"),
            Assert.Single(Cli.Run(["sample", model, .. options, "--out", folder.At("a.txt"), "--json"]).Json).GetProperty("file")
            .GetString());

        Assert.NotEqual(plain.Out, Cli.Run(["sample", model, .. options[..^1], "4"]).Out);

        // As of every other verb, the folder of a run stands for its best model.
        File.Copy(model, Path.Combine(Directory.CreateDirectory(folder.At("run")).FullName, "best.safetensors"));
        Assert.Equal(plain.Out, Cli.Run(["sample", folder.At("run"), .. options]).Out);
        string refused = Cli.Run("train", folder.At("run")).RefusedWith();
        Assert.Contains("data are named by --data, as in unroll train music --data ", refused);
        Assert.Equal(1_000, Assert.Single(Cli.Run("sample", model, "--json").Json).GetProperty("text").GetString()!.Length);
    }

    [Fact]
    public void Ctrl_C_ends_a_text_cleanly_and_leaves_an_old_file()
    {
        using var folder = new TempFolder();
        string model = CorpusFiles.TextModel(folder);
        File.WriteAllText(folder.At("a.txt"), "old");

        // The interrupt comes with the tenth symbol that is written to a terminal.
        using var output = new InterruptingWriter(10);
        var host = new CommandHost(TextReader.Null, output, TextWriter.Null) { OutIsTerminal = true, OnInterrupt = output.On };
        Assert.Equal(ExitCode.Cancelled, UnrollCommand.Run(["sample", model, "--length", "100000000"], host));
        Assert.EndsWith("\n", output.ToString());
        Assert.InRange(output.ToString().Length, 10, 11);

        using var error = new StringWriter();
        host = new CommandHost(TextReader.Null, TextWriter.Null, error)
        {
            OnInterrupt = interrupt => { interrupt(); return Stream.Null; },
        };
        Assert.Equal(ExitCode.Cancelled, UnrollCommand.Run(["sample", model, "--out", folder.At("a.txt")], host));
        Assert.Equal("unroll: cancelled.", error.ToString().TrimEnd());
        Assert.Equal("old", File.ReadAllText(folder.At("a.txt")));
        Assert.Equal(ExitCode.Cancelled,
            UnrollCommand.Run(["sample", CorpusFiles.MusicModel(folder), "--out", folder.At("a.mid")], host));
        Assert.Equal(["a.txt", "music.safetensors", "text.safetensors"],
            Directory.GetFiles(folder.At("")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_text_commands_no_terminal()
    {
        using var folder = new TempFolder();
        string model = CorpusFiles.TextModel(folder, "scalar:1B,61");
        using var output = new StringWriter();
        Assert.Equal(ExitCode.Success, UnrollCommand.Run(["sample", model, "--length", "50"],
            new CommandHost(TextReader.Null, output, TextWriter.Null) { OutIsTerminal = true }));
        Assert.DoesNotContain('\e', output.ToString());
        Assert.Contains("\\u001B", output.ToString());
        Assert.Contains('\e', Cli.Run("sample", model, "--length", "50").Out);
    }

    [Fact]
    public void Music_is_a_MIDI_file_that_reads_back()
    {
        using var folder = new TempFolder();
        string model = CorpusFiles.MusicModel(folder, "step", "0.25");
        PianoRoll expected = MusicSampler<double>.Load(model).Sample(null,
            new SamplingOptions { Temperature = 0.8, Length = 40, Seed = 7 }, TestContext.Current.CancellationToken);
        string[] options = ["--temperature", "0.8", "--length", "40", "--seed", "7", "--out", folder.At("a.mid")];
        CliResult run = Cli.Run(["sample", model, .. options]);
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        Assert.StartsWith($"{folder.At("a.mid")}: 40 steps, ", run.Out);
        Assert.Contains("in all 10 beats, 5.0 s at 120 beats a minute", run.Unfolded);
        Assert.Contains('#', run.Out);
        Assert.Equal(CorpusFiles.Words(expected), Read(0.25));

        // Another step and tempo: the same keys in other time.
        JsonElement json = Assert.Single(Cli.Run(["sample", model, .. options, "--step", "1", "--tempo", "90", "--json"]).Json);
        Assert.Equal(CorpusFiles.Words(expected), Read(1));
        Assert.Equal(CorpusFiles.Words(expected),
            string.Join('/', json.GetProperty("steps").EnumerateArray()
                .Select(step => string.Join(',', step.EnumerateArray().Select(note => note.GetInt32())))));
        Assert.Equal((1.0, 90.0, 0), (json.GetProperty("step").GetDouble(), json.GetProperty("tempo").GetDouble(),
            json.GetProperty("prompt_steps").GetInt32()));

        // A prompt comes first, and what follows is said and shown.
        MidiFile.Write(folder.At("prompt.mid"), CorpusFiles.Roll("prompt", 12), 120, 0.25);
        CliResult after = Cli.Run(["sample", model, .. options, "--prompt", folder.At("prompt.mid")]);
        Assert.Contains($"40 steps after the 12 of {folder.At("prompt.mid")}", after.Unfolded);
        Assert.Contains("in all 13 beats", after.Unfolded);
        Assert.StartsWith(CorpusFiles.Words(CorpusFiles.Roll("prompt", 12)) + "/", Read(0.25));
        Assert.Equal(52, Read(0.25).Count(c => c == '/') + 1);

        string Read(double step) => CorpusFiles.Words(MidiFile.Read(folder.At("a.mid"), new MusicReadOptions { Step = step }));
    }

    [Fact]
    public void What_cannot_be_sampled_is_refused_in_one_sentence()
    {
        using var folder = new TempFolder();
        string text = CorpusFiles.TextModel(folder), music = CorpusFiles.MusicModel(folder), target = folder.At("a.mid");
        Refused("The prompt has symbols that the alphabet lacks: 'x' (line 1, character 2), 'Y' (line 2, character 1).", "sample",
            text, "--prompt", "axx\nY");
        Refused("--temperature -1 must be", "sample", text, "--temperature", "-1");
        Refused("--length 0 must lie in 1..", "sample", text, "--length", "0");
        Refused("is a model of text, which has no --tempo", "sample", text, "--tempo", "90");
        Refused("its folder does not exist", "sample", text, "--out", folder.At("none/a.txt"));
        Refused("it is a folder", "sample", text, "--out", folder.At(""));
        Refused("--out needs the name of a file", "sample", text, "--out", "");
        Refused("name it with --out FILE.mid", "sample", music);
        Refused("ends in .wav, and music is written as MIDI; name it FILE.mid", "sample", music, "--out", folder.At("a.wav"));
        Refused("its folder does not exist", "sample", music, "--out", folder.At("none/a.mid"));
        Refused("--tempo 3 must be at least 4", "sample", music, "--out", target, "--tempo", "3");
        Refused("--step 0.001 must be at least 1/96", "sample", music, "--out", target, "--step", "0.001");
        Refused("There is no MIDI file la la la to continue", "sample", music, "--out", target, "--prompt", "la la la");
        Refused("none.mid could not be read: it does not exist", "sample", music, "--out", target, "--prompt",
            folder.At("none.mid"));
        Refused("does not begin with MThd", "sample", music, "--out", target, "--prompt",
            CorpusFiles.Text(folder, "no.mid", "no"));
        Refused("longer than the 262144 steps of a MIDI file", "sample", music, "--out", target, "--length", "300000");
        Refused("could not be read: it does not exist", "sample", folder.At("none"));
        CorpusFiles.TextModel(folder, properties: ["ahead", "5"]);
        Refused("cannot be sampled: a model that predicts the symbol 5 ahead cannot write text", "sample", text);
        string other = CorpusFiles.Save(folder.At("other.safetensors"), new NetworkShape(6, 5, 4), ["task", "temporal-order"]);
        Refused("is a model of temporal-order; unroll sample writes with models of music and text", "sample", other);
        CorpusFiles.Save(other, new NetworkShape(6, 5, 4), []);
        Refused("does not say what it is a model of", "sample", other);
        CorpusFiles.Save(other, new NetworkShape(6, 5, 4), ["task", "music"]);
        Refused("is no model of music", "sample", other, "--out", target);
        CorpusFiles.Save(other, new NetworkShape(2, 5, 2) { Head = OutputHead.SoftmaxEvery, Activation = Activation.Identity },
            ["task", "text", "alphabet", "byte:61,62"], scale: 1e200);
        Refused("is not a finite number", "sample", other, "--out", target);
        Assert.False(File.Exists(target));

        static void Refused(string expected, params string[] args) => Assert.Contains(expected, Cli.Run(args).RefusedWith());
    }

    /// <summary>Interrupts when it has been written to so many times.</summary>
    private sealed class InterruptingWriter(int writes) : StringWriter
    {
        private Action? _interrupt;
        private int _left = writes;

        public IDisposable On(Action interrupt)
        {
            _interrupt = interrupt;
            return Stream.Null;
        }

        public override void Write(string? value)
        {
            base.Write(value);
            if (--_left == 0) _interrupt!();
        }
    }
}
