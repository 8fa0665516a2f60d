using System.Text.Json;
using Unroll.Cli.Train;
using Unroll.Remedies;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Tests.Train;

/// <summary>
/// Trouble is said once, at the check at which it is seen, with the option that changes it; a run without it hears nothing.
/// </summary>
public class TroubleTests
{
    private static readonly TrainingOptions s_plain = Recipes.Get("temporal-order", "best") with { MaximumEpochs = null };

    /// <summary>A readout that is solved has no rate, and its reservoir no gradients.</summary>
    [Fact]
    public void An_unsolved_readout_is_told_what_a_reservoir_has()
    {
        string next = Cli.Run(["train", "multiplication", .. Cli.Small, "--optimizer", "ridge", "--updates", "20"]).Unfolded;
        Assert.Contains("next: more units (--hidden), or another --leak, --spectral-radius or --input-scale", next);
        Assert.DoesNotContain("--lr", next[next.IndexOf("next: ", StringComparison.Ordinal)..]);
    }

    [Fact]
    public void A_wall_is_said_at_once_and_names_a_threshold()
    {
        TroubleWatch watch = Watch(s_plain with { ClipMode = ClipMode.None });
        Assert.Empty(watch.See(Check(1000, 1.2, 1.1), null));
        Assert.Empty(watch.See(Check(2000, 0.1, 0.1), null));
        Trouble wall = Assert.Single(watch.See(Check(3000, 1.2, 1.3), null), one => one.Kind == "wall");
        Assert.Contains("from 0.1 to 1.2", wall.Seen);
        Assert.StartsWith("--clip 1.5 ", wall.Remedy); // three times the norm of the check before
        Assert.DoesNotContain(watch.See(Check(4000, 0.1, 0.1), null), one => one.Kind == "wall");
        Assert.Empty(watch.See(Check(5000, 1.3, 0.2), null)); // said once
    }

    [Fact]
    public void A_loss_that_comes_back_to_chance_is_told_from_one_that_never_left_it()
    {
        TroubleWatch never = Watch(s_plain), back = Watch(s_plain);
        for (int i = 1; i < 9; i++) Assert.Empty(never.See(Check(i * 1000, 1.386, 1.387), null));
        Assert.Empty(back.See(Check(1000, 1.3, 1.38), null));
        Assert.Empty(back.See(Check(2000, 0.6, 0.5), null));
        Trouble trouble = Assert.Single(back.See(Check(3000, 1.3, 1.4), null));
        Assert.Equal("chance", trouble.Kind);
        Assert.Contains("0.5 at update 2,000", trouble.Seen);
        Assert.Contains("--lr", trouble.Remedy); // it has --rescue already
        Assert.Contains("--rescue best", Assert.Single(Lost(Watch(s_plain with { Rescue = null }))).Remedy);

        static IReadOnlyList<Trouble> Lost(TroubleWatch watch)
        {
            watch.See(Check(1000, 1.3, 1.38) with { Rescues = null }, null);
            watch.See(Check(2000, 0.6, 0.5) with { Rescues = null }, null);
            return watch.See(Check(3000, 1.3, 1.4) with { Rescues = null }, null);
        }
    }

    [Fact]
    public void Saturated_units_a_dominant_Omega_and_a_threshold_that_is_always_in_force_are_said()
    {
        Assert.Equal("saturated", Assert.Single(Watch(s_plain).See(Check(1, 1, 1), 0.51)).Kind);
        Assert.Empty(Watch(s_plain).See(Check(1, 1, 1), 0.5));
        Assert.Contains("are off", Assert.Single(Watch(s_plain, Activation.Relu).See(Check(1, 1, 1), 0.9)).Seen);

        // An option that is in force is no remedy, and none that the command would refuse.
        TrainingOptions identity = s_plain with { Initialization = Initialization.Identity };
        Assert.StartsWith("--init identity, or a lower --lr",
            Assert.Single(Watch(s_plain, Activation.Relu).See(Check(1, 1, 1), 0.9)).Remedy);
        Assert.StartsWith("a lower --lr", Assert.Single(Watch(identity, Activation.Relu).See(Check(1, 1, 1), 0.9)).Remedy);
        Assert.DoesNotContain("--scale", Assert.Single(Watch(s_plain).See(Check(1, 1, 1), 0.9)).Remedy);
        Assert.Contains("--scale", Assert.Single(Watch(s_plain, scales: true).See(Check(1, 1, 1), 0.9)).Remedy);

        TroubleWatch omega = Watch(s_plain with { Omega = 2 });
        Assert.Empty(omega.See(Check(1, 1, 1) with { Omega = 1.2 }, null)); // once may be chance
        Assert.Contains("--omega 0.21", Assert.Single(omega.See(Check(2, 1, 1) with { Omega = 1.2 }, null)).Remedy);

        TroubleWatch clipped = Watch(s_plain);
        Assert.Empty(clipped.See(Check(1, 1, 1) with { ClipRate = 0.96 }, null));
        Assert.Empty(clipped.See(Check(2, 1, 1) with { ClipRate = 0.94 }, null));
        Assert.Empty(clipped.See(Check(3, 1, 1) with { ClipRate = 0.96 }, null));
        Assert.Contains("--clip 1.5", Assert.Single(clipped.See(Check(4, 1, 1) with { ClipRate = 1 }, null)).Remedy);
    }

    [Fact]
    public void A_validation_loss_that_rises_while_training_falls_is_said_after_three_checks()
    {
        TroubleWatch parts = Watch(s_plain), noise = Watch(s_plain);
        double[] training = [1, 0.9, 0.8, 0.7, 0.6], validation = [1, 0.95, 1.0, 1.05, 1.1];
        for (int i = 0; i < 4; i++) Assert.Empty(parts.See(Check(i, training[i], validation[i]), null));
        Assert.Equal("overfitting", Assert.Single(parts.See(Check(4, 0.6, 1.1), null)).Kind);
        foreach (double loss in (double[])[1, 0.9, 0.92, 0.91, 0.93, 0.9, 0.92, 0.91])
            Assert.Empty(noise.See(Check(1, loss, loss), null));
    }

    [Fact]
    public void A_run_says_why_it_ended_and_what_to_try()
    {
        using var folder = new TempFolder();
        CliResult run = Cli.Run(["train", "--updates", "40", .. Cli.Small, "--method", "sgd", "--out", folder.At("run")]);
        Assert.Equal(ExitCode.Unsolved, run.Code);
        Assert.Contains("why: the budget of 40 updates is spent (--updates)", run.Unfolded);
        Assert.Matches("next: .*(--|budget)", run.Unfolded);
        CliResult solved = Cli.Run("train", "--updates", "4000", "--length", "10", "--hidden", "30", "--curriculum", "none",
            "--validation", "200", "--check-every", "250");
        Assert.Contains("why: a check met the rule of --stop", solved.Unfolded);
        Assert.DoesNotContain("next:", solved.Out);
    }

    [Fact]
    public void A_run_that_goes_wrong_says_so_in_text_and_in_JSON_and_keeps_its_bits()
    {
        using var folder = new TempFolder();
        string[] always = ["train", "--updates", "80", .. Cli.Small, "--clip", "0.001"];
        CliResult text = Cli.Run([.. always, "--out", folder.At("a")]),
            json = Cli.Run([.. always, "--json", "--out", folder.At("b")]);
        Assert.Contains("trouble: 100.0% of the updates are clipped", text.Unfolded);
        Assert.Single(text.OutLines, line => line.Contains("trouble:"));
        JsonElement said = Assert.Single(json.Json, line => line.GetProperty("event").GetString() == "trouble");
        Assert.Equal(["event", "update", "kind", "seen", "remedy"], said.EnumerateObject().Select(one => one.Name));
        Assert.Equal(("clipped", 40), (said.GetProperty("kind").GetString(), said.GetProperty("update").GetInt32()));
        Assert.Equal(File.ReadAllBytes(folder.At("a/model.safetensors")), File.ReadAllBytes(folder.At("b/model.safetensors")));
        Assert.DoesNotContain("trouble", File.ReadAllText(folder.At("a/metrics.jsonl")));
    }

    private static TroubleWatch Watch(TrainingOptions options, Activation activation = Activation.Tanh,
        bool scales = false) =>
        new(options, new NetworkShape(6, 5, 4) { Activation = activation, Head = OutputHead.SoftmaxLast }, scales);

    private static TrainingProgress Check(long update, double loss, double validation) =>
        new(update, loss, "nats", validation, 0.5, null, 0.5, 0.1, null, null, 0.95, 1.5, 0.01, 20, 0, 100, 2, null)
        {
            Rescues = 0,
        };
}
