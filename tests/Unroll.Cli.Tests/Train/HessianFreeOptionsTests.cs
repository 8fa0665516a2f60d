using System.Text.Json;

namespace Unroll.Cli.Tests.Train;

/// <summary><c>unroll train --optimizer hessian-free</c>: what the choice brings with it, says, keeps and refuses.</summary>
public class HessianFreeOptionsTests
{
    private static readonly string[] Small =
    [
        "train", "addition", "--optimizer", "hessian-free", "--length", "10", "--hidden", "6", "--batch", "10",
        "--validation", "50", "--check-every", "2", "--cg-iterations", "12", "--gradient-batches", "3", "--stop", "budget",
    ];

    [Theory]
    [InlineData("hf", "hessian-free", "ridge")]
    [InlineData("esn", "ridge", "adam")]
    public void It_and_echo_states_are_methods_too(string method, string optimizer, string other)
    {
        string[] run = ["train", "addition", "--length", "12", "--hidden", "6", "--batch", "10", "--validation", "50",
            "--check-every", "2", "--updates", "2"];
        string named = Cli.Run([.. run, "--method", method]).Out, given = Cli.Run([.. run, "--optimizer", optimizer]).Out;
        string Loss(string output) => output.Split("loss")[1].Split("error")[0];
        Assert.Equal(Loss(given), Loss(named));
        Assert.Contains($"--method {method} is --optimizer {optimizer}, which contradicts --optimizer {other}",
            Cli.Run([.. run, "--method", method, "--optimizer", other]).RefusedWith());
        Assert.Contains("sgd-cr, esn, hf", Cli.Run([.. run, "--method", "lbfgs"]).RefusedWith());
    }

    [Fact]
    public void The_header_says_what_it_brings_and_what_was_given()
    {
        CliResult run = Cli.Run([.. Small, "--updates", "1", "--damping", "0.02", "--structural-damping", "0.5"]);
        string text = run.Out.ReplaceLineEndings(" ").Replace("           ", "", StringComparison.Ordinal);
        foreach (string part in (string[])["hessian-free, damping from 0.02 an output, structural damping 0.5 of it, at most 12 "
            + "iterations of conjugate gradients, gradient of 3 minibatches, weight decay 2E-05", "no clipping; no Omega",
            "no curriculum",
            "initial state learned", "sparse-incoming init"])
            Assert.Contains(part, text);
        Assert.DoesNotContain("rate 1", text);
        Assert.Contains("  damping ", run.Out);
    }

    [Fact]
    public void A_run_in_two_sessions_is_the_run_in_one_and_keeps_its_options()
    {
        using var folder = new TempFolder();
        Cli.Run([.. Small, "--updates", "6", "--out", folder.At("whole")]);
        Cli.Run([.. Small, "--updates", "3", "--out", folder.At("half")]);
        CliResult resumed = Cli.Run("train", "--resume", folder.At("half"), "--updates", "6", "--threads", "2", "--json");
        Assert.Equal(ExitCode.Unsolved, resumed.Code);
        Assert.All(resumed.Json, line => Assert.True(line.GetProperty("damping").GetDouble() > 0));
        foreach (string file in (string[])["model.safetensors", "best.safetensors"])
            Assert.Equal(File.ReadAllBytes(folder.At($"whole/{file}")), File.ReadAllBytes(folder.At($"half/{file}")));
        Assert.Contains("--structural-damping 0.03, not 0",
            Cli.Run("train", "--resume", folder.At("half"), "--structural-damping", "0").RefusedWith());
    }

    [Theory]
    [InlineData("no effect without --optimizer hessian-free", "train", "--damping", "1")]
    [InlineData("no effect without --optimizer hessian-free", "train", "--optimizer", "adam", "--cg-iterations", "10")]
    [InlineData("leave it out", "train", "--optimizer", "hessian-free", "--lr", "0.1")]
    [InlineData("noise on the states", "train", "--optimizer", "hessian-free", "--state-noise", "0.1")]
    [InlineData("noise on the biases", "train", "--optimizer", "hessian-free", "--bias-noise", "0.1")]
    [InlineData("dropout of the inputs", "train", "--optimizer", "hessian-free", "--input-dropout", "0.1")]
    [InlineData("has no Omega", "train", "--optimizer", "hessian-free", "--omega", "1")]
    [InlineData("is not clipped", "train", "--optimizer", "hessian-free", "--clip-mode", "norm")]
    [InlineData("--damping", "train", "--optimizer", "hessian-free", "--damping", "0")]
    [InlineData("--gradient-batches", "train", "--optimizer", "hessian-free", "--gradient-batches", "0")]
    [InlineData("--structural-damping", "train", "--optimizer", "hessian-free", "--structural-damping", "-1")]
    public void What_has_no_effect_or_no_meaning_is_refused(string says, params string[] args) =>
        Assert.Contains(says, Cli.Run(args).RefusedWith());

    [Fact]
    public void Progress_of_other_optimizers_has_no_damping()
    {
        JsonElement line = Cli.Run(["train", "--updates", "1", "--json", .. Cli.Small]).Json[0];
        Assert.False(line.TryGetProperty("damping", out _));
    }
}
