using System.Globalization;
using System.Text.Json;
using Unroll.Data;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Studies;
using Unroll.Studies.Statistics;

namespace Unroll.Cli.Reproduce;

/// <summary>A claim with what its source says: the cells of its row in the table, and what pages may quote.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Ours">What the runs did, in words.</param>
/// <param name="Runs">How many of how many, with intervals.</param>
/// <param name="Budget">The most that a run could spend.</param>
/// <param name="Seeds">The seeds.</param>
/// <param name="Set">The instruction sets.</param>
/// <param name="Fields">What pages may quote, by name.</param>
internal sealed record CountedClaim(Claim Claim, string Ours, string Runs, string Budget, string Seeds, string Set,
    IReadOnlyDictionary<string, string> Fields);

/// <summary>Counts claims from the stores of a folder. A store is read once.</summary>
/// <param name="folder">The folder.</param>
/// <param name="secondsToWait">How long a lock of another program is waited for.</param>
internal sealed class ClaimCounter(string folder, int secondsToWait)
{
    private const double Success = 0.01; // at most 1% wrong (supplement)
    private readonly Dictionary<string, IReadOnlyList<StoredTrial>> _stores = [];

    /// <summary>Counts a claim.</summary>
    /// <exception cref="UserError">A source is missing or damaged, or no run of it is meant.</exception>
    public CountedClaim Count(Claim claim)
    {
        if (claim.Stated is { } stated) return OfStated(claim, stated);
        if (claim.Figure is { } figure) return OfFigure(claim, figure);
        if (claim.Finding is { } finding) return OfFinding(claim, finding);
        StoredTrial[] runs =
        [
            .. claim.Stores.SelectMany(name => Store(name, withChecks: claim.Most is not null))
                .Where(trial => trial.Result is not null && IsMeant(claim, trial)).DistinctBy(trial => trial.Hash),
        ];
        if (runs.Length == 0)
        {
            throw new UserError($"The claim '{claim.Id}' counts no run: no finished trial of "
                + $"{string.Join(", ", claim.Stores)} has its options.");
        }

        var fields = new Dictionary<string, string>
        {
            ["budget"] = Budget(runs),
            ["seeds"] = Ranges(runs.Select(trial => trial.Options.GetValueOrDefault("seed", ""))),
            ["set"] = string.Join(", ", runs.Select(trial => trial.Result!.Kernel).Distinct().Order(StringComparer.Ordinal)),
        };
        (string ours, string counted) = claim.Compare is { } compared ? Compare(claim, compared, runs, fields)
            : claim.Count == ClaimMeasure.Cost ? Costs(runs, fields)
            : claim.IsOfTests ? Tests(claim, runs, fields)
            : Solved(claim, runs, fields);
        return new CountedClaim(claim, ours, counted, fields["budget"], fields["seeds"], fields["set"], fields);
    }

    private static bool IsMeant(Claim claim, StoredTrial trial) => claim.Where.All(wanted =>
    {
        string value = trial.Options.GetValueOrDefault(wanted.Key, "");
        string[] not = [.. wanted.Value.Where(one => one.StartsWith('!')).Select(one => one[1..])];
        string[] any = [.. wanted.Value.Where(one => !one.StartsWith('!'))];
        return !not.Contains(value) && (any.Length == 0 || any.Contains(value));
    });

    private IReadOnlyList<StoredTrial> Store(string name, bool withChecks)
    {
        if (!withChecks && _stores.TryGetValue(name, out IReadOnlyList<StoredTrial>? known)) return known;
        using StudyStore store = StudyStore.OpenToRead(Path.Combine(folder, name), secondsToWait);
        IReadOnlyList<StoredTrial> trials = store.Trials();
        return !withChecks ? _stores[name] = trials : store.WithChecks(trials);
    }

    private static (string, string) Solved(Claim claim, StoredTrial[] runs, Dictionary<string, string> fields)
    {
        bool sustained = claim.Count == ClaimMeasure.Sustained;
        long? At(StoredTrial trial) => claim.Most is { } most ? FirstWithin(claim, trial, most)
            : sustained ? trial.Result!.Sustained : trial.Result!.FirstHit;
        void Put(string suffix, StoredTrial[] some)
        {
            Rate(fields, suffix, new SuccessRate(some.Count(trial => At(trial) is not null), some.Length));
            Spread("median", "range", [.. some.Select(At).OfType<long>().Select(update => (double)update).Order()]);
            Spread("sequences", "sequences-range", [.. some.Select(trial => At(trial) * Batch(trial)).OfType<double>().Order()]);

            void Spread(string middle, string range, double[] values)
            {
                if (values.Length == 0) return;
                fields[middle + suffix] = Format.Count(SpeedRatio.Median(values));
                fields[range + suffix] = $"{Format.Count(values[0])} to {Format.Count(values[^1])}";
            }
        }

        Put("", runs);
        double[] errors = [.. runs.Select(trial => trial.Result!.BestError).OfType<double>().Order()];
        if (errors.Length > 0) fields["error"] = Format.Percent(SpeedRatio.Median(errors));
        string rule = sustained ? "at most 1% wrong at three checks in a row"
            : claim.Most is { } share ? $"{(share == 0 ? "none" : $"at most {Format.Percent(share)}")} wrong at some check"
            : "at most 1% wrong at some check";
        string speed = fields.TryGetValue("median", out string? median)
            ? $"; median {median} updates ({fields["range"]})" : "";
        if (claim.By is not { } option) return (rule + speed, fields["rate"]);
        string[] values = [.. runs.Select(trial => trial.Options.GetValueOrDefault(option, "")).Distinct().OrderBy(AsNumber)];
        foreach (string value in values)
            Put($"@{value}", [.. runs.Where(trial => trial.Options.GetValueOrDefault(option) == value)]);
        return (rule, string.Join("; ", values.Select(value => $"{option} {value}: {fields[$"rate@{value}"]}")));
    }

    private static double? Batch(StoredTrial trial) =>
        double.TryParse(trial.Options.GetValueOrDefault("batch"), CultureInfo.InvariantCulture, out double batch) ? batch : null;

    /// <summary>
    /// The first check with at most a share wrong. Of a long run a store keeps some of the checks, which cannot tell the first.
    /// </summary>
    private static long? FirstWithin(Claim claim, StoredTrial trial, double most)
    {
        IReadOnlyList<CurvePoint> checks = trial.Result!.Checks;
        bool isWhole = long.TryParse(trial.Options.GetValueOrDefault("check-every"), CultureInfo.InvariantCulture, out long every)
            && (checks.Count == 0 || checks.Count * every >= checks[^1].Update);
        if (!isWhole)
            throw new UserError($"The claim '{claim.Id}' needs every check of {trial.Name}, of which its store keeps some.");
        // A store keeps the errors in 32 bits, in which a share such as 12 of 2,000 is not what it is in 64.
        return checks.FirstOrDefault(check => (float)check.Error <= (float)most) is { Update: > 0 } first ? first.Update : null;
    }

    private static (string, string) Tests(Claim claim, StoredTrial[] runs, Dictionary<string, string> fields)
    {
        bool strict = claim.Count == ClaimMeasure.Strict;
        double most = claim.Count == ClaimMeasure.Faultless ? 0 : Success;
        double? Error(StoredTrial trial, string length) =>
            trial.Result!.Tests.FirstOrDefault(test => test.Length == length) is { } test
                ? strict ? test.StrictError : test.Error : null;
        foreach (string length in claim.At)
        {
            Rate(fields, $"@{length}", new SuccessRate(runs.Count(trial => Error(trial, length) <= most), runs.Length));
            double[] errors = [.. runs.Select(trial => Error(trial, length)).OfType<double>().Order()];
            if (errors.Length == 0)
                throw new UserError($"No run of the claim '{claim.Id}' was tested at {length}{(strict ? " strictly" : "")}.");
            fields[$"errors@{length}"] = $"{Format.Percent(errors[0])} to {Format.Percent(errors[^1])}";
            fields[$"median@{length}"] = Format.Percent(SpeedRatio.Median(errors));
        }

        IEnumerable<string> sizes = runs.SelectMany(trial => trial.Result!.Tests).Select(test => test.Sequences)
            .Distinct().Order().Select(count => Format.Count(count));
        string rule = $"{(most == 0 ? "none" : "at most 1%")} wrong of {string.Join(" or ", sizes)} fresh sequences"
            + (strict ? ", \\|e\\| above .04 being wrong" : "");
        IEnumerable<string> wrong = claim.At.Select(length => $"at {Steps(length)} {fields[$"errors@{length}"]}");
        return ($"{rule}; wrong {string.Join(", ", wrong)}",
            string.Join("; ", claim.At.Select(length => $"{Steps(length)}: {fields[$"rate@{length}"]}")));
    }

    private static (string, string) Costs(StoredTrial[] runs, Dictionary<string, string> fields)
    {
        double[] costs = [.. runs.Select(trial => FoldCosts.Of(trial.Result!, Fold.Test)).OfType<double>().Order()];
        double median = SpeedRatio.Median(costs);
        (fields["cost"], fields["cost3"]) = (Format.Fixed(median, 2), Format.Fixed(median, 3));
        string unit = FoldCosts.Unit(runs[0].Options);
        string interval = "";
        if (FoldCosts.Mean(costs) is { } over)
        {
            (fields["mean"], fields["interval"]) = (Format.Fixed(over.Mean, 3), Format.Fixed(over.Interval, 3));
            interval = $", mean {fields["mean"]} {fields["interval"]}";
        }

        fields["runs"] = Counted.Of(costs.Length, "run");
        return ($"{fields["cost3"]} {unit} on the test fold", fields["runs"] + interval);
    }

    private static (string, string) Compare(
        Claim claim, ClaimedComparison compared, StoredTrial[] runs, Dictionary<string, string> fields)
    {
        bool sustained = claim.Count == ClaimMeasure.Sustained;
        ValueComparison found = StudySummary.Compare(
            [.. runs.Where(trial => StudySummary.Choice(trial, compared.Option) is { } value
                && (value == compared.First || value == compared.Second))
                .OrderBy(trial => StudySummary.Choice(trial, compared.Option) == compared.First ? 0 : 1)],
            compared.Option, result => sustained ? result.Sustained : result.FirstHit)
            .FirstOrDefault(one => one.First == compared.First && one.Second == compared.Second)
            ?? throw new UserError($"The claim '{claim.Id}' has no two runs that differ in {compared.Option} alone.");
        Rate(fields, "@first", found.FirstRate);
        Rate(fields, "@second", found.SecondRate);
        string P(double p) => p < 0.0001 ? "< 0.0001" : p.ToString("G2", CultureInfo.InvariantCulture);
        fields["pairs-p"] = P(found.PValue);
        Interval between = found.ByCluster?.Interval ?? found.Interval;
        fields["points"] = FormattableString.Invariant($"{100 * (found.SecondRate.Share - found.FirstRate.Share):F0}");
        fields["points-interval"] = FormattableString.Invariant($"[{-100 * between.High:F0}, {-100 * between.Low:F0}]");
        string clusters = "";
        if (found.ByCluster is { } by)
        {
            fields["p"] = P(by.PValue);
            fields["clusters"] = by.Clusters.ToString(CultureInfo.InvariantCulture);
            clusters = $", p {fields["p"]} by {fields["clusters"]} clusters (pair by pair {fields["pairs-p"]})";
        }

        string rule = sustained ? "at most 1% wrong at three checks in a row" : "at most 1% wrong at some check";
        return ($"{rule}: {fields["points"]} points {fields["points-interval"]}{clusters}",
            $"{compared.First} {fields["rate@first"]}, {compared.Second} {fields["rate@second"]}");
    }

    private CountedClaim OfFigure(Claim claim, ClaimedFigure figure)
    {
        string path = Path.Combine(folder, figure.File);
        var fields = Given(claim);
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
            string[] runs =
            [
                .. from series in document.RootElement.GetProperty("panels")[0].GetProperty("series").EnumerateArray()
                   where series.GetProperty("name").GetString() == figure.Series
                   from point in series.GetProperty("points").EnumerateArray()
                   select point.GetProperty("runs").GetString()!,
            ];
            if (runs.Length != figure.Points.Count)
            {
                throw new UserError($"The claim '{claim.Id}' names {Format.Count(figure.Points.Count)} points of "
                    + $"'{figure.Series}' in {path}, which has {Format.Count(runs.Length)}.");
            }

            foreach ((string name, string text) in figure.Points.Zip(runs))
            {
                int[] parts = [.. text.Split('/').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
                Rate(fields, $"@{name}", new SuccessRate(parts[0], parts[1]));
            }
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw NotCounted(claim, path, "it is no figure's file with rates", error);
        }

        return new CountedClaim(claim, "at most 1% wrong at some check",
            string.Join("; ", figure.Points.Select(name => $"{name}: {fields[$"rate@{name}"]}")), claim.Budget!, claim.Seeds!,
            claim.Set!, fields);
    }

    private CountedClaim OfFinding(Claim claim, ClaimedFinding finding)
    {
        string path = Path.Combine(folder, finding.File);
        Dictionary<string, string> fields = Given(claim);
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
            JsonElement found = document.RootElement.GetProperty("findings").EnumerateArray()
                .FirstOrDefault(one => one.GetProperty("name").GetString() == finding.Name);
            if (found.ValueKind == JsonValueKind.Undefined)
                throw new UserError($"The claim '{claim.Id}' names the finding '{finding.Name}', which {path} does not have.");
            (int count, int of) = (found.GetProperty("count").GetInt32(), found.GetProperty("of").GetInt32());
            if (count < 0 || count > of || of == 0) throw new FormatException("It is no share.");
            Rate(fields, "", new SuccessRate(count, of));
            string says = found.GetProperty("says").GetString() ?? "";
            return new CountedClaim(claim, says, fields["rate"], claim.Budget!, claim.Seeds!, claim.Set!, fields);
        }
        catch (Exception error) when (IsUnreadable(error))
        {
            throw NotCounted(claim, path, "it is no figure's file with findings", error);
        }
    }

    private static bool IsUnreadable(Exception error) => FileErrors.IsAboutFile(error) || error is JsonException
        or KeyNotFoundException or InvalidOperationException or FormatException or IndexOutOfRangeException or ArgumentException;

    private static UserError NotCounted(Claim claim, string path, string otherwise, Exception error) =>
        new($"The claim '{claim.Id}' could not be counted from {path}: "
            + $"{(FileErrors.IsAboutFile(error) ? FileErrors.Cause(path, error) : otherwise)}.", error);

    private static CountedClaim OfStated(Claim claim, StatedRuns stated)
    {
        Dictionary<string, string> fields = Given(claim);
        foreach ((string name, string text) in stated.Fields) fields[name] = text;
        Rate(fields, "", new SuccessRate(stated.Successes, stated.Runs));
        string speed = fields.TryGetValue("median", out string? median) ? $"; median {median} updates" : "";
        return new CountedClaim(claim, $"at most 1% wrong at some check{speed}; no store was kept", fields["rate"], claim.Budget!,
            claim.Seeds!, claim.Set!, fields);
    }

    private static Dictionary<string, string> Given(Claim claim) =>
        new() { ["budget"] = claim.Budget!, ["seeds"] = claim.Seeds!, ["set"] = claim.Set! };

    private static void Rate(Dictionary<string, string> fields, string suffix, SuccessRate rate)
    {
        fields["count" + suffix] = FormattableString.Invariant($"{rate.Successes} of {rate.Runs}");
        fields["interval" + suffix] = Format.Percent(rate.Wilson());
        fields["rate" + suffix] = $"{fields["count" + suffix]} {fields["interval" + suffix]}";
    }

    /// <summary>The updates or epochs that a run could spend; from the least to the most where runs differ.</summary>
    private static string Budget(StoredTrial[] runs)
    {
        bool epochs = runs.All(trial => trial.Options.GetValueOrDefault("epochs", "none") != "none");
        string option = epochs ? "epochs" : "updates";
        double[] budgets = [.. runs.Select(trial => AsNumber(trial.Options.GetValueOrDefault(option, ""))).Distinct().Order()];
        string ends = Format.Count(budgets[0]);
        if (budgets.Length > 1) ends += $" to {Format.Count(budgets[^1])}";
        return epochs ? $"{ends} epochs" : ends;
    }

    /// <summary>Whole numbers as ranges, such as <c>1 to 3, 5</c>.</summary>
    internal static string Ranges(IEnumerable<string> numbers)
    {
        ulong[] sorted = [.. numbers.Select(text => ulong.TryParse(text, CultureInfo.InvariantCulture, out ulong n) ? n : 0)
            .Distinct().Order()];
        var parts = new List<string>();
        for (int first = 0, last; first < sorted.Length; first = last + 1)
        {
            for (last = first; last + 1 < sorted.Length && sorted[last + 1] == sorted[last] + 1;) last++;
            string from = sorted[first].ToString(CultureInfo.InvariantCulture);
            parts.Add(last == first ? from : FormattableString.Invariant($"{from} to {sorted[last]}"));
        }

        return string.Join(", ", parts);
    }

    private static string Steps(string length) =>
        int.TryParse(length, CultureInfo.InvariantCulture, out int steps) ? Format.Count(steps) : length;

    private static double AsNumber(string text) =>
        double.TryParse(text, CultureInfo.InvariantCulture, out double value) ? value : double.MaxValue;
}
