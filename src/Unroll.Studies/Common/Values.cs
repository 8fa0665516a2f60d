using System.Globalization;
using Unroll.Files;
using Unroll.Training;

namespace Unroll.Studies.Common;

/// <summary>
/// Reads option values. Every refusal is one sentence that names the option, what was given, and what would be right.
/// </summary>
internal static class Values
{
    private const int LongestPath = 4096;
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>A whole number in a range.</summary>
    public static long Whole(string option, string text, long minimum, long maximum)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, Culture, out long value))
        {
            if (text.Length > 0 && text.TrimStart('-').All(char.IsAsciiDigit)) throw OutOfRange(option, text, minimum, maximum);
            throw new UserError($"{option} '{text}' is not a whole number.");
        }

        return value < minimum || value > maximum ? throw OutOfRange(option, text, minimum, maximum) : value;
    }

    /// <summary>A seed: any unsigned 64-bit number.</summary>
    public static ulong Seed(string option, string text) =>
        ulong.TryParse(text, NumberStyles.None, Culture, out ulong value)
            ? value
            : throw new UserError($"{option} '{text}' must be a whole number from 0 to {ulong.MaxValue}.");

    /// <summary>A finite number above 0, or at least 0; <paramref name="hint"/> says what else to use.</summary>
    public static double Number(string option, string text, bool zeroAllowed = false, string hint = "",
        double maximum = double.MaxValue)
    {
        if (!double.TryParse(text, NumberStyles.Float, Culture, out double value))
        {
            if (!text.Trim().TrimStart('+', '-').Equals("inf", StringComparison.OrdinalIgnoreCase))
                throw new UserError($"{option} '{text}' is not a number.");
            value = double.PositiveInfinity;
        }

        if (double.IsFinite(value) && value <= maximum && (zeroAllowed ? value >= 0 : value > 0)) return value;
        string limit = maximum == double.MaxValue ? "" : $" of at most {maximum.ToString("R", Culture)}";
        throw new UserError(
            $"{option} {text} must be a finite number {(zeroAllowed ? "of at least 0" : "above 0")}{limit}{hint}.");
    }

    /// <summary>One of several named values.</summary>
    public static T Choice<T>(string option, string text, IReadOnlyList<(string Name, T Value)> choices)
    {
        foreach ((string name, T value) in choices)
        {
            if (name.Equals(text, StringComparison.OrdinalIgnoreCase)) return value;
        }

        foreach ((string name, T value) in choices) // minmax is min-max
        {
            if (text.Length > 0 && WithoutDashes(name).Equals(WithoutDashes(text), StringComparison.OrdinalIgnoreCase))
                return value;
        }

        string[] names = [.. choices.Select(choice => choice.Name)];
        throw new UserError(
            $"{option} has no value '{text}'; did you mean {Nearest.Of(text, names)} (of {string.Join(", ", names)})?");
    }

    private static string WithoutDashes(string text) => text.Replace("-", "", StringComparison.Ordinal);

    /// <summary>
    /// The values of an enumeration under the names that they have in files: <c>SmartTanh</c> is <c>smart-tanh</c>.
    /// </summary>
    public static (string Name, T Value)[] Named<T>()
        where T : struct, Enum
    {
        // No query: it would be compiled anew for each enumeration, whenever the command starts.
        T[] values = Enum.GetValues<T>();
        var named = new (string, T)[values.Length];
        for (int i = 0; i < values.Length; i++) named[i] = (OptionsText.Name(values[i]), values[i]);
        return named;
    }

    /// <summary>The names of an enumeration's values as options have them, as the help lists them.</summary>
    public static string Names<T>()
        where T : struct, Enum
    {
        T[] values = Enum.GetValues<T>();
        var names = new string[values.Length];
        for (int i = 0; i < values.Length; i++) names[i] = OptionsText.Name(values[i]);
        return string.Join('|', names);
    }

    /// <summary>
    /// A file or folder that is named in a file of somebody: it may be anywhere, but it has the form of a name.
    /// </summary>
    /// <param name="where">The place that names it.</param>
    /// <param name="text">The name.</param>
    public static string Path(string where, string text)
    {
        if (text.Length is > 0 and <= LongestPath && Printable.IsLine(text)) return text;
        string why = text.Length == 0 ? "is empty"
            : text.Length > LongestPath ? Invariant($"is longer than {LongestPath} characters") : "has control characters";
        throw new UserError($"{where} {SafeTensorsHeader.Quote(text)} is no name of a file or folder: it {why}.");
    }

    /// <summary>A length <c>200</c> or an inclusive range <c>50..200</c>.</summary>
    public static LengthRange Length(string option, string text)
    {
        string[] parts = text.Split("..");
        if (parts.Length > 2 || !parts.All(part =>
            part.Trim().TrimStart('-') is { Length: > 0 } digits && digits.All(char.IsAsciiDigit)))
            throw new UserError(
                $"{option} '{text}' is not a length; write a number such as 200 or an inclusive range such as 50..200.");
        int first = (int)Whole(option, parts[0].Trim(), 1, LengthRange.Longest);
        int last = (int)Whole(option, parts[^1].Trim(), 1, LengthRange.Longest);
        if (last < first) throw new UserError(Invariant($"{option} '{text}' ends before it begins; write {last}..{first}."));
        return new LengthRange(first, last);
    }

    /// <summary>Lengths separated by commas.</summary>
    public static LengthRange[] Lengths(string option, string text) =>
        [.. text.Split(',').Select(part => Length(option, part.Trim()))];

    /// <summary><c>START,GROWTH,THRESHOLD[,EVERY]</c> or <c>none</c>.</summary>
    public static LengthCurriculum? Curriculum(string option, string text)
    {
        if (text == "none") return null;
        string[] parts = text.Split(',');
        if (parts.Length is not (3 or 4))
            throw new UserError(
                $"{option} '{text}' is not a curriculum; write START,GROWTH,THRESHOLD such as 20,1.2,0.1, or none.");
        int start = (int)Whole($"The start of {option}", parts[0].Trim(), 1, LengthRange.Longest);
        double growth = Number($"The growth of {option}", parts[1].Trim());
        if (growth <= 1) throw new UserError($"The growth of {option} is {parts[1].Trim()}; it must be above 1.");
        double threshold = Number($"The threshold of {option}", parts[2].Trim());
        if (threshold >= 1) throw new UserError($"The threshold of {option} is {parts[2].Trim()}; it must lie between 0 and 1.");
        return parts.Length == 3
            ? new LengthCurriculum(start, growth, threshold)
            : new LengthCurriculum(start, growth, threshold,
                (int)Whole($"The interval of {option}", parts[3].Trim(), 1, int.MaxValue));
    }

    private static UserError OutOfRange(string option, string text, long minimum, long maximum) =>
        new(maximum == long.MaxValue
            ? Invariant($"{option} {text} must be at least {minimum}.")
            : Invariant($"{option} {text} must lie in {minimum}..{maximum}."));
}
