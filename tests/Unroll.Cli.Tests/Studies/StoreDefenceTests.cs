using System.Diagnostics;
using Unroll.Cli.Tests.Fuzz;
using Unroll.Studies;

namespace Unroll.Cli.Tests.Studies;

/// <summary>Stores of others: what is none of ours is refused before it is asked, and damage is told by trial.</summary>
public sealed class StoreDefenceTests : IDisposable
{
    private const string Endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r)";
    private readonly TempFolder _folder = new();

    public StoreDefenceTests() => StoreMutation.Make(Study);

    private string Study => _folder.At("study");

    private string Db => Path.Combine(Study, StudyStore.FileName);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("../../good")]
    [InlineData("/tmp/good")]
    [InlineData("0123456789abcdef0123456")]
    [InlineData("0123456789ABCDEF01234567")]
    [InlineData("0123456789abcdef0123456\n")]
    [InlineData("")]
    public void A_trial_that_is_called_otherwise_than_a_hash_writes_nothing(string hash)
    {
        // As in a folder of results that somebody sent: the trial's run lies where its name leads, outside of the folder.
        Directory.CreateDirectory(_folder.At("victim/runs/good"));
        Directory.CreateDirectory(_folder.At("good"));
        Directory.CreateDirectory(Path.Combine(Study, "trials"));
        File.WriteAllText(_folder.At("victim/runs/good/best.safetensors"), "precious");
        File.WriteAllText(_folder.At("good/best.safetensors"), "EVIL");
        foreach (string table in (string[])["trial", "curve", "test"])
            StoreSql.Forge(Study,
                $"UPDATE {table} SET hash = '{hash}' WHERE hash = (SELECT MIN(hash) FROM trial WHERE outcome IS NOT NULL)");
        foreach (string[] args in (string[][])[["merge", _folder.At("victim/runs/target"), Study], ["show", Study],
            ["status", Study], ["run", Study]])
            Assert.Contains("which is not 24 hexadecimal digits", Cli.Run(["study", .. args]).RefusedWith());
        Assert.Equal("precious", File.ReadAllText(_folder.At("victim/runs/good/best.safetensors")));
        Assert.False(Directory.Exists(_folder.At("victim/runs/target")));
        Assert.Throws<ArgumentException>(() => StudyRunner.TrialFolder("s", hash));
    }

    [Fact]
    public void A_run_that_is_a_link_or_a_pipe_is_not_merged()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs symbolic links");
        string hash = Hash();
        string run = Directory.CreateDirectory(StudyRunner.TrialFolder(Study, hash)).FullName,
            model = Path.Combine(run, "best.safetensors");
        File.WriteAllText(_folder.At("secret"), "secret");
        File.CreateSymbolicLink(model, _folder.At("secret"));
        Assert.Contains("is a link to another file, so nothing was merged",
            Cli.Run("study", "merge", _folder.At("target"), Study).RefusedWith());
        File.Delete(model);
        Process.Start("mkfifo", [model]).WaitForExit();
        Assert.Contains("is not a file, so nothing was merged",
            Cli.Run("study", "merge", _folder.At("target"), Study).RefusedWith());
        Assert.False(Directory.Exists(_folder.At("target")));
        File.Delete(model);
        File.WriteAllText(model, "a model");
        Assert.Equal(ExitCode.Success, Cli.Run("study", "merge", _folder.At("target"), Study).Code);
        Assert.Equal("a model",
            File.ReadAllText(Path.Combine(StudyRunner.TrialFolder(_folder.At("target"), hash), "best.safetensors")));
    }

    [Theory]
    [InlineData($"ALTER TABLE trial RENAME TO t; CREATE VIEW trial AS {Endless} SELECT t.* FROM t, r",
        "the table 't', which no study has")]
    [InlineData($"ALTER TABLE study RENAME TO s; CREATE VIEW study AS {Endless} SELECT 'format' AS key, '1' AS value FROM r",
        "is not a study's store")]
    [InlineData("CREATE TRIGGER evil AFTER UPDATE ON trial BEGIN DELETE FROM trial; END",
        "the trigger 'evil', which no study has")]
    [InlineData("CREATE VIRTUAL TABLE words USING fts5(text)", "which no study has")]
    [InlineData("ALTER TABLE trial ADD COLUMN more TEXT GENERATED ALWAYS AS (name || name)", "the table 'trial' in another form")]
    [InlineData("CREATE INDEX \"a\u001b[31m\" ON trial (name)", "the index 'a\\u001B[31m', which no study has")]
    [InlineData("DROP TABLE test", "lacks the table test")]
    [InlineData("DROP TABLE checksum", "lacks the table checksum")]
    [InlineData("UPDATE study SET value = '1' WHERE key = 'format'", "the table 'checksum', which no study has")]
    [InlineData("UPDATE study SET value = '0' WHERE key = 'format'", "is not a study's store")]
    public void Another_schema_is_refused_at_once_and_left_alone(string change, string expected)
    {
        StoreSql.Execute(Study, change);
        byte[] before = File.ReadAllBytes(Db);
        long started = Stopwatch.GetTimestamp();
        foreach (string[] args in (string[][])[["status", Study], ["show", Study],
            ["export", Study, "--store", _folder.At("copy.db")], ["report", Study], ["merge", _folder.At("target"), Study],
            ["run", Study]])
            Assert.Contains(expected, Cli.Run(["study", .. args]).RefusedWith());
        Assert.True(Stopwatch.GetElapsedTime(started).TotalSeconds < 20, "it was asked all the same");
        Assert.Equal(before, File.ReadAllBytes(Db));
        Assert.Equal([StudyStore.FileName], Directory.GetFileSystemEntries(Study).Select(Path.GetFileName).Where(name =>
            name != ".lock"));
    }

    [Theory]
    [InlineData("updates = -1", "the updates of the trial ", "is -1 where a whole number of at least 0 is expected")]
    [InlineData("updates = 1e300", "the updates of the trial ", "is 1E+300 where a whole number of at least 0 is expected")]
    [InlineData("position = 9223372036854775807", "the position of the trial ",
        "where a whole number from 0 to 2147483647 is expected")]
    [InlineData("seconds = 1e308", "the seconds of the trial ", "where a finite number of at least 0 is expected")]
    [InlineData("best_error = 'x'", "the best_error of the trial ", "is 'x' where a number is expected")]
    [InlineData("name = x'00ff'", "the name of the trial ", "is 2 bytes where a text is expected")]
    [InlineData("outcome = 'evil'", "the outcome of the trial ", "is 'evil' where one of solved, ")]
    [InlineData("name = 'a'", "two of its trials have the name 'a'", "")]
    [InlineData("options = '{\"task\":null}'", "the options of the trial ", "cannot be read")]
    public void A_value_that_cannot_be_is_told_by_trial_and_column(string change, string where, string what)
    {
        StoreSql.Forge(Study, $"UPDATE trial SET {change} WHERE outcome IS NOT NULL");
        foreach (string[] args in (string[][])[["show", Study], ["export", Study], ["report", Study],
            ["merge", _folder.At("target"), Study]])
        {
            string sentence = Cli.Run(["study", .. args]).RefusedWith();
            Assert.Contains($"study.db is damaged: {where}", sentence);
            Assert.Contains(what, sentence);
        }
    }

    [Theory]
    [InlineData("UPDATE trial SET updates = 21 WHERE outcome IS NOT NULL", "the trial ")]
    [InlineData("UPDATE trial SET options = replace(options, 'constant', 'constaNt')", "the trial ")]
    [InlineData("UPDATE trial SET cost = cost + 1", "the trial ")]
    [InlineData("UPDATE test SET loss = 2", "the trial ")]
    [InlineData("DELETE FROM test", "the trial ")]
    [InlineData("DELETE FROM trial WHERE outcome IS NOT NULL", "it has a checksum of the trial ")]
    [InlineData("UPDATE study SET value = replace(value, '\"10\"', '\"11\"') WHERE key = 'definition'",
        "the study's value 'definition' does not match")]
    [InlineData("DELETE FROM study WHERE key = 'definition'", "it has a checksum of the study's value 'definition'")]
    [InlineData("UPDATE checksum SET crc = crc + 1 WHERE part = 'trial'", "the trial ")]
    public void What_was_altered_is_found_by_its_checksum(string change, string expected)
    {
        Assert.Equal(ExitCode.Success, Cli.Run("study", "export", Study).Code);
        StoreSql.Execute(Study, change);
        foreach (string[] args in (string[][])[["export", Study], ["export", Study, "--store", _folder.At("copy.db")],
            ["report", Study], ["run", Study]])
            Assert.Contains(expected, Cli.Run(["study", .. args]).RefusedWith());
        Assert.False(File.Exists(_folder.At("copy.db")));
    }

    [Theory]
    [InlineData("UPDATE curve SET points = 1", "the curve of the trial ")]
    [InlineData("DELETE FROM curve", "the curve of the trial ")]
    public void An_altered_curve_is_found_where_it_is_read(string change, string expected)
    {
        StoreSql.Execute(Study, change);
        Assert.Equal(ExitCode.Success, Cli.Run("study", "show", Study).Code);
        foreach (string[] args in (string[][])[["export", Study, "--checks", _folder.At("checks.csv")],
            ["export", Study, "--store", _folder.At("copy.db")], ["show", Study, "method=sgd seed=1"], ["report", Study]])
            Assert.Contains(expected, Cli.Run(["study", .. args]).RefusedWith());
    }

    [Theory]
    [InlineData("fig7", "fig7.db", "updates")]
    [InlineData("fig7", "fig7.db", "length")]
    [InlineData("pathological", "pathological.db", "validation")]
    [InlineData("table2", "table2.db", "data")]
    [InlineData("table2", "table2.db", "ahead")]
    public void A_figure_is_not_drawn_of_options_that_cannot_be(string name, string store, string option)
    {
        string folder = Directory.CreateDirectory(_folder.At("figure")).FullName;
        File.Copy(Path.Combine(Unroll.Tests.RepositoryRoot.Path, "docs/results", store),
            Path.Combine(folder, StudyStore.FileName));
        foreach (string change in (string[])[$"json_set(options, '$.{option}', 'evil')", $"json_remove(options, '$.{option}')"])
        {
            StoreSql.Execute(folder, $"UPDATE trial SET options = {change}");
            CliResult drawn = Cli.Run("reproduce", name, "--draw", "--out", folder);
            Assert.True(drawn.Code is ExitCode.Success or ExitCode.BadInput, drawn.Error);
            if (drawn.Code == ExitCode.BadInput)
                Assert.Contains("study.db is damaged: its trials have not the options", drawn.RefusedWith());
        }
    }

    [Fact]
    public void No_flipped_bit_gives_another_export_in_silence()
    {
        byte[] good = File.ReadAllBytes(Db);
        string expected = Everything();
        var random = new Random(17);
        int found = 0;
        for (int i = 0; i < 80; i++)
        {
            byte[] bad = [.. good];
            bad[random.Next(100, bad.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(Db, bad);
            CliResult export = Cli.Run("study", "export", Study, "--out", _folder.At("all.csv"), "--checks",
                _folder.At("checks.csv"));
            if (export.Code == ExitCode.Success)
                Assert.Equal(expected, File.ReadAllText(_folder.At("all.csv")) + File.ReadAllText(_folder.At("checks.csv")));
            else found += export.RefusedWith().Length > 0 ? 1 : 0;
        }

        Assert.InRange(found, 5, 80);

        string Everything()
        {
            Assert.Equal(ExitCode.Success, Cli.Run("study", "export", Study, "--out", _folder.At("all.csv"), "--checks",
                _folder.At("checks.csv")).Code);
            return File.ReadAllText(_folder.At("all.csv")) + File.ReadAllText(_folder.At("checks.csv"));
        }
    }

    [Fact]
    public void A_store_of_before_there_were_checksums_is_read_and_said_to_be_without_and_goes_on()
    {
        StoreSql.Execute(Study, "DROP TABLE checksum; UPDATE study SET value = '1' WHERE key = 'format'");
        CliResult status = Cli.Run("study", "status", Study), show = Cli.Run("study", "show", Study);
        Assert.Contains("none of the 3 finished trials has a checksum: they were made before stores had any", status.Unfolded);
        Assert.Contains("none of the 3 finished trials has a checksum", show.Unfolded);
        Assert.Contains("\"without_checksum\":3", Cli.Run("study", "status", Study, "--json").Out);
        Assert.Equal(ExitCode.Success, Cli.Run("study", "run", Study, "--jobs", "1").Code);
        Assert.Contains("3 of the 4 finished trials have no checksum", Cli.Run("study", "status", Study).Out);
        Assert.Contains("merged 4 trials", Cli.Run("study", "merge", _folder.At("all"), Study).Out);
        Assert.DoesNotContain("checksum", Cli.Run("study", "status", _folder.At("all")).Out);
        StoreSql.Execute(_folder.At("all"), "UPDATE trial SET updates = 7");
        Assert.Contains("does not match its checksum", Cli.Run("study", "show", _folder.At("all")).RefusedWith());
    }

    [Fact]
    public void The_stores_of_the_documented_results_are_read_and_go_on()
    {
        string[] withoutChecksums = ["fig7", "holds", "pathological", "table2"];
        string[] stores = Directory.GetFiles(Path.Combine(Unroll.Tests.RepositoryRoot.Path, "docs/results"), "*.db");
        Assert.Empty(withoutChecksums.Except(stores.Select(Path.GetFileNameWithoutExtension)));
        foreach (string store in stores)
        {
            string name = Path.GetFileNameWithoutExtension(store)!, copy = _folder.At(name);
            Assert.Equal(
                withoutChecksums.Contains(name),
                Cli.Run("study", "status", store).Unfolded.Contains("before stores had any", StringComparison.Ordinal));
            Directory.CreateDirectory(copy);
            File.Copy(store, Path.Combine(copy, StudyStore.FileName));
            StudyStore.OpenToWrite(copy).Dispose();
            string[] Lines(string of) => Cli.Run("study", "export", of).OutLines;
            Assert.Equal(Lines(store), Lines(copy));
        }
    }

    private string Hash()
    {
        using StudyStore store = StudyStore.OpenToRead(Study);
        return store.Trials()[0].Hash;
    }
}
