namespace Unroll.Cli.Tests.Studies;

/// <summary>Every refusal of a study is exit 2 and one sentence, and leaves no folder behind.</summary>
public class StudyBadInputTests
{
    [Theory]
    [InlineData("study", "unroll study needs a command: run, status, show, export, report, merge")]
    [InlineData("study rnu x", "did you mean run")]
    [InlineData("study run", "unroll study run needs STUDY; see unroll study run --help")]
    [InlineData("study run fig7 --jbos 2", "unroll study run has no option --jbos; did you mean --jobs?")]
    [InlineData("study status a b", "unroll study status does not take the argument 'b'")]
    [InlineData("study run fgi7", "There is no study 'fgi7': it is no file or folder; did you mean fig7 (of ")]
    [InlineData("study run additon", "did you mean addition (of ")]
    [InlineData("study run none.json", "The study file none.json does not exist.")]
    [InlineData("study run fig7 --scale hugh", "--scale has no value 'hugh'; did you mean ")]
    [InlineData("study run addition --scale smoke", "--scale is for the built-in studies (fig7, ")]
    [InlineData("study run addition --out", "--out needs a value")]
    [InlineData("study status none", "The folder none holds no study: it does not exist.")]
    [InlineData("study show none", "The folder none holds no study")]
    public void A_command_that_names_nothing_is_refused(string args, string expected) =>
        Assert.Contains(expected, Cli.Run(args.Split(' ')).RefusedWith());

    [Theory]
    [InlineData("--set", "lr", "--set 'lr' has no value; write OPTION=VALUE or OPTION=VALUE,VALUE,... such as lr=0.1,0.01.")]
    [InlineData("--set", "=3", "--set '=3' has no value")]
    [InlineData("--set", "lr=", "--set: a value is empty")]
    [InlineData("--set", "lr=0.1,,0.2", "--set: a value is empty")]
    [InlineData("--set", "lr=0.1,0.1", "--set: the value 0.1 stands there twice")]
    [InlineData("--set", "rl=3", "--set: there is no option 'rl'; did you mean 'lr'?")]
    [InlineData("--set", "threads=2", "'threads' is not an option of a trial, but of the whole run")]
    [InlineData("--set", "hidden=0", "hidden 0 must lie in 1..16384")]
    [InlineData("--set", "method=sgd,sdg", "at lr=0.02 method=sdg seed=1: method has no value 'sdg'")]
    [InlineData("--set", "seed=3..1", "'3..1' is not a range")]
    [InlineData("--sample", "0", "--sample 0 must lie in 1..100000")]
    [InlineData("--sample", "few", "--sample 'few' is not a whole number")]
    [InlineData("--sample-seed", "3", "--sample-seed has no effect without --sample")]
    [InlineData("--jobs", "0", "--jobs 0 must lie in 1..1024")]
    [InlineData("--session", "0", "--session 0 must be a finite number above 0 of at most 70000")]
    [InlineData("--session", "70001", "--session 70001 must be a finite number above 0 of at most 70000")]
    [InlineData("--session", "inf", "--session inf must be a finite number")]
    [InlineData("--shard", "3", "--shard '3' is not a shard")]
    public void An_option_that_makes_no_sense_is_refused(string option, string value, string expected)
    {
        using var folder = new TempFolder();
        Assert.Contains(expected, Cli.Run("study", "run", folder.Write(TestStudies.Eight()), "--out", folder.At("study"), option,
            value).RefusedWith());
        Assert.False(Directory.Exists(folder.At("study")));
    }

    [Fact]
    public void Two_values_of_one_option_may_not_be_the_same()
    {
        using var folder = new TempFolder();
        Assert.Contains("--set gives lr a value twice", TestStudies.Run(folder.Write(TestStudies.Eight()), folder.At("study"),
            "--set", "lr=1", "--set", "lr=2,1").RefusedWith());
    }

    [Theory]
    [InlineData("{\"grid\": {\"hiden\": 5}}", "study.json, grid: there is no option 'hiden'; did you mean 'hidden'?")]
    [InlineData("{\"grid\": {\"lr\": []}}", "study.json, grid, lr: the list is empty")]
    [InlineData("{\"grid\": {}}", "study.json, grid is empty")]
    [InlineData("{\"grid\": []}", "nothing to train")]
    [InlineData("{\"grid\": {\"lr\": [0.1, {}]}}", "study.json, grid, lr: {} is neither a text nor a number")]
    [InlineData("{\"grid\": {\"hidden\": [5, 99999]}}", "The study study, at hidden=99999: hidden 99999 must lie in 1..16384")]
    [InlineData("{\"grid\": {\"threads\": 2}}", "'threads' is not an option of a trial")]
    [InlineData("{\n \"grid\": {\n  \"lr\": 1 \"omega\": 2\n}}", "study.json, line 3: this is not JSON")]
    [InlineData("{\"grid\": {\"seed\": \"1..99999\", \"batch\": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]}}",
        "a grid of more than 1,000,000 trials; draw some with \"sample\" (--sample)")]
    [InlineData("{\"grid\": {\"lr\": {\"from\": 1, \"to\": 2}}}", "'lr' is an interval, which only random search can draw from")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"test\": {\"lengths\": [3]}}", "the test at length 3: ")]
    public void A_study_that_cannot_be_is_refused_with_the_place(string text, string expected)
    {
        using var folder = new TempFolder();
        Assert.Contains(expected, TestStudies.Run(folder.Write(text), folder.At("study")).RefusedWith());
        Assert.False(Directory.Exists(folder.At("study")));
    }

    [Fact]
    public void A_file_too_large_to_be_a_study_is_not_read()
    {
        using var folder = new TempFolder();
        using (FileStream large = File.Create(folder.At("large.json"))) large.SetLength((16 << 20) + 1);
        Assert.Contains("large.json is larger than 16 MiB",
            TestStudies.Run(folder.At("large.json"), folder.At("study")).RefusedWith());
    }

    [Fact]
    public void A_place_where_no_study_can_be_is_refused()
    {
        using var folder = new TempFolder();
        string file = folder.Write(TestStudies.Eight()), run = folder.At("run");
        Assert.Contains("is a file; a study needs a folder", TestStudies.Run(file, file).RefusedWith());
        Assert.Contains("could not be made", TestStudies.Run(file, file + "/study").RefusedWith());
        Assert.Contains("--out needs the name of a folder", TestStudies.Run(file, "").RefusedWith());
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", "--updates", "1", "--out", run, .. Cli.Small]).Code);
        string[] before = [.. Directory.GetFiles(run).Order()];
        Assert.Contains("holds a run of unroll train; a study needs a folder of its own",
            TestStudies.Run(file, run).RefusedWith());
        Assert.Contains("holds no study", Cli.Run("study", "run", run).RefusedWith());
        Assert.Equal(before, Directory.GetFiles(run).Order());
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs /proc, where nobody can make a folder");
        Assert.Contains("/proc/unroll", TestStudies.Run(file, "/proc/unroll").RefusedWith());
    }
}
