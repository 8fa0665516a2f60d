using Unroll.Cli.Tests.Studies;
using Unroll.Studies;

namespace Unroll.Cli.Tests.Study;

/// <summary>Shards joined are the study run at once; what does not fit is refused with nothing written.</summary>
public sealed class MergeTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Two_shards_merged_are_the_single_run()
    {
        RunStudy("whole");
        RunStudy("parts", "--shard", "1/2");
        RunStudy("parts", "--shard", "2/2");
        CliResult merged = Cli.Run("study", "merge", At("parts"));
        Assert.Equal(ExitCode.Success, merged.Code);
        Assert.Contains("merged 6 trials of 2 stores", merged.Out);
        Assert.Contains("6 of 6 are done", merged.Out);
        StudyFolders.RequireSame(At("whole"), At("parts"));

        // Nothing is left to run, and the merged folder goes on like any other: here, with another seed.
        Assert.DoesNotContain("\"trial\"", Json("run", At("parts")));
        string[] more = [.. Json("run", At("parts"), "--set", "seed=1,2,3,4").Split('\n')
            .Where(line => line.Contains("\"event\":\"trial\"", StringComparison.Ordinal))];
        Assert.Equal(2, more.Length);
    }

    [Fact]
    public void Merging_again_changes_nothing()
    {
        RunStudy("parts", "--shard", "1/2");
        RunStudy("parts", "--shard", "2/2");
        Assert.Equal(ExitCode.Success, Cli.Run("study", "merge", At("parts")).Code);
        string first = Export("parts");
        CliResult again = Cli.Run("study", "merge", At("parts"));
        Assert.Contains("merged 0 trials of 2 stores", again.Out);
        Assert.Equal(first, Export("parts"));
    }

    [Fact]
    public void Shards_may_be_missing_and_come_later()
    {
        RunStudy("parts", "--shard", "2/3");
        CliResult merged = Cli.Run("study", "merge", At("parts"));
        Assert.Contains("merged 2 trials of 1 store", merged.Out);
        Assert.Contains("2 of 6 are done", merged.Out);
        RunStudy("parts", "--shard", "1/3");
        RunStudy("parts", "--shard", "3/3");
        Assert.Contains("6 of 6 are done", Cli.Run("study", "merge", At("parts")).Out);
        RunStudy("whole");
        StudyFolders.RequireSame(At("whole"), At("parts"));
    }

    [Fact]
    public void Stores_from_anywhere_are_merged_by_their_names()
    {
        RunStudy("a", "--shard", "1/2");
        RunStudy("b", "--shard", "2/2");
        Assert.Contains("6 of 6 are done", Cli.Run("study", "merge", At("all"), At("a/shard-1-of-2"), At("b/shard-2-of-2")).Out);
        RunStudy("whole");
        StudyFolders.RequireSame(At("whole"), At("all"));
    }

    [Fact]
    public void Other_results_of_the_same_trial_are_refused_by_its_name_and_nothing_is_written()
    {
        RunStudy("parts", "--shard", "1/2");
        RunStudy("parts", "--shard", "2/2");
        RunStudy("other");
        StoreSql.Forge(At("other"), "UPDATE trial SET best_loss = best_loss + 1e-12 WHERE name = 'method=sgd-cr seed=3'");
        CliResult merged = Cli.Run("study", "merge", At("target"), At("parts/shard-1-of-2"),
            At("parts/shard-2-of-2"), At("other"));
        string sentence = merged.RefusedWith();
        Assert.Contains("The trial method=sgd-cr seed=3 (", sentence);
        Assert.Contains($"has other results in {At("parts/shard-")}", sentence);
        Assert.Contains($"than in {At("other")}", sentence);
        Assert.Contains("nothing was merged", sentence);
        Assert.False(Directory.Exists(At("target")));
    }

    [Fact]
    public void Other_results_of_another_instruction_set_are_refused_by_its_name()
    {
        RunStudy("one");
        RunStudy("other");
        StoreSql.Forge(At("other"), "UPDATE trial SET kernel = 'vector9000'");
        // the same bits are the same result, wherever made
        Assert.Equal(ExitCode.Success, Cli.Run("study", "merge", At("same"), At("one"), At("other")).Code);
        StoreSql.Forge(At("other"),
            "UPDATE trial SET best_loss = best_loss + 1e-12, best_update = 0 WHERE name = 'method=sgd-cr seed=3'");
        string sentence = Cli.Run("study", "merge", At("target"), At("one"), At("other")).RefusedWith();
        Assert.Matches(
            @"has other results in \S+ \(best loss [0-9.]+\) than in \S+ \(best loss [0-9.]+\),"
                + @" so nothing was merged; they were made on other instruction sets, \S+ and vector9000,"
                + @" whose bits differ", sentence);
        Assert.False(Directory.Exists(At("target")));
    }

    [Fact]
    public void Other_results_than_the_targets_own_are_refused()
    {
        RunStudy("parts", "--shard", "1/2");
        RunStudy("parts");
        StoreSql.Forge(At("parts/shard-1-of-2"),
            "UPDATE trial SET updates = updates + 1 WHERE outcome IS NOT NULL AND name = (SELECT MIN(name) FROM trial WHERE "
                + "outcome IS NOT NULL)");
        string before = Export("parts");
        Assert.Contains($"has other results in {At("parts")} (", Cli.Run("study", "merge", At("parts")).RefusedWith());
        Assert.Equal(before, Export("parts"));
    }

    [Fact]
    public void Different_studies_are_refused_by_the_line_that_differs()
    {
        RunStudy("a");
        RunStudy("b", "--set", "validation=30");
        string sentence = Cli.Run("study", "merge", At("target"), At("a"), At("b")).RefusedWith();
        Assert.Contains($"{At("a")} and {At("b")} hold different studies (one has \"20\" where the other has \"30\")", sentence);
        Assert.False(Directory.Exists(At("target")));
        Assert.Contains("hold different studies", Cli.Run("study", "merge", At("b"), At("a")).RefusedWith());
    }

    [Fact]
    public void Trials_of_options_that_the_grid_has_no_more_are_left_out_and_said()
    {
        // As when a recipe that the study names has changed since: the options are others, and so is the hash.
        RunStudy("old");
        StoreSql.Forge(At("old"), string.Join("; ", from table in (string[])["trial", "curve", "test"]
                                                    select $"UPDATE {table} SET hash = '00' || SUBSTR(hash, 3) WHERE hash IN "
                                                        + "(SELECT hash FROM trial WHERE name LIKE '%seed=3') OR "
                                                        + "hash NOT IN (SELECT hash FROM trial)"));
        CliResult merged = Cli.Run("study", "merge", At("new"), At("old"));
        Assert.Equal(ExitCode.Success, merged.Code);
        Assert.Contains("merged 4 trials of 1 store", merged.Out);
        Assert.Contains("4 of 6 are done", merged.Out);
        Assert.Contains("left out 2 trials of options that the study's grid does not have now", merged.Out);
        Assert.Contains("seed=3 (00", merged.Out);
        using StudyStore joined = StudyStore.OpenToRead(At("new"));
        Assert.Equal(4, joined.Trials().Count(trial => trial.Result is not null));
        Assert.DoesNotContain("left out", Cli.Run("study", "merge", At("again"), At("new")).Out);
    }

    [Fact]
    public void Damaged_checks_of_a_source_leave_not_even_a_folder()
    {
        RunStudy("whole");
        StoreSql.Execute(At("whole"), "UPDATE curve SET data = zeroblob(10)");
        Assert.Contains("the curve of the trial", Cli.Run("study", "merge", At("new"), At("whole")).RefusedWith());
        Assert.False(Path.Exists(At("new")));
    }

    [Fact]
    public void What_is_no_store_is_refused()
    {
        Directory.CreateDirectory(At("empty"));
        Assert.Contains("does not exist", Cli.Run("study", "merge", At("nowhere")).RefusedWith());
        Assert.Contains("There are no shards in", Cli.Run("study", "merge", At("empty")).RefusedWith());
        Assert.Contains("holds no study: it has no study.db", Cli.Run("study", "merge", At("target"), At("empty")).RefusedWith());
        File.WriteAllText(At("empty/study.db"), "This is a text, and a long one, but not a data base at all.");
        Assert.Contains("is damaged, or not a study's store", Cli.Run("study", "merge", At("target"), At("empty")).RefusedWith());
        File.Delete(At("empty/study.db"));
        StoreSql.Execute(At("empty"), "CREATE TABLE something (else_ TEXT)");
        Assert.Contains("study.db is not a study's store", Cli.Run("study", "merge", At("target"), At("empty")).RefusedWith());
        Assert.False(Directory.Exists(At("target")));
    }

    [Fact]
    public void A_store_of_a_newer_format_is_refused()
    {
        RunStudy("new");
        StoreSql.Execute(At("new"), "UPDATE study SET value = '99' WHERE key = 'format'");
        Assert.Contains("is of format 99, written by a newer version; this one reads up to 2",
            Cli.Run("study", "merge", At("target"), At("new")).RefusedWith());
        Assert.False(Directory.Exists(At("target")));
        Assert.Contains("is of format 99", Cli.Run("study", "run", At("new"), "--json").RefusedWith());
        Assert.Contains("is of format 99", Cli.Run("study", "status", At("new")).RefusedWith());
    }

    public void Dispose() => _folder.Dispose();

    private string At(string name) => _folder.At(name);

    private void RunStudy(string name, params string[] more)
    {
        if (!File.Exists(At("study.json")))
        {
            File.WriteAllText(At("study.json"), """
                {
                  "name": "merge",
                  "grid": {
                    "task": "temporal-order", "length": 10, "method": ["sgd-c", "sgd-cr"], "seed": "1..3", "hidden": 8,
                    "curriculum": "none",
                    "updates": 20, "check-every": 10, "validation": 20
                  }
                }
                """);
        }

        CliResult run = Cli.Run(["study", "run", At("study.json"), "--out", At(name), "--jobs", "1", "--json", .. more]);
        Assert.True(run.Code == ExitCode.Success, run.Error);
    }

    private string Json(params string[] args)
    {
        CliResult run = Cli.Run(["study", .. args, "--jobs", "1", "--json"]);
        Assert.True(run.Code == ExitCode.Success, run.Error);
        return run.Out;
    }

    private string Export(string name) => Cli.Run("study", "export", At(name)).Out;
}
