using System.Globalization;
using Unroll.Studies.Memory;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Studies.Settings;

/// <summary>A task that the program which uses the library made, with the parameters of one point of a grid.</summary>
/// <param name="name">Its name.</param>
/// <param name="version">What its author increases when the same parameters come to mean other sequences.</param>
/// <param name="parameters">Its parameters, which with its name and version are its identity.</param>
/// <param name="make">Makes it; called from several threads.</param>
/// <param name="parts">Makes its parts of training; null where the program writes none.</param>
internal sealed class OwnTask(
    string name, int version, IReadOnlyList<KeyValuePair<string, string>> parameters, Func<ITask> make,
    Func<TrainingParts?>? parts = null)
{
    /// <summary>What stands in the place of a recipe's name.</summary>
    public const string Recipe = "own";

    /// <summary>
    /// The parameters in files, the version there, whether there are parts of training, and the unit of the costs of a task that
    /// nothing solves.
    /// </summary>
    public const string ParametersKey = "own", VersionKey = "own-version", PartsKey = "own-parts", CostUnitKey = "cost-unit";

    private readonly Lazy<ITask> _sketch = new(make);

    /// <summary>Its name.</summary>
    public string Name => name;

    /// <summary>Its parameters.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters => parameters;

    /// <summary>One such task to look at; it fills no batch of a training run.</summary>
    public ITask Sketch => _sketch.Value;

    /// <summary>A task of a run's own.</summary>
    public ITask Make() => make();

    /// <summary>The parts of training that the program writes, for one run; null for none.</summary>
    public TrainingParts? MakeParts() => parts?.Invoke();

    /// <summary>Whether it has no rule of success, so that trials are compared by their costs.</summary>
    public bool HasCosts => Sketch is ICorpusTask || !Sketch.HasSuccessRule;

    /// <summary>Its lengths; of a task that has none, the steps of a batch.</summary>
    public LengthRange Length => Sketch is ILengthTask task ? task.Length : MemoryNeed.Longest(Sketch);

    /// <summary>Whether it can be made at other lengths.</summary>
    public bool HasLength => Sketch is ILengthTask;

    /// <summary>What says which task this is, besides its options.</summary>
    public IEnumerable<KeyValuePair<string, string>> Properties() =>
    [
        new("task", name),
        new(ParametersKey, string.Join(' ', parameters.Select(parameter => $"{parameter.Key}={OneWord(parameter.Value)}"))),
        new(VersionKey, version.ToString(CultureInfo.InvariantCulture)),
        .. parts is null ? (KeyValuePair<string, string>[])[] : [new(PartsKey, "true")],
    ];

    /// <summary>The names of the parameters of a trial as its options have them; none for a task of the library.</summary>
    public static IEnumerable<string> NamesOf(IReadOnlyDictionary<string, string> options) =>
        options.GetValueOrDefault(ParametersKey, "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(parameter => parameter.Split('=')[0]);

    /// <summary>A text without spaces, so that several can stand in one line.</summary>
    public static string OneWord(string text) => string.Concat(text.Select(c =>
        c == '%' || char.IsWhiteSpace(c) || char.IsControl(c) ? Uri.EscapeDataString(c.ToString()) : c.ToString()));
}
