using System.Globalization;
using System.Runtime.InteropServices;
using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Data;

/// <summary>
/// Sequences of unequal length with the same columns: numbers and categories at every step; times, a class or a number for a
/// sequence where they are known. All values are in their own units. Nothing of it changes, and what is taken from it are
/// views.
/// </summary>
public sealed class SequenceData
{
    private readonly Dictionary<string, int> _places;

    internal SequenceData(string name, IReadOnlyList<SequenceColumn> columns, IReadOnlyList<Sequence> sequences,
        IReadOnlyList<string> classes)
    {
        CheckColumns(columns);
        if (sequences.Count == 0) throw new ArgumentException($"There is no sequence in {Printable.Line(name)}.");
        int labelled = sequences.Count(one => one.Class >= 0), numbered = sequences.Count(one => !float.IsNaN(one.Number));
        if (labelled > 0 && labelled < sequences.Count)
            throw new ArgumentException(
                Invariant($"Sequence '{sequences.First(one => one.Class < 0).Name}' has no class, and ")
                    + Invariant($"{Counted.Of(labelled, "other")} ")
                    + $"{(labelled == 1 ? "has" : "have")} one; label all or none.");
        if (numbered > 0 && numbered < sequences.Count)
            throw new ArgumentException(
                Invariant($"Sequence '{sequences.First(one => float.IsNaN(one.Number)).Name}' has no number, and ")
                    + Invariant($"{Counted.Of(numbered, "other")} ")
                    + $"{(numbered == 1 ? "has" : "have")} one; give one to all or none.");
        (Name, Columns, Sequences, Classes) = (name, columns, sequences, classes);
        _places = columns.Select((column, i) => (column.Name, i)).ToDictionary(pair => pair.Name, pair => pair.i,
            StringComparer.Ordinal);
        foreach (Sequence sequence in sequences) Steps += sequence.Steps;
        HasNumbers = numbered > 0;
    }

    /// <summary>The name of the data, such as its file.</summary>
    public string Name { get; }

    /// <summary>The columns, at least one.</summary>
    public IReadOnlyList<SequenceColumn> Columns { get; }

    /// <summary>The sequences, at least one.</summary>
    public IReadOnlyList<Sequence> Sequences { get; }

    /// <summary>The classes of sequences; empty where sequences have none.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Whether every sequence has a number as a whole.</summary>
    public bool HasNumbers { get; }

    /// <summary>Whether every sequence has a class.</summary>
    public bool HasClasses => Classes.Count > 0;

    /// <summary>The number of sequences.</summary>
    public int Count => Sequences.Count;

    /// <summary>The steps of all sequences together.</summary>
    public long Steps { get; }

    /// <summary>The places, among <see cref="Columns"/>, of what is to be predicted at steps; empty for none.</summary>
    public IReadOnlyList<int> Targets { get; private init; } = [];

    /// <summary>What whoever read the data thinks should be known, a sentence each.</summary>
    public IReadOnlyList<string> Notices { get; internal init; } = [];

    /// <summary>Where the first missing value of a column was, in words of its source such as "row 12 (line 13)"; by
    /// column.</summary>
    internal IReadOnlyDictionary<string, string> FirstMissing { get; init; } = new Dictionary<string, string>();

    /// <summary>The place of a column.</summary>
    /// <param name="column">Its name.</param>
    /// <exception cref="ArgumentException">There is none of that name; the message has the nearest one.</exception>
    public int ColumnOf(string column)
    {
        ArgumentNullException.ThrowIfNull(column);
        if (_places.TryGetValue(column, out int place)) return place;
        throw new ArgumentException(Printable.Sentence(
            $"{Name} has no column '{column}'; the nearest is '{NearestName.Of(column, _places.Keys)}' (of "
                + $"{Some(Columns.Select(c => c.Name))})."));
    }

    /// <summary>The same data with columns to be predicted at steps.</summary>
    /// <param name="columns">Their names.</param>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    public SequenceData WithTargets(params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return Copy(Columns, Sequences, Classes, [.. columns.Select(ColumnOf).Distinct()]);
    }

    /// <summary>The same data with some columns, in this order; nothing is copied.</summary>
    /// <param name="columns">Their names.</param>
    /// <exception cref="ArgumentException">There is none of a name, or no column is left.</exception>
    public SequenceData Select(params string[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        int[] places = [.. columns.Select(ColumnOf)];
        string[] targets = [.. Targets.Select(place => Columns[place].Name).Where(columns.Contains)];
        IReadOnlyList<Sequence> sequences = Taken(Sequences, places, new int[]?[places.Length], null);
        SequenceData part = Copy([.. places.Select(place => Columns[place])], sequences, Classes, []);
        return targets.Length == 0 ? part : part.WithTargets(targets);
    }

    /// <summary>
    /// Several data as one, sequences in their order: columns by name, in the order of the first; labels of all. Numbers are not
    /// copied.
    /// </summary>
    /// <param name="name">The name of the whole.</param>
    /// <param name="parts">At least one.</param>
    /// <exception cref="ArgumentException">A column is missing from one of them or of another kind.</exception>
    public static SequenceData Join(string name, params IReadOnlyList<SequenceData> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        if (parts.Count == 0) throw new ArgumentException("There is nothing to join.");
        SequenceData first = parts[0];
        foreach (SequenceData part in parts.Skip(1)) part.CheckSame(first);
        string[] classes = parts.Any(part => part.HasClasses)
            ? first.Classes.Count > 0 && parts.All(part => part.Classes.SequenceEqual(first.Classes)) ? [.. first.Classes]
                : ClassNames.Sorted(parts.SelectMany(part => part.Classes)) : [];
        SequenceColumn[] columns = [.. first.Columns.Select(column => column.Kind == ColumnKind.Number ? column
            : new SequenceColumn(column.Name, ClassNames.Sorted(parts.SelectMany(part =>
                part.Columns[part.ColumnOf(column.Name)].Labels))))];
        var sequences = new List<Sequence>();
        foreach (SequenceData part in parts)
        {
            int[] places = [.. columns.Select(column => part.ColumnOf(column.Name))];
            int[]?[] codes = [.. columns.Select((column, i) => Map(part.Columns[places[i]].Labels, column.Labels))];
            sequences.AddRange(Taken(part.Sequences, places, codes, Map(part.Classes, classes)));
        }

        string[] targets = [.. first.Targets.Select(place => first.Columns[place].Name)];
        var joined = new SequenceData(name, columns, sequences, classes)
        {
            Notices = [.. parts.SelectMany(part => part.Notices).Distinct()],
            FirstMissing = parts.SelectMany(part => part.FirstMissing).DistinctBy(pair => pair.Key).ToDictionary(),
        };
        return targets.Length == 0 ? joined : joined.WithTargets(targets);
    }

    /// <summary>A checksum of all names and values (CRC-64 in 16 hexadecimal digits): the same data have the same one.</summary>
    public string Fingerprint()
    {
        var crc = new Crc64();
        foreach (SequenceColumn column in Columns)
        {
            crc.Append(column.Name);
            foreach (string label in column.Labels) crc.Append(label);
        }

        foreach (string label in Classes) crc.Append(label);
        Span<float> part = stackalloc float[256];
        foreach (Sequence sequence in Sequences)
        {
            crc.Append(sequence.Steps);
            crc.Append(sequence.Class);
            crc.Append(BitConverter.SingleToInt32Bits(sequence.Number));
            for (int c = 0; c < Columns.Count; c++)
            {
                if (Columns[c].Kind == ColumnKind.Category)
                {
                    crc.Append(MemoryMarshal.AsBytes(sequence.Codes(c).Span));
                    continue;
                }

                ColumnValues values = sequence.Values(c);
                for (int t = 0; t < values.Count; t += part.Length)
                {
                    Span<float> some = part[..Math.Min(part.Length, values.Count - t)];
                    values.CopyTo(t, some);
                    crc.Append(MemoryMarshal.AsBytes(some));
                }
            }
        }

        return crc.Value.ToString("x16", CultureInfo.InvariantCulture);
    }

    /// <summary>The first so many of a list of names, in words.</summary>
    internal static string Some(IEnumerable<string> names, int most = 8)
    {
        string[] all = [.. names];
        string shown = string.Join(", ", all.Take(most).Select(name => name.Length > 40 ? name[..40] + "..." : name));
        return all.Length > most ? Invariant($"{shown} and {all.Length - most} more") : shown;
    }

    internal static void CheckColumns(IReadOnlyList<SequenceColumn> columns)
    {
        if (columns.Count == 0) throw new ArgumentException("There is no column.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (SequenceColumn column in columns)
        {
            if (!seen.Add(column.Name)) throw new ArgumentException(
                Printable.Sentence($"Two columns are named '{column.Name}'; rename one of them."));
            if (column.Labels.Distinct(StringComparer.Ordinal).Count() != column.Labels.Count)
                throw new ArgumentException(Printable.Sentence($"Column '{column.Name}' has one label twice."));
        }
    }

    private static int[]? Map(IReadOnlyList<string> from, IReadOnlyList<string> to)
    {
        if (from.SequenceEqual(to)) return null;
        Dictionary<string, int> places = ClassNames.Places(to);
        return [.. from.Select(label => places[label])];
    }

    /// <summary>Sequences over columns in another order; those of one block go on sharing one.</summary>
    private static List<Sequence> Taken(IReadOnlyList<Sequence> sequences, int[] columns, int[]?[] codes, int[]? classes)
    {
        var blocks = new Dictionary<SequenceBlock, SequenceBlock>();
        var taken = new List<Sequence>(sequences.Count);
        foreach (Sequence sequence in sequences)
        {
            if (!blocks.TryGetValue(sequence.Block, out SequenceBlock? block))
                blocks.Add(sequence.Block, block = sequence.Block.Take(columns, codes));
            taken.Add(sequence.With(block, sequence.Class >= 0 && classes is not null ? classes[sequence.Class]
                : sequence.Class));
        }

        return taken;
    }

    private void CheckSame(SequenceData first)
    {
        foreach (SequenceColumn column in first.Columns)
        {
            if (!_places.TryGetValue(column.Name, out int place))
                throw new ArgumentException(Printable.Sentence(
                    $"{Name} lacks the column '{column.Name}' that {first.Name} has."));
            if (Columns[place].Kind != column.Kind)
                throw new ArgumentException(Printable.Sentence(
                    $"Column '{column.Name}' has {Word(Columns[place].Kind)} in {Name} and {Word(column.Kind)} in "
                        + $"{first.Name}; read it as one of them in both."));
        }

        if (Columns.Count > first.Columns.Count)
        {
            string extra = Columns.First(column => !first._places.ContainsKey(column.Name)).Name;
            throw new ArgumentException(Printable.Sentence(
                $"{Name} has a column '{extra}' that {first.Name} lacks; leave it out or add it there."));
        }

        static string Word(ColumnKind kind) => kind == ColumnKind.Number ? "numbers" : "categories";
    }

    private SequenceData Copy(
        IReadOnlyList<SequenceColumn> columns, IReadOnlyList<Sequence> sequences, IReadOnlyList<string> classes,
            IReadOnlyList<int> targets) =>
        new(Name, columns, sequences, classes) { Targets = targets, Notices = Notices, FirstMissing = FirstMissing };
}
