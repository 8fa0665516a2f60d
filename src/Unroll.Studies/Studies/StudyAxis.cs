using System.Globalization;
using Unroll.Files;

namespace Unroll.Studies;

/// <summary>The values of one option or parameter in a grid: a list, or an interval that random search draws from.</summary>
/// <param name="Option">The name of the option without dashes, or of a parameter that a task of your own reads.</param>
/// <param name="List">The values as on the command line; empty for an interval.</param>
/// <param name="Interval">The interval, or null for a list.</param>
public sealed record StudyAxis(string Option, IReadOnlyList<string> List, StudyInterval? Interval = null)
{
    /// <summary>An axis with these values.</summary>
    /// <param name="option">The name of the option or parameter.</param>
    /// <param name="values">Texts, numbers, truth values or values of an enumeration of the options.</param>
    /// <exception cref="ArgumentException">A value is null or of another type.</exception>
    public static StudyAxis Of(string option, params IReadOnlyList<object> values)
    {
        ArgumentException.ThrowIfNullOrEmpty(option);
        ArgumentNullException.ThrowIfNull(values);
        return new StudyAxis(option, [.. values.Select(value => Text(option, value))]);
    }

    /// <summary>The axis of seeds, by which a trial is repeated.</summary>
    /// <param name="first">The first seed.</param>
    /// <param name="last">The last one, at least <paramref name="first"/>.</param>
    public static StudyAxis Seeds(ulong first, ulong last) =>
        new(TrialOptions.Seed, [string.Create(CultureInfo.InvariantCulture, $"{first}..{last}")]);

    /// <summary>An interval for random search (<see cref="Study.Sample"/>).</summary>
    /// <param name="option">The name of the option or parameter.</param>
    /// <param name="from">Its beginning.</param>
    /// <param name="to">Its end, above <paramref name="from"/>.</param>
    /// <param name="logarithmic">Whether logarithms are drawn uniformly; the interval then begins above 0.</param>
    public static StudyAxis Between(string option, double from, double to, bool logarithmic = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(option);
        return new StudyAxis(option, [], new StudyInterval(from, to, logarithmic));
    }

    private static string Text(string option, object? value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        double number => Format.Exact(number),
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        Enum name => ValueNames.Dashed(name.ToString()),
        LengthRange length => length.ToString(),
        sbyte or byte or short or ushort or int or uint or long or ulong or decimal =>
            ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException(
            $"The axis {option} has a value of the type {value?.GetType().Name ?? "null"}, which is neither text nor number "
            + "nor truth value."),
    };
}

/// <summary>An interval of numbers.</summary>
/// <param name="From">Its beginning.</param>
/// <param name="To">Its end, above its beginning.</param>
/// <param name="Logarithmic">Whether logarithms are drawn uniformly.</param>
public sealed record StudyInterval(double From, double To, bool Logarithmic);

/// <summary>Random search: how many points of the grid are drawn, and by which seed. Each point is run with every seed.</summary>
/// <param name="Count">Points, at least 1.</param>
/// <param name="Seed">The seed of the search.</param>
public sealed record StudySample(int Count, ulong Seed);
