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
        "SGD-C, the paper's values", "SGD-CR, the paper's values", "best", "echo states", "state noise", "temporal clipping",
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

    private static string Name(Trial trial)
    {
        Dictionary<string, string> options = new(OptionsText.ToProperties(trial.Settings.Options))
        {
            ["recipe"] = trial.Settings.Recipe,
            ["method"] = Method.Of(trial.Settings.Options).Name,
        };
        return ComparisonTable.Method(options);
    }
}
