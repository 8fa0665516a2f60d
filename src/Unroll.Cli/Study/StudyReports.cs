using System.Globalization;
using System.Text.Json;
using Unroll.Files;
using Unroll.Studies;
using Unroll.Studies.Statistics;
using Unroll.Training;

namespace Unroll.Cli.Study;

/// <summary>What <c>unroll study</c> says about a study that is there: <c>status</c>, <c>show</c>, <c>report</c>.</summary>
internal static class StudyReports
{
    private const int MostCells = 60, MostBest = 10;

    /// <summary>
    /// Counts only; fast also for ten thousand trials. Of a folder with shards that are not merged, all of them together.
    /// </summary>
    public static int Status(string folder, bool json, CommandHost host)
    {
        string[] parts = PathLook.IsFile(folder) || PathLook.IsFile(Path.Combine(folder, StudyStore.FileName)) ? []
            : StudyFolder.Shards(folder);
        if (parts.Length == 0) parts = [folder];
        string name = "", shard = "";
        bool running = false;
        int without = 0;
        double? eta = null;
        var cells = new List<CellCount>();
        var sets = new List<SetCount>();
        foreach (string part in parts)
        {
            using StudyStore store = StudyStore.OpenToRead(part, StudyOptions.SecondsToWait(host));
            name = store.DefinedName();
            shard = parts.Length == 1 ? store.Value("shard") ?? "1/1" : $"{parts.Length} shards";
            StudyCounts counts = store.Counts();
            cells.AddRange(counts.Cells);
            sets.AddRange(counts.Sets);
            without += counts.WithoutChecksum;
            if (!StudyFolder.IsInUse(part)) continue;
            running = true;
            if (double.TryParse(store.Value("eta_seconds"), CultureInfo.InvariantCulture, out double seconds))
                eta = Math.Max(eta ?? 0, seconds);
        }

        if (parts.Length > 1)
        {
            cells = [.. cells.GroupBy(cell => cell.Cell).Select(cell => new CellCount(
                cell.Key, cell.Sum(part => part.Trials), cell.Sum(part => part.Done), cell.Sum(part => part.Solved),
                cell.Sum(part => part.Seconds), cell.First().Task) { HasCosts = cell.First().HasCosts })];
            sets = [.. sets.GroupBy(set => set.Name).Select(set => new SetCount(set.Key, set.Sum(part => part.Trials)))];
        }

        int trials = cells.Sum(cell => cell.Trials), done = cells.Sum(cell => cell.Done);
        int? solved = cells.Count > 0 && cells.TrueForAll(cell => cell.HasCosts) ? null
            : cells.Where(cell => !cell.HasCosts).Sum(cell => cell.Solved);
        if (json)
        {
            JsonLine.Write(host.Out, line =>
            {
                line.WriteString("event", "status");
                line.WriteString("study", name);
                line.WriteString("shard", shard);
                line.WriteBoolean("running", running);
                line.WriteNumber("trials", trials);
                line.WriteNumber("done", done);
                JsonLine.WriteNumber(line, "solved_trials", solved);
                JsonLine.WriteNumber(line, "eta_seconds", eta);
                line.WriteStartObject("instruction_sets");
                foreach ((string set, int made) in sets) line.WriteNumber(set, made);
                line.WriteEndObject();
                if (without > 0) line.WriteNumber("without_checksum", without);
            });
            return ExitCode.Success;
        }

        string which = shard == "1/1" ? "" : parts.Length > 1 ? $", {shard}" : $", shard {shard}";
        string left = eta is { } time ? $", at most {Format.Time(time)} left when the last trial ended" : "";
        host.Say($"{name}{which}: {Format.Count(done)} of {Format.Counted(trials, "trial")} "
            + $"done{(solved is { } count ? $", {Format.Count(count)} solved" : "")}; "
                + $"{(running ? "running" : "not running")}{left}");
        if (Mixed(sets) is { } mixed) host.Say(mixed);
        if (Unsummed(without, done) is { } unsummed) host.Say(unsummed);
        host.Out.WriteLine();
        var table = new TextTable(["cell", "done", .. solved is null ? Array.Empty<string>() : ["solved"], "seconds"]);
        foreach (CellCount cell in cells.Take(MostCells))
            table.Add([Named(cell.Cell), $"{cell.Done}/{cell.Trials}", .. solved is null ? Array.Empty<string>()
                : [cell.HasCosts ? "" : $"{cell.Solved}"], Format.Number(cell.Seconds)]);
        table.WriteTo(host);
        if (cells.Count > MostCells)
            host.Say($"and {Format.Count(cells.Count - MostCells)} more cells; --json has the totals, export every trial.");
        return ExitCode.Success;
    }

    /// <summary>The cells, the best trials and the comparisons; or one trial.</summary>
    public static int Show(string folder, string? trial, string? compare, bool json, CommandHost host)
    {
        using StudyStore store = StudyStore.OpenToRead(folder, StudyOptions.SecondsToWait(host));
        if (trial is not null && compare is not null)
            throw new UserError("--compare is for a whole study, not for one of its trials.");
        store.Definition(); // a store whose definition is damaged is refused
        if (trial is not null) return StudyTrialView.Show(store, folder, trial, json, host);
        List<StoredTrial> trials = store.Trials();
        if (json) WriteJson(trials, compare, host);
        else WriteSummary(trials, store.WithoutChecksum(), compare, host);
        return ExitCode.Success;
    }

    /// <summary>The tables of a study's folder.</summary>
    public static void WriteSummary(string folder, string? compare, CommandHost host)
    {
        using StudyStore store = StudyStore.OpenToRead(folder, StudyOptions.SecondsToWait(host));
        WriteSummary(store.Trials(), store.WithoutChecksum(), compare, host);
    }

    /// <summary>Writes the page.</summary>
    public static int Report(string folder, string? page, CommandHost host)
    {
        OutputFile.RequireReplaceable("--out", page);
        using StudyStore store = StudyStore.OpenToRead(folder, StudyOptions.SecondsToWait(host));
        if (page is null && PathLook.IsFile(folder))
            throw new UserError($"{folder} is a store and no folder; name the page with --out FILE.");
        string target = page ?? Path.Combine(folder, "report.html");
        PageFile.Write(target, store, null, host);
        if (!OutputFile.IsStandardOutput(target)) host.WithoutNeedToShow().Out.WriteLine(target);
        return ExitCode.Success;
    }

    /// <summary>That results come from several instruction sets, whose bits differ; null where they do not.</summary>
    private static string? Mixed(IReadOnlyCollection<SetCount> sets) => sets.Count < 2 ? null
        : $"made on {sets.Count} instruction sets, whose bits differ: "
            + string.Join(", ", sets.Select(set =>
                $"{set.Name} ({Format.Counted(set.Trials, "trial")})"));

    /// <summary>
    /// That results were made before stores had checksums, so that damage to them would not be seen; null where none was.
    /// </summary>
    internal static string? Unsummed(int without, int done) => without == 0 ? null
        : (without == done ? (done == 1 ? "the one finished trial has no" : $"none of the {Format.Count(done)} finished "
            + "trials has a")
            : $"{Format.Count(without)} of the {Format.Count(done)} finished trials {(without == 1 ? "has" : "have")} no")
            + " checksum: they were made before stores had any";

    private static string Named(string cell) => cell.Length == 0 ? "(all)" : cell;

    private static void WriteSummary(List<StoredTrial> trials, int without, string? compare, CommandHost host)
    {
        string[] costs = [.. StudyCosts.Comparisons(trials, compare ?? "method")];
        List<StoredTrial> evaluated = [.. trials.Where(trial => !FoldCosts.Has(trial))];
        // before anything is written: it may refuse
        string[] comparisons = [.. Comparisons(trials, evaluated, compare, costs.Length > 0)];
        WriteSuccess(evaluated, host);
        foreach (string line in comparisons) host.Say(line);
        StudyCosts.WriteCells(trials, host);
        StudyCosts.WriteBest(trials, host);
        foreach (string line in costs) host.Say(line);
        SetCount[] sets = [.. trials.Where(trial => trial.Result is not null).GroupBy(trial => trial.Result!.Kernel)
            .Select(set => new SetCount(set.Key, set.Count())).OrderByDescending(set => set.Trials)];
        if (Mixed(sets) is { } mixed) Apart(mixed);
        if (Unsummed(without, sets.Sum(set => set.Trials)) is { } unsummed) Apart(unsummed);

        void Apart(string line)
        {
            host.Out.WriteLine();
            host.Say(line);
        }
    }

    private static void WriteSuccess(List<StoredTrial> trials, CommandHost host)
    {
        CellSummary[] cells = [.. StudySummary.Cells(trials).Where(cell => cell.Success.Runs > 0)];
        if (cells.Length == 0) return;
        var table = new TextTable("cell", "solved", "95% interval", "first hit", "sustained", "seconds", "least error");
        foreach (CellSummary cell in cells.Take(MostCells))
        {
            table.Add(
                Named(cell.Cell), $"{cell.Success.Successes}/{cell.Success.Runs}", Format.Percent(cell.Success.Wilson()),
                Median(cell.FirstHit), Median(cell.Sustained), Median(cell.FirstHitSeconds),
                double.IsNaN(cell.BestError) ? "" : Format.Percent(cell.BestError));
        }

        host.Out.WriteLine();
        table.WriteTo(host);
        if (cells.Length > MostCells)
            host.Say($"and {Format.Count(cells.Length - MostCells)} more cells; export has every trial.");
        WriteBest(trials, host);
    }

    /// <summary>The best trials by validation; with a single seed a cell they are the points of a grid search.</summary>
    private static void WriteBest(List<StoredTrial> trials, CommandHost host)
    {
        List<StoredTrial> best = StudySummary.Best(trials);
        if (best.Count < 2) return;
        host.Out.WriteLine();
        host.Say("Best trials by validation: solved ones by updates to success, then by least error.");
        var table = new TextTable("trial", "hash", "outcome", "first hit", "least error", "loss");
        foreach (StoredTrial trial in best.Take(MostBest))
        {
            TrialResult r = trial.Result!;
            table.Add(Named(trial.Name), trial.Hash[..8], OptionsText.Name(r.Outcome), r.FirstHit is { } hit ? Format.Count(hit)
                : "", r.BestError is null ? "" : Format.Percent(r.BestError), Format.Number(r.BestLoss));
        }

        table.WriteTo(host);
    }

    /// <summary>Every pair of values of the compared option: difference, interval, test.</summary>
    private static IEnumerable<string> Comparisons(List<StoredTrial> trials, List<StoredTrial> evaluated,
        string? compare, bool byCost)
    {
        string option = compare ?? "method";
        List<ValueComparison> comparisons = StudySummary.Compare(evaluated, option);
        if (comparisons.Count == 0)
        {
            if (compare is not null && !byCost) throw NothingToCompare(trials, compare);
            return [];
        }

        return ["", .. ValueComparison.Lines(option, comparisons, "  ", isBroken: false)];
    }

    private static UserError NothingToCompare(List<StoredTrial> trials, string option)
    {
        string[] varied = [.. StudySummary.Varied(trials)];
        return new UserError(
            !varied.Contains(option)
                ? $"The option '{option}' does not vary in this study; "
                    + $"{(varied.Length > 0 ? $"it varies {string.Join(", ", varied)}" : "nothing does")}."
            : $"No finished trials differ in '{option}' alone, so there is nothing to compare yet.");
    }

    private static string Median(double value) =>
        double.IsNaN(value) ? "" : value >= 1000 ? Format.Count(value) : Format.Number(value);

    private static void WriteJson(List<StoredTrial> trials, string? compare, CommandHost host)
    {
        string option = compare ?? "method";
        List<ValueComparison> rates = StudySummary.Compare([.. trials.Where(trial => !FoldCosts.Has(trial))], option);
        List<CostComparison> costs = FoldCosts.Compare(trials, option);
        if (compare is not null && rates.Count == 0 && costs.Count == 0) throw NothingToCompare(trials, compare);
        foreach (CellSummary cell in StudySummary.Cells(trials))
        {
            if (FoldCosts.Has(cell))
            {
                JsonLine.Write(host.Out, line => StudyCosts.Write(line, cell));
                continue;
            }

            Interval interval = cell.Success.Wilson();
            JsonLine.Write(host.Out, line =>
            {
                line.WriteString("event", "cell");
                line.WriteString("cell", cell.Cell);
                line.WriteNumber("trials", cell.Trials);
                line.WriteNumber("done", cell.Success.Runs);
                line.WriteNumber("solved_trials", cell.Success.Successes);
                JsonLine.WriteNumber(line, "success", cell.Success.Share);
                line.WriteNumber("success_low", interval.Low);
                line.WriteNumber("success_high", interval.High);
                line.WriteNumber("sustained_trials", cell.SustainedRuns);
                JsonLine.WriteNumber(line, "median_first_hit", cell.FirstHit);
                JsonLine.WriteNumber(line, "median_sustained", cell.Sustained);
                JsonLine.WriteNumber(line, "median_seconds", cell.FirstHitSeconds);
                JsonLine.WriteNumber(line, "median_error", cell.BestError);
            });
        }

        IEnumerable<StoredTrial> best = StudySummary.Best(trials.Where(trial => !FoldCosts.Has(trial)))
            .Concat(FoldCosts.ByData(trials).SelectMany(FoldCosts.Best));
        foreach (StoredTrial trial in best) JsonLine.Write(host.Out, line => StudyTrialView.Write(line, trial));
        foreach (ValueComparison comparison in rates)
            JsonLine.Write(host.Out, line => ComparisonJson.Write(line, option, comparison));
        foreach (CostComparison comparison in costs)
            JsonLine.Write(host.Out, line => ComparisonJson.Write(line, option, comparison));
    }
}
