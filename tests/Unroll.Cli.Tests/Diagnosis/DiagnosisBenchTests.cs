using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Unroll.Analysis;
using Unroll.Cli.Diagnosis;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Tests.Diagnosis;

/// <summary>Networks that were made ill in known ways are recognized by the first advice; healthy ones are left alone.</summary>
public partial class DiagnosisBenchTests
{
    [Fact]
    public void The_first_advice_of_ill_networks_is_right_and_healthy_ones_hear_nothing()
    {
        CliResult run = Cli.Run("diagnose", "--bench", "--seeds", "2", "--json");
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        JsonElement[] rows = run.Json;
        Assert.Equal((IllNetworks.All.Sum(illness => illness.Cells.Count) + 3, 3),
            (rows.Length, rows.Count(row => row.GetProperty("illness").GetString() == IllNetworks.Healthy)));
        foreach (JsonElement row in rows)
        {
            string what = $"{row.GetProperty("illness")} {row.GetProperty("cell")}";
            Assert.True(row.GetProperty("right").GetInt32() == 2, $"{what}: {row.GetProperty("right")} of 2");
            Assert.InRange(row.GetProperty("low").GetDouble(), 0.3, 0.4); // Wilson's, of 2 of 2
        }
    }

    [Theory]
    [InlineData("vanishing", "exploding")]
    [InlineData("exploding", "saturated")]
    [InlineData("inputs too large", "leaking target")]
    public void An_illness_is_not_taken_for_another_one(string illness, string other)
    {
        IllNetwork ill = IllNetworks.Make(illness, CellKind.Lstm, 7);
        var options = new DiagnosisOptions { Batches = 2, Rows = 5, Seed = 7 };
        GradientDiagnosis d =
            GradientDiagnosis.Measure(ill.Network, ill.Task, options, null, TestContext.Current.CancellationToken);
        Advice first = Advice.Of(d, ill.Task, ill.Network.Shape, DataAdvice.Of(ill.Task, 7), ill.Rate)[0];
        Illness One(string name) => IllNetworks.All.Single(one => one.Name == name);
        Assert.True(Is(One(illness)));
        Assert.False(Is(One(other)));

        bool Is(Illness one) => (one.Verdict is null || one.Verdict == d.Verdict) && one.Recognizes(first);
    }

    [Fact]
    public void The_data_of_a_task_that_is_as_it_should_be_says_nothing()
    {
        foreach (string task in (string[])["temporal-order", "addition", "multiplication", "memorization"])
            Assert.Empty(DataAdvice.Of(SyntheticTasks.Create(task, 60), 3));
    }

    [Fact]
    public void A_rate_is_judged_where_it_is_known()
    {
        using var folder = new TempFolder();
        string model = Models.Rotation(folder, 1);
        string[] args = ["diagnose", model, "--batches", "2", "--batch", "4", "--json"];
        string First(params string[] more) =>
            Cli.Run([.. args, .. more]).Json[0].GetProperty("advice")[0].GetProperty("about").GetString()!;
        Assert.Equal("clip", First());
        Assert.Equal("clip", First("--lr", "0.0001"));
        Assert.Equal("lr", First("--lr", "1000"));
    }

    [Theory]
    [InlineData("diagnose needs MODEL")]
    [InlineData("--seeds is for --bench", "m.safetensors", "--seeds", "2")]
    [InlineData("--bench makes its own networks", "m.safetensors", "--bench")]
    [InlineData("--seeds", "--bench", "--seeds", "0")]
    [InlineData("--lr", "m.safetensors", "--lr", "-1")]
    [InlineData("ends neither in .svg nor in .png", "m.safetensors", "--plot", "x.gif")]
    public void Options_that_do_not_go_together_are_refused(string sentence, params string[] args) =>
        Assert.Contains(sentence, Cli.Run(["diagnose", .. args]).RefusedWith());

    [Fact]
    public void Remedies_are_tried_side_by_side_from_the_same_state()
    {
        using var folder = new TempFolder();
        string model = Models.Rotation(folder, 0.8, activation: Activation.Tanh);
        CliResult run = Cli.Run("diagnose", model, "--batches", "2", "--batch", "4", "--try", "--json");
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        JsonElement tried = run.Json[1];
        JsonElement[] rows = [.. tried.GetProperty("remedies").EnumerateArray()];
        Assert.Equal(("tried", 300), (tried.GetProperty("event").GetString(), tried.GetProperty("updates").GetInt32()));
        Assert.Equal(["as it is", "--omega 2", "--init orthogonal"],
            rows.Take(3).Select(row => row.GetProperty("remedy").GetString()!));
        Assert.Equal([false, false, true], rows.Take(3).Select(row => row.GetProperty("new_start").GetBoolean()));
        double Rate(int row) => rows[row].GetProperty("measured_rate").GetDouble();
        Assert.Equal("vanishing", rows[0].GetProperty("verdict").GetString());
        Assert.True(Rate(1) > Rate(0) + 0.02, $"{Rate(1)} with Omega, {Rate(0)} without");
        Assert.NotEqual("no", rows[1].GetProperty("helped").GetString());
        Assert.Equal("", rows[0].GetProperty("helped").GetString());
    }

    [Fact]
    public void Every_snippet_of_CSharp_sets_properties_that_there_are_and_every_advice_has_one_of_PyTorch()
    {
        foreach ((Advice advice, AdviceHow how) in AllAdvice())
        {
            if (advice.About is "inputs" or "leak") continue;
            Match set = Setting().Match(how.CSharp);
            Assert.True(set.Success, $"{advice.About}: {how.CSharp}");
            Type type = typeof(TrainingOptions).GetProperty(set.Groups["name"].Value)?.PropertyType
                ?? throw new InvalidOperationException($"There is no property {set.Groups["name"].Value}.");
            string value = set.Groups["value"].Value;
            if (type.IsEnum)
                Assert.True(Enum.TryParse(type, value.Split('.')[1], out _) && value.StartsWith($"{type.Name}."), value);
            else Assert.True(double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out _), value);
            Assert.NotEqual("", how.Torch);
            Assert.NotEqual("", how.Hurts);
            Assert.NotEqual("", how.Expect);
        }
    }

    [Fact]
    public void Every_snippet_of_PyTorch_runs_where_PyTorch_is()
    {
        if (!HasTorch()) Assert.Skip("PyTorch is not installed.");
        foreach ((Advice advice, AdviceHow how) in AllAdvice())
        {
            string rnn = advice.Text.Contains("--chrono", StringComparison.Ordinal) ? "LSTM" : "RNN";
            string script = $"""
                import torch
                rnn = torch.nn.{rnn}(6, 20); cell = torch.nn.Linear(20, 20); h = torch.zeros(2, 20); u = h
                cell = lambda u, h: u + h
                model = torch.nn.Sequential(rnn); x = torch.randn(4, 5, 6); x_train = x; LEAK = 1
                input_size = 6; hidden_size = 20
                rnn(torch.randn(5, 2, 6))[0].sum().backward()
                {how.Torch}
                """;
            var info = new ProcessStartInfo("python3") { RedirectStandardError = true, RedirectStandardOutput = true };
            info.ArgumentList.Add("-c");
            info.ArgumentList.Add(script);
            using Process python = Process.Start(info)!;
            string error = python.StandardError.ReadToEnd();
            python.WaitForExit();
            Assert.True(python.ExitCode == 0, $"{how.Torch}: {error}");
        }
    }

    [Fact]
    public void Snippets_and_expectations_are_in_the_report_when_asked_for()
    {
        using var folder = new TempFolder();
        string[] args = ["diagnose", Models.Rotation(folder, 0.8), "--batches", "2", "--batch", "4"];
        string plain = Cli.Run(args).Out, full = Cli.Run([.. args, "--snippets"]).Out;
        Assert.DoesNotContain("options with", plain);
        Assert.Contains("--snippets adds it in PyTorch and C#", plain);
        foreach (string part in (string[])["hurts", "PyTorch", "C#", "expect", "options with { Omega = 2 }", "clip_grad_norm_"])
            Assert.Contains(part, full);
        Assert.All(full.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    /// <summary>What is advised for every kind of ill network, plain and gated.</summary>
    private static IEnumerable<(Advice Advice, AdviceHow How)> AllAdvice()
    {
        (string, CellKind)[] all = [("vanishing", CellKind.Plain), ("vanishing", CellKind.Lstm), ("exploding", CellKind.Gru),
            ("saturated", CellKind.Plain), ("dead ReLU", CellKind.Plain), ("rate too high", CellKind.Plain),
            ("inputs too large", CellKind.Lstm), ("leaking target", CellKind.Plain)];
        var options = new DiagnosisOptions { Batches = 1, Rows = 3 };
        foreach ((string illness, CellKind cell) in all)
        {
            IllNetwork ill = IllNetworks.Make(illness, cell, 3);
            GradientDiagnosis d =
                GradientDiagnosis.Measure(ill.Network, ill.Task, options, null, TestContext.Current.CancellationToken);
            IReadOnlyList<Advice> advice =
                Advice.Of(d, ill.Task, ill.Network.Shape, DataAdvice.Of(ill.Task, 3), ill.Rate);
            foreach (Advice one in advice.Where(one => one.Asks)) yield return (one, AdviceHow.Of(one, ill.Network.Shape));
        }
    }

    private static bool HasTorch()
    {
        try
        {
            var import = new ProcessStartInfo("python3", "-c \"import torch\"") { RedirectStandardError = true };
            using Process python = Process.Start(import)!;
            python.WaitForExit();
            return python.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // no Python
        }
    }

    [GeneratedRegex(@"^options with \{ (?<name>\w+) = (?<value>[\w.+-]+) \}$")]
    private static partial Regex Setting();
}
