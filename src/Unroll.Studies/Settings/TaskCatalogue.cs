using Unroll.Studies.Corpora;
using Unroll.Tasks;

namespace Unroll.Studies.Settings;

/// <summary>The tasks that the command line knows by name.</summary>
internal static class TaskCatalogue
{
    /// <summary>What <c>unroll train</c> trains when no task is named.</summary>
    public const string Default = "temporal-order";

    /// <summary>The names of those that are made of a corpus (section 4.2), whose data <c>--data</c> names.</summary>
    public static IReadOnlyList<string> Corpora { get; } = [MusicTask.TaskName, TextTask.TaskName];

    /// <summary>The names of the synthetic ones (section 4.1).</summary>
    public static IReadOnlyList<string> Names { get; } = [.. SyntheticTasks.All.Select(task => task.Name)];

    /// <summary>The names of all of them.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Names, .. Corpora];

    /// <summary>One line about a task.</summary>
    public static string Summary(string name) => SyntheticTasks.All.First(task => task.Name == name).Summary;

    /// <summary>What there is to say about a task that is made of a corpus, without its data.</summary>
    public static (string Summary, string Encoding, OutputHead Head, string LossUnit) AboutCorpus(string name)
    {
        ICorpusTask task = new CorpusSettings().Sketch(name);
        string encoding = Training.OptionsText.Name(task.Encoding);
        return name == TextTask.TaskName
            ? ("The next character of a text, or one further ahead.", encoding, task.Head, task.LossUnit)
            : ("The keys that are down at the next step of a piano roll.", Invariant($"{task.Inputs} {encoding}"),
                task.Head, task.LossUnit);
    }

    /// <summary>The task of that name, or a refusal with the nearest one.</summary>
    public static string Resolve(string typed)
    {
        foreach (string name in All)
        {
            if (name.Equals(typed, StringComparison.OrdinalIgnoreCase)) return name;
        }

        if (SeriesSettings.Tasks.Contains(typed))
            throw new UserError($"{typed} is a task on your own data, for which there are unroll train {typed} --data FILE, unroll evaluate and "
                + "unroll predict.");
        throw new UserError($"There is no task '{typed}'; did you mean {Nearest.Of(typed, All)} (of {string.Join(", ", All)})?");
    }

    /// <summary>The task, or a refusal of its length.</summary>
    public static ILengthTask Create(string name, LengthRange length, TaskVariant variant)
    {
        try
        {
            return SyntheticTasks.Create(name, length, variant);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }
}
