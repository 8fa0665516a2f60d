using System.Globalization;

namespace Unroll.Data;

/// <summary>The order of labels: by number where all are numbers, else by their letters, so that it hangs on no order of
/// rows.</summary>
internal static class ClassNames
{
    /// <summary>The index of each label; no two are equal.</summary>
    public static Dictionary<string, int> Places(IEnumerable<string> labels) =>
        labels.Select((label, i) => (label, i)).ToDictionary(pair => pair.label, pair => pair.i, StringComparer.Ordinal);

    /// <summary>The labels in order, each once.</summary>
    public static string[] Sorted(IEnumerable<string> labels)
    {
        string[] distinct = [.. labels.Distinct(StringComparer.Ordinal)];
        var numbers = new double[distinct.Length];
        for (int i = 0; i < distinct.Length; i++)
        {
            if (double.TryParse(distinct[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i])
                && double.IsFinite(numbers[i]))
                continue;
            Array.Sort(distinct, StringComparer.Ordinal);
            return distinct;
        }

        return [.. distinct.Order(StringComparer.Ordinal).OrderBy(label => double.Parse(label, CultureInfo.InvariantCulture))];
    }
}
