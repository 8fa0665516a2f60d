using System.Globalization;
using System.Text.Json;
using Unroll.Data;
using Unroll.Numerics;
using Unroll.Studies;
using Unroll.Studies.Statistics;
using Unroll.Training;

namespace Unroll.Cli.Study;

/// <summary>What <c>unroll study</c> says about trials on music and text: costs of the folds, never success.</summary>
internal static class StudyCosts
{
    private const int MostCells = 60, MostBest = 10, MostComparisons = 60;
    private static readonly Fold[] Folds = Enum.GetValues<Fold>();

    /// <summary>A cost as it is shown; empty for none.</summary>
    public static string Text(double? cost) => cost is { } value && !double.IsNaN(value) ? Format.Fixed(value, 3) : "";

    /// <summary>The cells with the median costs of their folds, the least validation cost first within the same data.</summary>
    public static void WriteCells(IReadOnlyList<StoredTrial> trials, CommandHost host)
    {
        CellSummary[] cells =
        [
            .. FoldCosts.ByData(trials).SelectMany(group => StudySummary.Cells(group)
                .Where(cell => cell.Finished.Count > 0)
                .OrderBy(cell => FoldCosts.Median(cell, Fold.Validation) is var cost && double.IsNaN(cost)
                    ? double.PositiveInfinity : cost)),
        ];
        if (cells.Length == 0) return;
        host.Out.WriteLine();
        host.Say("Costs of the best models by validation, "
            + $"{string.Join(" and ", cells.Select(cell => FoldCosts.Unit(cell.Options)).Distinct())}: medians over the runs, "
                + "the least validation cost first.");
        var table = new TextTable(["cell", "runs", .. Folds.Select(FoldCosts.NameOf), "updates", "seconds"]);
        foreach (CellSummary cell in cells.Take(MostCells))
        {
            TrialResult[] results = [.. cell.Finished.Select(trial => trial.Result!)];
            table.Add(
            [
                cell.Cell.Length == 0 ? "(all)" : cell.Cell,
                $"{results.Length}{(cell.NonFinite > 0 ? $" ({cell.NonFinite} diverged)" : "")}",
                .. Folds.Select(fold => Text(FoldCosts.Median(cell, fold))),
                Format.Count(SpeedRatio.Median([.. results.Select(result => (double)result.Updates).Order()])),
                Format.Number(SpeedRatio.Median([.. results.Select(result => result.Seconds).Order()])),
            ]);
        }

        table.WriteTo(host);
        if (cells.Length > MostCells)
            host.Say($"and {Format.Count(cells.Length - MostCells)} more cells; export has every trial.");
    }

    /// <summary>The best trials by validation cost, for each data.</summary>
    public static void WriteBest(IReadOnlyList<StoredTrial> trials, CommandHost host)
    {
        foreach (IGrouping<string, StoredTrial> group in FoldCosts.ByData(trials)
            .Where(group => group.Count(trial => trial.Result is not null) > 1))
        {
            string label = FoldCosts.LabelOf(group, trials);
            host.Out.WriteLine();
            host.Say($"Best trials by validation cost{(label.Length == 0 ? "" : $", {label}")}, "
                + $"{FoldCosts.Unit(group.First().Options)}.");
            var table = new TextTable(["trial", "hash", "outcome", .. Folds.Select(FoldCosts.NameOf), "model of update"]);
            foreach (StoredTrial trial in FoldCosts.Best(group).Take(MostBest))
            {
                TrialResult r = trial.Result!;
                table.Add([trial.Name.Length == 0 ? "(all)" : trial.Name, trial.Hash[..8], OptionsText.Name(r.Outcome),
                    .. Folds.Select(fold => Text(FoldCosts.Of(r, fold))), Format.Count(r.BestUpdate)]);
            }

            table.WriteTo(host);
        }
    }

    /// <summary>Every pair of values of an option; nothing where no finished trials differ in it alone.</summary>
    public static IEnumerable<string> Comparisons(IReadOnlyList<StoredTrial> trials, string option)
    {
        List<CostComparison> comparisons = FoldCosts.Compare(trials, option);
        if (comparisons.Count == 0) return [];
        string[] more = comparisons.Count > MostComparisons
            ? [$"  and {Format.Count(comparisons.Count - MostComparisons)} more"] : [];
        return ["", $"{option} compared over {string.Join(' ', CostComparison.Legend)}",
            .. comparisons.Take(MostComparisons).Select(comparison => $"  {comparison.Line()}"), .. more];
    }

    /// <summary>How one trial ended.</summary>
    public static void WriteTrial(StoredTrial trial, CommandHost host)
    {
        TrialResult r = trial.Result!;
        string unit = FoldCosts.Unit(trial.Options);
        string costs = Folds.Any(fold => FoldCosts.Of(r, fold) is not null)
            ? string.Join(", ", Folds.Select(fold => $"{FoldCosts.NameOf(fold)} {Format.Number(FoldCosts.Of(r, fold))}"))
            : "no finite cost";
        host.Say($"model of update {Format.Count(r.BestUpdate)}: {costs} {unit}");
        TrialTest[] pieces = [.. FoldCosts.Pieces(r)];
        if (pieces.Length > 0)
            host.Say($"{Counted.Of(pieces.Length, "piece")} of the test fold: "
                + $"{Format.Number(pieces.Min(piece => piece.Loss))} to "
                + $"{Format.Number(pieces.Max(piece => piece.Loss))} {unit}");
    }

    /// <summary>A cell as JSON.</summary>
    public static void Write(Utf8JsonWriter json, CellSummary cell)
    {
        TrialResult[] results = [.. cell.Finished.Select(trial => trial.Result!)];
        json.WriteString("event", "cell");
        json.WriteString("cell", cell.Cell);
        json.WriteNumber("trials", cell.Trials);
        json.WriteNumber("done", results.Length);
        json.WriteNumber("non_finite_trials", cell.NonFinite);
        json.WriteString("cost_unit", FoldCosts.Unit(cell.Options));
        foreach (Fold fold in Folds)
            JsonLine.WriteNumber(json, $"median_{FoldCosts.NameOf(fold)}_cost", FoldCosts.Median(cell, fold));
        JsonLine.WriteNumber(json, "median_updates",
            SpeedRatio.Median([.. results.Select(result => (double)result.Updates).Order()]));
        JsonLine.WriteNumber(json, "median_seconds", SpeedRatio.Median([.. results.Select(result => result.Seconds).Order()]));
    }
}
