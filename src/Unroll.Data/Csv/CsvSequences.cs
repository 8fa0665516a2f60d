using Unroll.Data.Text;
using Unroll.Files;

namespace Unroll.Data.Csv;

/// <summary>From the rows of a table to sequences: those of a group together and in order of time.</summary>
internal sealed class CsvSequences
{
    private readonly CsvTable _table;
    private readonly CsvOptions _options;
    private readonly string _name;
    private int[]? _order; // the rows of the table in their new order; null for the old one

    private CsvSequences(CsvTable table, CsvOptions options, string name) => (_table, _options, _name) = (table, options, name);

    /// <summary>Makes the sequences.</summary>
    /// <param name="table">The rows; their arrays are used.</param>
    /// <param name="options">How.</param>
    /// <param name="name">What the sequences' names begin with in a folder of files; empty for a file of its own.</param>
    /// <param name="label">The class of all of them, from elsewhere.</param>
    public static SequenceData Make(CsvTable table, CsvOptions options, string name = "", string? label = null) =>
        new CsvSequences(table, options, name).Make(label);

    private SequenceData Make(string? label)
    {
        List<(int Start, int Count)> runs = Groups();
        PutInOrder(runs);
        if (_order is not null)
        {
            foreach (CsvColumn column in _table.Data.Append(_table.Group).Append(_table.Time).Append(_table.Label).Append(
                _table.Number).OfType<CsvColumn>())
                column.Order(_order);
        }

        var columns = new List<SequenceColumn>();
        var numbers = new ColumnValues[_table.Data.Count];
        var codes = new ReadOnlyMemory<int>?[numbers.Length];
        for (int c = 0; c < numbers.Length; c++)
        {
            CsvColumn column = _table.Data[c];
            bool isNumber = column.Kind == CsvKind.Number;
            columns.Add(isNumber ? new SequenceColumn(column.Name) : new SequenceColumn(column.Name, column.SortLabels()));
            if (isNumber) numbers[c] = new ColumnValues(column.Numbers.ToMemory(), 1, _table.Rows);
            else codes[c] = column.Codes.ToMemory();
        }

        TimeAxis times = _table.Time is not { } time ? default
            : time.Kind == CsvKind.Date ? (TimeAxis)time.Dates.ToMemory() : (TimeAxis)time.Times.ToMemory();
        var block = new SequenceBlock { Numbers = numbers, Codes = codes, Times = times };
        string[] classes = label is not null ? [label] : _table.Label?.SortLabels() ?? [];
        var sequences = new List<Sequence>(runs.Count);
        foreach ((int start, int count) in runs)
        {
            string? group = _table.Group is { } column ? column.Labels[column.Codes.Values[start]] : null;
            sequences.Add(new Sequence(block, start, count)
            {
                Name = _name.Length == 0 ? group ?? Path.GetFileName(_table.Name) : group is null ? _name : $"{_name}/{group}",
                Class = label is not null ? 0 : Class(start, count),
                Number = Number(start, count),
            });
        }

        NoteTimes(sequences);
        return new SequenceData(_table.Name, columns, sequences, classes)
        {
            Notices = _table.Notices,
            FirstMissing = _table.Data.Where(column => column.Missing > 0)
                .ToDictionary(column => column.Name, column => _table.Lines.Place(column.FirstMissing)),
        };
    }

    /// <summary>The rows of each group, one behind the other; groups in the order in which they first appear.</summary>
    private List<(int Start, int Count)> Groups()
    {
        if (_table.Group is not { } group) return [(0, _table.Rows)];
        ReadOnlySpan<int> codes = group.Codes.Values;
        var counts = new int[group.Labels.Count];
        bool together = true;
        for (int i = 0; i < codes.Length; i++)
        {
            if (counts[codes[i]]++ > 0 && codes[i] != codes[i - 1]) together = false;
        }

        var runs = new List<(int Start, int Count)>(counts.Length);
        var next = new int[counts.Length];
        for (int g = 0, start = 0; g < counts.Length; start += counts[g++])
        {
            next[g] = start;
            runs.Add((start, counts[g]));
        }

        if (together) return runs;
        _order = new int[codes.Length];
        for (int i = 0; i < codes.Length; i++) _order[next[codes[i]]++] = i;
        return runs;
    }

    private int Row(int place) => _order is null ? place : _order[place];

    /// <summary>Times of every sequence ascend: all that descend are turned round, others are refused or sorted.</summary>
    private void PutInOrder(List<(int Start, int Count)> runs)
    {
        if (_table.Time is null) return;
        bool anyUp = false;
        int firstBack = -1;
        long back = 0;
        foreach ((int start, int count) in runs)
        {
            for (int i = start + 1; i < start + count; i++)
            {
                int change = Compare(Row(i), Row(i - 1));
                anyUp |= change > 0;
                if (change >= 0) continue;
                if (firstBack < 0) firstBack = i;
                back++;
            }
        }

        if (firstBack < 0) return;
        if (anyUp && !_options.SortTimes) throw new InvalidFileException(_table.Name,
            $"has the time {Time(Row(firstBack))} in {_table.Lines.Place(Row(firstBack))}, column '{_table.Time.Name}', "
                + $"behind the later {Time(Row(firstBack - 1))}; put the rows in order, or have them sorted by "
                    + $"time{(_table.Group is null ? ", or name the column of groups" : "")}");
        string first = _table.Lines.Place(Row(firstBack));
        _order ??= [.. Enumerable.Range(0, _table.Rows)];
        foreach ((int start, int count) in runs)
        {
            // In equal times, the order of rows; a file from new to old has these the other way round, too.
            Span<int> rows = _order.AsSpan(start, count);
            if (!anyUp) rows.Reverse();
            else rows.Sort((a, b) => Compare(a, b) is not 0 and int change ? change : a.CompareTo(b));
        }

        _table.Notices.Add(!anyUp ? $"Rows go from new to old by '{_table.Time.Name}' and were turned round."
            : Invariant($"Rows were put in order of '{_table.Time.Name}': {back} went back in time, the first in {first}."));
    }

    private int Compare(int a, int b) => _table.Time!.Kind == CsvKind.Date
        ? _table.Time.Dates.Values[a].CompareTo(_table.Time.Dates.Values[b])
            : _table.Time.Times.Values[a].CompareTo(_table.Time.Times.Values[b]);

    private string Time(int row) => _table.Time!.Kind == CsvKind.Date
        ? TimeAxis.Text(_table.Time.Dates.Values[row]) : Invariant($"{_table.Time.Times.Values[row]}");

    private int Class(int start, int count)
    {
        if (_table.Label is not { } label) return -1;
        ReadOnlySpan<int> codes = label.Codes.Values;
        for (int i = start + 1; i < start + count; i++)
        {
            if (codes[i] != codes[start]) throw Changes(label, i, $"'{label.Labels[codes[i]]}'",
                $"'{label.Labels[codes[start]]}'");
        }

        return codes[start];
    }

    private float Number(int start, int count)
    {
        if (_table.Number is not { } number) return float.NaN;
        ReadOnlySpan<float> values = number.Numbers.Values;
        for (int i = start; i < start + count; i++)
        {
            if (float.IsNaN(values[i])) throw new InvalidFileException(_table.Name,
                $"has no number in {_table.Lines.Place(Row(i))}, column '{number.Name}'; fill it in or take the sequence out");
            if (values[i] != values[start]) throw Changes(number, i, Invariant($"{values[i]}"), Invariant($"{values[start]}"));
        }

        return values[start];
    }

    private InvalidFileException Changes(CsvColumn column, int place, string now, string before) => new(_table.Name,
        $"has {now} in {_table.Lines.Place(Row(place))}, column '{column.Name}', where the sequence began with {before}; "
            + (_table.Group is null ? "name the column of groups"
                : "it must be the same in all rows of a group, or be a target of steps"));

    private void NoteTimes(List<Sequence> sequences)
    {
        if (_table.Time is null) return;
        long same = 0;
        string first = "";
        int place = 0;
        foreach (Sequence sequence in sequences)
        {
            TimeAxis times = sequence.Times;
            for (int t = 1; t < sequence.Steps; t++)
            {
                if (times.Order(t) != times.Order(t - 1)) continue;
                if (same++ == 0) first = $"{times.Text(t)} in {_table.Lines.Place(Row(place + t))}";
            }

            place += sequence.Steps;
        }

        if (same > 0) _table.Notices.Add(
            Invariant($"{same} {(same == 1 ? "row has" : "rows have")} the time of another ")
                + Invariant($"row{(_table.Group is null ? "" : " of the group")}, the first {first}."));
        TimeFacts facts = TimeFacts.Of(sequences);
        if (facts.Irregular > 0) _table.Notices.Add(facts.Sentence());
    }
}
