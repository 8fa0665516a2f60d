using Unroll.Cli.Paper;
using Unroll.Cli.Paper.Figures;
using Unroll.Studies;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Cli.Tests.Paper;

/// <summary>The table of methods.</summary>
public static class ComparisonTableTests
{
    private static readonly string[] s_methods =
    [
        "GRU", "HF", "HF, no structural damping", "IRNN", "L1 on W_rec", "L2 on W_rec", "LRU", "LSTM", "SGD, the paper's values",
        "SGD-C, the paper's values", "SGD-CR, the paper's values", "best", "clipping alone, our start", "echo states",
        "state noise", "temporal clipping",
    ];

    /// <summary>Each scale's trials, found once.</summary>
    private static readonly Dictionary<string, Lazy<List<Trial>>> s_trials = BuiltInStudies.Scales.ToDictionary(
        scale => scale, scale => new Lazy<List<Trial>>(() => StudyGrid.Trials(BuiltInStudies.Get("comparison", scale))));

    [Theory]
    [InlineData("smoke", 2)]
    [InlineData("laptop", 7)]
    [InlineData("paper", 7)]
    public static void Each_method_is_on_each_task_and_length_under_its_name(string scale, int tasks)
    {
        List<Trial> trials = s_trials[scale].Value;
        foreach (IGrouping<(string Task, string Length), Trial> cell in trials.GroupBy(trial =>
            (trial.Settings.Task, trial.Settings.Length.ToString())))
        {
            string[] names = [.. cell.Select(Name).Distinct().Order(StringComparer.Ordinal)];
            Assert.Equal(s_methods, names);
        }

        Assert.Equal(tasks, trials.Select(trial => trial.Settings.Task).Distinct().Count());
    }

    /// <summary>As many runs of each method, so that the totals compare like with like.</summary>
    [Theory]
    [InlineData("smoke")]
    [InlineData("laptop")]
    [InlineData("paper")]
    public static void Methods_have_equally_many_runs(string scale)
    {
        List<Trial> trials = s_trials[scale].Value;
        Assert.Single(trials.GroupBy(Name).Select(method => method.Count()).Distinct());
    }

    [Fact]
    public static void Each_rate_has_its_interval_and_only_what_all_methods_ran_is_added_up()
    {
        FigureResult result = OfSmallStudy(trial => trial.Settings.Length.Maximum == 10 || trial.Settings.Options.Seed == 2
            && trial.Settings.Options.Optimizer == OptimizerKind.HessianFree);
        Assert.Equal("Together on addition at 10", result.Tables[1].Heading);
        Assert.Equal(["HF", "2/2", "[34%, 100%]"], result.Tables[1].Table.Rows[1].Take(3));

        TextTable addition = result.Tables[2].Table;
        string[] rates = [.. addition.Rows.Select(row => string.Join(' ', row.Take(2).Concat(row.Skip(3).Take(4))))];
        Assert.Equal(
            ["best 10 2/2 [34%, 100%] 40,000 3", "HF 10 2/2 [34%, 100%] 3,900 3", "best 20 -   ",
                "HF 20 1/1 [21%, 100%] 3,900 3"],
            rates);
        Assert.Contains("-: not run.", result.Notes);
        Assert.Contains("Not run by any method: permutation at 10.", result.Notes);
    }

    [Fact]
    public static void A_budget_is_said_in_sequences_and_in_what_unsolved_runs_took()
    {
        TextTable budgets = OfSmallStudy(trial => trial.Settings.Options.Seed == 1, solved: false).Tables[0].Table;

        // Hessian-Free: ten minibatches of 100 for the gradient and one each for curvature, iterates and line search.
        Assert.Equal(["HF", "5", "6,500", "7 to 7", "28"], budgets.Rows[1]);
        Assert.Equal(["best", "2,000", "40,000", "7 to 7", "28"], budgets.Rows[0]);
    }

    [Fact]
    public static void Without_a_run_there_is_no_picture_and_nothing_is_added_up()
    {
        FigureResult result = OfSmallStudy(_ => false);
        Assert.Empty(result.Panels);
        Assert.Equal(2, result.Tables.Count); // the budgets and what others published
        Assert.Single(OfSmallStudy(trial => trial.Settings.Task == "permutation").Panels);
    }

    private static FigureResult OfSmallStudy(Func<Trial, bool> isDone, bool solved = true)
    {
        StudyDefinition study = StudyReader.Read("s", """
            {
              "grid": [
                { "task": ["addition", "permutation"], "length": [10, 20], "seed": [1, 2], "updates": 2000 },
                { "task": ["addition", "permutation"], "length": [10, 20], "seed": [1, 2], "updates": 5,
                  "optimizer": "hessian-free" }
              ],
              "test": { "lengths": ["x1"] }
            }
            """);
        StoredTrial[] trials = [.. StudyGrid.Trials(study).Select(trial => new StoredTrial(
            trial.Hash, trial.Position, trial.Name, trial.Cell, trial.Replicate, trial.Cost, Options(trial),
            !isDone(trial) || trial.Settings.Task == "permutation" && solved && trial.Settings.Length.Maximum == 10 ? null
                : Result(trial, solved)))];
        return new ComparisonTable().Compute(FigureSource.Of(new ComparisonTable(), study, trials,
            new CommandHost(TextReader.Null, TextWriter.Null, TextWriter.Null)));
    }

    private static TrialResult Result(Trial trial, bool solved) => new()
    {
        Outcome = solved ? TrainingOutcome.Solved : TrainingOutcome.Unsolved,
        Updates = trial.Settings.Options.MaximumUpdates,
        FirstHit = !solved ? null : trial.Settings.Options.Optimizer == OptimizerKind.HessianFree ? 3 : 2000,
        FirstHitSeconds = solved ? 3 : null,
        Seconds = 7,
        Version = "0",
        Kernel = "vector",
    };

    private static string Name(Trial trial) => ComparisonTable.Method(Options(trial));

    private static Dictionary<string, string> Options(Trial trial) => new(
        OptionsText.ToProperties(trial.Settings.Options).Concat(trial.Settings.TaskProperties()))
    {
        ["recipe"] = trial.Settings.Recipe,
        ["method"] = Method.Of(trial.Settings.Options).Name,
    };
}
