using System.Globalization;
using Unroll.Cli.Studies;

namespace Unroll.Cli.Paper;

/// <summary>
/// The pathological problems (section 4.1 and the supplement) as one table: how many runs each method solves, how fast, and how
/// far beyond the trained lengths the solved models hold.
/// </summary>
internal sealed class PathologicalTable : IReproduction
{
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

    public string Id => "pathological";

    public string Section => "Section 4.1 and supplement";

    public string Summary => "every synthetic task by SGD, SGD-C and SGD-CR: solved, how fast, how far beyond the trained lengths";

    public string Study => "pathological";

    public Artifact Compute(StudyDefinition study, IReadOnlyList<StoredTrial> trials)
    {
        string[] factors = [.. study.Test.Lengths];
        var table = new TextTable(["task", "lengths", "recipe", "method", "solved", "95% interval", "sustained", "updates", "to sustained", "seconds", .. factors.Select(Heading), "the paper"]);
        string? before = null;
        foreach (CellSummary cell in StudySummary.Cells(trials))
        {
            string task = cell.Options["task"];
            LengthRange trained = Values.Length("The length in the store", cell.Options["length"]);
            table.Add(
            [
                task, cell.Options["length"], cell.Options["recipe"], cell.Options["method"].ToUpperInvariant(),
                cell.Success.Runs == 0 ? "-" : $"{cell.Success.Successes}/{cell.Success.Runs}", cell.Success.Runs == 0 ? "" : Format.Percent(cell.Success.Wilson()), cell.Success.Runs == 0 ? "" : $"{cell.SustainedRuns}/{cell.Success.Runs}",
                Median(cell.FirstHit), Median(cell.Sustained), Median(cell.FirstHitSeconds), .. factors.Select(factor => Error(cell.TestErrors(StudyTest.At(factor, trained).ToString()))),
                task == before ? "" : Claims.GetValueOrDefault(task, ""),
            ]);
            before = task;
        }

        var notes = new List<string>
        {
            $"Solved: at most 1% of {string.Join(" or ", Judged(trials))} fresh sequences wrong at some check (of 5-bit memorization: of its 32); sustained: at three checks in a row. Updates and seconds are medians over the runs that got there.",
            "Errors beyond are those of the best models by validation of the solved runs on fresh sequences: the median, and in brackets the least and the greatest.",
        };
        notes.AddRange(ValueComparison.Lines("Methods", StudySummary.Compare(trials, "method")));
        int done = trials.Count(trial => trial.Result is not null);
        return new Artifact($"{study.Description}. {Format.Count(done)} of {Format.Count(trials.Count)} runs.", [("The pathological problems", table)], notes, []);
    }

    /// <summary>The counts of validation sequences.</summary>
    private static IEnumerable<string> Judged(IReadOnlyList<StoredTrial> trials) =>
        trials.Select(trial => double.Parse(trial.Options["validation"], CultureInfo.InvariantCulture)).Distinct().OrderDescending().Select(Format.Count);

    private static string Heading(string factor) => factor == "x1" ? "error" : factor[0] == 'x' ? $"at {factor[1..]}x" : $"at {factor}";

    private static string Error(double[] sorted) => sorted.Length switch
    {
        0 => "",
        1 => Format.Percent(sorted[0]),
        _ => $"{Format.Percent(Statistics.SpeedRatio.Median(sorted))} ({Format.Percent(sorted[0])}..{Format.Percent(sorted[^1])})",
    };

    private static string Median(double value) => double.IsNaN(value) ? "" : value >= 1000 ? Format.Count(value) : Format.Number(value);
}
