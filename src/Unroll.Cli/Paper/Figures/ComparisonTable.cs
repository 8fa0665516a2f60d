using System.Globalization;
using Unroll.Studies;
using Unroll.Studies.Statistics;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// The methods that section 3.1 weighs, and what came after, on the same tasks: how many runs each solves, after how many
/// sequences and seconds of a core, and how far beyond the trained length the solved models hold.
/// </summary>
internal sealed class ComparisonTable : IFigure
{
    /// <summary>Minibatches of an update of Hessian-Free beside those of the gradient: curvature, iterates, line
    /// search.</summary>
    private const int OtherMinibatches = 3;

    /// <summary>What stands for the rate of a cell of which no run has ended.</summary>
    private const string NotRun = "-";

    public string Id => "comparison";

    public string Section => "Section 3.1";

    public string Summary => "the remedies that the paper weighs, on the same tasks: how many runs solve, how fast, how far";

    public string Study => "comparison";

    public FigureResult Compute(FigureSource source)
    {
        (StudyDefinition study, IReadOnlyList<StoredTrial> trials) = (source.Study, source.Trials);
        List<CellSummary> cells = StudySummary.Cells(trials);
        string[] factors = [.. study.Test.Lengths];

        // What no method has run is said in a line; a method that is missing where others have run has a row that says so.
        ILookup<bool, IGrouping<(string, string), CellSummary>> points = cells.GroupBy(Point)
            .ToLookup(point => point.Any(cell => cell.Success.Runs > 0));
        CellSummary[] begun = [.. points[true].SelectMany(point => point)];
        IGrouping<string, CellSummary>[] tasks = [.. begun.GroupBy(cell => cell.Options["task"])];
        var tables = new List<(string, TextTable)> { ("The most that a run may spend, and what it spent here", Budgets(cells)) };
        CellSummary[] complete = [.. Complete(cells)];
        if (complete.Length > 0) tables.Add(($"Together on {Named(complete)}", Totals(complete)));
        foreach (IGrouping<string, CellSummary> task in tasks) tables.Add((task.Key, OfTask([.. task], factors)));
        tables.Add(("Published, each under a protocol of its own", Published()));
        var notes = new List<string>
        {
            "Solved: at most 1% of fresh sequences wrong at some check (of 5-bit memorization: of its 32). Sequences and "
            + "seconds are medians over the runs that got there; errors are medians of their models on fresh sequences. "
            + "Intervals are Wilson's, 95%.",
            "A budget is in sequences; seconds are those of one thread by the clock, longer where a core was shared.",
            "The rates, weights and thresholds were chosen on other seeds (docs/updates.md).",
            "Echo states know which inputs of a task matter: the recipe scales the others down. No other method is told.",
        };
        if (begun.Any(cell => cell.Success.Runs == 0)) notes.Add($"{NotRun}: not run.");
        if (points[false].Any()) notes.Add($"Not run by any method: {Named([.. points[false].SelectMany(point => point)])}.");
        int done = trials.Count(trial => trial.Result is not null);
        string caption = $"{study.Description}. {Format.Count(done)} of {Format.Counted(trials.Count, "run")}.";
        return new FigureResult(caption, tables, notes, ComparisonChart.Panels(tasks));
    }

    /// <summary>What a cell's options amount to.</summary>
    internal static string Method(IReadOnlyDictionary<string, string> options)
    {
        bool Given(string name) => options.GetValueOrDefault(name, "none") != "none";
        return options["optimizer"] switch
        {
            "ridge" => "echo states",
            "hessian-free" => Number(options, "structural-damping") > 0 ? "HF" : "HF, no structural damping",
            _ when options["cell"] is "lstm" or "gru" or "lru" => options["cell"].ToUpperInvariant(),
            _ when Given("clip-temporal") => "temporal clipping",
            _ when Given("l1") => "L1 on W_rec",
            _ when Given("l2") => "L2 on W_rec",
            _ when options["init"] == "identity" && options["activation"] == "relu" => "IRNN",
            _ when options["recipe"] == "paper" => $"{options["method"].ToUpperInvariant()}, the paper's values",
            _ when Number(options, "omega") == 0 => "clipping alone, our start",
            _ when Number(options, "state-noise") > 0 && !Given("rescue") => "state noise",
            _ => "best",
        };
    }

    /// <summary>
    /// A budget is a number of updates, so of sequences. What that is in time depends on length and machine: it is measured at
    /// the runs that used it up.
    /// </summary>
    private static TextTable Budgets(List<CellSummary> cells)
    {
        var table = new TextTable("method", "updates", "sequences", "seconds of unsolved runs", "of all runs together");
        foreach (IGrouping<string, CellSummary> method in cells.GroupBy(cell => Method(cell.Options)))
        {
            string Most(Func<CellSummary, double> value)
            {
                double[] all = [.. method.Select(value).Distinct().Order()];
                return all.Length == 1 ? Count(all[0]) : $"{Count(all[0])} to {Count(all[^1])}";
            }

            TrialResult[] runs = [.. method.SelectMany(cell => cell.Finished).Select(trial => trial.Result!)];
            double[] spent = [.. runs.Where(run => !run.Solved).Select(run => run.Seconds).Order()];
            string seconds = spent.Length == 0 ? "" : $"{Count(spent[0])} to {Count(spent[^1])}";
            table.Add(
                method.Key, Most(cell => Number(cell.Options, "updates")),
                Most(cell => Number(cell.Options, "updates") * SequencesOfUpdate(cell.Options)), seconds,
                runs.Length == 0 ? "" : Count(runs.Sum(run => run.Seconds)));
        }

        return table;
    }

    /// <summary>The cells where every method has all of its runs: only they can be added up.</summary>
    private static IEnumerable<CellSummary> Complete(List<CellSummary> cells) =>
        cells.GroupBy(Point).Where(point => point.All(cell => cell.Success.Runs == cell.Trials)).SelectMany(point => point);

    private static (string Task, string Length) Point(CellSummary cell) => (cell.Options["task"], cell.Options["length"]);

    private static string Named(CellSummary[] cells) => string.Join("; ", cells.GroupBy(cell => cell.Options["task"])
        .Select(task => $"{task.Key} at {string.Join(", ", task.Select(cell => cell.Options["length"]).Distinct())}"));

    private static TextTable Totals(CellSummary[] cells)
    {
        var table = new TextTable("method", "solved", "95% interval", "parameters");
        foreach (IGrouping<string, CellSummary> method in cells.GroupBy(cell => Method(cell.Options)))
        {
            int runs = method.Sum(cell => cell.Success.Runs), solved = method.Sum(cell => cell.Success.Successes);
            long[] sizes = [.. method.Select(Parameters).Order()];
            string least = Format.Count(sizes[0]), greatest = Format.Count(sizes[^1]);
            string size = least == greatest ? least : $"{least} to {greatest}";
            table.Add(method.Key, $"{solved}/{runs}", Format.Percent(new SuccessRate(solved, runs).Wilson()), size);
        }

        return table;
    }

    private static TextTable OfTask(IReadOnlyList<CellSummary> cells, string[] factors)
    {
        string[] fixedColumns = ["method", "length", "parameters", "solved", "95% interval", "sequences", "seconds"];
        var table = new TextTable([.. fixedColumns, .. factors.Select(Heading)]);
        foreach (CellSummary cell in cells)
        {
            bool any = cell.Success.Runs > 0;
            table.Add(
            [
                Method(cell.Options), cell.Options["length"], Format.Count(Parameters(cell)),
                any ? $"{cell.Success.Successes}/{cell.Success.Runs}" : NotRun,
                any ? Format.Percent(cell.Success.Wilson()) : "",
                Count(cell.FirstHit * SequencesOfUpdate(cell.Options)), Count(cell.FirstHitSeconds),
                .. factors.Select(factor => Error(cell, factor)),
            ]);
        }

        return table;
    }

    /// <summary>
    /// Hochreiter and Schmidhuber (1997): an LSTM's sequences to success. Their tasks have another form, <c>--variant hs97</c>:
    /// numbers in [-1, 1] to add, and stricter rules of success.
    /// </summary>
    private static TextTable Published()
    {
        var table = new TextTable("task, length", "LSTM of 1997, sequences");
        table.Add("addition, 100 / 500 / 1,000", "74,000 / 209,000 / 853,000");
        table.Add("multiplication, 100, loose / strict rule", "482,000 / 1,273,000");
        table.Add("temporal order, 2 / 3 symbols", "31,390 / 571,100");
        table.Add("long lag 2c (permutation), 50 / 100 / 200 / 500 / 1,000", "30,000 / 31,000 / 33,000 / 38,000 / 49,000");
        return table;
    }

    private static double SequencesOfUpdate(IReadOnlyDictionary<string, string> options)
    {
        double batch = options["task"] == "memorization" ? 32 : Number(options, "batch");
        return options["optimizer"] == "hessian-free" ? batch * (Number(options, "gradient-batches") + OtherMinibatches) : batch;
    }

    private static long Parameters(CellSummary cell)
    {
        LengthRange length = Values.Length("The length in the store", cell.Options["length"]);
        ITask task = SyntheticTasks.Create(cell.Options["task"], length);
        return OptionsRules.ShapeOf(task, OptionsText.FromProperties(cell.Options)).ParameterCount;
    }

    private static double Number(IReadOnlyDictionary<string, string> options, string name) =>
        double.Parse(options[name], CultureInfo.InvariantCulture);

    private static string Heading(string factor) => factor == "x1" ? "error" : $"at {factor[1..]}x";

    private static string Error(CellSummary cell, string factor)
    {
        string at = StudyTest.At(factor, Values.Length("The length in the store", cell.Options["length"])).ToString();
        double[] errors = [.. cell.TestErrors(at)];
        return errors.Length == 0 ? "" : Format.Percent(SpeedRatio.Median([.. errors.Order()]));
    }

    private static string Count(double value) =>
        double.IsNaN(value) ? "" : value >= 1000 ? Format.Count(value) : Format.Number(value);
}
