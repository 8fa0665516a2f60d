using Unroll.Data.Text;

namespace Unroll.Data.Csv;

/// <summary>One column of a table while its rows are read.</summary>
internal sealed class CsvColumn(string name, int place, CsvKind kind)
{
    /// <summary>The most labels of a column of categories; more are no categories.</summary>
    public const int MostLabels = 1000;

    private Dictionary<string, int>? _codes;
    private Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public string Name { get; } = name;

    /// <summary>Which cell of a row.</summary>
    public int Place { get; } = place;

    public CsvKind Kind { get; set; } = kind;

    public ColumnBuffer<float> Numbers { get; private set; } = new();

    public ColumnBuffer<int> Codes { get; private set; } = new();

    public ColumnBuffer<DateTime> Dates { get; } = new();

    public ColumnBuffer<double> Times { get; } = new();

    public List<string> Labels { get; } = [];

    /// <summary>Whether every label is kept, however many they are: of groups and classes.</summary>
    public bool KeepsAll { get; init; }

    /// <summary>Whether there are more labels than a category has; its codes are given up.</summary>
    public bool IsOverfull { get; private set; }

    public DateText? Form { get; set; }

    public int FirstMissing { get; private set; } = -1;

    public long Missing { get; private set; }

    /// <summary>Makes room for rows that are likely to come.</summary>
    public void Expect(int rows)
    {
        if (Kind == CsvKind.Number) Numbers.Expect(rows);
        else if (Kind == CsvKind.Text) Codes.Expect(rows);
        else if (Kind == CsvKind.Date) Dates.Expect(rows);
    }

    public void AddMissing(int row)
    {
        if (Missing++ == 0) FirstMissing = row;
        if (Kind == CsvKind.Number) Numbers.Add(float.NaN);
        else if (Kind == CsvKind.Text && !IsOverfull) Codes.Add(-1);
    }

    /// <summary>Decides what a column is that had nothing but missing values before.</summary>
    public void Become(CsvKind kind, int rows)
    {
        Kind = kind;
        if (kind == CsvKind.Number) Numbers.Fill(float.NaN, rows);
        else Codes.Fill(-1, rows);
    }

    public void AddLabel(ReadOnlySpan<char> text)
    {
        if (IsOverfull) return;
        if (_codes is null)
        {
            _codes = new Dictionary<string, int>(StringComparer.Ordinal);
            _lookup = _codes.GetAlternateLookup<ReadOnlySpan<char>>();
        }

        if (!_lookup.TryGetValue(text, out int code))
        {
            code = Labels.Count;
            if (code == MostLabels && !KeepsAll)
            {
                IsOverfull = true;
                Codes = new ColumnBuffer<int>();
                return;
            }

            string label = text.ToString();
            Labels.Add(label);
            _codes.Add(label, code);
        }

        Codes.Add(code);
    }

    /// <summary>Puts the labels into the order that hangs on no order of rows.</summary>
    public string[] SortLabels()
    {
        string[] sorted = ClassNames.Sorted(Labels);
        Dictionary<string, int> places = ClassNames.Places(sorted);
        int[] map = [.. Labels.Select(label => places[label])];
        foreach (ref int code in Codes.Values) code = code < 0 ? -1 : map[code];
        Labels.Clear();
        Labels.AddRange(sorted);
        return sorted;
    }

    public void Order(ReadOnlySpan<int> order)
    {
        if (Numbers.Count > 0) Numbers.Order(order);
        if (Codes.Count > 0) Codes.Order(order);
        if (Dates.Count > 0) Dates.Order(order);
        if (Times.Count > 0) Times.Order(order);
    }
}
