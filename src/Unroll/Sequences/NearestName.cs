namespace Unroll.Data;

/// <summary>Finds the name that somebody probably meant.</summary>
internal static class NearestName
{
    /// <summary>The valid name closest to what was typed (the first of equals).</summary>
    public static string Of(string typed, IEnumerable<string> names)
    {
        string text = Compared(typed);
        return names.MinBy(name => Cost(text, Compared(name)))!;
    }

    // Names of files of somebody can be very long, and the distance costs the product of the lengths.
    private static string Compared(string name) => name[..Math.Min(name.Length, 100)].ToLowerInvariant();

    /// <summary>The least number of insertions, deletions, substitutions and swaps of neighbours that turn one into the
    /// other.</summary>
    public static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            for (int j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    d[i, j] = i + j;
                    continue;
                }

                int change = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] =
                    Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[a.Length, b.Length];
    }

    /// <summary>Twice the edit distance, or little when one is the beginning of the other: <c>temporal</c> means
    /// temporal-order.</summary>
    private static int Cost(string typed, string name)
    {
        int distance = 2 * Distance(typed, name);
        bool begins = typed.Length >= 3 && name.StartsWith(typed, StringComparison.Ordinal);
        return begins ? Math.Min(distance, 3) : distance;
    }
}
