using System.Globalization;
using Microsoft.Data.Sqlite;
using Unroll.Cli.Study;
using Unroll.Studies;
using Unroll.Training;

namespace Unroll.Cli.Tests.Studies;

/// <summary>Statements on a store behind the program's back.</summary>
internal static class StoreSql
{
    public static SqliteConnection Open(string folder)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(folder, StudyStore.FileName)};Pooling=False");
        connection.Open();
        return connection;
    }

    public static void Execute(this SqliteConnection connection, string text)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    public static void Execute(string folder, string text)
    {
        using SqliteConnection connection = Open(folder);
        connection.Execute(text);
    }

    /// <summary>
    /// The same, and takes the checksums away, as in a store from before there were any: what was changed is then read as it is.
    /// </summary>
    public static void Forge(string folder, string text) => Execute(folder, $"{text}; DELETE FROM checksum");
}

public class StudyStoreTests
{
    private static readonly StudyDefinition Study = StudyReader.Read("s.json", """{"grid": {"seed": "1..2"}}""");

    [Fact]
    public void What_is_put_in_comes_out()
    {
        using var folder = new TempFolder();
        Trial[] trials = [TestStudies.Trial(0, "a", 1), TestStudies.Trial(1, "a", 2), TestStudies.Trial(2, "b", 1)];
        var check = new CurvePoint(20, 0.5, 1.5, double.NaN, 0.25, double.PositiveInfinity, 0, double.NaN, 0.5, 1);
        TrialResult solved = TestStudies.Result(true) with
        {
            Sustained = 30,
            BestError = 0.1,
            BestLoss = 1.0 / 3,
            BestUpdate = 20,
            Seconds = 1.25,
            FirstHitSeconds = 0.75,
            TestSeconds = 0.5,
            Message = "it's \"so\"",
            Checks = [check],
            Tests = [new("x9", 7, 0.5, null, double.NaN), new("10", 8, null, 0.25, 1.0 / 7)],
        };
        TrialResult bad = TestStudies.Result(false) with { Outcome = TrainingOutcome.NonFinite };
        using (StudyStore store = StudyStore.OpenToWrite(folder.At("")))
        {
            store.SetTrials(Study, trials);
            store.SetValue("key", "one");
            store.SetValue("key", "two");
            store.Finish(trials[0].Hash, solved);
            store.Finish(trials[2].Hash, bad);
        }

        using StudyStore read = StudyStore.OpenToRead(folder.At(""));
        Assert.Equal(Study.ToJson(), read.Definition().ToJson());
        Assert.Equal(("two", null), (read.Value("key"), read.Value("none")));
        List<StoredTrial> stored = read.Trials();
        Assert.Equal(trials.Select(trial => (trial.Hash, trial.Position, trial.Name, trial.Cell, trial.Replicate, trial.Cost)),
            stored.Select(trial => (trial.Hash, trial.Position, trial.Name, trial.Cell, trial.Replicate, trial.Cost)));
        Assert.Equal(("addition", "10", "1", "0.9"),
            (stored[0].Options["task"], stored[0].Options["length"], stored[0].Options["hidden"], stored[0].Options["momentum"]));
        Assert.Equal(solved with { Checks = [], Tests = [] }, stored[0].Result! with { Checks = [], Tests = [] });
        Assert.Equal(solved.Tests, stored[0].Result!.Tests);
        Assert.Equal(solved.Numbers(), stored[0].Result!.Numbers());
        Assert.Null(stored[1].Result);
        Assert.Equal(bad with { Checks = [], Tests = [] }, stored[2].Result! with { Checks = [], Tests = [] });
        Assert.Equal([check], read.Checks(trials[0].Hash));
        Assert.Empty(read.Checks(trials[1].Hash));
        Assert.Equal([new CellCount("cell=a", 2, 1, 1, 1.25, "addition"), new CellCount("cell=b", 1, 1, 0, 0, "addition")],
            read.Counts().Cells);
    }

    [Fact]
    public void A_store_of_a_newer_format_is_refused_by_its_number_and_left_alone()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight()), study = folder.At("study");
        StudyStore.OpenToWrite(Directory.CreateDirectory(study).FullName).Dispose();
        StoreSql.Execute(study,
            "UPDATE study SET value = '7' WHERE key = 'format'; DROP TABLE curve; PRAGMA journal_mode = DELETE");
        byte[] before = File.ReadAllBytes(Path.Combine(study, StudyStore.FileName));
        foreach (string[] args in (string[][])[["run", file, "--out", study], ["run", study], ["status", study], ["show", study],
            ["export", study]])
            Assert.Contains("study.db is of format 7, written by a newer version; this one reads up to 2.",
                Cli.Run(["study", .. args]).RefusedWith());
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(study, StudyStore.FileName)));
    }

    [Fact]
    public void Another_programs_database_is_refused_and_left_alone()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight()), study = Directory.CreateDirectory(folder.At("study")).FullName;
        StoreSql.Execute(study, "CREATE TABLE bookmark (url TEXT)");
        byte[] before = File.ReadAllBytes(Path.Combine(study, StudyStore.FileName));
        foreach (string[] args in (string[][])[["run", file, "--out", study], ["status", study]])
            Assert.Contains("study.db is not a study's store.", Cli.Run(["study", .. args]).RefusedWith());
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(study, StudyStore.FileName)));
    }

    [Theory]
    [InlineData("this is no database, but it is longer than the sixteen bytes of its magic number")]
    [InlineData("short")]
    public void A_file_that_is_no_database_is_refused_and_left_alone(string content)
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight()), study = Directory.CreateDirectory(folder.At("study")).FullName;
        File.WriteAllText(Path.Combine(study, StudyStore.FileName), content);
        foreach (string[] args in (string[][])[["run", file, "--out", study], ["run", study], ["status", study], ["show", study],
            ["export", study]])
            Assert.Contains("study.db is damaged, or not a study's store.", Cli.Run(["study", .. args]).RefusedWith());
        Assert.Equal(content, File.ReadAllText(Path.Combine(study, StudyStore.FileName)));
    }

    [Fact]
    public void A_store_that_was_only_just_made_is_no_study_yet_and_becomes_one()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight()), study = Directory.CreateDirectory(folder.At("study")).FullName;
        File.WriteAllText(Path.Combine(study, StudyStore.FileName), ""); // killed between the file and its first table
        Assert.Contains("holds no study yet", Cli.Run("study", "status", study).RefusedWith());
        StudyStore.OpenToWrite(study).Dispose();
        Assert.Contains("holds no study yet", Cli.Run("study", "run", study).RefusedWith());
        Assert.Contains("holds no study yet", Cli.Run("study", "status", study).RefusedWith());
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, study).Code);
    }

    [Fact]
    public void A_damaged_curve_is_one_sentence()
    {
        using var folder = new TempFolder();
        string study = folder.At("study");
        Assert.Equal(ExitCode.Success, TestStudies.Run(folder.Write(TestStudies.Eight()), study).Code);
        StoreSql.Forge(study, "UPDATE curve SET data = substr(data, 1, 20)");
        CliResult show = Cli.Run("study", "show", study, "lr=0.02 method=sgd-c seed=1");
        Assert.Equal(ExitCode.BadInput, show.Code);
        Assert.Contains("study.db is damaged: it has a curve that is cut short for the trial",
            Assert.Single(show.Error.TrimEnd().Split('\n')));
        StoreSql.Forge(study, "UPDATE curve SET points = -1");
        Assert.Contains("the curve's points of the trial", Cli.Run("study", "show", study, "lr=0.02 method=sgd-c seed=1").Error);
    }

    [Fact]
    public void A_store_that_another_program_has_locked_is_waited_for_and_then_named()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight()), study = folder.At("study");
        var hurry = new Dictionary<string, string> { [StudyOptions.LockVariable] = "1" };
        Assert.Equal(ExitCode.Success, TestStudies.Run(file, folder.At("whole")).Code);
        SqliteConnection? other = null;
        CliResult locked = TestStudies.RunWatched(
            (line, _) =>
            {
                if (!line.StartsWith("[3/8]", StringComparison.Ordinal)) return;
                other = StoreSql.Open(study);
                other.Execute("BEGIN EXCLUSIVE");
            },
            hurry, "study", "run", file, "--out", study, "--jobs", "1");
        Assert.Equal(ExitCode.Machine, locked.Code);
        Assert.EndsWith("study.db is locked by another program; wait until it ends, or close it.\n", locked.Error);
        Assert.Single(locked.Error.TrimEnd().Split('\n'));
        Assert.Equal(3, TestStudies.Results(study).Count(line => !line.Contains("not finished")));
        Assert.Contains("is locked by another program", Cli.RunIn(hurry, "study", "run", file, "--out", study).FailedWith());
        Assert.Equal(ExitCode.Success, Cli.Run("study", "status", study).Code);
        other!.Dispose();

        CliResult again = TestStudies.Run(file, study);
        Assert.Equal((ExitCode.Success, 5), (again.Code, again.OutLines.Count(line => line.StartsWith('['))));
        Assert.Equal(TestStudies.Results(folder.At("whole")), TestStudies.Results(study));
    }

    [Fact]
    public void A_lock_that_is_soon_gone_is_only_waited_for()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight()), study = folder.At("study");
        CliResult run = TestStudies.RunWatched(
            (line, _) =>
            {
                if (!line.StartsWith("[3/8]", StringComparison.Ordinal)) return;
                SqliteConnection other = StoreSql.Open(study);
                other.Execute("BEGIN EXCLUSIVE");
                new Thread(() =>
                {
                    Thread.Sleep(300);
                    other.Dispose();
                }).Start();
            },
            "study", "run", file, "--out", study, "--jobs", "1");
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
    }

    [Fact]
    public void Numbers_in_a_store_are_whole()
    {
        using var folder = new TempFolder();
        Trial trial = TestStudies.Trial(0, "a", 1);
        using StudyStore store = StudyStore.OpenToWrite(folder.At(""));
        store.SetTrials(Study, [trial]);
        TrialResult result = TestStudies.Result(true) with
        {
            Updates = long.MaxValue,
            BestLoss = double.Epsilon,
            BestError = 0.1 + 0.2,
        };
        store.Finish(trial.Hash, result);
        Assert.Equal(result.Numbers(), store.Trials()[0].Result!.Numbers());
        Assert.Contains(long.MaxValue.ToString(CultureInfo.InvariantCulture), result.Numbers());
    }
}
