using System.Text.RegularExpressions;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Studies;

/// <summary>A task of your own in a study: its name, and how it is made at a point of the grid.</summary>
/// <remarks>
/// The factory is called several times for a trial, from several threads, and must give equal tasks for equal parameters: the
/// same key must fill the same batch. It may give one task each time where that may be used from several threads at once
/// (<see cref="ITask"/>). Every parameter that a grid gives must be read by it or by <see cref="Parts"/>, so that a
/// misspelt name does not go unseen.
/// </remarks>
public sealed partial class StudyTask
{
    private readonly Func<StudyPoint, ITask> _make;

    /// <summary>Names a task and says how it is made.</summary>
    /// <param name="name">Its name, which is that of <see cref="ITask.Name"/>: small letters, digits and hyphens, and no name
    /// of a synthetic task, <c>text</c> or <c>music</c>.</param>
    /// <param name="make">Makes it from the values of the point's axes that are no training options.</param>
    /// <exception cref="StudyException">The name is taken, or has another form.</exception>
    public StudyTask(string name, Func<StudyPoint, ITask> make)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(make);
        if (!IsName(name))
        {
            throw new StudyException(
                $"The task '{name}' cannot have that name; write small letters, digits and hyphens, first a letter.");
        }

        if (TaskCatalogue.All.Contains(name) || TaskCatalogue.IsSynthetic(name))
            throw new StudyException($"The task '{name}' is one of the library; give your own another name.");
        (Name, _make) = (name, make);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>
    /// Increase it when the same parameters come to mean other sequences or another cost, so that old results are not taken for
    /// new ones. From 1.
    /// </summary>
    public int Version { get; init; } = 1;

    /// <summary>
    /// Makes the parts of training that you write, for one run at a point of the grid: an optimizer, a gradient callback, an
    /// initializer; null for none. They may read parameters as the task does, so that a grid can vary them. That there are parts
    /// is in a trial's identity, and what is in them is not: increase <see cref="Version"/> when they change. They are called
    /// from several threads, each run with parts of its own, and must be written for the run's precision.
    /// </summary>
    public Func<StudyPoint, TrainingParts?>? Parts { get; init; }

    /// <summary>Whether a text has the form of a task's or a parameter's name.</summary>
    internal static bool IsName(string text) => Form().IsMatch(text);

    /// <summary>The task at a point.</summary>
    /// <param name="values">The values that are no training options.</param>
    /// <exception cref="StudyException">The task refuses them, or does not read one of them.</exception>
    internal OwnTask At(IReadOnlyList<KeyValuePair<string, string>> values)
    {
        var point = new StudyPoint(Name, values);
        var own = new OwnTask(
            Name, Version, [.. values.OrderBy(value => value.Key, StringComparer.Ordinal)],
            () => Make(new StudyPoint(Name, values)),
            Parts is null ? null : () => MakeParts(new StudyPoint(Name, values)));
        ITask made = Make(point);
        MakeParts(point);
        if (point.Unread is { } unread)
        {
            IEnumerable<string> names = [.. point.Asked, .. TrialOptions.Names.Where(name => !TrialOptions.IsParameter(name))];
            throw new StudyException(
                $"'{unread}' is no option, and the task {Name} does not read it; did you mean '{Nearest.Of(unread, names)}'?");
        }

        return made.Name == Name ? own
            : throw new StudyException($"The task {Name} calls itself {made.Name}; its Name must be that of the study's task.");
    }

    private ITask Make(StudyPoint point) =>
        Try(() => _make(point)) ?? throw new StudyException($"The task {Name} was made as null.");

    private TrainingParts? MakeParts(StudyPoint point) => Parts is { } parts ? Try(() => parts(point)) : null;

    private static T Try<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException error)
        {
            throw StudyException.From(error);
        }
    }

    [GeneratedRegex("^[a-z][a-z0-9-]{0,99}$")]
    private static partial Regex Form();
}
