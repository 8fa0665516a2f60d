using System.Globalization;
using Unroll.Files;

namespace Unroll.Training;

/// <summary>A whole number in a range, or a word for none.</summary>
internal sealed record WholeOption : TrainingOption
{
    private readonly Func<TrainingOptions, long?> _get;
    private readonly Func<TrainingOptions, long?, TrainingOptions> _set;

    /// <summary>Declares it.</summary>
    /// <param name="key">Its name in files.</param>
    /// <param name="group">What it is about.</param>
    /// <param name="help">What it is.</param>
    /// <param name="minimum">The least value.</param>
    /// <param name="maximum">The greatest.</param>
    /// <param name="get">The value; null for the word.</param>
    /// <param name="set">Sets it; null for the word.</param>
    public WholeOption(
        string key, OptionGroup group, string help, long minimum, long maximum, Func<TrainingOptions, long?> get,
        Func<TrainingOptions, long?, TrainingOptions> set)
        : base(key, group, help)
    {
        (Minimum, Maximum, _get, _set) = (minimum, maximum, get, set);
        (Value, IsWhole) = ("N", true);
    }

    /// <summary>The least value.</summary>
    public long Minimum { get; }

    /// <summary>The greatest.</summary>
    public long Maximum { get; }

    /// <summary>What stands in the place of a number; null where there must be one.</summary>
    public string? Word { get; init; }

    /// <summary>Whether the word may be typed.</summary>
    public bool TypesWord { get; init; }

    /// <summary>Whether values are of 64 bits.</summary>
    public bool IsLong { get; init; }

    /// <summary>The options with a value that is in range.</summary>
    public TrainingOptions Set(TrainingOptions options, long? value) => _set(options, value);

    /// <inheritdoc/>
    public override string Write(TrainingOptions options) => _get(options)?.ToString(CultureInfo.InvariantCulture) ?? Word!;

    /// <inheritdoc/>
    public override TrainingOptions Read(TrainingOptions options, string text)
    {
        if (text == Word) return _set(options, null);
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value))
            throw new FormatException("a whole number");
        if (!IsLong && value is < int.MinValue or > int.MaxValue)
            throw new FormatException(Invariant($"a whole number of at most {int.MaxValue}"));
        return _set(options, value);
    }
}

/// <summary>Where a number may lie.</summary>
internal enum NumberRange
{
    /// <summary>Above 0.</summary>
    Positive,

    /// <summary>0 or above.</summary>
    AtLeastZero,

    /// <summary>At least 0 and below 1.</summary>
    BelowOne,

    /// <summary>Any finite number.</summary>
    Finite,
}

/// <summary>A number in a range, or a word for none.</summary>
internal sealed record NumberOption : TrainingOption
{
    private readonly Func<TrainingOptions, double?> _get;
    private readonly Func<TrainingOptions, double?, TrainingOptions> _set;

    /// <summary>Declares it.</summary>
    /// <param name="key">Its name in files.</param>
    /// <param name="group">What it is about.</param>
    /// <param name="value">What stands for it in the help.</param>
    /// <param name="help">What it is.</param>
    /// <param name="range">Where it may lie.</param>
    /// <param name="get">The value; null for the word.</param>
    /// <param name="set">Sets it; null for the word.</param>
    public NumberOption(
        string key, OptionGroup group, string value, string help, NumberRange range, Func<TrainingOptions, double?> get,
        Func<TrainingOptions, double?, TrainingOptions> set)
        : base(key, group, help)
    {
        (Range, Value, _get, _set) = (range, value, get, set);
    }

    /// <summary>Where it may lie.</summary>
    public NumberRange Range { get; }

    /// <summary>The greatest value that may be typed.</summary>
    public double Maximum { get; init; } = double.MaxValue;

    /// <summary>What stands in the place of a number in files; null where there must be one.</summary>
    public string? Word { get; init; }

    /// <summary>The options with a value that is in range.</summary>
    public TrainingOptions Set(TrainingOptions options, double value) => _set(options, value);

    /// <inheritdoc/>
    public override string Write(TrainingOptions options) => _get(options) is { } value ? ExactNumber.ToText(value) : Word!;

    /// <inheritdoc/>
    public override TrainingOptions Read(TrainingOptions options, string text) =>
        text == Word ? _set(options, null)
        : ExactNumber.TryParse(text, out double value) ? _set(options, value) : throw new FormatException("a number");
}

/// <summary>A value with a form of its own.</summary>
/// <param name="Key">Its name in files and studies.</param>
/// <param name="Group">What it is about.</param>
/// <param name="Help">What it is.</param>
/// <param name="ToText">The value as text.</param>
/// <param name="FromText">The options with the value of such a text; null where it is none.</param>
/// <param name="Form">What the text must be.</param>
internal sealed record TextOption(
    string Key, OptionGroup Group, string Help, Func<TrainingOptions, string> ToText,
    Func<TrainingOptions, string, TrainingOptions?> FromText, string Form)
    : TrainingOption(Key, Group, Help)
{
    /// <inheritdoc/>
    public override string Write(TrainingOptions options) => ToText(options);

    /// <inheritdoc/>
    public override TrainingOptions Read(TrainingOptions options, string text) =>
        FromText(options, text) ?? throw new FormatException(Form);
}
