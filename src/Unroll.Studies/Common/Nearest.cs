using Unroll.Data;

namespace Unroll.Studies.Common;

/// <summary>Finds the name that somebody probably meant.</summary>
internal static class Nearest
{
    /// <summary>The valid name closest to what was typed (the first of equals).</summary>
    public static string Of(string typed, IEnumerable<string> names) => NearestName.Of(typed, names);

    /// <summary>
    /// The least number of insertions, deletions, substitutions and swaps of neighbours that turn one into the other.
    /// </summary>
    internal static int Distance(string a, string b) => NearestName.Distance(a, b);
}
