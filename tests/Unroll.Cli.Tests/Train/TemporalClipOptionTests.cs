namespace Unroll.Cli.Tests.Train;

public class TemporalClipOptionTests
{
    [Theory]
    [InlineData("0.5", "error signals clipped at 0.5 by norm at every step")]
    [InlineData("0.5,norm", "error signals clipped at 0.5 by norm at every step")]
    [InlineData("2,value", "error signals clipped at 2 by element at every step")]
    public void The_header_says_it(string value, string says)
    {
        CliResult run = Cli.Run(["train", "--updates", "1", "--method", "sgd", "--clip-temporal", value, .. Cli.Small]);
        Assert.Equal(ExitCode.Unsolved, run.Code);
        Assert.Contains(says, run.Out.ReplaceLineEndings(" ").Replace("           ", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--clip-temporal", "sgd", "0")]
    [InlineData("--clip-temporal", "sgd", "1,both")]
    [InlineData("--clip-temporal", "sgd", "1,norm,2")]
    [InlineData("--clip-temporal", "sgd", "much")]
    [InlineData("Omega", "sgd-cr", "1")]
    public void Other_values_and_omega_are_refused(string says, string method, string value) =>
        Assert.Contains(says, Cli.Run(["train", "--method", method, "--clip-temporal", value, .. Cli.Small]).RefusedWith());
}
