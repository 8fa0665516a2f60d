using System.Text.Json;
using System.Text.RegularExpressions;
using Unroll.Files;
using Unroll.Tasks;

namespace Unroll.Cli.Tests.Diagnosis;

/// <summary>
/// Networks that were made ill in known ways: verdict, numbers and advice say the same, in words, as JSON and on the page.
/// </summary>
public partial class AdviceTests
{
    /// <summary>What was done to a network of tanh units, the verdict, and the options in the order of the advice.</summary>
    public static TheoryData<string, string, string> Ill => new()
    {
        { "linear 0.8", "vanishing", "omega init clip lr" },
        { "linear 0.2", "vanishing", "init omega clip lr" }, // few entries kept
        { "linear 0.97", "healthy", "clip lr omega" }, // but must vanish in the long run
        { "linear 1", "healthy", "clip lr omega" },
        { "linear 1.4", "exploding", "clip init omega lr" },
        { "tanh 1", "healthy", "clip lr omega" },
        { "tanh 1.4", "exploding", "clip init omega lr" },
        { "relu 0.5", "vanishing", "init omega clip lr" },
        { "relu 0.95", "vanishing", "omega init clip lr" },
        { "sigmoid 1", "vanishing", "init omega clip lr" },
        { "zero", "vanishing", "init omega clip lr" },
        { "nilpotent", "vanishing", "init omega clip lr" },
        { "no head", "vanishing", "init omega clip lr" },
        { "saturated", "vanishing", "init omega clip lr" },
        { "nothing", "vanishing", "init omega clip lr" },
        { "infinite", "exploding", "clip init omega" },
    };

    [Theory]
    [MemberData(nameof(Ill))]
    public void Verdict_numbers_and_advice_go_together(string illness, string verdict, string order)
    {
        using var folder = new TempFolder();
        string model = Make(folder, illness), page = folder.At("page.html");
        string[] args = ["diagnose", model, "--batches", "2", "--batch", "4"];
        CliResult json = Cli.Run([.. args, "--json", "--html", page]);
        Assert.Equal((ExitCode.Success, ""), (json.Code, json.Error));
        JsonElement d = Assert.Single(json.Json);
        string raw = Cli.Run(args).Out, text = Spaces().Replace(raw, " ");
        Assert.Equal(verdict, d.GetProperty("verdict").GetString());
        Assert.DoesNotContain("NaN", text);
        Assert.Contains($"verdict {verdict}", text);

        // The bounds.
        (bool vanishes, bool explodes) = (d.GetProperty("must_vanish").GetBoolean(), d.GetProperty("can_explode").GetBoolean());
        Assert.False(vanishes && explodes);
        Assert.Equal(vanishes, text.Contains("gradients must vanish"));
        Assert.Equal(explodes, text.Contains("gradients can explode"));
        if (verdict == "exploding" && illness != "infinite") Assert.True(explodes);
        if (vanishes) Assert.True(verdict == "vanishing" || text.Contains("it must have vanished"), text);

        // The advice: what the verdict calls for comes first, and the same is said everywhere.
        JsonElement[] advice = [.. d.GetProperty("advice").EnumerateArray()];
        string[] about = [.. advice.Select(one => one.GetProperty("about").GetString()!)];
        Assert.Equal(order.Split(' ').Where(about.Contains), about);
        if (illness is not ("no head" or "nothing" or "saturated" or "infinite")) Assert.Equal(order.Split(' '), about);
        AdviceText.RequireEverywhere(advice, text, File.ReadAllText(page));

        // Omega is advised where it can act, and for nothing else.
        JsonElement omega = advice.Single(one => one.GetProperty("about").GetString() == "omega");
        bool acts = Value(d.GetProperty("omega_gradient")) > 0 && Value(d.GetProperty("omega_kept")) >= 0.5;
        Assert.Equal(verdict == "vanishing" && acts, Value(omega.GetProperty("value")) > 0);
        Assert.Equal(Value(omega.GetProperty("value")) > 0, text.Contains("--omega "));

        // The measured rate is bounded, and exact zeros are said to be so.
        (double rate, double eta) = (Value(d.GetProperty("measured_rate")), Value(d.GetProperty("eta")));
        Assert.False(rate > eta * (1 + 1e-9), $"{rate} a step where eta is {eta}");
        bool zeros = d.GetProperty("zero_from").ValueKind == JsonValueKind.Number;
        Assert.Equal(zeros, text.Contains("exactly 0 from lag"));
        Assert.Equal(zeros, raw.Split('\n').Any(line => line.StartsWith("       0 |") && line.Contains('*')));
        if (zeros)
            Assert.Equal(0, d.GetProperty("by_lag").GetProperty("median")[d.GetProperty("zero_from").GetInt32()].GetDouble());
    }

    [Fact]
    public void Weights_of_zero_pass_nothing_and_Omega_cannot_help()
    {
        using var folder = new TempFolder();
        string text = Spaces().Replace(Cli.Run("diagnose", Make(folder, "zero"), "--batches", "1").Out, " ");
        Assert.Contains("verdict vanishing beyond lag 1: from there on nothing of the error signal is left", text);
        Assert.Contains("rate 0 a step measured over 1 lag, at most eta = 0 possible; exactly 0 from lag 1 on", text);
        Assert.Contains("omega of no use at these weights: its gradient is exactly 0", text);
        Assert.Contains("--init orthogonal (every singular value 1): gradients must vanish: eta = gamma sigma_max = 0 is below 1",
            text);
    }

    [Fact]
    public void A_healthy_network_that_must_vanish_in_the_long_run_says_both()
    {
        using var folder = new TempFolder();
        string model = Make(folder, "linear 0.97"),
            text = Spaces().Replace(Cli.Run("diagnose", model, "--batches", "1").Out, " ");
        Assert.Contains("(at these lengths; by lag 227 it must have vanished)", text);
        Assert.Contains(
            "omega not needed at these lengths; longer ones need other weights: the signal reaches the first step, but eta = "
                + "0.97 leaves less than a thousandth of it by lag 227", text);

        // And so it is: at 300 steps it has vanished by then.
        JsonElement longer = Cli.Run("diagnose", model, "--length", "300", "--batches", "1", "--json").Json[0];
        Assert.Equal("vanishing", longer.GetProperty("verdict").GetString());
        Assert.InRange(longer.GetProperty("lag").GetInt32(), 220, 228);
    }

    [Fact]
    public void Few_entries_kept_are_no_ground_for_Omega()
    {
        using var folder = new TempFolder();
        string text = Spaces().Replace(Cli.Run("diagnose", Make(folder, "linear 0.2"), "--batches", "1").Out, " ");
        Assert.Matches("omega not yet: other weights first, then diagnose again: it sees [12][0-9]\\.[0-9]% of the way", text);
    }

    private static double Value(JsonElement number) => number.ValueKind == JsonValueKind.Null ? double.NaN : number.GetDouble();

    private static string Make(TempFolder folder, string illness)
    {
        ITask task = SyntheticTasks.Create("temporal-order", 60);
        string[] words = illness.Split(' ');
        Activation activation = words[0] switch
        {
            "linear" or "infinite" => Activation.Identity,
            "relu" => Activation.Relu,
            "sigmoid" => Activation.Sigmoid,
            _ => Activation.Tanh
        };
        var shape = new NetworkShape(task.Inputs, 17, task.Outputs)
        {
            Encoding = task.Encoding,
            Head = task.Head,
            Activation = activation,
        };
        var network = new Network<float>(shape);
        Initializer.Initialize(network, Initialization.Orthogonal, 5);
        foreach (ref float weight in network.InputWeights) weight *= 0.1f;
        if (words.Length == 2 && double.TryParse(words[1], out double factor))
        {
            foreach (ref float weight in network.RecurrentWeights) weight *= (float)factor;
        }

        switch (illness)
        {
            case "zero":
                network.RecurrentWeights.Clear();
                break;
            case "nothing":
                network.Parameters.Clear();
                break;
            case "nilpotent":
                network.RecurrentWeights.Clear();
                for (int i = 1; i < 5; i++) network.RecurrentWeights[(i * 17) + i - 1] = 1;
                break;
            case "no head":
                network.OutputWeights.Clear();
                break;
            case "saturated":
                network.HiddenBias.Fill(9);
                break;
            case "infinite":
                network.OutputWeights.Fill(1e30f);
                network.RecurrentWeights.Fill(1e30f);
                break;
        }

        string path = folder.At("model.safetensors");
        ModelFile.Save(path, network, new ModelInfo(shape)
        {
            Reduction = task.Reduction,
            Properties = new Dictionary<string,
            string>
            { ["task"] = task.Name, ["length"] = "60" }
        });
        return path;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
