using System.Diagnostics;
using Unroll.Cli.Studies;

namespace Unroll.Cli.Tests.Report;

/// <summary>Ten thousand trials of two hundred checks: what a study may grow to.</summary>
public sealed class ScaleTests
{
    private const int Trials = 10_000;
    private const int Attempts = 8; // other tests keep the machine busy meanwhile
    private const string Definition = """
        {"name": "large", "grid": {"task": "temporal-order", "init": ["sigmoid", "basic-tanh"], "method": ["sgd", "sgd-c", "sgd-r", "sgd-cr"],
         "length": [10, 20, 50, 100, 200], "lr": [0.1, 0.03, 0.01, 0.003, 0.001], "seed": "1..50"}}
        """;

    [Fact]
    public void Ten_thousand_trials_fit_a_small_store_a_quick_status_and_a_page()
    {
        using var folder = new TempFolder();
        string study = folder.At("study"), page = folder.At("page.html");
        List<Trial> trials = SyntheticStudy.Make(study, Definition, trial => SyntheticStudy.Result(trial.Position, trial.Position % 3 == 0));
        Assert.Equal(Trials, trials.Count);
        Assert.InRange(new FileInfo(Path.Combine(study, StudyStore.FileName)).Length, 1, 200_000_000);

        double status = double.PositiveInfinity;
        for (int i = 0; i < Attempts && status >= 0.5; i++) status = Seconds("study", "status", study);
        Assert.True(status < 0.5, $"status took {status} s");
        double report = Seconds("study", "report", study, "--out", page);
        Assert.True(report < 10, $"report took {report} s");
        Assert.InRange(new FileInfo(page).Length, 1, 30_000_000);

        Chromium.SkipWithout();
        string shown = BrowserTests.Shown(page, $"#method=sgd-c&trial={trials[^1].Hash}");
        Assert.Contains("2,500 of 10,000 trials", shown);
        Assert.InRange(BrowserTests.Rows(shown, "trials"), 1, 500);
        Assert.Contains("data-series=\"spectral radius\"", shown);
    }

    private static double Seconds(params string[] args)
    {
        long started = Stopwatch.GetTimestamp();
        using Process process = Cli.Start(null, args);
        CliResult result = process.Finish();
        Assert.True(result.Code == ExitCode.Success, result.Error);
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
