using System.Globalization;

namespace Unroll.Studies;

/// <summary>A point of a grid as a task of your own sees it: the values of the axes that are no training options.</summary>
public sealed class StudyPoint
{
    private readonly string _task;
    private readonly Dictionary<string, string> _values;
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    internal StudyPoint(string task, IReadOnlyList<KeyValuePair<string, string>> values) =>
        (_task, _values) = (task, values.ToDictionary(StringComparer.Ordinal));

    /// <summary>A value that nothing has read; null for none.</summary>
    internal string? Unread => _values.Keys.FirstOrDefault(name => !_asked.Contains(name));

    /// <summary>The names that were read.</summary>
    internal IEnumerable<string> Asked => _asked;

    /// <summary>Whether an axis gives the parameter.</summary>
    /// <param name="name">The parameter.</param>
    public bool Has(string name)
    {
        _asked.Add(name);
        return _values.ContainsKey(name);
    }

    /// <summary>A parameter as text.</summary>
    /// <param name="name">The parameter.</param>
    /// <exception cref="StudyException">No axis gives it.</exception>
    public string Text(string name) => Has(name) ? _values[name]
        : throw new StudyException($"The task {_task} asks for '{name}', which no axis of the grid gives.");

    /// <summary>A parameter as a whole number.</summary>
    /// <param name="name">The parameter.</param>
    /// <exception cref="StudyException">No axis gives it, or it is no whole number of 32 bits.</exception>
    public int Whole(string name) =>
        int.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
        ? value
        : throw Wrong(name, "a whole number");

    /// <summary>A parameter as a finite number.</summary>
    /// <param name="name">The parameter.</param>
    /// <exception cref="StudyException">No axis gives it, or it is no finite number.</exception>
    public double Number(string name) =>
        double.TryParse(Text(name), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
        ? value
        : throw Wrong(name, "a finite number");

    /// <summary>A parameter that is true or false.</summary>
    /// <param name="name">The parameter.</param>
    /// <exception cref="StudyException">No axis gives it, or it is neither.</exception>
    public bool Flag(string name) => Text(name) switch
    {
        "true" => true,
        "false" => false,
        _ => throw Wrong(name, "true or false"),
    };

    /// <summary>A parameter as a length such as 200 or a range of lengths such as 50..200, in steps.</summary>
    /// <param name="name">The parameter.</param>
    /// <exception cref="StudyException">No axis gives it, or it is neither.</exception>
    public LengthRange Length(string name) => Values.Length($"The {name} of the task {_task},", Text(name));

    private StudyException Wrong(string name, string expected) =>
        new($"The task {_task} has {name}={_values[name]} where {expected} is expected.");
}
