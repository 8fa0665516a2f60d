using Unroll.Data;
using Unroll.Numerics;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;
using Unroll.Studies.Statistics;
using Unroll.Training;

namespace Unroll.Studies;

/// <summary>How trials of tasks without a rule of success are compared: by the costs of their best models on the folds.</summary>
internal static class FoldCosts
{
    /// <summary>The one option of the data that changes how a model learns and not what its cost is the cost of.</summary>
    private const string Window = "window";

    /// <summary>Whether a trial's task has no rule of success.</summary>
    public static bool Has(StoredTrial trial) => Has(trial.Options);

    /// <summary>Whether those of a cell are.</summary>
    public static bool Has(CellSummary cell) => Has(cell.Options);

    /// <summary>Whether all of a study's trials are, so that no success rate is shown.</summary>
    public static bool AreAll(IReadOnlyCollection<StoredTrial> trials) => trials.Count > 0 && trials.All(Has);

    /// <summary>The unit of the costs of a trial.</summary>
    public static string Unit(IReadOnlyDictionary<string, string> options) =>
        options.GetValueOrDefault(OwnTask.CostUnitKey) ?? CorpusKind.Of(options["task"]).New().Sketch().LossUnit;

    private static bool Has(IReadOnlyDictionary<string, string> options) =>
        options.ContainsKey(OwnTask.CostUnitKey) || TaskCatalogue.Corpora.Contains(options["task"]);

    /// <summary>The name under which a fold's cost is kept.</summary>
    public static string NameOf(Fold fold) => OptionsText.Name(fold);

    /// <summary>The cost of a fold; null where there is none, or none that is finite.</summary>
    public static double? Of(TrialResult result, Fold fold)
    {
        string name = NameOf(fold);
        double? cost = result.Tests.FirstOrDefault(test => test.Length == name)?.Loss
            ?? (fold == Fold.Validation ? result.BestLoss : null);
        return cost is { } value && double.IsFinite(value) ? value : null;
    }

    /// <summary>The median cost of a fold over a cell's finished trials; not a number without one.</summary>
    public static double Median(CellSummary cell, Fold fold) =>
        SpeedRatio.Median([.. cell.Finished.Select(trial => Of(trial.Result!, fold)).OfType<double>().Order()]);

    /// <summary>The mean of costs of several seeds and its 95% interval by Student's t; null for fewer than two.</summary>
    public static (double Mean, Interval Interval)? Mean(IReadOnlyList<double> costs) =>
        costs.Count > 1 && new PairsCompared(costs) is { Interval: { } interval } all ? (all.Difference, interval) : null;

    /// <summary>Trials whose costs are of the same thing: same task, same data read in the same way, as far ahead.</summary>
    public static IEnumerable<IGrouping<string, StoredTrial>> ByData(IEnumerable<StoredTrial> trials) =>
        trials.Where(Has).GroupBy(DataOf);

    /// <summary>
    /// What tells one such group from the others, such as <c>data=nottingham</c>: the choices that all of its trials share and
    /// not all trials have.
    /// </summary>
    public static string LabelOf(IEnumerable<StoredTrial> group, IReadOnlyCollection<StoredTrial> all)
    {
        string[] names = [.. DataOptions(), .. OwnTask.NamesOf(group.First().Options)];
        IEnumerable<KeyValuePair<string, string>> shared = StudySummary.Choices(group.First().Name)
            .Where(choice => names.Contains(choice.Key));
        return string.Join(' ', shared.Where(choice => all.Any(trial => StudySummary.Choice(trial, choice.Key) != choice.Value))
            .Select(choice => $"{choice.Key}={choice.Value}"));
    }

    /// <summary>The finished trials, those with the least validation cost first; what has none comes last.</summary>
    public static List<StoredTrial> Best(IEnumerable<StoredTrial> trials) =>
        [.. trials.Where(trial => trial.Result is not null)
            .OrderBy(trial => Of(trial.Result!, Fold.Validation) ?? double.PositiveInfinity).ThenBy(trial => trial.Position)];

    /// <summary>Steps and costs a step of the pieces of the test fold; none where they are not kept.</summary>
    public static TrialTest[] Pieces(TrialResult result) =>
        [.. result.Tests.Where(test => test.Length.StartsWith(TrialTest.PieceOf, StringComparison.Ordinal))];

    /// <summary>
    /// Every two values of an option compared, the later against the earlier one, over pairs of finished trials that differ in
    /// nothing else, so that both had the same data, the same first weights and the same order.
    /// </summary>
    public static List<CostComparison> Compare(IReadOnlyList<StoredTrial> trials, string option)
    {
        var comparisons = new List<CostComparison>();
        StoredTrial[] finished = [.. trials.Where(trial => Has(trial) && trial.Result is not null)];
        foreach (IGrouping<string, StoredTrial> group in ByData(finished))
        {
            string label = LabelOf(group, finished);
            string[] values = StudySummary.ValuesToCompare(group, option);
            for (int i = 0; i < values.Length; i++)
            {
                for (int j = i + 1; j < values.Length; j++)
                {
                    if (Compare([.. group], option, values[j], values[i]) is { } comparison)
                        comparisons.Add(comparison with { Label = label });
                }
            }
        }

        return comparisons;
    }

    private static CostComparison? Compare(StoredTrial[] group, string option, string first, string second)
    {
        string Other(StoredTrial trial) =>
            string.Join(' ', trial.Name.Split(' ').Where(part => !part.StartsWith($"{option}=", StringComparison.Ordinal)));
        Dictionary<string, TrialResult> partners = group.Where(trial => StudySummary.Choice(trial, option) == second)
            .ToDictionary(Other, trial => trial.Result!);
        (TrialResult One, TrialResult Other)[] pairs =
            [.. from trial in @group where StudySummary.Choice(trial, option) == first && partners.ContainsKey(Other(trial))
                select (trial.Result!, partners[Other(trial)])];
        return pairs.Length == 0 ? null : new CostComparison(first, second, pairs.Length)
        {
            Validation = Paired(Fold.Validation),
            Test = Paired(Fold.Test),
            TestPieces = ByPiece(pairs),
        };

        PairsCompared? Paired(Fold fold)
        {
            double[] differences = [.. from pair in pairs let one = Of(pair.One, fold)
                let other = Of(pair.Other, fold) where one is not null && other is not null select one.Value - other.Value];
            return differences.Length == 0 ? null : new PairsCompared(differences);
        }
    }

    /// <summary>By the pieces of the test fold, each piece's cost being the mean over the pairs.</summary>
    private static PiecesCompared? ByPiece((TrialResult One, TrialResult Other)[] pairs)
    {
        (TrialTest[] One, TrialTest[] Other)[] kept = [.. from pair in pairs let one = Pieces(pair.One)
            let other = Pieces(pair.Other) where one.Length > 0 && other.Length == one.Length
            && one.Concat(other).All(piece => double.IsFinite(piece.Loss)) select (one, other)];
        if (kept.Length == 0 || kept.Any(pair => pair.One.Length != kept[0].One.Length)) return null;
        int pieces = kept[0].One.Length;
        return new PiecesCompared(
            [.. kept[0].One.Select(piece => piece.Sequences)],
            [.. Enumerable.Range(0, pieces).Select(i => kept.Average(pair => pair.One[i].Loss))],
            [.. Enumerable.Range(0, pieces).Select(i => kept.Average(pair => pair.Other[i].Loss))]);
    }

    private static string DataOf(StoredTrial trial) =>
        string.Join(' ', DataOptions().Append(OwnTask.ParametersKey).Select(option => trial.Options.GetValueOrDefault(option)));

    private static IEnumerable<string> DataOptions() =>
        CorpusOptionTable.All.Select(option => option.Name[2..]).Concat(SeriesOptionTable.All.Select(option => option.Key))
            .Concat(SeriesSettings.Reading).Distinct()
            .Where(option => option != Window && !SeriesSettings.OfNetwork.Contains(option)).Prepend("task");
}

/// <summary>
/// Two values of an option compared by the costs of the folds, the first minus the second; null where no pair has the cost.
/// </summary>
/// <param name="First">One value.</param>
/// <param name="Second">The other.</param>
/// <param name="Pairs">Pairs of trials that differ in nothing else.</param>
public sealed record CostComparison(string First, string Second, int Pairs)
{
    /// <summary>The data, where a study has several; empty otherwise.</summary>
    public string Label { get; init; } = "";

    /// <summary>The validation fold, over the pairs.</summary>
    public PairsCompared? Validation { get; init; }

    /// <summary>The test fold, over the pairs.</summary>
    public PairsCompared? Test { get; init; }

    /// <summary>The test fold, over its pieces.</summary>
    public PiecesCompared? TestPieces { get; init; }

    /// <summary>What the numbers of <see cref="Line"/> are.</summary>
    internal static IReadOnlyList<string> Legend { get; } =
    [
        "pairs of trials that differ in nothing else (same seed): the first's cost minus the second's,",
        "with 95% interval and p of no difference: over the pairs (Student's t, from 2 pairs on) and, where the test fold has "
            + "pieces, over these (bootstrap, permutation).",
    ];

    /// <summary>The comparison on one line.</summary>
    public string Line()
    {
        List<string> parts = [];
        if (Validation is { } validation) parts.Add($"validation {Numbers(validation)}");
        if (Test is { } test) parts.Add($"test {Numbers(test)}");
        if (TestPieces is { } pieces) parts.Add(
            Invariant($"test by piece {Number(pieces.Difference)} {Bounds(pieces.Interval)}, p {P(pieces.PValue)} ")
                + Invariant($"({Counted.Of(pieces.Pieces, "piece")})"));
        return $"{(Label.Length == 0 ? "" : $"{Label}: ")}{First} against {Second}: "
            + $"{(parts.Count == 0 ? "no pair has a finite cost" : string.Join("; ", parts))}";
    }

    private static string Numbers(PairsCompared compared) => compared.Interval is { } interval
        ? Invariant($"{Number(compared.Difference)} {Bounds(interval)}, p {P(compared.PValue!.Value)} ")
            + Invariant($"({Counted.Of(compared.Pairs, "pair")})")
        : $"{Number(compared.Difference)} (1 pair: no interval)";

    private static string Bounds(Interval interval) => $"[{Number(interval.Low)}, {Number(interval.High)}]";

    private static string Number(double value) =>
        value.ToString("+0.000;-0.000;0.000", System.Globalization.CultureInfo.InvariantCulture);

    private static string P(double value) =>
        value < 0.00005 ? "< 0.00005" : $"= {value.ToString("G2", System.Globalization.CultureInfo.InvariantCulture)}";
}
