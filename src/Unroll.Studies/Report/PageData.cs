using System.Text.Json;
using Unroll.Data;
using Unroll.Studies.Statistics;
using Unroll.Training;

namespace Unroll.Studies.Report;

/// <summary>
/// A study without its curves as the page's script takes it: column after column, texts as places in a list of them, so that
/// ten thousand trials with all their options are a megabyte or two.
/// </summary>
internal static class PageData
{
    /// <summary>Writes the object.</summary>
    public static void Write(Utf8JsonWriter json, StudyDefinition study, string shard, List<StoredTrial> trials, int? points)
    {
        json.WriteStartObject();
        json.WriteString("name", study.Name);
        json.WriteString("description", study.Description);
        json.WriteString("definition", study.ToJson());
        json.WriteString("shard", shard);
        if (FoldCosts.AreAll(trials))
        {
            IEnumerable<string> units = trials.DistinctBy(trial => trial.Options["task"])
                .Select(trial => FoldCosts.Unit(trial.Options));
            json.WriteString("cost_unit", string.Join(" or ", units.Distinct()));
        }

        if (points is { } most) json.WriteNumber("points", most);
        WriteChoices(json, study, trials);
        WriteOptions(json, trials);
        WriteTrials(json, trials);
        WriteCells(json, trials);
        json.WriteEndObject();
    }

    /// <summary>
    /// The values of the options that vary, from the trials' names, and the interval of every success rate that may be drawn.
    /// </summary>
    private static void WriteChoices(Utf8JsonWriter json, StudyDefinition study, List<StoredTrial> trials)
    {
        string[] axes = [.. study.Grids.SelectMany(grid => grid.Select(axis => axis.Option)).Distinct()
            .OrderBy(option => option == TrialOptions.Seed)];
        List<PageAxis> all = PageAxis.All(axes, [.. trials.Select(trial => StudySummary.Choices(trial.Name))]);
        json.WriteStartArray("varied");
        foreach (PageAxis axis in all) axis.Write(json);
        json.WriteEndArray();
        if (FoldCosts.AreAll(trials)) return;
        bool?[] solved = [.. trials.Select(trial => trial.Result is { } result ? result.FirstHit is not null : (bool?)null)];
        json.WriteStartObject("intervals");
        foreach ((int successes, int runs) in PageAxis.Pools(all, solved).Order())
        {
            Interval interval = new SuccessRate(successes, runs).Wilson();
            json.WriteStartArray(Invariant($"{successes}/{runs}"));
            json.WriteNumberValue(Math.Round(interval.Low, 6));
            json.WriteNumberValue(Math.Round(interval.High, 6));
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>All resolved options: those that are the same everywhere once, the others by trial.</summary>
    private static void WriteOptions(Utf8JsonWriter json, List<StoredTrial> trials)
    {
        string[] options = [.. trials.SelectMany(trial => trial.Options.Keys).Distinct().Order(StringComparer.Ordinal)];
        ILookup<bool, string> same = options.ToLookup(option =>
            trials.TrueForAll(trial => trial.Options.GetValueOrDefault(option) == trials[0].Options.GetValueOrDefault(option)));
        json.WriteStartObject("same");
        foreach (string option in same[true]) json.WriteString(option, trials[0].Options[option]);
        json.WriteEndObject();
        json.WriteStartArray("other");
        foreach (string option in same[false])
            new PageAxis(option, trials.Select(trial => trial.Options.GetValueOrDefault(option))).Write(json);
        json.WriteEndArray();
    }

    private static void WriteTrials(Utf8JsonWriter json, List<StoredTrial> trials)
    {
        var made = trials.Where(trial => trial.Result is not null).GroupBy(trial => (trial.Result!.Version, trial.Result.Kernel))
            .Select((group, i) => (group.Key, Index: i, Count: group.Count())).ToList();
        json.WriteStartArray("made");
        foreach (((string version, string kernel), _, int count) in made)
        {
            json.WriteStartObject();
            json.WriteString("version", version);
            json.WriteString("kernel", kernel);
            json.WriteNumber("trials", count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("outcomes");
        foreach (TrainingOutcome outcome in Enum.GetValues<TrainingOutcome>()) json.WriteStringValue(OptionsText.Name(outcome));
        json.WriteEndArray();
        json.WriteStartObject("messages");
        for (int i = 0; i < trials.Count; i++)
        {
            if (trials[i].Result?.Message is { } message) json.WriteString(i.ToString(null, null), message);
        }

        json.WriteEndObject();
        Dictionary<(string, string), int> places = made.ToDictionary(one => one.Key, one => one.Index);
        json.WriteStartObject("trials");
        json.WriteStartArray("hash");
        foreach (StoredTrial trial in trials) json.WriteStringValue(trial.Hash);
        json.WriteEndArray();
        Numbers("outcome", r => r is null ? -1 : Array.IndexOf(Enum.GetValues<TrainingOutcome>(), r.Outcome));
        Numbers("made", r => r is null ? -1 : places[(r.Version, r.Kernel)]);
        Numbers("updates", r => r?.Updates);
        Numbers("first_hit", r => r?.FirstHit);
        Numbers("sustained", r => r?.Sustained);
        Numbers("error", r => r?.BestError);
        Numbers("loss", r => r?.BestLoss);
        Numbers("best_update", r => r?.BestUpdate);
        Numbers("seconds", r => r?.Seconds);
        Numbers("first_hit_seconds", r => r?.FirstHitSeconds);
        Numbers("test_seconds", r => r?.TestSeconds);
        json.WriteStartArray("tests");
        foreach (StoredTrial trial in trials) WriteTests(json, trial.Result?.Tests ?? []);
        json.WriteEndArray();
        json.WriteEndObject();

        void Numbers(string name, Func<TrialResult?, double?> value)
        {
            json.WriteStartArray(name);
            foreach (StoredTrial trial in trials) WriteNumber(json, value(trial.Result));
            json.WriteEndArray();
        }
    }

    private static void WriteTests(Utf8JsonWriter json, IReadOnlyList<TrialTest> tests)
    {
        if (tests.Count == 0)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        foreach (TrialTest test in tests)
        {
            json.WriteStartArray();
            json.WriteStringValue(test.Length);
            json.WriteNumberValue(test.Sequences);
            foreach (double? value in (double?[])[test.Error, test.StrictError, test.Loss]) WriteNumber(json, value);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    private static void WriteCells(Utf8JsonWriter json, List<StoredTrial> trials)
    {
        var first = new Dictionary<string, int>();
        for (int i = 0; i < trials.Count; i++) first.TryAdd(trials[i].Cell, i);
        json.WriteStartArray("cells");
        foreach (CellSummary cell in StudySummary.Cells(trials))
        {
            Interval interval = cell.Success.Wilson();
            json.WriteStartObject();
            json.WriteNumber("first", first[cell.Cell]);
            json.WriteNumber("trials", cell.Trials);
            json.WriteNumber("runs", cell.Success.Runs);
            json.WriteNumber("non_finite", cell.NonFinite);
            if (FoldCosts.Has(cell))
            {
                WriteCosts(json, cell);
                json.WriteEndObject();
                continue;
            }

            json.WriteNumber("solved", cell.Success.Successes);
            json.WriteNumber("low", interval.Low);
            json.WriteNumber("high", interval.High);
            json.WriteNumber("sustained_runs", cell.SustainedRuns);
            JsonLine.WriteNumber(json, "first_hit", cell.FirstHit);
            JsonLine.WriteNumber(json, "sustained", cell.Sustained);
            JsonLine.WriteNumber(json, "seconds", cell.FirstHitSeconds);
            JsonLine.WriteNumber(json, "error", cell.BestError);
            json.WriteStartArray("tests");
            foreach (string length in cell.Finished.SelectMany(trial => trial.Result!.Tests)
                .Select(test => test.Length).Distinct())
            {
                json.WriteStartObject();
                json.WriteString("length", length);
                JsonLine.WriteNumber(json, "error", SpeedRatio.Median(cell.TestErrors(length)));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCosts(Utf8JsonWriter json, CellSummary cell)
    {
        json.WriteStartArray("costs");
        foreach (Fold fold in Enum.GetValues<Fold>()) WriteNumber(json, FoldCosts.Median(cell, fold));
        json.WriteEndArray();
        JsonLine.WriteNumber(json, "updates",
            SpeedRatio.Median([.. cell.Finished.Select(trial => (double)trial.Result!.Updates).Order()]));
        JsonLine.WriteNumber(json, "seconds",
            SpeedRatio.Median([.. cell.Finished.Select(trial => trial.Result!.Seconds).Order()]));
        json.WriteStartArray("tests");
        json.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter json, double? value)
    {
        if (value is { } v && double.IsFinite(v)) json.WriteNumberValue(v);
        else json.WriteNullValue();
    }
}
