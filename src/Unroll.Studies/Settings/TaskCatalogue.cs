using Unroll.Studies.Corpora;
using Unroll.Tasks;

namespace Unroll.Studies.Settings;

/// <summary>The tasks that the command line knows by name.</summary>
internal static class TaskCatalogue
{
    /// <summary>What <c>unroll train</c> trains when no task is named.</summary>
    public const string Default = "temporal-order";

    /// <summary>The names of those that are made of a corpus (section 4.2), whose data <c>--data</c> names.</summary>
    public static IReadOnlyList<string> Corpora { get; } = [.. CorpusKind.All.Select(kind => kind.Name)];

    /// <summary>The names of the synthetic ones (section 4.1).</summary>
    public static IReadOnlyList<string> Names { get; } = [.. SyntheticTasks.All.Select(task => task.Name)];

    /// <summary>The names of all of them.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Names, .. Corpora];

    /// <summary>One line about a task.</summary>
    public static string Summary(string name) => SyntheticTasks.All.First(task => task.Name == name).Summary;

    /// <summary>What there is to say about a task that is made of a corpus, without its data.</summary>
    public static (string Summary, string Encoding, OutputHead Head, string LossUnit) AboutCorpus(string name)
    {
        var kind = CorpusKind.Of(name);
        ICorpusTask task = kind.New().Sketch();
        string encoding = Training.OptionsText.Name(task.Encoding);
        return (kind.Summary, kind.Width is { } width ? Invariant($"{width} {encoding}") : encoding, task.Head, task.LossUnit);
    }

    /// <summary>The task of that name, or a refusal with the nearest one.</summary>
    public static string Resolve(string typed)
    {
        foreach (string name in All)
        {
            if (name.Equals(typed, StringComparison.OrdinalIgnoreCase)) return name;
        }

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
