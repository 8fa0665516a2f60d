using System.Text.Json;
using Unroll.Analysis;
using Unroll.Cli.Diagnosis;
using Unroll.Files;
using Unroll.Tasks;

namespace Unroll.Cli.Tests.Diagnosis;

public class DiagnoseTests
{
    private static readonly string[] Keys =
    [
        "event", "model", "task", "length", "hidden", "activation", "batches", "batch", "seed", "verdict", "lag",
        "exploding_probability", "spectral_radius",
        "largest_singular_value", "eta", "measured_rate", "saturated", "long_term_share", "long_term_from", "omega", "omega_kept",
        "must_vanish", "can_explode",
        "gamma", "loss", "loss_unit", "error", "curvature", "learning_rate_bound", "clip_threshold", "clip_rate",
        "long_term_quantiles", "gradient_norm",
        "gradient_norms", "by_lag", "by_step", "omega_by_step", "lyapunov_exponent", "error_direction", "advice", "zero_from",
        "vanished_by", "omega_gradient", "clip_mean", "notes",
    ];

    [Fact]
    public void Gradients_that_are_all_zero_need_no_threshold()
    {
        using var folder = new TempFolder();
        var task = new TemporalOrder(60);
        Network<double> network = ModelFile.Load<double>(Models.Rotation(folder, 1));
        GradientDiagnosis measured = GradientDiagnosis.Measure(network, task, new DiagnosisOptions { Batches = 1, Rows = 2 },
            cancellation: TestContext.Current.CancellationToken);
        Assert.Contains(Advice.Of(measured, task, network.Shape), advice => advice.About == "clip");
        GradientDiagnosis zero = measured with { Norms = [0, 0], Clipping = ClipAdvice.Of([0, 0]), ExplodingProbability = 0 };
        Assert.DoesNotContain(Advice.Of(zero, task, network.Shape), advice => advice.About == "clip");
    }

    [Theory]
    [InlineData(0.8, "vanishing", 30, 32)]
    [InlineData(1.0, "healthy", null, null)]
    [InlineData(1.4, "exploding", 13, 15)]
    public void Verdicts_of_networks_that_were_built_for_them(double factor, string verdict, int? from, int? to)
    {
        using var folder = new TempFolder();
        string model = Models.Rotation(folder, factor);
        CliResult run = Cli.Run("diagnose", model, "--batches", "3", "--batch", "4", "--json");
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        JsonElement d = Assert.Single(run.Json);
        Assert.Equal(Keys, d.EnumerateObject().Select(p => p.Name));
        Assert.Equal(("diagnosis", "temporal-order", "60", verdict),
            (d.GetProperty("event").GetString(), d.GetProperty("task").GetString(), d.GetProperty("length").GetString(),
                d.GetProperty("verdict").GetString()));
        JsonElement lag = d.GetProperty("lag");
        if (from is null) Assert.Equal(JsonValueKind.Null, lag.ValueKind);
        else Assert.InRange(lag.GetInt32(), from.Value, to!.Value);
        Assert.Equal(factor, d.GetProperty("spectral_radius").GetDouble(), 1e-5);
        Assert.Equal(factor, d.GetProperty("largest_singular_value").GetDouble(), 1e-5);
        Assert.Equal(factor, d.GetProperty("measured_rate").GetDouble(), 0.01);
        Assert.Equal(60, d.GetProperty("by_lag").GetProperty("median").GetArrayLength());
        Assert.Equal(3, d.GetProperty("gradient_norms").GetArrayLength());

        // All directions are alike: each step scales every one of them by the factor.
        JsonElement direction = d.GetProperty("error_direction");
        Assert.Equal(["steps", "ratio", "singular_values_below", "largest_singular_value"],
            direction.EnumerateObject().Select(p => p.Name));
        Assert.Equal(80, direction.GetProperty("steps").GetInt32());
        foreach (string of in (string[])["lower", "median", "upper"])
        {
            Assert.Equal(Math.Log(factor), d.GetProperty("lyapunov_exponent").GetProperty(of).GetDouble(), 1e-5);
            foreach (string name in (string[])["ratio", "largest_singular_value"])
                Assert.Equal(factor, direction.GetProperty(name).GetProperty(of).GetDouble(), 1e-5);
            Assert.InRange(direction.GetProperty("singular_values_below").GetProperty(of).GetDouble(), 0, 1);
        }

        string[] about = [.. d.GetProperty("advice").EnumerateArray().Select(one => one.GetProperty("about").GetString()!)];
        Assert.Equal(factor != 1, about.Contains("init"));
        Assert.Contains("clip", about);
        Assert.Equal(factor > 1 ? JsonValueKind.Null : JsonValueKind.Number, d.GetProperty("clip_threshold").ValueKind);
        Assert.All(d.GetProperty("advice").EnumerateArray(), one =>
        {
            Assert.StartsWith("section", one.GetProperty("section").GetString());
            Assert.Matches("[0-9]|first step", one.GetProperty("because").GetString());
        });

        string text = Cli.Run("diagnose", model, "--batches", "3", "--batch", "4").Out;
        Assert.Contains($"verdict    {verdict}", text);
        if (factor != 1) Assert.Contains($"states     that start close {(factor > 1 ? "part" : "come together")}", text);
        Assert.True(text.Split('\n').Length <= 45, $"{text.Split('\n').Length} lines are more than a screen");
        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 105));
        foreach (string heading in (string[])["bounds", "rate", "units", "long-term", "norm", "Omega", "states", "direction",
            "advice", "  clip"])
            Assert.Contains($"\n{heading}", text);
    }

    [Fact]
    public void The_Jacobians_of_a_diagnosis_are_those_of_the_library()
    {
        using var folder = new TempFolder();
        string model = Models.Rotation(folder, 1.3, activation: Activation.Tanh);
        JsonElement d = Cli.Run("diagnose", model, "--batch", "3", "--json").Json[0];
        Network<double> network = ModelFile.Load<double>(model);
        ITask task = SyntheticTasks.Create("temporal-order", 60);
        Batch batch = Batch.For(task);
        task.Fill(batch, 3, GradientDiagnosis.BatchKey(1, 0));
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, task.Reduction);
        unrolled.Backward();
        double[] exponents = [.. Enumerable.Range(0, 3)
            .Select(row => JacobianProducts.LyapunovExponents(unrolled, row, 60)[0]).Order()];
        Assert.Equal(exponents[1], d.GetProperty("lyapunov_exponent").GetProperty("median").GetDouble(), 0.01);
        OmegaDirection[] directions = [.. from row in Enumerable.Range(0, 3) from k in Enumerable.Range(1, 59)
            select OmegaAnalysis.Direction(unrolled, row, k)];
        JsonElement direction = d.GetProperty("error_direction");
        Assert.Equal(78, direction.GetProperty("steps").GetInt32()); // 26 of each sequence
        Assert.Equal(Quantiles.Of([.. directions.Select(one => one.Ratio)]).Median,
            direction.GetProperty("ratio").GetProperty("median").GetDouble(), 0.05);
        Assert.Equal(Quantiles.Of([.. directions.Select(one => one.Rank)]).Median,
            direction.GetProperty("singular_values_below").GetProperty("median").GetDouble(), 0.1);
        Assert.Equal(Quantiles.Of([.. directions.Select(one => one.SingularValues[0])]).Median,
            direction.GetProperty("largest_singular_value").GetProperty("median").GetDouble(), 0.05);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_options_are_heeded()
    {
        using var folder = new TempFolder();
        string model = Models.Rotation(folder, 0.9);
        string one = Cli.Run("diagnose", model, "--batches", "2", "--json").Out;
        Assert.Equal(one, Cli.Run("diagnose", model, "--batches", "2", "--json", "--threads", "2").Out);
        Assert.NotEqual(one, Cli.Run("diagnose", model, "--batches", "2", "--json", "--seed", "2").Out);
        JsonElement other = Cli.Run("diagnose", model, "--batches", "2", "--batch", "3", "--length", "30..40", "--json").Json[0];
        Assert.Equal(("30..40", 2, 3), (other.GetProperty("length").GetString(), other.GetProperty("batches").GetInt32(),
            other.GetProperty("batch").GetInt32()));
    }

    [Theory]
    [InlineData("rnn.", "fc", "")]
    [InlineData("", "head", "")]
    [InlineData("model.encoder.rnn.", "out.proj", "--head out.proj")]
    [InlineData("rnn.", "fc", "--head fc.weight --activation relu")]
    public void A_PyTorch_file_is_read_under_any_prefix(string prefix, string head, string options)
    {
        using var folder = new TempFolder();
        string path = Models.Torch(folder, "torch.safetensors", null, prefix, head);
        CliResult run = Cli.Run(["diagnose", path, "--task", "temporal-order", "--length", "30", "--batches", "2",
            .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        Assert.Contains(
            $"PyTorch: layer {prefix}weight_ih_l0, head {head}.weight, biases summed, "
                + $"{(options.Contains("relu") ? "relu" : "tanh")}", run.Out.Replace('\n', ' '));
    }

    [Fact]
    public void A_PyTorch_file_means_the_network_of_its_tensors_with_summed_biases()
    {
        using var folder = new TempFolder();
        string torch = Models.Torch(folder, "torch.safetensors",
            tensors => tensors["embedding.weight"] = Models.Filled("embedding.weight", 9, 3));
        SafeTensorsFile file = SafeTensorsFile.Read(torch);
        var shape = new NetworkShape(6, 8, 4);
        var network = new Network<float>(shape);
        file.Floats("rnn.weight_ih_l0").CopyTo(network.InputWeights);
        file.Floats("rnn.weight_hh_l0").CopyTo(network.RecurrentWeights);
        float[] biases = [.. file.Floats("rnn.bias_ih_l0").Zip(file.Floats("rnn.bias_hh_l0"), (a, b) => a + b)];
        biases.CopyTo(network.HiddenBias);
        file.Floats("fc.weight").CopyTo(network.OutputWeights);
        file.Floats("fc.bias").CopyTo(network.OutputBias);
        ModelFile.Save(folder.At("own.safetensors"), network, new ModelInfo(shape));

        JsonElement foreign = Cli.Run("diagnose", torch, "--ignore", "embedding", "--task", "temporal-order", "--length", "30",
            "--batches", "2", "--json").Json[0];
        JsonElement own = Cli.Run("diagnose", folder.At("own.safetensors"), "--task", "temporal-order", "--length", "30",
            "--batches", "2", "--json").Json[0];
        foreach (string key in (string[])["loss", "spectral_radius", "measured_rate", "omega"])
            Assert.Equal(own.GetProperty(key).GetDouble(), foreign.GetProperty(key).GetDouble(), 1e-6);
        Assert.Contains("left out as asked: embedding.weight",
            Cli.Run("diagnose", torch, "--ignore", "embedding", "--task", "temporal-order", "--length", "30", "--batches",
                "1").Out.Replace('\n', ' '));
        Assert.Contains("has more than a recurrent layer and one linear head: embedding.weight [9, 3]",
            Cli.Run("diagnose", torch, "--task", "temporal-order", "--json").RefusedWith());
    }

    [Theory]
    [InlineData("rnn.weight_ih_l1 8 8", "has rnn.weight_ih_l1 and no rnn.weight_hh_l1")]
    [InlineData("rnn.weight_ih_l0_reverse 8 6", "bidirectional")]
    [InlineData("rnn.weight_hr_l0 8 8", "LSTM with projection")]
    [InlineData("rnn.weight_ih_l0 32 6; rnn.weight_hh_l0 32 8",
        "has rnn.bias_ih_l0 in shape [8] where [32] is expected, of 4 gates of 8 units, as rnn.weight_hh_l0 says")]
    [InlineData("rnn.weight_ih_l0 24 6; rnn.weight_hh_l0 16 8",
        "has rnn.weight_hh_l0 in shape [16, 8], whose 16 rows are no gates of 8 units")]
    [InlineData("rnn.weight_ih_l0 9 6", "has rnn.weight_ih_l0 in shape [9, 6] where 8 rows are expected, of 1 gate of 8 units")]
    [InlineData("rnn.weight_ih_l0 48", "where a matrix is expected")]
    [InlineData("rnn.bias_ih_l0 7", "has rnn.bias_ih_l0 in shape [7] where [8] is expected")]
    [InlineData("other.weight_ih_l0 8 6; other.weight_hh_l0 8 8",
        "several recurrent layers: rnn.weight_ih_l0, other.weight_ih_l0")]
    [InlineData("-rnn.weight_ih_l0; -rnn.weight_hh_l0; -rnn.bias_ih_l0; -rnn.bias_hh_l0", "no tensor that ends in weight_ih_l0")]
    [InlineData("-rnn.weight_hh_l0", "and no rnn.weight_hh_l0")]
    [InlineData("-fc.weight", "has no head")]
    [InlineData("-fc.weight; a.weight 4 8; b.weight 4 8",
        "several matrices of width 8, a.weight, b.weight; give the head by --head NAME")]
    [InlineData("fc.weight 5 8", "does not fit temporal-order: it has 6 inputs and 5 outputs")]
    [InlineData("rnn.weight_ih_l0 8 5", "does not fit temporal-order: it has 5 inputs")]
    public void PyTorch_files_of_another_kind_are_refused_by_name(string changes, string expected)
    {
        using var folder = new TempFolder();
        string path = Models.Torch(folder, "torch.safetensors", tensors =>
        {
            foreach (string change in changes.Split("; "))
            {
                string[] words = change.Split(' ');
                if (words[0][0] == '-') tensors.Remove(words[0][1..]);
                else tensors[words[0]] = Models.Filled(words[0], [.. words[1..].Select(long.Parse)]);
            }
        });
        Assert.Contains(expected, Cli.Run("diagnose", path, "--task", "temporal-order").RefusedWith());
    }

    [Fact]
    public void The_head_with_as_many_outputs_as_the_task_is_taken_from_several()
    {
        using var folder = new TempFolder();
        string path = Models.Torch(folder, "torch.safetensors",
            tensors => tensors["embedding.weight"] = Models.Filled("embedding.weight", 6, 8));
        Assert.Contains("one linear head: embedding.weight [6, 8]; without",
            Cli.Run("diagnose", path, "--task", "temporal-order", "--length", "20").RefusedWith());
        Assert.Contains("head fc.weight", Cli.Run("diagnose", path, "--ignore", "embedding", "--task", "temporal-order",
            "--length", "20", "--batches", "1").Out.Replace('\n', ' '));
        Assert.Contains("does not fit", Cli.Run("diagnose", path, "--task", "temporal-order", "--head", "embedding", "--ignore",
            "fc").RefusedWith());
        Assert.Contains("no tensor 'fx' for --head",
            Cli.Run("diagnose", path, "--task", "temporal-order", "--head", "fx").RefusedWith());
        Assert.Contains("[outputs, 8]", Cli.Run("diagnose", path, "--task", "temporal-order", "--head", "fc.bias").RefusedWith());
        Assert.Contains("give --task NAME", Cli.Run("diagnose", path).RefusedWith());
        Assert.Contains("did you mean relu", Cli.Run("diagnose", path, "--task", "temporal-order", "--activation", "rel")
            .RefusedWith());
        Assert.Contains("--activation has no value 'gelu'",
            Cli.Run("diagnose", path, "--task", "temporal-order", "--activation", "gelu").RefusedWith());
    }

    [Fact]
    public void Weights_that_are_not_finite_are_refused_by_place()
    {
        using var folder = new TempFolder();
        string path = Models.Torch(folder, "nan.safetensors",
            tensors => tensors["fc.bias"] = SafeTensor.Of("fc.bias", (float[])[1, 2, float.NaN, 3], 4));
        Assert.Contains("not finite: fc.bias, element 2, is NaN",
            Cli.Run("diagnose", path, "--task", "temporal-order").RefusedWith());
        path = Models.Torch(folder, "int.safetensors", tensors =>
            tensors["fc.bias"] = SafeTensor.Of("fc.bias", (long[])[1, 2, 3, 4], 4));
        Assert.Contains("as 'I64' where F64, F32, F16 or BF16 is expected",
            Cli.Run("diagnose", path, "--task", "temporal-order").RefusedWith());
    }

    [Fact]
    public void What_does_not_go_together_is_refused()
    {
        using var folder = new TempFolder();
        string model = Models.Rotation(folder, 0.9);
        Assert.Contains("does not fit addition", Cli.Run("diagnose", model, "--task", "addition").RefusedWith());
        Assert.Contains("--head is for PyTorch files", Cli.Run("diagnose", model, "--head", "fc").RefusedWith());
        Assert.Contains("is a network of identity units, not tanh",
            Cli.Run("diagnose", model, "--activation", "tanh").RefusedWith());
        Assert.Contains("did you mean temporal-order", Cli.Run("diagnose", model, "--task", "temporal").RefusedWith());
        Assert.Contains("1..100000", Cli.Run("diagnose", model, "--batches", "0").RefusedWith());
        Assert.Contains("--html needs", Cli.Run("diagnose", model, "--html", "").RefusedWith());
        Assert.Contains("could not be written",
            Cli.Run("diagnose", model, "--batches", "1", "--html", folder.At("none/page.html")).RefusedWith());
        Assert.Contains("does not exist", Cli.Run("diagnose", folder.At("none.safetensors")).RefusedWith());
        Assert.Contains("needs MODEL", Cli.Run("diagnose").RefusedWith());
        File.WriteAllText(folder.At("text.safetensors"), "no tensors at all");
        Assert.Contains("not a valid safetensors file",
            Cli.Run("diagnose", folder.At("text.safetensors"), "--task", "addition").RefusedWith());
    }

    [Fact]
    public void Training_diagnoses_at_every_Nth_check_and_changes_nothing()
    {
        string[] args = ["train", "--updates", "80", "--json", .. Cli.Small];
        JsonElement[] plain = Cli.Run(args).Json, diagnosed = Cli.Run([.. args, "--diagnose-every", "2"]).Json;
        Assert.Equal([false, true, false, true, false], diagnosed.Select(line => line.TryGetProperty("diagnosis", out _)));
        foreach (string key in (string[])["loss", "gradient_norm", "validation_loss"])
            Assert.Equal(plain.Select(line => line.GetProperty(key).GetDouble()),
                diagnosed.Select(line => line.GetProperty(key).GetDouble()));
        JsonElement d = diagnosed[1].GetProperty("diagnosis");
        Assert.Equal(Keys[9..21], d.EnumerateObject().Select(p => p.Name));
        Assert.Equal(diagnosed[1].GetProperty("spectral_radius").GetDouble(), d.GetProperty("spectral_radius").GetDouble(), 12);
        string text = Cli.Run(["train", "--updates", "80", "--diagnose-every", "4", .. Cli.Small]).Out;
        Assert.Single(text.Split('\n'), line => line.StartsWith("  diagnosis: ", StringComparison.Ordinal));
        Assert.Contains("--diagnose-every 0 must lie in 1..", Cli.Run("train", "--diagnose-every", "0").RefusedWith());
    }

    [Fact]
    public void A_plot_shows_medians_in_their_range()
    {
        Quantiles[] curve = [.. Enumerable.Range(0, 200)
            .Select(lag => Quantiles.Of([Math.Pow(0.9, lag), Math.Pow(0.9, lag) * 2, Math.Pow(0.9, lag) * 4]))];
        IReadOnlyList<string> lines = TerminalPlot.Draw(curve, 0, 100, 9, false);
        Assert.Equal(11, lines.Count);
        Assert.Equal("1e+1", lines[0][..8].Trim());
        Assert.True(lines.All(line => line.Length <= 100));
        Assert.Equal(90, lines.Take(9).Sum(line => line.Count(letter => letter == '*')));
        Assert.EndsWith("199", lines[^1]);
        Assert.Contains("all zero", TerminalPlot.Draw([Quantiles.Of([0.0])], 0, 100, 9, false)[0]);
        Assert.Contains("not finite", TerminalPlot.Draw([Quantiles.Of([double.NaN])], 0, 100, 9, true)[0]);
        Assert.Contains("no step", TerminalPlot.Draw([], 0, 100, 9, true)[0]);
        Assert.Equal(4, TerminalPlot.Draw([Quantiles.Of([1.0])], 0, 100, 2, true).Count);
    }
}
