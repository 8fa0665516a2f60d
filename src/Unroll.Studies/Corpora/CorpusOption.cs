namespace Unroll.Studies.Corpora;

/// <summary>One option that says what a task of a corpus trains on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What stands for its value in the help; empty for a flag, whose values are true and false.</param>
/// <param name="Description">What it is.</param>
/// <param name="Task">The task that it is for; empty for all.</param>
/// <param name="Parse">Turns the text given into a change of the settings; throws <see cref="UserError"/>.</param>
internal sealed record CorpusOption(
    string Name, string Value, string Description, string Task, Func<string, Func<CorpusSettings, CorpusSettings>> Parse)
{
    /// <summary>A flag has no value on the command line.</summary>
    public bool IsFlag => Value.Length == 0;

    /// <summary>Whether data of a kind has it.</summary>
    public bool IsFor(CorpusKind kind) => Task.Length == 0 || Task == kind.Name;

    /// <summary>A flag.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it is.</param>
    /// <param name="task">The task that it is for; empty for all.</param>
    /// <param name="set">Sets it.</param>
    public static CorpusOption Flag<T>(string name, string description, string task, Func<T, bool, T> set)
        where T : CorpusSettings => new(name, "", description, task, text =>
    {
        bool on = Values.Choice(name, text, [("true", true), ("false", false)]);
        return Set<T>(name, task, settings => set(settings, on));
    });

    /// <summary>A whole number.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="minimum">The least.</param>
    /// <param name="maximum">The greatest.</param>
    /// <param name="description">What it is.</param>
    /// <param name="task">The task that it is for; empty for all.</param>
    /// <param name="set">Sets it.</param>
    public static CorpusOption Whole<T>(
        string name, int minimum, int maximum, string description, string task, Func<T, int, T> set)
        where T : CorpusSettings => new(name, "N", description, task, text =>
    {
        int value = (int)Values.Whole(name, text, minimum, maximum);
        return Set<T>(name, task, settings => set(settings, value));
    });

    /// <summary>A change of the settings of one kind, which refuses those of another.</summary>
    public static Func<CorpusSettings, CorpusSettings> Set<T>(string name, string task, Func<T, T> change)
        where T : CorpusSettings => settings => settings is T own ? change(own)
        : throw new UserError($"{name} is for the task {task}, not for {settings.Kind.Name}.");
}
