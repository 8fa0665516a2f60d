using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Studies.Memory;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Studies;

/// <summary>Turns a definition into its trials.</summary>
internal static partial class StudyGrid
{
    private const int MostTrials = 1_000_000;
    private const int SampleAttempts = 100;

    /// <summary>
    /// Every trial, in the order of the grids, the first axis slowest and seeds fastest; options that resolve to the same run
    /// are one trial.
    /// </summary>
    /// <exception cref="UserError">A point of the grid is no run that <c>unroll train</c> would make; the sentence names the
    /// point.</exception>
    public static List<Trial> Trials(StudyDefinition study)
    {
        var trials = new List<Trial>();
        var known = new HashSet<string>();
        var members = new Dictionary<string, int>();
        string[] varied = Varied(study);
        MemoryLimit limit = MemoryLimits.Smallest(); // it is read from a dozen files: once, not for each trial
        foreach (IReadOnlyList<StudyAxis> grid in study.Grids)
        {
            foreach (Dictionary<string, string> point in study.Sample is { } sample ? Draw(study, grid, sample)
                : Points(study, grid))
            {
                KeyValuePair<string, string>[] choices = [.. varied.Where(point.ContainsKey)
                    .Select(option => new KeyValuePair<string, string>(option, point[option]))];
                var trial = new Trial(trials.Count, choices, Resolve(study, point, choices, limit));
                if (!known.Add(trial.Hash)) continue;
                int replicate = members.GetValueOrDefault(trial.Cell);
                members[trial.Cell] = replicate + 1;
                trials.Add(trial with { Replicate = replicate });
            }
        }

        if (study.DecideAfter is not null && trials.Find(trial => trial.Settings.HasCosts) is { } one)
            throw new UserError(
                $"The study {study.Name} has \"decide_after\", by which seeds agree on success; the task {one.Settings.Task} has "
                    + "none, so leave it out.");
        return trials;
    }

    private static TrainSettings Resolve(
        StudyDefinition study, Dictionary<string, string> point, KeyValuePair<string, string>[] choices, MemoryLimit limit)
    {
        try
        {
            TrainSettings settings = TrialOptions.Resolve(point, study.Own, study.ReadSeries, limit);
            foreach ((string name, Func<ITask> task) in TrialTests.Of(study.Test, settings))
                CheckTest(settings, name, task, limit);
            return settings;
        }
        catch (UserError error)
        {
            string which = choices.Length == 0 ? ""
                : $", at {string.Join(' ', choices.Select(choice => $"{choice.Key}={choice.Value}"))}";
            throw new UserError($"The study {study.Name}{which}: {WithoutDashes().Replace(error.Message, "")}", error);
        }
    }

    /// <summary>In a study an option has no dashes.</summary>
    [GeneratedRegex("(?<![^ (])--(?=[a-z])")]
    private static partial Regex WithoutDashes();

    /// <summary>Refuses before the training what would only fail after it.</summary>
    private static void CheckTest(TrainSettings settings, string length, Func<ITask> task, MemoryLimit limit)
    {
        if (length == settings.TestedAsTrained) return;
        try
        {
            MemoryNeed.CheckEvaluation(task(), settings.Options, limit);
        }
        catch (UserError error)
        {
            throw new UserError($"the test at length {length}: {error.Message}", error);
        }
    }

    /// <summary>
    /// The options that tell trials apart: those with several values, or with different values in different grids.
    /// </summary>
    private static string[] Varied(StudyDefinition study)
    {
        string[] options = [.. study.Grids.SelectMany(grid => grid.Select(axis => axis.Option)).Distinct()];
        bool Differs(string option)
        {
            StudyAxis?[] axes = [.. study.Grids.Select(grid => grid.FirstOrDefault(axis => axis.Option == option))];
            return axes.Any(axis => axis is { Interval: not null } or { List.Count: > 1 })
                || axes.Select(axis => axis?.List[0]).Distinct().Count() > 1;
        }

        return [.. options.Where(option => option != TrialOptions.Seed && Differs(option)),
            .. options.Where(option => option == TrialOptions.Seed)];
    }

    private static IEnumerable<Dictionary<string, string>> Points(StudyDefinition study, IReadOnlyList<StudyAxis> grid)
    {
        if (grid.FirstOrDefault(axis => axis.Interval is not null) is { } continuous)
        {
            throw new UserError(
                $"The study {study.Name}: '{continuous.Option}' is an interval, which only random search can draw "
                + "from; give \"sample\".")
            {
                Option = "--sample",
            };
        }

        StudyAxis[] axes = [.. grid.Where(axis => axis.Option != TrialOptions.Seed),
            .. grid.Where(axis => axis.Option == TrialOptions.Seed)];
        long count = axes.Aggregate(1L, (product, axis) => Math.Min(MostTrials + 1, product) * axis.List.Count);
        if (count > MostTrials)
        {
            throw new UserError(
                $"The study {study.Name} has a grid of more than {Format.Count(MostTrials)} trials; draw some with "
                + "\"sample\".")
            {
                Option = "--sample",
            };
        }

        for (long index = 0; index < count; index++)
        {
            var point = new Dictionary<string, string>();
            long rest = index;
            for (int i = axes.Length - 1; i >= 0; rest /= axes[i].List.Count, i--)
                point[axes[i].Option] = axes[i].List[(int)(rest % axes[i].List.Count)];
            yield return point;
        }
    }

    /// <summary>Different points, each with every seed.</summary>
    private static IEnumerable<Dictionary<string,
        string>> Draw(StudyDefinition study, IReadOnlyList<StudyAxis> grid, StudySample sample)
    {
        IReadOnlyList<string> seeds = grid.FirstOrDefault(axis => axis.Option == TrialOptions.Seed)?.List ?? ["1"];
        if (grid.Any(axis => axis.Option == TrialOptions.Seed && axis.Interval is not null))
            throw new UserError($"The study {study.Name}: seeds are a list or a range such as \"1..5\", not an interval.");
        if ((long)sample.Count * seeds.Count > MostTrials)
            throw new UserError(
                $"The study {study.Name} would draw {Format.Count(sample.Count)} points with {Format.Count(seeds.Count)} seeds "
                    + $"each, more than {Format.Count(MostTrials)} trials; draw fewer.");
        StudyAxis[] axes = [.. grid.Where(axis => axis.Option != TrialOptions.Seed)];
        var seen = new HashSet<string>();
        for (int drawn = 0, attempt = 0; drawn < sample.Count && attempt < SampleAttempts * sample.Count; attempt++)
        {
            RandomSource random = new RandomKey(sample.Seed, RandomStream.Study, attempt).Shared();
            var point = new Dictionary<string, string>();
            foreach (StudyAxis axis in axes) point[axis.Option] = Draw(axis, ref random);
            if (!seen.Add(string.Join('\n', point.Select(p => $"{p.Key}={p.Value}")))) continue;
            drawn++;
            foreach (string seed in seeds) yield return new Dictionary<string, string>(point) { [TrialOptions.Seed] = seed };
        }
    }

    private static string Draw(StudyAxis axis, ref RandomSource random)
    {
        if (axis.Interval is not { } interval) return axis.List[random.NextInt(axis.List.Count)];
        double from = interval.From, to = interval.To;
        bool whole = TrialOptions.IsWhole(axis.Option);
        if (whole) (from, to) = (Math.Ceiling(from) - 0.5, Math.Floor(to) + 0.5); // the ends are as likely as the others
        if (whole && to <= from)
            throw new UserError($"There is no whole number between {Format.Exact(interval.From)} and {Format.Exact(interval.To)} "
                + $"for {axis.Option}; give an interval that has some.");
        double share = random.NextDouble();
        double value = interval.Logarithmic ? Math.Exp(Math.Log(from) + (share * Math.Log(to / from)))
            : from + (share * (to - from));
        if (whole)
            return Math.Clamp(Math.Round(value), from + 0.5, to - 0.5).ToString("F0", CultureInfo.InvariantCulture);

        // Three digits are enough of a random number, and can be read; of a narrow interval three of its width.
        double narrow = Math.Floor(Math.Log10(Math.Max(Math.Abs(from), Math.Abs(to)) / (to - from)));
        string digits = Invariant($"G{Math.Clamp(3 + narrow, 3, 17)}");
        double rounded = double.Parse(value.ToString(digits, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return Format.Exact(Math.Clamp(rounded, from, to));
    }
}
