using System.Text.Json;
using Unroll.Cli.Tests.Sequences;

namespace Unroll.Cli.Tests.Diagnosis;

/// <summary>Units that training has saturated call for a lower rate, and not for the weights that the run began with.</summary>
public class GrownWeightsTests
{
    private static readonly string[] s_run = ["train", "--method", "sgd", "--length", "20", "--hidden", "12", "--curriculum",
        "none", "--updates", "200", "--check-every", "200", "--validation", "100"];

    [Fact]
    public void A_rate_that_has_ruined_a_run_is_the_first_advice()
    {
        using var folder = new TempFolder();
        CliResult run = Cli.Run([.. s_run, "--lr", "5", "--out", folder.At("hot")]);
        Assert.Contains("or a lower --lr than 5", run.Unfolded);
        JsonElement[] advice = Diagnosed(folder.At("hot"));
        Assert.Equal(("lr", "--lr 0.5, a tenth of the run's"),
            (advice[0].GetProperty("about").GetString(), advice[0].GetProperty("text").GetString()));
        Assert.Contains("training at rate 5 made recurrent weights ", advice[0].GetProperty("because").GetString());

        // The curvature of saturated units bounds no rate, and the start was not at fault.
        Assert.DoesNotContain(advice.Skip(1), one => one.GetProperty("about").GetString() is "lr" or "init");
        CliResult tried = Cli.Run("diagnose", folder.At("hot"), "--batches", "2", "--batch", "4", "--try");
        Assert.Contains("--lr 0.5", tried.Out);
    }

    [Fact]
    public void A_method_without_Omega_is_named_with_the_one_that_has_it()
    {
        CliResult run = Cli.Run("train", "--method", "sgd", "--init", "smart-tanh", "--length", "200", "--hidden", "30",
            "--curriculum", "none", "--updates", "40", "--check-every", "20", "--validation", "100");
        Assert.Contains("next: --omega 2, by --method sgd-r (gradients: vanishing beyond lag ", run.Unfolded);
    }

    [Fact]
    public void A_run_that_stopped_early_is_not_told_to_go_on()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder);
        CliResult run = Cli.Run("train", "forecast", "--data", data, "--target", "power", "--horizon", "2", "--window", "8",
            "--hidden", "4", "--epochs", "200", "--patience", "1", "--lr", "0.05", "--out", folder.At("run"));
        Assert.Contains("(--patience)", run.Unfolded);
        Assert.DoesNotContain("the loss still falls", run.Unfolded);
    }

    private static JsonElement[] Diagnosed(string model)
    {
        CliResult result = Cli.Run("diagnose", model, "--batches", "2", "--batch", "4", "--json");
        Assert.Equal((ExitCode.Success, ""), (result.Code, result.Error));
        return [.. result.Json[0].GetProperty("advice").EnumerateArray()];
    }
}
