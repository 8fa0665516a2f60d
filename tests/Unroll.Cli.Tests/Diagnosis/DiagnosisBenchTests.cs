using System.Text.Json;
using Unroll.Analysis;
using Unroll.Cli.Diagnosis;
using Unroll.Tasks;

namespace Unroll.Cli.Tests.Diagnosis;

/// <summary>Networks that were made ill in known ways are recognized by the first advice; healthy ones are left alone.</summary>
public class DiagnosisBenchTests
{
    [Fact]
    public void The_first_advice_of_ill_networks_is_right_and_healthy_ones_hear_nothing()
    {
        CliResult run = Cli.Run("diagnose", "--bench", "--seeds", "2", "--json");
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        JsonElement[] rows = run.Json;
        Assert.Equal((IllNetworks.All.Sum(illness => illness.Cells.Count) + 16, 16),
            (rows.Length, rows.Count(row => IllNetworks.IsHealthy(row.GetProperty("illness").GetString()!))));
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
    [InlineData("shuffled labels", "window too short")]
    [InlineData("window too short", "shuffled labels")]
    public void An_illness_is_not_taken_for_another_one(string illness, string other)
    {
        IllNetwork ill = IllNetworks.Make(illness, CellKind.Lstm, 7);
        var options = new DiagnosisOptions { Batches = 2, Rows = 5, Seed = 7 };
        GradientDiagnosis d =
            GradientDiagnosis.Measure(ill.Network, ill.Task, options, null, TestContext.Current.CancellationToken);
        Advice first = Advice.Of(d, ill.Task, ill.Network.Shape, DataAdvice.Of(ill.Task, 7, ill.Network, d), ill.Rate)[0];
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
    public void A_rate_is_evaluated_where_it_is_known()
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
}
