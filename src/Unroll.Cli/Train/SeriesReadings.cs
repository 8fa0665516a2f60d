using System.Globalization;
using Unroll.Data;
using Unroll.Files;
using Unroll.Scores;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary>
/// The ways to read a short series between which rolling origins decide: values with the calendar, or differences over a season;
/// of positive numbers also of their logarithm. What was given is as it was given.
/// </summary>
internal static class SeriesReadings
{
    private const double Day = 86_400;
    private const int Seasons = 2, LeastWindows = 4;

    // Few origins cannot tell: most series that grow do so in proportion, so values are taken where they are a tenth better than
    // logarithms; and a mean of forecasts is better than most of them, so one is taken where it has less than half its error.
    private const double LessThanLogarithms = 1 / 0.9, LessThanMean = 2;

    private const string AroundMean = "none"; // the scale of windows by which a network of zeros says the mean growth

    /// <summary>The readings, those that are the mean of two behind them.</summary>
    /// <param name="given">What was given about the data, with the number of origins.</param>
    /// <param name="folds">The folds.</param>
    /// <param name="settle">Gives all settings of a reading.</param>
    public static IReadOnlyList<RefitTrial> Of(
        SeriesSettings given, SequenceFolds folds, Func<SeriesSettings, TrainSettings> settle)
    {
        SequenceFolds seen = folds.WithoutValidation(); // the season is found in front of the test fold
        SeriesOptions reading = given.Options(folds);
        int[] targets = [.. TargetsOf(given, folds.Data)];
        int least = LeastTrained(given, folds, reading.Horizon);
        bool feedsBack = reading.Decoder == SeriesDecoder.FedBack; // differences then reach no further than a season
        int season = given.Texts.TryGetValue("difference", out string? steps) ? int.Parse(steps, CultureInfo.InvariantCulture)
            : targets.Length == 0 ? 1 : Season.Find(seen, targets);
        int window = Math.Max(season * Seasons, reading.Horizon);
        bool isSeasonal = season > 1 && window + reading.Horizon + LeastWindows <= least;
        if (!isSeasonal) window = Math.Clamp((least - reading.Horizon) / 2, 1, reading.Window);
        string? calendar = isSeasonal ? CalendarOf(folds.Data, season) : null;
        (string, string?) differenced = ("difference", season.ToString(CultureInfo.InvariantCulture));
        List<RefitTrial> all = [], means = [];
        string[] transforms = [.. Transforms(given, folds.Data, targets)];
        foreach (string transform in transforms)
        {
            string of = transform == "log" ? "logarithms" : "values";
            RefitTrial? values = null;
            if (!given.Texts.ContainsKey("difference"))
            {
                string? parts = given.Texts.GetValueOrDefault("calendar") ?? calendar;
                all.Add(values = Trial(parts is null ? of : $"{of} with {parts}", transform, ("calendar", calendar)));
            }

            if (!isSeasonal || (feedsBack && reading.Horizon > season && !given.Texts.ContainsKey("difference"))) continue;
            string name = $"differences of {of} over {Format.Count(season)} steps";
            List<RefitTrial> differences = [Trial(name, transform, differenced)];
            if (!given.Texts.ContainsKey("window-scale"))
                differences.Add(Trial($"{name} around their mean", transform, differenced, ("window-scale", AroundMean)));
            all.AddRange(differences);
            if (values is null || !CanCombine(given, values.Settings.Options, folds.Data, targets)) continue;
            foreach (RefitTrial other in differences)
            {
                string? scale = other == differences[0] ? null : AroundMean;
                means.Add(Trial($"the mean of {values.Name} and {other.Name}", transform, differenced, ("calendar", calendar),
                    ("window-scale", scale), (SeriesSettings.CombinedKey, "yes")) with
                { MeanOf = (values, other) });
            }
        }

        return [.. all.Select(one => means.Count == 0 ? one : one with { Handicap = one.Handicap * LessThanMean }), .. means];

        RefitTrial Trial(string name, string transform, params (string Key, string? Text)[] more)
        {
            var texts = new SortedDictionary<string, string>(given.Texts.ToDictionary(), StringComparer.Ordinal);
            if (transform == "log") texts["transform"] = transform;
            foreach ((string key, string? text) in more)
            {
                if (text is not null) texts.TryAdd(key, text);
            }

            texts.TryAdd("window", window.ToString(CultureInfo.InvariantCulture));
            return new RefitTrial(name, settle(given with { Texts = texts }))
            {
                Handicap = transforms.Length > 1 && transform != "log" ? LessThanLogarithms : 1,
            };
        }
    }

    /// <summary>Whether one network can read values and differences and say their mean: one column of numbers, and windows of
    /// values that are relative to the last one known.</summary>
    private static bool CanCombine(SeriesSettings given, TrainingOptions options, SequenceData data, int[] targets) =>
        targets.Length == 1 && data.Columns.Count(column => column.Kind == ColumnKind.Number) == 1
        && given.Texts.GetValueOrDefault("window-scale", "last") == "last"
        && given.Texts.GetValueOrDefault("channels") != "shared" && given.Texts.GetValueOrDefault("decoder") != "fed-back"
        && given.Texts.GetValueOrDefault("missing", "error") is "error" or "forward"
        && !given.Texts.ContainsKey("scale-by") && !SeriesEnsemble.IsNormalized(options);

    private static IEnumerable<string> Transforms(SeriesSettings given, SequenceData data, int[] targets)
    {
        if (given.Texts.TryGetValue("transform", out string? one)) return [one];
        bool isPositive = targets.Length > 0 && targets.All(place => data.Sequences.All(sequence =>
        {
            ColumnValues values = sequence.Values(place);
            return Enumerable.Range(0, values.Count).All(t => !(values[t] <= 0));
        }));
        return isPositive ? ["log", "none"] : ["none"];
    }

    /// <summary>The part of dates that a season is the circle of; null for none.</summary>
    private static string? CalendarOf(SequenceData data, int season)
    {
        var times = TimeFacts.Of(data.Sequences);
        if (!times.IsDate || double.IsNaN(times.Step)) return null;
        CalendarPart? part = times.StepMonths > 0 ? season * times.StepMonths == 12 ? CalendarPart.Month : null
            : season * times.Step == 7 * Day ? CalendarPart.Weekday
            : season * times.Step == Day ? CalendarPart.Hour
            : season * times.Step == 3600 ? CalendarPart.Minute : null;
        return part is { } found ? ValueNames.Of(found) : null;
    }

    /// <summary>The steps that the first origin trains on.</summary>
    private static int LeastTrained(SeriesSettings given, SequenceFolds folds, int horizon) =>
        folds.Origins(given.Origins ?? 1, horizon)[0].Of(Fold.Train).Max(part => part.Steps);

    private static IEnumerable<int> TargetsOf(SeriesSettings given, SequenceData data)
    {
        if (data.Targets.Count > 0) return data.Targets;
        string[] known = given.Texts.TryGetValue("known", out string? text) ? SeriesOptionTable.Names("--known", text) : [];
        return Enumerable.Range(0, data.Columns.Count).Where(c =>
            data.Columns[c].Kind == ColumnKind.Number && !known.Contains(data.Columns[c].Name));
    }
}
