using System.Globalization;
using Unroll.Studies;
using Unroll.Studies.Statistics;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// The pathological problems (section 4.1 and the supplement) as one table: how many runs each method solves, how fast, and how
/// far beyond the trained lengths the solved models hold.
/// </summary>
/// <param name="Id">Its name, and that of its study.</param>
/// <param name="Section">Where the paper has it.</param>
/// <param name="Summary">What it is.</param>
/// <param name="Heading">What its first table is called.</param>
internal sealed record PathologicalTable(string Id, string Section, string Summary, string Heading) : IFigure
{
    /// <summary>Every task by every method.</summary>
    public static PathologicalTable All { get; } = new("pathological", "Section 4.1 and supplement",
        "every synthetic task by SGD, SGD-C and SGD-CR: solved, how fast, how far beyond the trained lengths",
        "The pathological problems");

    /// <summary>The recipe that is meant for lengths beyond the trained ones, on seeds drawn after it was fixed.</summary>
    public static PathologicalTable Beyond { get; } = new("beyond", "Section 4.1.1 and supplement",
        "orders and sums to 5,000 steps by models that were trained on 50 to 200: the recipe long on fresh seeds",
        "Beyond the trained lengths");

    /// <summary>The share that may be wrong (supplement).</summary>
    private const double MostWrong = 0.01;

    private const string HoldingHeading = "How many runs of those made hold: at most 1% wrong at the length, Wilson 95% interval";

    private const string StrictHeading =
        "Wrong by the text's rule, |e| above 0.04, where the tables above are by the authors' code, e^2 above 0.04";

    /// <summary>What the paper says of SGD-CR on the task, in arXiv v2 unless a version is named.</summary>
    private static readonly Dictionary<string, string> Claims = new()
    {
        ["temporal-order"] = "100% to T = 200; SGD and SGD-C not beyond about 20; ICML: no error to 5,000",
        ["temporal-order-3bit"] = "100%; holds to 400",
        ["addition"] = "100%; holds to 400, ICML: to 500",
        ["multiplication"] = "100%; holds to 400, ICML: to 500",
        ["permutation"] = "1 of 8 runs; ICML: 2 of 5",
        ["memorization"] = "100%, a model per length",
        ["memorization-20bit"] = "100%, a model per length",
    };

    public string Study => Id;

    public FigureResult Compute(FigureSource source)
    {
        (StudyDefinition study, IReadOnlyList<StoredTrial> trials) = (source.Study, source.Trials);
        string[] factors = [.. study.Test.Lengths];
        List<CellSummary> cells = StudySummary.Cells(trials);
        List<(string, TextTable)> tables = [(Heading, Results(cells, factors))];
        if (cells.Any(cell => cell.Finished.Any(trial => trial.Result!.Tests.Count > 0)))
            tables.Add((HoldingHeading, Holding(cells, factors)));
        if (cells.Any(cell => StrictErrors(cell).Any()))
            tables.Add((StrictHeading, Strict(cells, factors)));
        var notes = new List<string>
        {
            $"Solved: at most 1% of {string.Join(" or ", Evaluated(trials))} fresh sequences wrong at some check "
                + "(of 5-bit memorization: of its 32); sustained: at three checks in a row. "
                + "Updates and seconds are medians over the runs that got there.",
            "Errors beyond are those of the best models by validation of the solved runs on fresh sequences: "
                + "the median, and in brackets the least and the greatest.",
        };
        notes.AddRange(Chosen(cells));
        if (MethodLabel.Note(cells) is { } note) notes.Add(note);
        notes.AddRange(Compared(trials));
        int done = trials.Count(trial => trial.Result is not null);
        string caption = $"{study.Description}. {Format.Count(done)} of {Format.Counted(trials.Count, "run")}.";
        return new FigureResult(caption, tables, notes, []);
    }

    private static TextTable Results(List<CellSummary> cells, string[] factors)
    {
        string[] solved = ["solved", "95% interval", "sustained", "updates", "to sustained", "seconds"];
        var table = new TextTable(
            ["task", "lengths", "recipe", "method", .. solved, .. factors.Select(LengthHeading), "the paper"]);
        string? before = null;
        foreach (CellSummary cell in cells)
        {
            string task = cell.Options["task"];
            bool any = cell.Success.Runs > 0;
            table.Add(
            [
                .. Named(cell),
                any ? $"{cell.Success.Successes}/{cell.Success.Runs}" : "-",
                any ? Format.Percent(cell.Success.Wilson()) : "",
                any ? Rate(cell.SustainedRuns, cell) : "",
                Median(cell.FirstHit), Median(cell.Sustained), Median(cell.FirstHitSeconds),
                .. factors.Select(factor => Error(cell.TestErrors(At(cell, factor)))),
                task == before ? "" : Claims.GetValueOrDefault(task, ""),
            ]);
            before = task;
        }

        return table;
    }

    /// <summary>A run that is not solved holds nowhere.</summary>
    private static TextTable Holding(List<CellSummary> cells, string[] factors)
    {
        string[] lengths = [.. factors.Select(factor => factor == "x1" ? "as trained" : LengthHeading(factor))];
        var table = new TextTable(["task", "lengths", "recipe", "method", .. lengths]);
        int Held(CellSummary cell, string factor) => cell.TestErrors(At(cell, factor)).Count(error => error <= MostWrong);
        foreach (CellSummary cell in cells.Where(cell => cell.Success.Runs > 0))
            table.Add([.. Named(cell), .. factors.Select(factor => Rate(Held(cell, factor), cell))]);
        return table;
    }

    private static TextTable Strict(List<CellSummary> cells, string[] factors)
    {
        var table = new TextTable(["task", "lengths", "recipe", "method", .. factors.Select(LengthHeading)]);
        foreach (CellSummary cell in cells.Where(cell => StrictErrors(cell).Any()))
        {
            double[] Errors(string factor)
            {
                string length = At(cell, factor);
                return [.. StrictErrors(cell).Where(test => test.Length == length).Select(test => test.StrictError ?? 0).Order()];
            }

            table.Add([.. Named(cell), .. factors.Select(factor => Error(Errors(factor)))]);
        }

        return table;
    }

    private static IEnumerable<TrialTest> StrictErrors(CellSummary cell) =>
        cell.Finished.SelectMany(trial => trial.Result!.Tests).Where(test => test.StrictError is not null);

    /// <summary>Where the model was chosen at some of the lengths that the table shows, the error is the least of many.</summary>
    private static IEnumerable<string> Chosen(List<CellSummary> cells)
    {
        const string None = "none";
        string Lengths(CellSummary cell) => cell.Options.GetValueOrDefault("select-length", None);
        CellSummary[] chosen = [.. cells.Where(cell => Lengths(cell) != None)];
        foreach (var group in chosen.GroupBy(cell =>
            (Lengths: Lengths(cell), Recipe: cell.Options["recipe"], By: cell.Options.GetValueOrDefault("select-by"))))
        {
            string tasks = string.Join(" and ", group.Select(cell => cell.Options["task"]).Distinct());
            string lengths = group.Key.Lengths.Replace(",", ", ");
            string worst = group.Key.Lengths.Contains(',') ? " (by the worst of these)" : "";
            yield return $"Of {tasks} by the recipe {group.Key.Recipe} the model of all checks was chosen that "
                + $"{(group.Key.By == "cost" ? "costs" : "errs")} least on validation sequences of {lengths} steps{worst}: "
                + "at and near these lengths its errors are those of a model picked there, not of one that is merely trained.";
        }
    }

    /// <summary>Methods over all problems and without the one of Figure 7, by the paper's rule and by the stricter one.</summary>
    private static IEnumerable<string> Compared(IReadOnlyList<StoredTrial> trials)
    {
        const string Figure7Task = "temporal-order";
        StoredTrial[] others = [.. trials.Where(trial => trial.Options["task"] != Figure7Task)];
        bool split = others.Length > 0 && others.Length < trials.Count;
        string[] all = ValueComparison.Lines("Methods", StudySummary.Compare(trials, "method"));
        if (all.Length == 0) return [];
        List<string> lines = [.. all, .. Lines("The same by the sustained rule:", trials, result => result.Sustained)];
        if (split)
        {
            lines.AddRange(Lines($"Without {Figure7Task}, which Figure 7 is about:", others, null));
            lines.AddRange(Lines($"Without {Figure7Task}, by the sustained rule:", others, result => result.Sustained));
        }

        return lines;

        static string[] Lines(string heading, IReadOnlyList<StoredTrial> trials, Func<TrialResult, long?>? solvedAt) =>
            [heading, .. StudySummary.Compare(trials, "method", solvedAt).Select(compared => $"- {compared.Line()}")];
    }

    private static string[] Named(CellSummary cell) =>
        [cell.Options["task"], cell.Options["length"], cell.Options["recipe"], MethodLabel.Of(cell)];

    /// <summary>The name under which a tested length is stored.</summary>
    private static string At(CellSummary cell, string factor) =>
        StudyTest.At(factor, Values.Length("The length in the store", cell.Options["length"])).ToString();

    private static string Rate(int runs, CellSummary cell) =>
        $"{runs}/{cell.Success.Runs} {Format.Percent(new SuccessRate(runs, cell.Success.Runs).Wilson())}";

    /// <summary>The counts of validation sequences.</summary>
    private static IEnumerable<string> Evaluated(IReadOnlyList<StoredTrial> trials) =>
        trials.Select(trial => double.Parse(trial.Options["validation"], CultureInfo.InvariantCulture)).Distinct()
        .OrderDescending().Select(Format.Count);

    private static string LengthHeading(string factor) =>
        factor == "x1" ? "error" : factor[0] == 'x' ? $"at {factor[1..]}x" : $"at {factor}";

    private static string Error(double[] sorted) => sorted.Length switch
    {
        0 => "",
        1 => Format.Percent(sorted[0]),
        _ => $"{Format.Percent(SpeedRatio.Median(sorted))} ({Format.Percent(sorted[0])}..{Format.Percent(sorted[^1])})",
    };

    private static string Median(double value) =>
        double.IsNaN(value) ? "" : value >= 1000 ? Format.Count(value) : Format.Number(value);
}
