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
    /// <summary>Minibatches of an update of Hessian-Free beside those of the gradient: curvature, judge, line search.</summary>
    private const int OtherMinibatches = 3;

    public string Id => "comparison";

    public string Section => "Section 3.1";

    public string Summary => "the remedies that the paper weighs, on the same tasks: how many runs solve, how fast, how far";

    public string Study => "comparison";

    public FigureResult Compute(FigureSource source)
    {
        (StudyDefinition study, IReadOnlyList<StoredTrial> trials) = (source.Study, source.Trials);
        List<CellSummary> cells = StudySummary.Cells(trials);
        string[] factors = [.. study.Test.Lengths];
        var tables = new List<(string, TextTable)> { ("All tasks and lengths", Totals(cells)) };
        foreach (IGrouping<string, CellSummary> task in cells.GroupBy(cell => cell.Options["task"]))
            tables.Add((task.Key, OfTask([.. task], factors)));
        tables.Add(("Published, each under a protocol of its own", Published()));
        string[] notes =
        [
            "Solved: at most 1% of fresh sequences wrong at some check (of 5-bit memorization: of its 32). Sequences and "
            + "seconds are medians over the runs that got there.",
            "The thresholds of temporal clipping and the weights of L1 and L2 were not searched.",
            "Echo states know which inputs of a task matter: the recipe scales the others down. No other method is told.",
        ];
        int done = trials.Count(trial => trial.Result is not null);
        string caption = $"{study.Description}. {Format.Count(done)} of {Format.Count(trials.Count)} runs.";
        return new FigureResult(caption, tables, notes, []);
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
            _ when Number(options, "state-noise") > 0 && !Given("rescue") => "state noise",
            _ => "best",
        };
    }

    private static TextTable Totals(List<CellSummary> cells)
    {
        var table = new TextTable("method", "solved", "95% interval", "parameters");
        foreach (IGrouping<string, CellSummary> method in cells.GroupBy(cell => Method(cell.Options)))
        {
            int runs = method.Sum(cell => cell.Success.Runs), solved = method.Sum(cell => cell.Success.Successes);
            if (runs == 0) continue;
            long[] sizes = [.. method.Select(Parameters).Order()];
            string least = Format.Count(sizes[0]), greatest = Format.Count(sizes[^1]);
            string size = least == greatest ? least : $"{least} to {greatest}";
            table.Add(method.Key, $"{solved}/{runs}", Format.Percent(new SuccessRate(solved, runs).Wilson()), size);
        }

        return table;
    }

    private static TextTable OfTask(IReadOnlyList<CellSummary> cells, string[] factors)
    {
        var table = new TextTable(["method", "length", "solved", "sequences", "seconds", .. factors.Select(Heading)]);
        foreach (CellSummary cell in cells.Where(cell => cell.Success.Runs > 0))
        {
            table.Add(
            [
                Method(cell.Options), cell.Options["length"], $"{cell.Success.Successes}/{cell.Success.Runs}",
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
