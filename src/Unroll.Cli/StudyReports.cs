using System.Text;
using System.Text.Json;
using Unroll.Cli.Statistics;
using Unroll.Cli.Studies;
using Unroll.Training;

namespace Unroll.Cli;

/// <summary>What <c>unroll study</c> says about a study that is there: <c>status</c>, <c>show</c>, <c>report</c>.</summary>
internal static class StudyReports
{
    private const int MostCells = 60, MostBest = 10;

    /// <summary>Counts only; fast also for ten thousand trials.</summary>
    public static int Status(string folder, bool json, CommandHost host)
    {
        using StudyStore store = StudyStore.OpenToRead(folder);
        StudyDefinition study = store.Definition();
        List<CellCount> cells = store.Counts();
        int trials = cells.Sum(cell => cell.Trials), done = cells.Sum(cell => cell.Done), solved = cells.Sum(cell => cell.Solved);
        string shard = store.Value("shard") ?? "1/1";
        bool running = StudyFolder.IsInUse(folder);
        double? eta = running && double.TryParse(store.Value("eta_seconds"), out double seconds) ? seconds : null;
        if (json)
        {
            host.Out.WriteLine(Encoding.UTF8.GetString(ProgressJson.Object(line =>
            {
                line.WriteString("event", "status");
                line.WriteString("study", study.Name);
                line.WriteString("shard", shard);
                line.WriteBoolean("running", running);
                line.WriteNumber("trials", trials);
                line.WriteNumber("done", done);
                line.WriteNumber("solved_trials", solved);
                ProgressJson.WriteNumber(line, "eta_seconds", eta);
            })));
            return ExitCode.Success;
        }

        string part = shard == "1/1" ? "" : $", shard {shard}";
        string left = eta is { } time ? $", at most {Format.Time(time)} left when the last trial ended" : "";
        host.Out.WriteLine($"{study.Name}{part}: {Format.Count(done)} of {Format.Count(trials)} trials done, {Format.Count(solved)} solved; {(running ? "running" : "not running")}{left}");
        host.Out.WriteLine();
        var table = new TextTable("cell", "done", "solved", "seconds");
        foreach (CellCount cell in cells.Take(MostCells)) table.Add(Named(cell.Cell), $"{cell.Done}/{cell.Trials}", $"{cell.Solved}", Format.Number(cell.Seconds));
        table.WriteTo(host.Out);
        if (cells.Count > MostCells) host.Out.WriteLine($"and {Format.Count(cells.Count - MostCells)} more cells; --json has the totals, export every trial.");
        return ExitCode.Success;
    }

    /// <summary>The cells, the best trials and the comparisons; or one trial.</summary>
    public static int Show(string folder, string? trial, string? compare, bool json, CommandHost host)
    {
        using StudyStore store = StudyStore.OpenToRead(folder);
        if (trial is not null) return StudyTrialView.Show(store, folder, trial, json, host);
        List<StoredTrial> trials = store.Trials();
        if (json) WriteJson(trials, host);
        else WriteSummary(trials, compare, host);
        return ExitCode.Success;
    }

    /// <summary>The tables of a study's folder.</summary>
    public static void WriteSummary(string folder, string? compare, CommandHost host)
    {
        using StudyStore store = StudyStore.OpenToRead(folder);
        WriteSummary(store.Trials(), compare, host);
    }

    /// <summary>Writes the page.</summary>
    public static int Report(string folder, string? page, CommandHost host)
    {
        if (page is { Length: 0 }) throw new UserError("--out needs the name of a file.");
        using StudyStore store = StudyStore.OpenToRead(folder);
        string target = page ?? Path.Combine(folder, "report.html");
        Unroll.Cli.Report.StudyPage.Write(target, store, null, host);
        host.Out.WriteLine(target);
        return ExitCode.Success;
    }

    private static string Named(string cell) => cell.Length == 0 ? "(all)" : cell;

    private static void WriteSummary(List<StoredTrial> trials, string? compare, CommandHost host)
    {
        host.Out.WriteLine();
        List<CellSummary> cells = StudySummary.Cells(trials);
        var table = new TextTable("cell", "solved", "95% interval", "first hit", "sustained", "seconds", "least error");
        foreach (CellSummary cell in cells.Take(MostCells))
        {
            table.Add(
                Named(cell.Cell), $"{cell.Success.Successes}/{cell.Success.Runs}", cell.Success.Runs == 0 ? "" : Percent(cell.Success.Wilson()), Median(cell.FirstHit), Median(cell.Sustained), Median(cell.FirstHitSeconds),
                double.IsNaN(cell.BestError) ? "" : Format.Percent(cell.BestError));
        }

        table.WriteTo(host.Out);
        if (cells.Count > MostCells) host.Out.WriteLine($"and {Format.Count(cells.Count - MostCells)} more cells; export has every trial.");
        WriteBest(trials, host);
        foreach (string line in Comparisons(trials, compare)) host.Out.WriteLine(line);
    }

    /// <summary>The best trials by validation; with a single seed a cell they are the points of a grid search.</summary>
    private static void WriteBest(List<StoredTrial> trials, CommandHost host)
    {
        List<StoredTrial> best = StudySummary.Best(trials);
        if (best.Count < 2) return;
        host.Out.WriteLine();
        host.Out.WriteLine("Best trials by validation: solved ones by updates to success, then by least error.");
        var table = new TextTable("trial", "hash", "outcome", "first hit", "least error", "loss");
        foreach (StoredTrial trial in best.Take(MostBest))
        {
            TrialResult r = trial.Result!;
            table.Add(Named(trial.Name), trial.Hash[..8], OptionsText.Name(r.Outcome), r.FirstHit is { } hit ? Format.Count(hit) : "", r.BestError is null ? "" : Format.Percent(r.BestError), Format.Number(r.BestLoss));
        }

        table.WriteTo(host.Out);
    }

    /// <summary>Every pair of values of the compared option: difference, interval, test.</summary>
    private static IEnumerable<string> Comparisons(List<StoredTrial> trials, string? compare)
    {
        string option = compare ?? "method";
        string[] values = [.. trials.Select(trial => Choice(trial, option)).OfType<string>().Distinct()];
        if (values.Length < 2)
        {
            if (compare is not null) throw new UserError($"The option '{compare}' does not vary in this study; it varies {Varied(trials)}.");
            yield break;
        }

        yield return "";
        yield return $"{option} compared over pairs of trials that differ in nothing else (same seed, same sequences): difference in success with";
        yield return "95% interval (Newcombe), exact McNemar test; ratio of updates to success where both succeed, with 95% interval from 6 pairs on.";
        for (int i = 0; i < values.Length; i++)
        {
            for (int j = i + 1; j < values.Length; j++)
            {
                (PairedComparison c, double ratio, Interval? interval) = StudySummary.Compare(
                    [.. trials.Where(trial => Choice(trial, option) == values[i])], [.. trials.Where(trial => Choice(trial, option) == values[j])], trial => Without(trial, option));
                if (c.Pairs == 0) continue;
                string speed = double.IsNaN(ratio) ? "" : $"; updates x{Format.Number(ratio)}{(interval is { } r ? $" [{Format.Number(r.Low)}, {Format.Number(r.High)}]" : "")} ({c.Both} pairs)";
                yield return $"  {values[i]} {c.First.Successes}/{c.Pairs} against {values[j]} {c.Second.Successes}/{c.Pairs}: {100 * c.Difference:+0;-0;0} points {Percent(c.DifferenceInterval())}, p = {P(c.PValue())}{speed}";
            }
        }
    }

    /// <summary>The value of an option that varies, from the trial's name.</summary>
    private static string? Choice(StoredTrial trial, string option) =>
        trial.Name.Split(' ').FirstOrDefault(part => part.StartsWith($"{option}=", StringComparison.Ordinal))?[(option.Length + 1)..];

    private static string Without(StoredTrial trial, string option) =>
        string.Join(' ', trial.Name.Split(' ').Where(part => !part.StartsWith($"{option}=", StringComparison.Ordinal)));

    private static string Varied(List<StoredTrial> trials) =>
        string.Join(", ", trials.SelectMany(trial => trial.Name.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(part => part.Split('=')[0]).Distinct());

    private static string Median(double value) => double.IsNaN(value) ? "" : value >= 1000 ? Format.Count(value) : Format.Number(value);

    private static string Percent(Interval interval) => $"[{100 * interval.Low:F0}%, {100 * interval.High:F0}%]";

    private static string P(double p) => p < 0.0001 ? "<0.0001" : p.ToString("G2", null);

    private static void WriteJson(List<StoredTrial> trials, CommandHost host)
    {
        foreach (CellSummary cell in StudySummary.Cells(trials))
        {
            Interval interval = cell.Success.Wilson();
            host.Out.WriteLine(Encoding.UTF8.GetString(ProgressJson.Object(line =>
            {
                line.WriteString("event", "cell");
                line.WriteString("cell", cell.Cell);
                line.WriteNumber("trials", cell.Trials);
                line.WriteNumber("done", cell.Success.Runs);
                line.WriteNumber("solved_trials", cell.Success.Successes);
                ProgressJson.WriteNumber(line, "success", cell.Success.Share);
                line.WriteNumber("success_low", interval.Low);
                line.WriteNumber("success_high", interval.High);
                line.WriteNumber("sustained_trials", cell.SustainedRuns);
                ProgressJson.WriteNumber(line, "median_first_hit", cell.FirstHit);
                ProgressJson.WriteNumber(line, "median_sustained", cell.Sustained);
                ProgressJson.WriteNumber(line, "median_seconds", cell.FirstHitSeconds);
                ProgressJson.WriteNumber(line, "median_error", cell.BestError);
            })));
        }

        foreach (StoredTrial trial in StudySummary.Best(trials)) host.Out.WriteLine(Encoding.UTF8.GetString(ProgressJson.Object(line => StudyTrialView.Write(line, trial))));
    }
}
