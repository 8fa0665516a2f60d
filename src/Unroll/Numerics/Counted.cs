using System.Numerics;

namespace Unroll.Numerics;

/// <summary>A count with the noun of what is counted, as people say it: <c>1 row</c>, <c>2 rows</c>.</summary>
internal static class Counted
{
    /// <summary>The count, then the noun.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">The noun of one of them, in the last word; words before it stay as they are.</param>
    public static string Of<T>(T count, string one) where T : INumber<T> =>
        Invariant($"{count} {Noun(count, one)}");

    /// <summary>As the subject of a sentence: <c>1 row is</c>, <c>2 rows are</c>.</summary>
    public static string Are<T>(T count, string one) where T : INumber<T> =>
        $"{Of(count, one)} {(count == T.One ? "is" : "are")}";

    /// <summary>As the beginning of a sentence: <c>There is 1 row</c>, <c>There are 2 rows</c>.</summary>
    public static string There<T>(T count, string one) where T : INumber<T> =>
        $"There {(count == T.One ? "is" : "are")} {Of(count, one)}";

    /// <summary>The noun alone, of one for a count of 1 and else of several, by the rules of English for regular nouns.</summary>
    public static string Noun<T>(T count, string one) where T : INumber<T> =>
        count == T.One ? one : Several(one);

    private static string Several(string one) => one switch
    {
        [.., 'o', 'c', 'h'] => one + "s", // epochs, where ch is a k
        [.., 's' or 'x'] or [.., 'c' or 's', 'h'] => one + "es",
        [.. var stem, not ('a' or 'e' or 'i' or 'o' or 'u'), 'y'] => one[..(stem.Length + 1)] + "ies",
        _ => one + "s",
    };
}
