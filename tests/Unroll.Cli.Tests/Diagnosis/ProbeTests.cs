using System.Text.Json;

namespace Unroll.Cli.Tests.Diagnosis;

public class ProbeTests
{
    private static readonly string[] Small = ["--length", "20", "--hidden", "10", "--batch", "5"];

    [Theory]
    [InlineData("hessian-free")]
    [InlineData("ridge")]
    public void An_optimizer_that_clips_nothing_is_refused_and_has_no_remedies_to_try(string optimizer)
    {
        using var folder = new TempFolder();
        string run = folder.At("run");
        Cli.Run("train", "addition", "--length", "12", "--optimizer", optimizer, "--hidden", "6", "--batch", "10", "--validation",
            "50", "--check-every", "2", "--updates", "4", "--out", run);
        Assert.Contains($"{optimizer} clips none", Cli.Run("probe", "addition", "--optimizer", optimizer).RefusedWith());
        Assert.Contains($"{optimizer} clips none", Cli.Run("probe", run).RefusedWith());
        Assert.Contains($"a run of {optimizer} takes none of them",
            Cli.Run("diagnose", run, "--batches", "1", "--try").RefusedWith());
        Assert.Equal(0, Cli.Run("diagnose", run, "--batches", "1").Code);
    }

    [Fact]
    public void The_norms_are_those_that_training_without_remedies_reports()
    {
        JsonElement probe = Assert.Single(Cli.Run(["probe", "temporal-order", "--updates", "40", "--json", .. Small]).Json);
        JsonElement train = Cli.Run(["train", "temporal-order", "--method", "sgd", "--updates", "40", "--check-every", "40",
            "--curriculum", "none", "--validation", "5", "--json", .. Small]).Json[0];
        JsonElement norm = probe.GetProperty("gradient_norm");
        Assert.Equal(train.GetProperty("gradient_norm").GetDouble(), norm.GetProperty("mean").GetDouble(), 1e-12);
        Assert.Equal(["mean", "p0", "p1", "p10", "p25", "p50", "p75", "p90", "p99", "p100"],
            norm.EnumerateObject().Select(p => p.Name));
        double[] quantiles = [.. norm.EnumerateObject().Skip(1).Select(p => p.Value.GetDouble())];
        Assert.Equal(quantiles.Order(), quantiles);
        double mean = norm.GetProperty("mean").GetDouble(), threshold = probe.GetProperty("clip_threshold").GetDouble();
        Assert.Equal(mean, probe.GetProperty("clip_mean").GetDouble(), 1e-12);
        Assert.Equal(3 * mean, threshold, 0.05 * 3 * mean);
        Assert.Equal(probe.GetProperty("clip_rate").GetDouble() > 0, norm.GetProperty("p100").GetDouble() >= threshold);
        Assert.Equal((40, JsonValueKind.Null),
            (probe.GetProperty("updates").GetInt32(), probe.GetProperty("non_finite_at").ValueKind));
    }

    /// <summary>A threshold for every cell, from the norms that training reports.</summary>
    [Theory]
    [InlineData("--cell lstm --hidden 8", "8 LSTM units")]
    [InlineData("--cell gru --hidden 8 --chrono 30", "8 GRU units")]
    [InlineData("--cell leaky --leak 0.3 --hidden 8", "8 leaky tanh units (leak 0.3)")]
    [InlineData("--cell lstm --layers 2 --dropout 0.3 --forget-bias 2 --hidden 8", "2 layers of 8 LSTM units")]
    [InlineData("--stack gru:6,leaky:5:relu:0.2,plain:4 --output-dropout 0.1",
        "3 layers, from the input up 6 GRU units, 5 leaky relu units (leak 0.2), 4 tanh units")]
    public void Every_cell_and_stack_gets_a_threshold(string network, string words)
    {
        string[] of = ["addition", "--length", "20", "--batch", "5", "--updates", "30", .. network.Split(' ')];
        CliResult json = Cli.Run(["probe", .. of, "--json"]);
        Assert.Equal((ExitCode.Success, ""), (json.Code, json.Error));
        JsonElement probe = Assert.Single(json.Json);
        double mean = probe.GetProperty("gradient_norm").GetProperty("mean").GetDouble();
        JsonElement train = Cli.Run(["train", .. of, "--method", "sgd", "--check-every", "30", "--curriculum", "none",
            "--validation", "5", "--json"]).Json[0];
        Assert.Equal(train.GetProperty("gradient_norm").GetDouble(), mean, 1e-12);
        double threshold = probe.GetProperty("clip_threshold").GetDouble();
        Assert.Equal(3 * mean, threshold, 0.05 * 3 * mean);
        string text = string.Join(' ', Cli.Run(["probe", .. of]).Out.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains($"30 updates of {words} from", text);
        Assert.Contains("recommended: --clip ", text);
    }

    [Theory]
    [InlineData("--cell lsmt", "did you mean lstm")]
    [InlineData("--layers 9", "1..8")]
    [InlineData("--cell gru --forget-bias 1", "--forget-bias is an option of LSTM units")]
    [InlineData("--cell lstm --layers 8 --hidden 4000", "of memory")]
    public void A_network_that_cannot_be_is_refused(string network, string says) =>
        Assert.Contains(says, Cli.Run(["probe", "addition", .. network.Split(' ')]).RefusedWith());

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
        Assert.All(text.Split('\n').Where(line => line.Contains("  ") || line.StartsWith("recommended")),
            line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains("needs TASK", Cli.Run("probe").RefusedWith());
        Assert.Contains("did you mean addition", Cli.Run("probe", "additon").RefusedWith());
        Assert.Contains("1..1000000", Cli.Run("probe", "addition", "--updates", "0").RefusedWith());
        Assert.Contains("has no option --clip", Cli.Run("probe", "addition", "--clip", "1").RefusedWith());
        Assert.Contains("no effect", Cli.Run("probe", "memorization", "--batch", "3").RefusedWith());
    }
}
