using Unroll.Data;

namespace Unroll.Studies.Common;

/// <summary>Finds the name that somebody probably meant.</summary>
internal static class Nearest
{
    /// <summary>The valid name closest to what was typed (the first of equals).</summary>
    public static string Of(string typed, IEnumerable<string> names) => NearestName.Of(typed, names);

    /// <summary>
    /// As <see cref="Of"/>, but null where nothing is close: a third of the letters may be wrong, or the end missing.
    /// </summary>
    public static string? Find(string typed, IReadOnlyList<string> names)
    {
        if (names.Count == 0) return null;
        string near = Of(typed, names);
        int most = Math.Max(1, Math.Min(typed.Length, near.Length) / 3);
        bool begins = typed.Length >= 3 && near.StartsWith(typed, StringComparison.OrdinalIgnoreCase);
        return begins || Distance(typed.ToLowerInvariant(), near) <= most ? near : null;
    }

    /// <summary>
    /// The least number of insertions, deletions, substitutions and swaps of neighbours that turn one into the other.
    /// </summary>
    internal static int Distance(string a, string b) => NearestName.Distance(a, b);
}
