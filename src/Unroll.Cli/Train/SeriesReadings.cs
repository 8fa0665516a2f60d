using System.Globalization;
using Unroll.Data;
using Unroll.Files;
using Unroll.Scores;
using Unroll.Studies.Corpora;
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

    /// <summary>The readings, by name.</summary>
    /// <param name="given">What was given about the data, with the number of origins.</param>
    /// <param name="folds">The folds.</param>
    public static IReadOnlyList<(string Name, SeriesSettings Settings)> Of(SeriesSettings given, SequenceFolds folds)
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
        var all = new List<(string Name, SeriesSettings Settings)>();
        foreach (string transform in Transforms(given, folds.Data, targets))
        {
            string of = transform == "log" ? "logarithms" : "values";
            if (!given.Texts.ContainsKey("difference"))
            {
                string? parts = given.Texts.GetValueOrDefault("calendar") ?? calendar;
                Add(parts is null ? of : $"{of} with {parts}", transform, ("calendar", calendar));
            }

            if (isSeasonal && !(feedsBack && reading.Horizon > season && !given.Texts.ContainsKey("difference")))
                Add($"differences of {of} over {Format.Count(season)} steps", transform,
                    ("difference", season.ToString(CultureInfo.InvariantCulture)));
        }

        return all;

        void Add(string name, string transform, (string Key, string? Text) more)
        {
            var texts = new SortedDictionary<string, string>(given.Texts.ToDictionary(), StringComparer.Ordinal);
            if (transform == "log") texts["transform"] = transform;
            if (more.Text is { } text) texts.TryAdd(more.Key, text);
            texts.TryAdd("window", window.ToString(CultureInfo.InvariantCulture));
            all.Add((name, given with { Texts = texts }));
        }
    }

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
