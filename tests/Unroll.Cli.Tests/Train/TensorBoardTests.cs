using System.Text.Json;

namespace Unroll.Cli.Tests.Train;

/// <summary><c>--tensorboard</c> and <c>--metrics-csv</c>.</summary>
public class TensorBoardTests
{
    private const string Name = "events.out.tfevents.unroll";

    private static readonly string[] s_options = ["--stop", "budget", .. Cli.Small];

    [Fact]
    public void Events_have_every_metric_and_the_histograms()
    {
        using var folder = new TempFolder();
        Cli.Run(["train", "--updates", "40", "--out", folder.At("run"), "--tensorboard", folder.At("events"), .. s_options]);
        List<EventRecord> events = EventReader.Read(folder.At($"events/{Name}"));
        Assert.Equal("brain.Event:2", events[0].Version);
        Assert.Contains("| hidden | 10 |", events[1].Texts["options"]);
        Assert.Contains("| task | temporal-order |", events[1].Texts["options"]);
        Assert.Equal([0L, 0, 20, 40], events.Select(one => one.Step));
        Assert.All(events, one => Assert.InRange(one.Time, 1.7e9, 1e11));
        string[] lines = File.ReadAllLines(folder.At("run/metrics.jsonl"));
        for (int i = 0; i < lines.Length; i++)
        {
            JsonElement line = JsonDocument.Parse(lines[i]).RootElement;
            Dictionary<string, double> expected = line.EnumerateObject()
                .Where(one => one.Value.ValueKind == JsonValueKind.Number && one.Name != "update")
                .ToDictionary(one => one.Name, one => (double)(float)one.Value.GetDouble());
            Assert.Equal(expected, events[i + 2].Scalars);
        }

        EventRecord last = events[^1];
        Assert.Equal(60, last.Histograms["weights/weight_ih_l0"][2]);
        Assert.Equal(100, last.Histograms["weights/weight_hh_l0"][2]);
        Assert.All((string[])["00000", "00001", "00002", "00004", "00008", "00016"],
            lag => Assert.InRange(last.Histograms[$"log10_dE_dh/lag_{lag}"][2], 1, 20));
    }

    [Fact]
    public void A_run_in_two_sessions_has_each_event_once_and_the_same_bits()
    {
        using var folder = new TempFolder();
        string[] events = ["--tensorboard", folder.At("cut-events")];
        Cli.Run(["train", "--updates", "100", "--out", folder.At("whole"), "--tensorboard", folder.At("whole-events"),
            .. s_options]);
        Cli.Run(["train", "--updates", "100", "--out", folder.At("plain"), .. s_options]);
        Cli.Run(["train", "--updates", "50", "--out", folder.At("cut"), "--metrics-csv", .. events, .. s_options]);

        // What a crash leaves: a record cut off in its middle.
        using (FileStream file = File.Open(folder.At($"cut-events/{Name}"), FileMode.Append)) file.Write([9, 0, 0, 0, 0, 0]);
        Cli.Run(["train", "--resume", folder.At("cut"), "--updates", "100", .. events]);
        List<EventRecord> whole = EventReader.Read(folder.At($"whole-events/{Name}")),
            cut = EventReader.Read(folder.At($"cut-events/{Name}"));
        Assert.Equal(whole.Select(one => one.Step), cut.Select(one => one.Step));
        for (int i = 2; i < whole.Count; i++)
        {
            Assert.Equal(whole[i].Scalars["loss"], cut[i].Scalars["loss"]);
            Assert.Equal(whole[i].Histograms, cut[i].Histograms);
        }

        byte[] plain = File.ReadAllBytes(folder.At("plain/model.safetensors"));
        foreach (string run in (string[])["whole", "cut"])
            Assert.Equal(plain, File.ReadAllBytes(folder.At($"{run}/model.safetensors")));
        string[] table = File.ReadAllLines(folder.At("cut/metrics.csv"));
        Assert.StartsWith("update,loss,loss_unit,error,", table[0], StringComparison.Ordinal);
        Assert.Equal(["20", "40", "60", "80", "100"], table[1..].Select(row => row.Split(',')[0]));
        Assert.All(table, row => Assert.Equal(table[0].Split(',').Length, row.Split(',').Length));
        JsonElement line = JsonDocument.Parse(File.ReadAllLines(folder.At("cut/metrics.jsonl"))[2]).RootElement;
        Assert.Equal(line.GetProperty("loss").GetRawText(), table[3].Split(',')[1]);
        string[] keys = [.. line.EnumerateObject().Select(one => one.Name).Where(name => name != "event")];
        Assert.Empty(keys.Except(table[0].Split(',')));
    }

    [Fact]
    public void Each_trial_of_a_study_has_a_folder_of_events()
    {
        using var folder = new TempFolder();
        CliResult result = Cli.Run("study", "run", "temporal-order", "--set", "length=20", "--set", "hidden=10", "--set",
            "seed=1,2",
            "--set", "updates=20", "--set", "check-every=10", "--set", "validation=20", "--set", "stop=budget", "--set",
                "curriculum=none",
            "--jobs", "1", "--out", folder.At("study"), "--tensorboard", folder.At("events"));
        Assert.True(result.Code is ExitCode.Success or ExitCode.Unsolved, result.Error);
        string[] trials = Directory.GetDirectories(folder.At("events"));
        Assert.Equal(2, trials.Length);
        Assert.All(trials, trial => Assert.Equal([0L, 0, 10, 20], EventReader.Read(Path.Combine(trial, Name)).Select(one =>
            one.Step)));
    }

    [Fact]
    public void Bad_input_is_one_sentence_and_harms_nothing()
    {
        using var folder = new TempFolder();
        Assert.Contains("--out", Cli.Run(["train", "--updates", "1", "--metrics-csv", .. s_options]).RefusedWith());
        string[] events = ["train", "--updates", "20", "--tensorboard", folder.At("events"), .. s_options];
        Cli.Run(events);
        byte[] before = File.ReadAllBytes(folder.At($"events/{Name}"));
        Assert.Contains("already holds the events", Cli.Run(events).RefusedWith());
        Assert.Equal(before, File.ReadAllBytes(folder.At($"events/{Name}")));
        File.WriteAllText(folder.At("file"), "mine");
        Assert.Contains("file", Cli.Run(["train", "--updates", "20", "--tensorboard", folder.At("file"),
            .. s_options]).RefusedWith());
        Assert.Equal("mine", File.ReadAllText(folder.At("file")));
        Cli.Run(["train", "--updates", "20", "--out", folder.At("run"), .. s_options]);
        Directory.CreateDirectory(folder.At("other"));
        File.WriteAllText(folder.At($"other/{Name}"), "something that is no event file at all");
        Assert.Contains("no", Cli.Run("train", "--resume", folder.At("run"), "--updates", "40", "--tensorboard",
            folder.At("other"))
            .RefusedWith());
        Assert.Equal("something that is no event file at all", File.ReadAllText(folder.At($"other/{Name}")));
    }
}
