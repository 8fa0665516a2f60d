using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Unroll.Studies.Report;

/// <summary>An option that varies in a study: its values, and which of them each trial has.</summary>
/// <param name="option">Its name.</param>
/// <param name="column">The value of each trial; null where a trial does not have the option.</param>
internal sealed partial class PageAxis(string option, IEnumerable<string?> column)
{
    /// <summary>Numbers above so many are grouped, as those that random search draws.</summary>
    private const int MostPlaces = 16;

    private const int Bins = 8, MostOfSettling = 12;
    private const double LogarithmicFrom = 4;

    private readonly (List<string> Values, int[] Of) _places = Places(column);

    /// <summary>The option.</summary>
    public string Option => option;

    /// <summary>Its values, each once.</summary>
    public IReadOnlyList<string> Values => _places.Values;

    /// <summary>The value of each trial as its place among the values; -1 for none.</summary>
    public int[] Of => _places.Of;

    /// <summary>Whether the page may have it as an axis.</summary>
    public bool IsAxis { get; private set; }

    /// <summary>The groups of its values on an axis of numbers; null where each value has a place of its own.</summary>
    public PageBins? Groups { get; private set; }

    /// <summary>
    /// The options that vary, with those marked that may be axes: not seeds, and not options that another one settles (an
    /// initialization its activation).
    /// </summary>
    public static List<PageAxis> All(IReadOnlyList<string> options, IReadOnlyList<Dictionary<string, string>> choices)
    {
        List<PageAxis> all =
        [
            .. from option in options
               where choices.Any(choice => choice.ContainsKey(option))
               select new PageAxis(option, choices.Select(choice => choice.GetValueOrDefault(option))),
        ];
        List<PageAxis> candidates = all.FindAll(axis => axis.Option != TrialOptions.Seed && axis.Values.Count > 1);
        foreach (PageAxis axis in candidates)
        {
            axis.IsAxis = !candidates.Exists(other => other != axis && other.Values.Count <= MostOfSettling
                && other.Of.All(place => place >= 0) && other.Settles(axis) && (!axis.Settles(other) || other.IsAxis));
            axis.Groups = axis.Group();
        }

        return all;
    }

    /// <summary>
    /// Every (solved, runs) of a set of trials that the page may show as one point: those that agree in the value of one axis, or
    /// its group, and in the values of two others or of all others.
    /// </summary>
    /// <param name="axes">The options that vary.</param>
    /// <param name="solved">Whether each trial is solved; null where it is not finished.</param>
    public static HashSet<(int Solved, int Runs)> Pools(IReadOnlyList<PageAxis> axes, IReadOnlyList<bool?> solved)
    {
        PageAxis[] plain = [.. axes.Where(axis => axis.IsAxis)];
        var pools = new HashSet<(int, int)>();
        foreach (HashSet<PageAxis> set in Sets(plain))
        {
            Count(set, null);
            foreach (PageAxis grouped in set.Where(axis => axis.Groups is not null)) Count(set, grouped);
        }

        return pools;

        void Count(HashSet<PageAxis> set, PageAxis? grouped)
        {
            // Trials are separated by one axis after the other.
            var pool = new int[solved.Count];
            int count = 1;
            foreach (PageAxis axis in set)
            {
                var known = new Dictionary<(int, int), int>();
                for (int trial = 0; trial < pool.Length; trial++)
                {
                    int place = axis.Of[trial];
                    if (axis == grouped && place >= 0) place = axis.Groups!.Of[place];
                    if (!known.TryGetValue((pool[trial], place), out int next))
                        known.Add((pool[trial], place), next = known.Count);
                    pool[trial] = next;
                }

                count = known.Count;
            }

            var cells = new (int Solved, int Runs)[count];
            for (int trial = 0; trial < pool.Length; trial++)
            {
                if (solved[trial] is not { } success) continue;
                ref (int Solved, int Runs) cell = ref cells[pool[trial]];
                cell = (cell.Solved + (success ? 1 : 0), cell.Runs + 1);
            }

            pools.UnionWith(cells.Where(cell => cell.Runs > 0));
        }
    }

    /// <summary>Writes it as an object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("option", option);
        json.WriteStartArray("values");
        foreach (string value in Values) json.WriteStringValue(value);
        json.WriteEndArray();
        json.WriteStartArray("of");
        foreach (int place in Of) json.WriteNumberValue(place);
        json.WriteEndArray();
        if (IsAxis) json.WriteBoolean("axis", true);
        Groups?.Write(json);
        json.WriteEndObject();
    }

    /// <summary>Sets of at most three axes, and that of all.</summary>
    private static IEnumerable<HashSet<PageAxis>> Sets(PageAxis[] axes)
    {
        yield return [];
        for (int i = 0; i < axes.Length; i++)
        {
            yield return [axes[i]];
            for (int j = i + 1; j < axes.Length; j++)
            {
                yield return [axes[i], axes[j]];
                for (int k = j + 1; k < axes.Length; k++) yield return [axes[i], axes[j], axes[k]];
            }
        }

        if (axes.Length > 3) yield return [.. axes];
    }

    private static (List<string> Values, int[] Of) Places(IEnumerable<string?> column)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var values = new List<string>();
        var of = new List<int>();
        foreach (string? value in column)
        {
            int place = -1;
            if (value is not null && !places.TryGetValue(value, out place))
            {
                places.Add(value, place = values.Count);
                values.Add(value);
            }

            of.Add(place);
        }

        return (values, [.. of]);
    }

    /// <summary>A value as a number: of a range of lengths the longest; not a number for a word.</summary>
    private static double Numeric(string text)
    {
        Match range = Range().Match(text);
        return double.TryParse(range.Success ? range.Groups[1].Value : text, NumberStyles.Float, CultureInfo.InvariantCulture,
            out double value) && double.IsFinite(value) ? value : double.NaN;
    }

    [GeneratedRegex(@"^[0-9]+\.\.([0-9]+)$")]
    private static partial Regex Range();

    /// <summary>Whether each value of this option comes with one value of the other.</summary>
    private bool Settles(PageAxis other)
    {
        var seen = new Dictionary<int, int>();
        for (int trial = 0; trial < Of.Length; trial++)
        {
            if (!seen.TryAdd(Of[trial], other.Of[trial]) && seen[Of[trial]] != other.Of[trial]) return false;
        }

        return true;
    }

    private PageBins? Group()
    {
        double[] numbers = [.. Values.Select(Numeric)];
        if (numbers.Length <= MostPlaces || numbers.Any(double.IsNaN)) return null;
        double low = numbers.Min(), high = numbers.Max();
        bool log = low > 0 && high / low >= LogarithmicFrom;
        double Share(double value) => log ? Math.Log(value / low) / Math.Log(high / low) : (value - low) / (high - low);
        double Edge(double share) => log ? low * Math.Pow(high / low, share) : low + ((high - low) * share);
        return new PageBins(
            [.. Enumerable.Range(0, Bins + 1).Select(i => Edge((double)i / Bins))],
            [.. Enumerable.Range(0, Bins).Select(i => Edge((i + 0.5) / Bins))],
            [.. numbers.Select(value => Math.Min(Bins - 1, (int)(Share(value) * Bins)))]);
    }
}

/// <summary>The groups of an axis of many numbers.</summary>
/// <param name="Edges">Where they begin and end.</param>
/// <param name="At">Where each is drawn.</param>
/// <param name="Of">The group of each value.</param>
internal sealed record PageBins(IReadOnlyList<double> Edges, IReadOnlyList<double> At, IReadOnlyList<int> Of)
{
    /// <summary>Writes them as a property.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("groups");
        Array("edges", Edges);
        Array("at", At);
        Array("of", Of.Select(group => (double)group));
        json.WriteEndObject();

        void Array(string name, IEnumerable<double> numbers)
        {
            json.WriteStartArray(name);
            foreach (double number in numbers) json.WriteNumberValue(number);
            json.WriteEndArray();
        }
    }
}
