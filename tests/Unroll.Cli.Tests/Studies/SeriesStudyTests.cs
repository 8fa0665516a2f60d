using System.Text.Json;
using Unroll.Cli.Tests.Sequences;

namespace Unroll.Cli.Tests.Studies;

/// <summary>Studies on somebody's own sequences: grids over their options, by the cost of the validation fold.</summary>
public class SeriesStudyTests
{
    [Fact]
    public void A_grid_over_windows_and_cells_is_told_by_its_costs_and_its_trials_are_runs()
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder), study = folder.At("study");
        string[] run = ["study", "run", "forecast", "--set", $"data={data}", "--set", "target=power", "--set", "window=12,24",
            "--set", "cell=gru,plain", "--set", "hidden=5", "--set", "epochs=2", "--set", "horizon=3", "--jobs", "2"];
        CliResult first = Cli.Run([.. run, "--out", study]);
        Assert.Equal((0, ""), (first.Code, first.Error));
        Assert.Contains("complete: 4 of 4 trials done", first.Out);
        Assert.DoesNotContain("solved", first.Out, StringComparison.OrdinalIgnoreCase);
        string show = Cli.RunWide("study", "show", study).Out;
        Assert.Contains("Costs of the best models by validation, squared error", show);
        Assert.Contains("Best trials by validation cost", show);

        // The same options are the same run: the costs are those of unroll train, and unroll evaluate knows the folder.
        Assert.Equal(0, Cli.Run("train", "forecast", "--data", data, "--target", "power", "--window", "24", "--horizon", "3",
            "--cell", "gru", "--hidden", "5", "--epochs", "2", "--out", folder.At("run")).Code);
        byte[] alone = File.ReadAllBytes(Path.Combine(folder.At("run"), "best.safetensors"));
        string[] trials = Directory.GetDirectories(Path.Combine(study, "trials"));
        Assert.Equal(4, trials.Length);
        string same = Assert.Single(trials, trial => File.ReadAllBytes(Path.Combine(trial, "best.safetensors")).AsSpan()
            .SequenceEqual(alone));
        Assert.Equal(Cli.Run("evaluate", folder.At("run")).Out, Cli.Run("evaluate", same).Out);
        Assert.Equal("time,step,power", Cli.Run("predict", same, "--data", data).OutLines[0]);

        // It goes on, says nothing new, and its page is one file.
        CliResult again = Cli.Run("study", "run", study);
        Assert.Equal((0, ""), (again.Code, again.Error));
        Assert.Equal(0, Cli.Run("study", "report", study, "--out", folder.At("page.html")).Code);
        Assert.Contains("validation", File.ReadAllText(folder.At("page.html")));
        Assert.Contains("cost", Cli.Run("study", "show", study, "--compare", "cell").Out);

        // Data that has changed is not the same study.
        File.AppendAllText(data, "2024-01-11 00:00,1,1\n");
        Assert.Contains("has changed since trials", Cli.Run("study", "run", study).RefusedWith());
    }

    [Fact]
    public void Names_and_dates_with_spaces_and_commas_are_those_of_the_table()
    {
        using var folder = new TempFolder();
        string[] rows = File.ReadAllLines(SeriesFiles.Readings(folder));
        string data = folder.At("two words, and a comma.csv"), study = folder.At("study");
        File.WriteAllLines(data, ["\"at, local\";\"power, in kW\";outside temp", .. rows[1..].Select(row => row.Split(',')
            is [var at, var power, var temp] ? $"{at[8..10]}.{at[5..7]}.{at[..4]} {at[11..]};{power};{temp}" : row)]);
        CliResult run = Cli.Run("study", "run", "forecast", "--set", $"data=\"{data}\"", "--set", "time=\"at, local\"", "--set",
            "target=\"power, in kW\"", "--set", "known=outside temp", "--set", "date-format=dd.MM.yyyy HH:mm", "--set",
            "delimiter=;", "--set", "window=8,12", "--set", "hidden=4", "--set", "epochs=1", "--out", study);
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("complete: 2 of 2 trials done", run.Out);
        Assert.Equal(0, Cli.Run("study", "run", study).Code);
        string trial = Directory.GetDirectories(Path.Combine(study, "trials"))[0];
        Assert.Contains("power, in kW", Cli.Run("evaluate", trial).Out);
    }

    [Fact]
    public void A_study_file_has_lists_and_flags_and_every_kind()
    {
        using var folder = new TempFolder();
        string machines = SeriesFiles.Machines(folder), file = folder.At("study.json");
        File.WriteAllText(file, JsonSerializer.Serialize(new
        {
            name = "machines",
            grid = new object[]
            {
                new
                {
                    task = "classify", data = machines, group = "machine", label = "state", ignore = "life,alarm",
                    hidden = "4", epochs = "1", segment = new[] { "1", "2" },
                },
                new
                {
                    task = "tag", data = machines, group = "machine", target = "alarm", ignore = "life,state", hidden = "4",
                    epochs = "1",
                },
                new
                {
                    task = "regress", data = machines, group = "machine", target = "life", ignore = "alarm,state",
                    quantiles = "0.1,0.9", hidden = "4", epochs = "1",
                },
            },
        }));
        CliResult run = Cli.Run("study", "run", file, "--out", folder.At("study"));
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains("4 of 4 trials done", run.Out);
        string csv = Cli.Run("study", "export", folder.At("study")).Out;
        Assert.Contains("pinball cost", csv);
        Assert.Contains("nats", csv);
    }

    [Theory]
    [InlineData("forecast", "needs data")]
    [InlineData("forecast data=DATA length=20", "length is not for the task forecast")]
    [InlineData("forecast data=DATA recipe=best", "recipe is not for the task forecast")]
    [InlineData("classify data=DATA horizon=2", "horizon is not for the task classify")]
    [InlineData("forecast data=DATA horizon=0", "horizon 0 must lie in 1..65536")]
    [InlineData("forecast data=DATA target=powr", "the nearest is 'power'")]
    [InlineData("forecast data=DATA window=4,5000", "window=5000")]
    [InlineData("forecast data=DATA loss=huber quantiles=0.5", "quantiles is for loss quantile, and the loss is huber")]
    [InlineData("forecast data=missing.csv", "There is no file or folder missing.csv")]
    [InlineData("addition horizon=2", "horizon is for the tasks on your own data")]
    [InlineData("forecast data=DATA horizn=2", "did you mean 'horizon'")]
    public void Bad_input_is_one_sentence(string line, string words)
    {
        using var folder = new TempFolder();
        string data = SeriesFiles.Readings(folder);
        string[] parts = [.. line.Split(' ').Select(word => word.Replace("DATA", data, StringComparison.Ordinal))];
        string[] sets = [.. parts.Skip(1).SelectMany(set => (string[])["--set", set])];
        string refused = Cli.Run(["study", "run", parts[0], .. sets, "--out", folder.At("study")]).RefusedWith();
        Assert.Contains(words, refused);
        Assert.False(Directory.Exists(folder.At("study")));
    }
}
