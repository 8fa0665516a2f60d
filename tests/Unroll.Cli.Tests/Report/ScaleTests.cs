using System.Diagnostics;
using System.Text.Json;
using Unroll.Cli.Tests.Watch;
using Unroll.Studies;

namespace Unroll.Cli.Tests.Report;

/// <summary>Ten thousand trials of two hundred checks: what a study may grow to. Other tests would disturb its clock.</summary>
[Collection(nameof(ScaleTests))]
[CollectionDefinition(nameof(ScaleTests), DisableParallelization = true)]
public sealed class ScaleTests(Browser browser)
{
    private const int Trials = 10_000;
    private const int Turns = 6;
    private const double StatusSeconds = 0.5, StatusStarts = 4, ReportSeconds = 10, ReportStarts = 75;
    private const string Definition = """
        {"name": "large", "grid": {"task": "temporal-order", "init": ["sigmoid", "basic-tanh"],
         "method": ["sgd", "sgd-c", "sgd-r", "sgd-cr"], "length": [10, 20, 50, 100, 200],
         "lr": [0.1, 0.03, 0.01, 0.003, 0.001], "seed": "1..50"}}
        """;

    [Fact]
    public async Task Ten_thousand_trials_fit_a_small_store_a_quick_status_and_a_page()
    {
        using var folder = new TempFolder();
        string study = folder.At("study"), page = folder.At("page.html");
        List<Trial> trials = SyntheticStudy.Make(study, Definition,
            trial => SyntheticStudy.Result(trial.Position, trial.Position % 3 == 0));
        Assert.Equal(Trials, trials.Count);
        Assert.InRange(new FileInfo(Path.Combine(study, StudyStore.FileName)).Length, 1, 200_000_000);

        // It compares every trial with its checksum. On a slow or busy machine what counts is the time beside that of a start.
        // Both are measured in turns and the least of each is taken, since other programs can only make either longer.
        double status = double.PositiveInfinity, start = double.PositiveInfinity;
        for (int turn = 0; turn < Turns && status >= StatusSeconds; turn++)
        {
            start = Math.Min(start, Seconds("--version"));
            status = Math.Min(status, Seconds("study", "status", study));
        }

        Assert.True(status < Math.Max(StatusSeconds, StatusStarts * start),
            $"status took {status} s, {status / start} times the start of {start} s");
        double report = Seconds("study", "report", study, "--out", page);
        Assert.True(report < Math.Max(ReportSeconds, ReportStarts * start),
            $"report took {report} s, {report / start} times the start of {start} s");
        Assert.InRange(new FileInfo(page).Length, 1, 30_000_000);

        // The curves are thinned: fewer checks, the last among them, and four digits of each number.
        string text = File.ReadAllText(page);
        int most = PageText.Study(text).GetProperty("points").GetInt32();
        JsonElement[] curves = [.. PageText.Curves(text).EnumerateArray()];
        Assert.Equal(Enumerable.Range(0, Trials), curves.Select(curve => curve[0].GetInt32()).Order());
        Assert.All(curves, curve => Assert.InRange(curve[1].GetInt32(), most - 1, most));
        JsonElement one = curves[0];
        Dictionary<long, CurvePoint> whole = SyntheticStudy.CurveAt(one[0].GetInt32()).ToDictionary(check => check.Update);
        List<CurvePoint> thin = Curve.Unpack(one[2].GetBytesFromBase64(), one[1].GetInt32());
        Assert.Equal(whole.Keys.Max(), thin[^1].Update);
        Assert.All(thin, check => Assert.InRange(check.GradientNorm / whole[check.Update].GradientNorm, 0.9998, 1.0002));

        Chromium.SkipWithout();
        string shown = await BrowserTests.Shown(browser, page, $"#method=sgd-c&trial={trials[^1].Hash}");
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
