namespace Unroll.Cli.Tests;

public class UnrollCommandTests
{
    [Fact]
    public void The_version_is_the_packages()
    {
        CliResult version = Cli.Run("--version");
        Assert.Equal(ExitCode.Success, version.Code);
        Assert.Matches(@"^\d+\.\d+\.\d+\S*\n$", version.Out);
    }

    [Fact]
    public void No_command_shows_which_there_are()
    {
        CliResult alone = Cli.Run();
        Assert.Equal((ExitCode.Success, ""), (alone.Code, alone.Error));
        foreach (string verb in (string[])["train", "evaluate", "predict", "sample", "diagnose", "probe", "tasks", "data",
            "study", "reproduce", "bench"])
            Assert.Contains($"\n  {verb} ", alone.Out);
        Assert.Contains("run, status, show, export, report, merge", Cli.Run("study").RefusedWith());
    }

    [Fact]
    public void Help_lists_the_commands()
    {
        CliResult help = Cli.Run("--help");
        Assert.Equal(ExitCode.Success, help.Code);
        foreach (string verb in (string[])["train", "evaluate", "predict", "tasks", "bench"])
            Assert.Contains($"  {verb}", help.Out);
        Assert.Contains("unroll [command]", help.Out);
    }

    [Fact]
    public void A_defect_is_one_line_with_the_way_to_its_trace()
    {
        CliResult Broken(string? debug)
        {
            using var error = new StringWriter();
            int code = UnrollCommand.Run(["tasks"], new CommandHost(TextReader.Null, new BrokenWriter(),
                error)
            { Variable = name => name == "UNROLL_DEBUG" ? debug : null });
            return new CliResult(code, "", error.ToString());
        }

        CliResult plain = Broken(null), traced = Broken("1");
        Assert.Equal((ExitCode.Defect, ExitCode.Defect), (plain.Code, traced.Code));
        Assert.Contains("NotSupportedException", Assert.Single(plain.Error.TrimEnd().Split('\n')));
        Assert.Contains("UNROLL_DEBUG=1", plain.Error);
        Assert.Contains("   at ", traced.Error);
    }

    private sealed class BrokenWriter : StringWriter
    {
        public override void WriteLine(string? value) => throw new NotSupportedException("broken");
    }
}
