using System.Text.Json;
using Unroll.Cli.Settings;
using Unroll.Remedies;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Cli.Tests.Train;

/// <summary>
/// The options of an update's parts: what they say in the header and in JSON, and that they survive a folder and a study.
/// </summary>
public class UpdateOptionsTests
{
    private static readonly string[] All =
    [
        "--optimizer", "sutskever", "--lr-schedule", "plateau", "--plateau-checks", "1", "--clip", "auto:p50:2", "--l1",
            "weight_hh_l0:0.01",
        "--l2", "weight:0.1,bias:0.2", "--gradient-noise", "0.02", "--rescue", "0.6,1,0.9", "--state-noise", "0.1",
        "--bias-noise", "0.05",
    ];

    [Fact]
    public void The_header_says_them()
    {
        CliResult run = Cli.Run(["train", "--updates", "1", .. All, .. Cli.Small]);
        Assert.Equal(ExitCode.Unsolved, run.Code);
        string text = run.Out.ReplaceLineEndings(" ").Replace("           ", "", StringComparison.Ordinal);
        foreach (string part in (string[])["percentile 50 of the last norms (for the first 25 updates at 2)",
            "L1 of weight_hh_l0:0.01", "L2 of weight:0.1, bias:0.2",
            "noise of 0.02 on the gradient, its variance / t^0.55", "noise of 0.1 on the pre-activations",
                "back to the best model, and half the rate (down to 0.1 of it), when a check's error is above 60.0% and 1 times "
                + "the least, once that is below 90.0%",
            "sutskever 0.9", "halved after 1 check without a lower validation loss"])
            Assert.Contains(part, text);
    }

    [Fact]
    public void Without_them_nothing_more_is_said()
    {
        CliResult run = Cli.Run(["train", "temporal-order-3bit", "--updates", "1", .. Cli.Small]);
        string[] parts = ["L1", "L2", "best model,", "on the gradient", "on the pre-activations", "running mean"];
        foreach (string part in parts)
            Assert.DoesNotContain(part, run.Out);
    }

    /// <summary>Error .75 at the least is no success, and chance is not far: with this rule falls are many.</summary>
    [Fact]
    public void Json_has_a_key_more_for_each_that_is_asked_for()
    {
        CliResult run = Cli.Run(["train", "--updates", "200", "--json", .. All, .. Cli.Small]);
        JsonElement[] lines = run.Json;
        Assert.All(lines, line => Assert.True(line.GetProperty("clip_threshold").GetDouble() > 0));
        long[] rescues = [.. lines.Select(line => line.GetProperty("rescues").GetInt64())];
        Assert.True(rescues[^1] > 0);
        Assert.Equal(rescues.Order(), rescues);
        string summary = Cli.Run(["train", "--updates", "200", .. All, .. Cli.Small]).Unfolded;
        Assert.Contains($"went back to the best model {(rescues[^1] == 1 ? "once" : $"{rescues[^1]} times")}", summary);
    }

    /// <summary>A strong penalty and no Omega: what starts orthogonal contracts, and the run says from when.</summary>
    [Fact]
    public void Under_a_penalty_the_fall_of_the_spectral_radius_is_told()
    {
        string[] args = ["train", "--updates", "200", "--method", "sgd-c", "--l1", "weight_hh_l0:1", .. Cli.Small];
        JsonElement[] lines = Cli.Run([.. args, "--json"]).Json;
        long since = lines[^1].GetProperty("radius_below_1_since").GetInt64();
        JsonElement first = lines.First(line => line.GetProperty("update").GetInt64() == since);
        Assert.True(first.GetProperty("spectral_radius").GetDouble() < 1);
        Assert.All(lines.TakeWhile(line => line.GetProperty("update").GetInt64() < since), line =>
            Assert.False(line.TryGetProperty("radius_below_1_since", out _)));
        CliResult plain = Cli.Run(args);
        Assert.Contains($"spectral radius below 1 since update {since}", plain.Unfolded);
        Assert.Contains($" below 1 since {since}", plain.Out);
    }

    [Fact]
    public void A_run_in_two_sessions_is_the_run_in_one()
    {
        using var folder = new TempFolder();
        string[] options = ["train", .. All, .. Cli.Small];
        Cli.Run([.. options, "--updates", "120", "--out", folder.At("whole")]);
        Cli.Run([.. options, "--updates", "60", "--out", folder.At("half")]);
        CliResult resumed = Cli.Run("train", "--resume", folder.At("half"), "--updates", "120");
        Assert.Equal(ExitCode.Unsolved, resumed.Code);
        foreach (string file in (string[])["model.safetensors", "best.safetensors"])
            Assert.Equal(File.ReadAllBytes(folder.At($"whole/{file}")), File.ReadAllBytes(folder.At($"half/{file}")));
        Assert.Contains("--clip auto:p50:2, not 3", Cli.Run("train", "--resume", folder.At("half"), "--clip", "3").RefusedWith());
        Assert.Contains("--clip auto:p50:2, not auto:p60:2",
            Cli.Run("train", "--resume", folder.At("half"), "--clip", "auto:p60").RefusedWith());
        Assert.Contains("--rescue 0.6,1,0.9,0.1, not none",
            Cli.Run("train", "--resume", folder.At("half"), "--rescue", "none").RefusedWith());
        Assert.Equal(ExitCode.Unsolved,
            Cli.Run("train", "--resume", folder.At("half"), "--clip", "auto:p50:2", "--updates", "121").Code);
    }

    [Theory]
    [InlineData("auto", ThresholdRule.Mean, 1, 6)]
    [InlineData("AUTO:2.5", ThresholdRule.Mean, 2.5, 6)]
    [InlineData("auto:0.5:3", ThresholdRule.Mean, 0.5, 3)]
    [InlineData("auto:p50", ThresholdRule.Percentile, 50, 6)]
    [InlineData("auto:p99.5:0.1", ThresholdRule.Percentile, 99.5, 0.1)]
    [InlineData("auto:z", ThresholdRule.ZScore, 2.5, 6)]
    [InlineData("auto:z3:1e-3", ThresholdRule.ZScore, 3, 0.001)]
    public void Clip_auto(string text, ThresholdRule rule, double value, double threshold)
    {
        TrainingOptions options = ClipOption.Parse(text)(new TrainingOptions());
        Assert.Equal((new AdaptiveThreshold(rule, value), threshold), (options.AdaptiveThreshold!, options.ClipThreshold));
        Assert.Equal(options,
            ClipOption.Parse(ClipOption.Text(options))(new TrainingOptions())
            with
            { Frozen = options.Frozen, L1 = options.L1, L2 = options.L2, SelectionLengths = options.SelectionLengths });
        Assert.Null(ClipOption.Parse("4")(options).AdaptiveThreshold);
    }

    /// <summary>What the help prints as options is read back as the same options.</summary>
    [Fact]
    public void Options_as_text_give_the_same_options()
    {
        TrainingOptions options = new()
        {
            Optimizer = OptimizerKind.Rmsprop,
            RateSchedule = RateSchedule.Plateau,
            PlateauChecks = 3,
            AdaptiveThreshold = new AdaptiveThreshold(ThresholdRule.ZScore, 3.5),
            L1 = [new("weight_hh_l0", 0.25)],
            L2 = [new("bias", 1e-9), new("weight", 2)],
            GradientNoise = 0.1,
            StateNoise = 0.2,
            BiasNoise = 0.1,
            GradientNoiseDecay = 0.7,
            Rescue = new RescueRule(0.4, 2, 0.1, 0.25),
        };
        TrainingOptions read = new();
        foreach (string text in TypedOptions.Of(options))
        {
            string[] parts = text.Split(' ');
            TrainOption option = TrainOptionTable.All.Single(known => known.Name == parts[0]);
            if (text is not "--seed 1") read = option.Parse(parts.Length > 1 ? parts[1] : "")(read);
        }

        Assert.Equal(OptionsText.ToProperties(options), OptionsText.ToProperties(read));
    }

    [Fact]
    public void A_study_takes_them_as_its_keys()
    {
        TrainSettings settings = Unroll.Studies.TrialOptions.Resolve(new Dictionary<string, string>
        {
            ["clip"] = "auto:2",
            ["l1"] = "weight_hh_l0:0.1,weight:0.2",
            ["rescue"] = "best",
            ["optimizer"] = "adagrad",
            ["lr-schedule"] = "plateau",
            ["plateau-checks"] = "4",
            ["gradient-noise"] = "0.1",
        });
        Assert.Equal(new RescueRule(), settings.Options.Rescue);
        Assert.Equal([new("weight_hh_l0", 0.1), new("weight", 0.2)], settings.Options.L1);
        Assert.Equal(new AdaptiveThreshold(ThresholdRule.Mean, 2), settings.Options.AdaptiveThreshold);
        Assert.True(Unroll.Studies.TrialOptions.TakesCommas("l1"));
    }
}
