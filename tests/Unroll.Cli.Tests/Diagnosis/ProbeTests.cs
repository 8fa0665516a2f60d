using System.Text.Json;

namespace Unroll.Cli.Tests.Diagnosis;

public class ProbeTests
{
    private static readonly string[] Small = ["--length", "20", "--hidden", "10", "--batch", "5"];

    [Fact]
    public void The_norms_are_those_that_training_without_remedies_reports()
    {
        JsonElement probe = Assert.Single(Cli.Run(["probe", "temporal-order", "--updates", "40", "--json", .. Small]).Json);
        JsonElement train = Cli.Run(["train", "temporal-order", "--method", "sgd", "--updates", "40", "--check-every", "40", "--curriculum", "none", "--validation", "5", "--json", .. Small]).Json[0];
        JsonElement norm = probe.GetProperty("gradient_norm");
        Assert.Equal(train.GetProperty("gradient_norm").GetDouble(), norm.GetProperty("mean").GetDouble(), 1e-12);
        Assert.Equal(["mean", "p0", "p1", "p10", "p25", "p50", "p75", "p90", "p99", "p100"], norm.EnumerateObject().Select(p => p.Name));
        double[] quantiles = [.. norm.EnumerateObject().Skip(1).Select(p => p.Value.GetDouble())];
        Assert.Equal(quantiles.Order(), quantiles);
        double mean = norm.GetProperty("mean").GetDouble(), threshold = probe.GetProperty("clip_threshold").GetDouble();
        Assert.Equal(mean, probe.GetProperty("clip_mean").GetDouble(), 1e-12);
        Assert.Equal(3 * mean, threshold, 0.05 * 3 * mean);
        Assert.Equal(probe.GetProperty("clip_rate").GetDouble() > 0, norm.GetProperty("p100").GetDouble() >= threshold);
        Assert.Equal((40, JsonValueKind.Null), (probe.GetProperty("updates").GetInt32(), probe.GetProperty("non_finite_at").ValueKind));
    }

    [Fact]
    public void A_run_that_explodes_says_at_which_update()
    {
        string[] wild = ["probe", "temporal-order", "--activation", "identity", "--lr", "1000", "--length", "200", "--json"];
        CliResult run = Cli.Run(wild);
        Assert.Equal(ExitCode.Success, run.Code);
        JsonElement probe = run.Json[0];
        int at = probe.GetProperty("non_finite_at").GetInt32();
        Assert.Equal(at - 1, probe.GetProperty("updates").GetInt32());
        Assert.True(probe.GetProperty("clip_threshold").GetDouble() > 0);
        Assert.Contains($"The gradient of update {at} was not finite", Cli.Run(wild[..^1]).Out);
    }

    [Fact]
    public void Text_and_refusals()
    {
        string text = Cli.Run(["probe", "addition", "--updates", "5", .. Small]).Out;
        Assert.Contains("recommended: --clip ", text);
        Assert.Contains("section 3.2", text);
        Assert.Contains("3 times the mean norm", text);
        Assert.DoesNotContain("works alike", text);
        Assert.All(text.Split('\n').Where(line => line.Contains("  ") || line.StartsWith("recommended")), line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains("needs TASK", Cli.Run("probe").RefusedWith());
        Assert.Contains("did you mean addition", Cli.Run("probe", "additon").RefusedWith());
        Assert.Contains("1..1000000", Cli.Run("probe", "addition", "--updates", "0").RefusedWith());
        Assert.Contains("has no option --clip", Cli.Run("probe", "addition", "--clip", "1").RefusedWith());
        Assert.Contains("no effect", Cli.Run("probe", "memorization", "--batch", "3").RefusedWith());
    }
}
