using Unroll.Numerics;

namespace Unroll.Data;

/// <summary>
/// Makes <see cref="SequenceData"/> of arrays. What is given as memory stays where it is and must not be changed afterwards;
/// spans and jagged arrays are copied.
/// </summary>
public sealed class SequenceBuilder
{
    private readonly SequenceColumn[] _columns;
    private readonly List<(SequenceBlock Block, int Steps, SequenceInfo Info)> _sequences = [];

    /// <summary>Begins sequences of columns of numbers.</summary>
    /// <param name="columns">The names of the columns, at least one, no two equal.</param>
    /// <exception cref="ArgumentException">There is none, or a name is empty or there twice.</exception>
    public SequenceBuilder(params string[] columns)
        : this(Array.ConvertAll(columns, name => new SequenceColumn(name)))
    {
    }

    /// <summary>Begins sequences of columns.</summary>
    /// <param name="columns">The columns, at least one, no two of one name.</param>
    /// <exception cref="ArgumentException">There is none, or a name is there twice.</exception>
    public SequenceBuilder(params SequenceColumn[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        _columns = [.. columns];
        SequenceData.CheckColumns(_columns);
    }

    /// <summary>Adds a sequence of numbers that lie a step behind the other; nothing is copied.</summary>
    /// <param name="rows">T times C numbers: all columns of the first step, then those of the second, ...; NaN for a missing
    /// one.</param>
    /// <param name="info">What else is known of it.</param>
    /// <returns>This.</returns>
    /// <exception cref="ArgumentException">A number is infinite, the length is no multiple of the columns or 0, or a column has
    /// categories.</exception>
    public SequenceBuilder Add(ReadOnlyMemory<float> rows, SequenceInfo? info = null)
    {
        int width = _columns.Length;
        if (rows.IsEmpty || rows.Length % width != 0)
            throw new ArgumentException(
                Invariant($"{Counted.Are(rows.Length, "number")} no steps of {Counted.Of(width, "column")}; ")
                    + Invariant($"give a multiple of {width}, at least ")
                    + Invariant($"{width}."));
        if (_columns.FirstOrDefault(column => column.Kind == ColumnKind.Category) is { } category)
            throw new ArgumentException($"Column '{category.Name}' has categories; add it with AddColumns, as codes.");
        int steps = rows.Length / width;
        var values = new ColumnValues[width];
        for (int c = 0; c < width; c++) values[c] = new ColumnValues(rows[c..], width, steps);
        return Add(values, new ReadOnlyMemory<int>?[width], steps, info);
    }

    /// <summary>Adds a sequence of numbers that lie a step behind the other; they are copied.</summary>
    /// <inheritdoc cref="Add(ReadOnlyMemory{float}, SequenceInfo)"/>
    public SequenceBuilder AddCopy(ReadOnlySpan<float> rows, SequenceInfo? info = null) => Add(rows.ToArray(), info);

    /// <summary>Adds a sequence of numbers that are an array a step; they are copied.</summary>
    /// <param name="steps">T arrays of C numbers.</param>
    /// <param name="info">What else is known of it.</param>
    /// <returns>This.</returns>
    /// <exception cref="ArgumentException">There is no step, one has another number of columns, or a number is
    /// infinite.</exception>
    public SequenceBuilder AddSteps(IReadOnlyList<float[]> steps, SequenceInfo? info = null)
    {
        ArgumentNullException.ThrowIfNull(steps);
        float[] rows = new float[(long)steps.Count * _columns.Length];
        for (int t = 0; t < steps.Count; t++)
        {
            if (steps[t].Length != _columns.Length)
                throw new ArgumentException(
                    Invariant($"Step {t} has {Counted.Of(steps[t].Length, "number")} where there are ")
                        + Invariant($"{Counted.Of(_columns.Length, "column")}."));
            steps[t].CopyTo(rows, t * _columns.Length);
        }

        return Add(rows, info);
    }

    /// <summary>Adds a sequence of columns of numbers, an array a column; nothing is copied.</summary>
    /// <param name="columns">C arrays of T numbers, in the order of the columns.</param>
    /// <param name="info">What else is known of it.</param>
    /// <returns>This.</returns>
    /// <exception cref="ArgumentException">A number is infinite, there are more or fewer columns, their lengths differ, or one
    /// has categories.</exception>
    public SequenceBuilder AddColumns(IReadOnlyList<ReadOnlyMemory<float>> columns, SequenceInfo? info = null) =>
        AddColumns(columns, [], info);

    /// <summary>Adds a sequence of columns of numbers and of categories, an array a column; nothing is copied.</summary>
    /// <param name="numbers">The columns of numbers in their order, T numbers each; NaN for a missing one.</param>
    /// <param name="codes">The columns of categories in their order, T codes each; -1 for a missing one.</param>
    /// <param name="info">What else is known of it.</param>
    /// <returns>This.</returns>
    /// <exception cref="ArgumentException">A number is infinite, there are more or fewer columns, their lengths differ, or a code
    /// is none of its column's.</exception>
    public SequenceBuilder AddColumns(
        IReadOnlyList<ReadOnlyMemory<float>> numbers, IReadOnlyList<ReadOnlyMemory<int>> codes, SequenceInfo? info = null)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        ArgumentNullException.ThrowIfNull(codes);
        int expected = _columns.Count(column => column.Kind == ColumnKind.Number);
        if (numbers.Count != expected || codes.Count != _columns.Length - expected)
            throw new ArgumentException(
                Invariant($"{Counted.There(numbers.Count, "column")} of numbers and {codes.Count} of codes where {expected} and ")
                    + Invariant($"{_columns.Length - expected} are expected."));
        int steps = numbers.Count > 0 ? numbers[0].Length : codes[0].Length;
        var values = new ColumnValues[_columns.Length];
        var categories = new ReadOnlyMemory<int>?[_columns.Length];
        for (int c = 0, n = 0, k = 0; c < _columns.Length; c++)
        {
            bool isNumber = _columns[c].Kind == ColumnKind.Number;
            int length = isNumber ? numbers[n].Length : codes[k].Length;
            if (length != steps)
                throw new ArgumentException(
                    Invariant($"Column '{_columns[c].Name}' has {Counted.Of(length, "step")} where others have {steps}."));
            if (isNumber) values[c] = new ColumnValues(numbers[n++], 1, steps);
            else categories[c] = Checked(codes[k++], _columns[c]);
        }

        return Add(values, categories, steps, info);
    }

    /// <summary>What was added.</summary>
    /// <param name="name">The name of the data, for messages.</param>
    /// <exception cref="ArgumentException">Nothing was added, or some sequences have a class or a number and others
    /// none.</exception>
    public SequenceData Build(string name = "the data")
    {
        string[] classes = ClassNames.Sorted(_sequences.Select(one => one.Info.Label).OfType<string>());
        Dictionary<string, int> places = ClassNames.Places(classes);
        var sequences = new List<Sequence>(_sequences.Count);
        foreach ((SequenceBlock block, int steps, SequenceInfo info) in _sequences)
        {
            sequences.Add(new Sequence(block, 0, steps)
            {
                Name = info.Name ?? Invariant($"{sequences.Count + 1}"),
                Group = info.Group,
                Class = info.Label is null ? -1 : places[info.Label],
                Number = info.Number ?? float.NaN,
            });
        }

        return new SequenceData(name, _columns, sequences, classes);
    }

    private static ReadOnlyMemory<int> Checked(ReadOnlyMemory<int> codes, SequenceColumn column)
    {
        foreach (int code in codes.Span)
        {
            if (code < -1 || code >= column.Labels.Count)
                throw new ArgumentException(
                    Invariant($"Column '{column.Name}' has the code {code}; codes lie in 0..{column.Labels.Count - 1}, and -1 ")
                        + "is a missing one.");
        }

        return codes;
    }

    private SequenceBuilder Add(ColumnValues[] numbers, ReadOnlyMemory<int>?[] codes, int steps, SequenceInfo? info)
    {
        info ??= new SequenceInfo();
        if (steps == 0) throw new ArgumentException(Invariant($"Sequence {_sequences.Count + 1} has no step."));
        if (!info.Times.IsEmpty && info.Times.Count != steps)
            throw new ArgumentException(
                Invariant($"Sequence {_sequences.Count + 1} has {Counted.Of(info.Times.Count, "time")} for ")
                    + Invariant($"{Counted.Of(steps, "step")}."));
        for (int c = 0; c < numbers.Length; c++)
        {
            if (numbers[c].FirstInfinite() is >= 0 and int t) throw new ArgumentException(Files.Printable.Sentence(
                Invariant($"Column '{_columns[c].Name}' is infinite at step {t + 1} of sequence '{info.Name ?? Number()}'; ")
                    + "give NaN for a missing value."));
        }

        for (int t = 1; t < info.Times.Count; t++)
        {
            if (!(info.Times.After(t, t - 1) >= 0)) throw new ArgumentException(
                Invariant($"The time of step {t} of sequence {_sequences.Count + 1} is {info.Times.Text(t)}, before that of ")
                    + "the step in front of it; sort the steps.");
        }

        if (info.Number is { } number && !float.IsFinite(number))
            throw new ArgumentException(
                Invariant($"The number of sequence {_sequences.Count + 1} is {number}; it must be finite."));
        var block = new SequenceBlock { Numbers = numbers, Codes = codes, Times = info.Times };
        _sequences.Add((block, steps, info));
        return this;

        string Number() => Invariant($"{_sequences.Count + 1}");
    }
}
