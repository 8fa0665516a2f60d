using Unroll.Studies.Settings;
using Unroll.Tasks;

namespace Unroll.Studies;

/// <summary>What is tested of a trial's best model.</summary>
internal static class TrialTests
{
    /// <summary>The lengths that a study tests at, the trained ones among them.</summary>
    public const string AsTrained = "x1";

    /// <summary>The tests by their names, each of a task; none of a corpus, which has its folds.</summary>
    /// <exception cref="StudyException">A task without lengths is to be tested at other ones.</exception>
    public static IEnumerable<(string Name, Func<ITask> Task)> Of(StudyTest test, TrainSettings settings)
    {
        if (settings.Corpus is not null || settings.Series is not null || settings.Own?.Sketch is ICorpusTask) return [];
        if (settings.Own is not { HasLength: false } own)
        {
            return test.For(settings.Length)
                .Select(length => (NameOf(settings, length.ToString()), (Func<ITask>)(() => settings.TaskAt(length))));
        }

        if (test.Lengths.FirstOrDefault(length => length != AsTrained) is { } other)
            throw new UserError($"the task {own.Name} has no length, so it cannot be tested at {other}; test it at {AsTrained}.");
        return test.Lengths.Distinct().Select(length => (NameOf(settings, length), (Func<ITask>)own.Make));
    }

    /// <summary>The cost of a task without a rule of success is under the name of the fold of fresh data.</summary>
    private static string NameOf(TrainSettings settings, string length) =>
        settings.HasCosts && length == settings.TestedAsTrained ? FoldCosts.NameOf(Data.Fold.Test) : length;
}
