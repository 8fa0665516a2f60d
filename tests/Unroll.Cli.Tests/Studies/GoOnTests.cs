using Unroll.Cli.Tests.Corpora;
using Unroll.Studies;

namespace Unroll.Cli.Tests.Studies;

/// <summary>What a folder may be gone on with: the same study, its own part of it, on the same data.</summary>
public class GoOnTests
{
    private const string Text = """ "task": "text", "cost": "mean", "averaging": 0, "hidden": 4, "batch": 2, "window": 10,"""
        + """ "updates": 4, "check-every": 2 """;

    [Fact]
    public void Another_study_does_not_take_the_place_of_one()
    {
        using var folder = new TempFolder();
        string study = folder.At("study"), other = folder.Write(TestStudies.Eight().Replace("eight", "other"), "other.json");
        TestStudies.Run(folder.Write(TestStudies.Eight()), study);
        string[] before = TestStudies.Results(study);
        Assert.Equal($"unroll: The folder {study} holds the study eight, not other; use another folder (--out).\n",
            TestStudies.Run(other, study).RefusedWith());
        Assert.Equal(before, TestStudies.Results(study));

        CliResult fewer = TestStudies.Run(folder.Write(TestStudies.Eight(seeds: "2..3")), study);
        Assert.Contains($"the grid in {study} has changed; 4 finished trials are not in the present one, kept, and not shown.",
            fewer.Error);
        Assert.Equal("", TestStudies.Run(folder.Write(TestStudies.Eight(seeds: "1..3")), study).Error);
    }

    [Fact]
    public void The_folder_of_a_shard_goes_on_with_that_shard()
    {
        using var folder = new TempFolder();
        string study = folder.At("study"), shard = folder.At("study/shard-2-of-2");
        Assert.Equal(ExitCode.Success, TestStudies.Run(folder.Write(TestStudies.Eight()), study, "--shard", "2/2").Code);
        string[] before = TestStudies.Results(shard);
        CliResult again = Cli.Run("study", "run", shard, "--jobs", "1");
        Assert.Equal((ExitCode.Success, ""), (again.Code, again.Error));
        Assert.Contains("4 in shard 2 of 2", again.Out);
        Assert.Equal(before, TestStudies.Results(shard));
        Assert.Contains("is shard 2 of 2, so another shard cannot be run in it",
            Cli.Run("study", "run", shard, "--shard", "1/2").RefusedWith());
        Assert.Contains("holds shards; join them first with unroll study merge", Cli.Run("study", "show", study).RefusedWith());
        Directory.Move(shard, folder.At("renamed"));
        Assert.Contains("it must be called shard-2-of-2, or be merged",
            Cli.Run("study", "run", folder.At("renamed")).RefusedWith());
    }

    [Fact]
    public void A_part_beyond_the_deciding_seeds_waits_until_these_have_run()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight(", \"decide_after\": 2", "1..3")), study = folder.At("study");
        CliResult beyond = TestStudies.Run(file, study, "--only", "seed=3");
        Assert.Equal(ExitCode.Unsolved, beyond.Code);
        Assert.Contains("4 trials are left", beyond.Error);
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, study, "--only", "seed=1,2").Code);
        CliResult decided = TestStudies.Run(file, study, "--only", "seed=3");
        Assert.Equal(ExitCode.Success, decided.Code);
        Assert.Contains("4 skipped in decided cells", decided.Out);
    }

    [Fact]
    public void The_seed_of_a_random_search_stays_that_of_its_file()
    {
        using var folder = new TempFolder();
        string file = folder.Write($$"""{"name": "drawn", "grid": {{{TestStudies.Tiny}}, "lr": {"from": 0.001, "to": 0.1,"""
            + $$""" "scale": "log"} }, "sample": 2, "sample_seed": 9}"""), study = folder.At("study");
        TestStudies.Run(file, study);
        string[] two = [.. TestStudies.Results(study).Order()];
        TestStudies.Run(file, study, "--sample", "3");
        string[] three = TestStudies.Results(study);
        Assert.Equal((3, 2), (three.Length, three.Count(two.Contains)));
        TestStudies.Run(file, folder.At("other"), "--sample-seed", "1");
        Assert.DoesNotContain(TestStudies.Results(folder.At("other")), two.Contains);
    }

    [Fact]
    public void Names_of_files_keep_their_spaces()
    {
        using var folder = new TempFolder();
        string first = CorpusFiles.Text(folder, "a b.txt", string.Concat(Enumerable.Repeat("abracadabra ", 60))),
            second = CorpusFiles.Text(folder, "ab.txt", string.Concat(Enumerable.Repeat("cad bad ", 90)));
        string file = folder.Write($$"""{"name": "spaces", "grid": {{{Text}}, "data": ["{{first}}", "{{second}}"]} }""");
        CliResult run = TestStudies.Run(file, folder.At("study"));
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        using StudyStore store = StudyStore.OpenToRead(folder.At("study"));
        Assert.Equal([first, second], store.Trials().Select(trial => trial.Options["data"]));
        Assert.EndsWith("/a%20b.txt", StudySummary.Choice(store.Trials()[0], "data"));
        Assert.NotEqual(store.Trials()[0].Result!.BestLoss, store.Trials()[1].Result!.BestLoss);
    }

    [Fact]
    public void Data_that_is_missing_or_has_changed_is_refused_before_anything_runs()
    {
        using var folder = new TempFolder();
        string data = CorpusFiles.Text(folder, "own.txt", string.Concat(Enumerable.Repeat("abracadabra ", 60))),
            study = folder.At("study");
        string set = Text.Replace("\"", "").Replace(" ", "").Replace(":", "=").Replace("task=text,", "");
        string[] run = ["study", "run", "text", "--set", $"data={data}",
            .. set.Split(',').SelectMany(one => (string[])["--set", one]), "--jobs", "1", "--out", study];
        Assert.Contains($"The study text: There is no file or folder {data}x.",
            Cli.Run([.. run, "--set", $"data={data}x"]).RefusedWith());
        Assert.False(Directory.Exists(study));

        Assert.Equal(ExitCode.Success, Cli.Run(run).Code);
        Assert.Equal(ExitCode.Success, Cli.Run(run).Code);
        byte[] old = File.ReadAllBytes(data);
        File.AppendAllText(data, "more");
        Assert.Equal(
            $"unroll: {data} has changed since trials of {study} were trained on it; put the old content back, or use another "
                + "folder (--out).\n", Cli.Run(run).RefusedWith());
        File.WriteAllBytes(data, old);
        Assert.Equal(ExitCode.Success, Cli.Run(run).Code);
    }

    [Theory]
    [InlineData("run.json", "{", "run.json does not describe a run: it is not JSON; delete ")]
    [InlineData("checkpoint.safetensors", "half a checkpoint", "checkpoint.safetensors ")]
    public void What_is_damaged_of_one_trial_may_be_deleted(string name, string text, string expected)
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight()), study = folder.At("study");
        Trial one = StudyGrid.Trials(StudyReader.ReadFile(file))[2];
        string trial = StudyRunner.TrialFolder(study, one.Hash);
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", .. Cli.Small, "--updates", "1", "--out", trial]).Code);
        File.WriteAllText(Path.Combine(trial, name), text);
        CliResult refused = TestStudies.Run(file, study);
        Assert.Equal(ExitCode.BadInput, refused.Code);
        Assert.Contains(expected, refused.Error);
        Assert.EndsWith($"; delete {trial} and this trial begins again.\n", refused.Error);
        Directory.Delete(trial, recursive: true);
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, study).Code);
    }

    [Theory]
    [InlineData("updates", "NULL")]
    [InlineData("kernel", "NULL")]
    public void A_store_with_a_value_that_cannot_be_is_damaged(string column, string value)
    {
        using var folder = new TempFolder();
        TestStudies.Run(folder.Write(TestStudies.Eight()), folder.At("study"));
        string path = folder.At("study/study.db");
        StoreSql.Forge(folder.At("study"), $"UPDATE trial SET {column} = {value} WHERE outcome IS NOT NULL");
        string sentence = Cli.Run("study", "show", folder.At("study")).RefusedWith();
        Assert.Contains($"{path} is damaged: the {column} of the trial ", sentence);
        Assert.Contains(" is nothing where a ", sentence);
    }
}
