using System.Globalization;
using Unroll.Files;
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
    public static string Summary(string name) => SyntheticTasks.Find(name)!.Summary;

    /// <summary>Whether a task of that name makes its own sequences; the name may have a period, as <c>sine-40</c> has.</summary>
    public static bool IsSynthetic(string name) => SyntheticTasks.Find(name) is not null;

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

        if (WithPeriod(typed.ToLowerInvariant()) is { } withPeriod) return withPeriod;
        if (SyntheticTasks.KindOf(typed.ToLowerInvariant()) is { } kind && Names.Contains(kind))
            throw new UserError(
                Invariant($"The task '{typed}' has no period: write {kind} or, with {CycleTask.ShortestPeriod} to ")
                + Invariant($"{CycleTask.LongestPeriod} steps a cycle, {kind}-PERIOD such as {kind}-50."));
        if (SeriesSettings.Tasks.Contains(typed))
            throw new UserError(
                $"{typed} is a task on your own data, for which there are unroll train {typed} --data FILE, unroll evaluate and "
                + "unroll predict.");
        if (Path.Exists(typed))
            throw new UserError($"There is no task '{typed}'; data are named by --data, as in unroll train music --data {typed} "
                + "(or text, forecast, classify, regress, tag).");
        throw new UserError($"There is no task '{typed}'; did you mean {Nearest.Of(typed, All)} (of {string.Join(", ", All)})?");
    }

    // A task has one name, and a period may be written in several ways: sine-25 is sine, sine-40.0 is sine-40.
    private static string? WithPeriod(string typed)
    {
        string kind = SyntheticTasks.KindOf(typed);
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (kind == typed
            || !double.TryParse(typed.AsSpan(kind.Length + 1), Style, CultureInfo.InvariantCulture, out double period))
            return null;
        if ((kind, period) is (Sine.Kind, Sine.StandardPeriod) or (FigureEight.Kind, FigureEight.StandardPeriod)) return kind;
        return SyntheticTasks.Find($"{kind}-{ExactNumber.ToText(period)}")?.Name;
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
