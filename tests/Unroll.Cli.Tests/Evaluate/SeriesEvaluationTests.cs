using Unroll.Cli.Tests.Sequences;

namespace Unroll.Cli.Tests.Evaluate;

/// <summary><c>unroll evaluate</c> of models of own series: the baselines beside them.</summary>
public class SeriesEvaluationTests
{
    /// <summary>A regression on each step of a window of thousands would take hours, and of some tens of thousands has no
    /// memory.</summary>
    [Theory]
    [InlineData("300", "ridge")]
    [InlineData("1100", "a linear")]
    public void A_long_window_has_a_linear_forecast_beside_it_that_is_quick(string window, string baseline)
    {
        using var folder = new TempFolder();
        string run = folder.At("run");
        Assert.Equal(0, Cli.Run("train", "forecast", "--data", SeriesFiles.Readings(folder, 2_400), "--target", "power",
            "--horizon", "2", "--window", window, "--segment", "24", "--look-back", "yes", "--hidden", "4",
            "--updates", "2", "--out", run).Code);
        CliResult scored = Cli.Run("evaluate", run);
        Assert.Equal((0, ""), (scored.Code, scored.Error));
        Assert.Contains(scored.OutLines, line => line.StartsWith(baseline, StringComparison.Ordinal));
    }
}
