namespace Unroll.Cli.Tests.Terminal;

public class FormatTests
{
    /// <summary>No number may be wider than this, whatever a run has come to.</summary>
    private const int Widest = 24;

    public static TheoryData<double> Numbers =>
        [0, 1, -1, 0.95, 999.9994, 9999.9999, 1e4, 123456.7, 1e6, 1e15, 1e21, 1e300, -1e300, double.MaxValue, double.Epsilon,
            double.NaN, double.PositiveInfinity];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void A_number_is_never_long(double value)
    {
        foreach (string text in (string[])[Format.Number(value), Format.Fixed(value, 3), Format.Exact(value),
            Format.Percent(value), Format.Count(value), Format.Rate(value), Format.Time(value)])
            Assert.InRange(text.Length, 1, Widest);
    }

    [Fact]
    public void Usual_numbers_keep_their_decimals()
    {
        Assert.Equal(["0.950", "-1.500", "9999.123", "1E+04"],
            ((double[])[0.95, -1.5, 9999.1234, 1e4]).Select(value => Format.Fixed(value, 3)));
        Assert.Equal(("50.0%", "1.23%", "1,234,567", "1,000/s"),
            (Format.Percent(0.5), Format.Percent(0.0123), Format.Count(1234567), Format.Rate(1000)));
    }

    [Theory]
    [InlineData("1e300")]
    [InlineData("1e30")]
    public void A_run_at_an_absurd_rate_prints_short_numbers(string rate)
    {
        CliResult run = Cli.Run(["train", "--updates", "40", "--lr", rate, "--method", "sgd-c", "--precision", "double",
            "--on-nonfinite", "skip", .. Cli.Small]);
        Assert.DoesNotMatch("[0-9]{25}", run.Out + run.Error);
        Assert.Contains("radius", run.Out);
    }
}
