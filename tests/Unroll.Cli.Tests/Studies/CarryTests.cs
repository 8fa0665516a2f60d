using System.Text;
using Unroll.Studies.Runs;

namespace Unroll.Cli.Tests.Studies;

/// <summary>The store alone is the study: looked at, drawn from and gone on with on another machine.</summary>
public sealed class CarryTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void An_exported_store_is_one_file_with_everything_and_is_looked_at_as_it_is()
    {
        RunAll("whole");
        string[] results = TestStudies.Results(At("whole"));
        CliResult export = Cli.Run("study", "export", At("whole"), "--store", At("kept.db"));
        Assert.Equal((ExitCode.Success, "", ""), (export.Code, export.Out, export.Error));
        Assert.Equal([1, 1], File.ReadAllBytes(At("kept.db"))[18..20]); // SQLite's format of a file without a write-ahead log
        byte[] before = File.ReadAllBytes(At("kept.db"));
        Assert.Equal(results, TestStudies.Results(At("kept.db")));
        foreach (string verb in (string[])["status", "show", "export"])
            Assert.Equal(Timeless(Cli.Run("study", verb, At("whole")).Out), Timeless(Cli.Run("study", verb, At("kept.db")).Out));
        Assert.Contains("name the page with --out", Cli.Run("study", "report", At("kept.db")).RefusedWith());
        Assert.Equal(ExitCode.Success, Cli.Run("study", "report", At("kept.db"), "--out", At("page.html")).Code);
        Assert.Equal(before, File.ReadAllBytes(At("kept.db")));
        // nothing beside it, no temporary name left
        Assert.Equal([At("kept.db")], Directory.GetFiles(Path.GetDirectoryName(At("x"))!, "*kept.db*"));

        Assert.Equal(ExitCode.Success, Cli.Run("study", "export", At("whole"), "--store", At("kept.db")).Code); // replaces it
        Assert.Contains("hash,name", Cli.Run("study", "export", At("whole"), "--store", At("kept.db"), "--csv").Out);
    }

    [Fact]
    public void A_folder_of_the_store_alone_goes_on_with_what_is_left()
    {
        RunAll("whole");
        Assert.Equal(ExitCode.Unsolved, Cli.Run("study", "run", Study(), "--out", At("part"), "--jobs", "1", "--only",
            "method=sgd-c", "--session", "0.0000001").Code);
        Assert.Equal(ExitCode.Success, TestStudies.Run(Study(), At("part"), "--only", "method=sgd-c").Code);
        Cli.Run("study", "export", At("part"), "--store", At("kept.db"));

        Directory.CreateDirectory(At("copied"));
        File.Copy(At("kept.db"), At("copied/study.db"));
        Assert.Contains("merged 4 trials", Cli.Run("study", "merge", At("merged"), At("kept.db")).Out);
        foreach (string folder in (string[])["copied", "merged"])
        {
            string[] ran = [.. Cli.Run("study", "run", At(folder), "--jobs", "1",
                "--json").OutLines.Where(line => line.Contains("\"event\":\"trial\"", StringComparison.Ordinal))];
            Assert.Equal(4, ran.Length);
            Assert.All(ran, line => Assert.Contains("method=sgd-cr", line));
            Assert.Equal(TestStudies.Results(At("whole")), TestStudies.Results(At(folder)));
        }

        Assert.Contains($"unroll study merge DIR {At("kept.db")}", Cli.Run("study", "run", At("kept.db")).RefusedWith());
    }

    [Fact]
    public void Results_of_another_instruction_set_are_kept_and_told()
    {
        RunAll("whole");
        Assert.DoesNotContain("instruction sets",
            Cli.Run("study", "status", At("whole")).Out + Cli.Run("study", "show", At("whole")).Out);
        StoreSql.Forge(At("whole"),
            "UPDATE trial SET kernel = 'other' WHERE name LIKE '%seed=1'; UPDATE trial SET outcome = NULL WHERE position = 7");
        string[] before = TestStudies.Results(At("whole"));
        CliResult run = TestStudies.Run(At("whole/study.json"), At("whole"));
        Assert.Single(run.OutLines, line => line.StartsWith("[8/8]", StringComparison.Ordinal));
        Assert.Equal(before[..7], TestStudies.Results(At("whole"))[..7]);
        string[] sets = ["other (4 trials)", $"{RunRecord.PresentKernel()} (4 trials)"];
        string mixed = "made on 2 instruction sets, whose bits differ: "
            + $"{string.Join(", ", sets.Order(StringComparer.Ordinal))}\n";
        Assert.Contains(mixed, Cli.Run("study", "status", At("whole")).Unfolded);
        Assert.Contains("made on 2 instruction sets", Cli.Run("study", "show", At("whole")).Out);
    }

    [Fact]
    public void What_cannot_be_exported_is_refused_and_leaves_nothing()
    {
        RunAll("whole");
        Assert.Contains("is the study's own store", Cli.Run("study", "export", At("whole"), "--store", At("whole/study.db"))
            .RefusedWith());
        Assert.Contains("is a folder", Cli.Run("study", "export", At("whole"), "--store", At("whole")).RefusedWith());
        Assert.Contains($"{At("none/kept.db")} could not be",
            Cli.Run("study", "export", At("whole"), "--store", At("none/kept.db")).RefusedWith());
        Assert.Contains("--store needs", Cli.Run("study", "export", At("whole"), "--store", "").RefusedWith());
        File.WriteAllText(At("text.db"), new StringBuilder().Append("no store").ToString());
        Assert.Contains("damaged, or not a study's store", Cli.Run("study", "show", At("text.db")).RefusedWith());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("{}")]
    public void Options_that_cannot_be_read_are_named_by_their_trial(string options)
    {
        RunAll("whole");
        StoreSql.Forge(At("whole"), $"UPDATE trial SET options = '{options}' WHERE position = 0");
        foreach (string verb in (string[])["show", "export", "report"])
            Assert.Contains("study.db is damaged: the options of the trial ", Cli.Run("study", verb, At("whole")).RefusedWith());
        Assert.Equal(ExitCode.Success, Cli.Run("study", "status", At("whole")).Code);
    }

    public void Dispose() => _folder.Dispose();

    private static string Timeless(string text) => System.Text.RegularExpressions.Regex.Replace(text, @"\d+\.\d+(E-\d+)? *", "");

    private string At(string name) => _folder.At(name);

    private string Study() => _folder.Write(TestStudies.Eight());

    private void RunAll(string name)
    {
        CliResult run = TestStudies.Run(Study(), At(name));
        Assert.True(run.Code == ExitCode.Success, run.Error);
        File.Copy(At("study.json"), At($"{name}/study.json"));
    }
}
