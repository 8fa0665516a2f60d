namespace Unroll.Training;

/// <summary>What an option is about, in the order of the help; the first and the last are of the command.</summary>
internal enum OptionGroup
{
    /// <summary>What is trained.</summary>
    Task,

    /// <summary>What computes.</summary>
    Network,

    /// <summary>Against vanishing and exploding gradients, and for generalization.</summary>
    Remedies,

    /// <summary>How a gradient becomes a step.</summary>
    Optimizer,

    /// <summary>What is trained on.</summary>
    Data,

    /// <summary>How long, and what is looked at meanwhile.</summary>
    Budget,

    /// <summary>What is written.</summary>
    Output,
}

/// <summary>
/// The declaration of an option of <see cref="TrainingOptions"/>, beside its property: all that files, hashes, checkpoints, the
/// command line, its help, studies and the run header say of it is taken from here.
/// </summary>
/// <param name="Key">Its name in files and studies; <c>--KEY</c> on the command line.</param>
/// <param name="Group">What it is about.</param>
/// <param name="Help">What it is, in a sentence or two; empty for what another option sets.</param>
internal abstract record TrainingOption(string Key, OptionGroup Group, string Help)
{
    /// <summary>
    /// What stands for its value in the help: capitals stand for one, small letters are values; empty for a flag.
    /// </summary>
    public string Value { get; init; } = "";

    /// <summary>Its name on the command line; empty for what another option sets.</summary>
    public string Switch { get; init; } = Help.Length > 0 ? $"--{Key}" : "";

    /// <summary>Whether the short help has it.</summary>
    public bool IsUsual { get; init; }

    /// <summary>Its value in files that were written before there was one; null for one that was always there.</summary>
    public string? Before { get; init; }

    /// <summary>The value by which it is not in force, which need not be told; null where every value is in force.</summary>
    public string? Off { get; init; }

    /// <summary>Whether a run that is resumed may have another value.</summary>
    public bool MayChange { get; init; }

    /// <summary>Whether it changes a bit of the result, so that another value is another run.</summary>
    public bool ChangesBits { get; init; } = true;

    /// <summary>Whether its values are whole numbers.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Whether a value may itself have commas.</summary>
    public bool HasCommas { get; init; }

    /// <summary>
    /// Why it has no effect beside the other options, as the end of a sentence that begins with "has no effect"; null where it
    /// has one.
    /// </summary>
    public Func<TrainingOptions, string?> NoEffect { get; init; } = _ => null;

    /// <summary>What the run header says of it where nothing else there does; null for nothing.</summary>
    public Func<TrainingOptions, string?> Header { get; init; } = _ => null;

    /// <summary>Its value as text, numbers to the bit.</summary>
    public abstract string Write(TrainingOptions options);

    /// <summary>The options with the value that <see cref="Write"/> wrote.</summary>
    /// <exception cref="FormatException">The text is none; the message is what it must be.</exception>
    public abstract TrainingOptions Read(TrainingOptions options, string text);

    /// <summary>Its value as it is typed.</summary>
    public virtual string Typed(TrainingOptions options) => Write(options);
}

/// <summary>One of several names.</summary>
/// <param name="Key">Its name in files and studies.</param>
/// <param name="Group">What it is about.</param>
/// <param name="Help">What it is.</param>
/// <param name="Choices">The values as they are typed; each makes the change.</param>
internal abstract record ChoiceOption(
    string Key, OptionGroup Group, string Help,
    IReadOnlyList<(string Name, Func<TrainingOptions, TrainingOptions> Value)> Choices)
    : TrainingOption(Key, Group, Help);

/// <summary>One of the values of an enumeration.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
internal sealed record ChoiceOption<T> : ChoiceOption
    where T : struct, Enum
{
    private readonly Func<TrainingOptions, T?> _get;
    private readonly Func<TrainingOptions, T, TrainingOptions> _set;

    /// <summary>Declares it.</summary>
    /// <param name="key">Its name in files.</param>
    /// <param name="group">What it is about.</param>
    /// <param name="help">What it is.</param>
    /// <param name="get">The value; null where the task has its own.</param>
    /// <param name="set">Sets it.</param>
    /// <param name="typed">Names by which values are typed, where they are not those in files.</param>
    public ChoiceOption(
        string key, OptionGroup group, string help, Func<TrainingOptions, T?> get, Func<TrainingOptions, T, TrainingOptions> set,
        params (T Value, string Name)[] typed)
        : base(key, group, help, [.. Enum.GetValues<T>().Select(
            value => (NameOf(value, typed), (Func<TrainingOptions, TrainingOptions>)(o => set(o, value))))])
    {
        (_get, _set) = (get, set);
        Names = typed;
        Value = string.Join('|', Choices.Select(choice => choice.Name));
    }

    /// <summary>The text for no value of one's own; null where there always is one.</summary>
    public string? None { get; init; }

    /// <summary>What <see cref="None"/> does.</summary>
    public Func<TrainingOptions, TrainingOptions>? Clear { get; init; }

    private (T Value, string Name)[] Names { get; }

    /// <inheritdoc/>
    public override string Write(TrainingOptions options) => _get(options) is { } value ? OptionsText.Name(value) : None!;

    /// <inheritdoc/>
    public override string Typed(TrainingOptions options) => _get(options) is { } value ? NameOf(value, Names) : None!;

    /// <inheritdoc/>
    public override TrainingOptions Read(TrainingOptions options, string text)
    {
        if (text == None) return Clear!(options);
        foreach (T value in Enum.GetValues<T>())
        {
            if (OptionsText.Name(value) == text) return _set(options, value);
        }

        string[] own = None is null ? [] : [None];
        throw new FormatException(string.Join(", ", [.. Enum.GetValues<T>().Select(OptionsText.Name), .. own]));
    }

    private static string NameOf(T value, (T Value, string Name)[] typed)
    {
        foreach ((T one, string name) in typed)
        {
            if (EqualityComparer<T>.Default.Equals(one, value)) return name;
        }

        return OptionsText.Name(value);
    }
}

/// <summary>Yes or no; on the command line the switch alone is what is not the default.</summary>
/// <param name="Key">Its name in files and studies.</param>
/// <param name="Group">What it is about.</param>
/// <param name="Help">What it is.</param>
/// <param name="Get">The value.</param>
/// <param name="Set">Sets it.</param>
internal sealed record FlagOption(
    string Key, OptionGroup Group, string Help, Func<TrainingOptions, bool> Get, Func<TrainingOptions, bool, TrainingOptions> Set)
    : TrainingOption(Key, Group, Help)
{
    /// <summary>The value that the switch gives.</summary>
    public bool Given { get; init; } = true;

    /// <inheritdoc/>
    public override string Write(TrainingOptions options) => Get(options) ? "true" : "false";

    /// <inheritdoc/>
    public override TrainingOptions Read(TrainingOptions options, string text) => text switch
    {
        "true" => Set(options, true),
        "false" => Set(options, false),
        _ => throw new FormatException("true or false"),
    };
}
