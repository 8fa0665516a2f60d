using System.Runtime.CompilerServices;
using nietras.SeparatedValues;
using Unroll.Data.Text;
using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Data.Csv;

/// <summary>The rows of one table, an array a column.</summary>
internal sealed class CsvTable
{
    private readonly string _name;
    private readonly CsvOptions _options;
    private readonly CsvLook _look;
    private readonly HashSet<string> _missing;
    private readonly List<CsvColumn> _columns = [];

    private CsvTable(string name, CsvOptions options, CsvLook look)
    {
        (_name, _options, _look) = (name, options, look);
        _missing = [.. options.MissingTexts];
    }

    public string Name => _name;

    public int Rows { get; private set; }

    public LineMap Lines { get; } = new();

    /// <summary>The columns of values.</summary>
    public List<CsvColumn> Data { get; } = [];

    public CsvColumn? Group { get; private set; }

    public CsvColumn? Time { get; private set; }

    public CsvColumn? Label { get; private set; }

    public CsvColumn? Number { get; private set; }

    public List<string> Notices { get; } = [];

    /// <summary>Reads a table.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="options">How.</param>
    /// <param name="kinds">What columns are that are known from another file of the same folder.</param>
    /// <exception cref="InvalidFileException">It cannot be read.</exception>
    public static CsvTable Read(
        Stream stream, string name, CsvOptions options, IReadOnlyDictionary<string, CsvKind>? kinds = null) =>
        CsvSource.Use(stream, name, source => Read(source, name, options, kinds));

    private static CsvTable Read(CsvSource source, string name, CsvOptions options, IReadOnlyDictionary<string, CsvKind>? kinds)
    {
        CsvLook look = CsvLook.At(source.Beginning, source.IsWhole, name, options);
        var table = new CsvTable(name, options, look);
        table.ChooseColumns(kinds);
        using StreamReader reader = source.Reader();
        for (int i = 0; i < look.SkippedLines; i++) reader.ReadLine();
        table.ReadRows(reader, source.ExpectedRows(look.Names.Length));
        if (table.Rows == 0) throw new InvalidFileException(name, "has names of columns and no row behind them");
        table.LeaveOut();
        return table;
    }

    /// <summary>Says of which columns 32 bits round what there is to learn.</summary>
    /// <param name="named">The columns of which that was said before, of other files; receives those of this one.</param>
    public void NoteRounding(HashSet<string> named)
    {
        foreach (CsvColumn column in Data)
        {
            if (column.Kind == CsvKind.Number && !named.Contains(column.Name)
                && Rounding.Notice(column.Name, column.Numbers.Values) is { } notice)
            {
                Notices.Add(notice);
                named.Add(column.Name);
            }
        }
    }

    /// <summary>The places of columns that are named, and the kinds of all.</summary>
    private void ChooseColumns(IReadOnlyDictionary<string, CsvKind>? kinds)
    {
        int group = Place(_options.Group), label = Place(_options.Label), number = Place(_options.Number);
        int time = _options.Time is null ? Array.FindIndex(_look.Kinds, kind => kind == CsvKind.Date)
            : _options.Time.Length == 0 ? -1 : Place(_options.Time);
        (string? Role, int Place)[] roles = [("group", group), ("time", time), ("label", label), ("number", number)];
        foreach ((string? role, int place) in roles)
        {
            if (place >= 0 && roles.First(other => other.Place == place).Role is { } first && first != role)
                throw new ArgumentException(Printable.Sentence(
                    $"Column '{_look.Names[place]}' cannot be both the {first} and the {role}; name another one."));
        }

        HashSet<int>? chosen = _options.Columns is null ? null : [.. _options.Columns.Select(name => Place(name)),
            .. _options.Optional.Select(name => Array.IndexOf(_look.Names, name))];
        HashSet<int> ignored = [.. _options.Ignore.Select(name => Place(name))];
        foreach (string name in _options.Categories) Place(name);
        for (int c = 0; c < _look.Names.Length; c++)
        {
            string name = _look.Names[c];
            if (c == group) _columns.Add(Group = new CsvColumn(name, c, CsvKind.Text) { KeepsAll = true });
            else if (c == label) _columns.Add(Label = new CsvColumn(name, c, CsvKind.Text) { KeepsAll = true });
            else if (c == number) _columns.Add(Number = new CsvColumn(name, c, CsvKind.Number));
            else if (c == time) _columns.Add(Time = TimeColumn(c));
            else if ((chosen is null || chosen.Contains(c)) && !ignored.Contains(c)) AddData(c, kinds);
            else if (!ignored.Contains(c)) _options.Unread?.Invoke(name);
        }
    }

    private void AddData(int c, IReadOnlyDictionary<string, CsvKind>? kinds)
    {
        string name = _look.Names[c];
        CsvKind kind = kinds?.GetValueOrDefault(name) is { } known and not CsvKind.Unknown ? known : _look.Kinds[c];
        if (kind == CsvKind.Date)
        {
            if (_options.Time?.Length != 0) Notices.Add(
                $"Column '{name}' has dates and is left out; name it as the time to put rows in its order.");
            return;
        }

        var column = new CsvColumn(name, c, kind);
        _columns.Add(column);
        Data.Add(column);
    }

    private CsvColumn TimeColumn(int c)
    {
        string name = _look.Names[c];
        if (_options.DateFormat is { } format) return new CsvColumn(name, c, CsvKind.Date) { Form = DateText.Of(format) };
        if (_look.Kinds[c] is CsvKind.Number) return new CsvColumn(name, c, CsvKind.Number);
        if (_look.Kinds[c] is CsvKind.Unknown) throw new InvalidFileException(_name,
            $"has no time in its column '{name}'; name another column of times");
        if (_look.Kinds[c] is CsvKind.Text)
            throw new InvalidFileException(_name,
                $"has no times in its column '{name}' that are understood; name their form, such as dd/MM/yyyy HH:mm, or "
                    + "another column");
        if (_look.Dates[c].Length > 1) throw new InvalidFileException(_name,
            $"has dates in its column '{name}' that may have the day or the month first; name their form, "
                + $"{string.Join(" or ", _look.Dates[c].Select(form => form.Name))} and the like");
        return new CsvColumn(name, c, CsvKind.Date) { Form = _look.Dates[c][0] };
    }

    private int Place(string? column)
    {
        if (column is null) return -1;
        int place = Array.IndexOf(_look.Names, column);
        if (place >= 0) return place;
        throw new InvalidFileException(_name,
            $"has no column '{column}'; the nearest is '{NearestName.Of(column, _look.Names)}' (of "
                + $"{SequenceData.Some(_look.Names)})");
    }

    private void ReadRows(StreamReader reader, int expected)
    {
        CsvColumn[] columns = [.. _columns];
        foreach (CsvColumn column in columns) column.Expect(expected);
        int width = _look.Names.Length;
        bool header = _look.HasHeader;
        using SepReader rows = CsvLook.Reader(_look.Delimiter).From(reader);
        int behind = 1; // the line behind the row before: Sep's own first line is wrong for the first row
        foreach (SepReader.Row row in rows)
        {
            int cells = row.ColCount, first = behind;
            behind = row.LineNumberToExcl;
            if (cells == 1 && width > 1 && row[0].Span.Trim().IsEmpty) continue;
            if (header)
            {
                header = false;
                continue;
            }

            Lines.Add(Rows, first + (long)_look.SkippedLines);
            if (cells != width) CheckWidth(row, cells, width, behind - first);
            AddRow(row, columns);
            Rows++;
            if (Rows == int.MaxValue) throw new InvalidFileException(_name,
                "has more than 2,147,483,646 rows; split it into several files");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRow(SepReader.Row row, CsvColumn[] columns)
    {
        foreach (CsvColumn column in columns)
        {
            ReadOnlySpan<char> cell = row[column.Place].Span;
            if (cell.Length > 0 && (cell[0] <= ' ' || cell[^1] <= ' ')) cell = cell.Trim();
            if (column.Kind == CsvKind.Number && column != Time) AddNumber(column, cell);
            else AddOther(column, cell);
        }
    }

    private void CheckWidth(SepReader.Row row, int cells, int width, int lines)
    {
        // One more, empty, is a delimiter at the end of the line, as some programs write it.
        if (cells == width + 1 && row[width].Span.Trim().IsEmpty) return;
        throw new InvalidFileException(
            _name,
            Invariant($"has {Counted.Of(cells, "cell")} in {Lines.Place(Rows)} where {width} are expected; ")
                + (lines > 1 ? "the row goes over several lines, so a quote may not be closed"
                    : "fill the row up, or name another delimiter"));
    }

    private void AddNumber(CsvColumn column, ReadOnlySpan<char> cell)
    {
        CellContent kind = NumberText.Read(cell, _look.Mark, out float value);
        if (kind == CellContent.Number) column.Numbers.Add(value);
        else if (kind == CellContent.Missing || IsMissing(cell)) column.AddMissing(Rows);
        else throw BadNumber(column, cell, kind);
    }

    private InvalidFileException BadNumber(CsvColumn column, ReadOnlySpan<char> cell, CellContent kind)
    {
        string text = cell.Length > 40 ? $"{cell[..40]}..." : cell.ToString();
        string place = $"has '{text}' in {Lines.Place(Rows)}, column '{column.Name}'";
        return new InvalidFileException(_name, kind switch
        {
            CellContent.Infinite => $"{place}, which is infinite or too large; leave the cell empty where a value is missing",
            CellContent.OtherMark =>
                $"{place}, where the decimal mark of other numbers is a {(_look.Mark == '.' ? "point" : "comma")}; write all "
                    + "with one mark and none for thousands, or name it",
            _ => $"{place}, which is no number; leave the cell empty, name the text as one for a missing value, or read the "
                + "column as categories",
        });
    }

    private void AddOther(CsvColumn column, ReadOnlySpan<char> cell)
    {
        bool missing = NumberText.IsMissing(cell) || IsMissing(cell);
        if (column == Time)
        {
            AddTime(column, cell, missing);
            return;
        }

        if (missing && (column == Group || column == Label)) throw new InvalidFileException(_name,
            $"has no {(column == Group ? "group" : "label")} in {Lines.Place(Rows)}, column '{column.Name}'; fill it in or "
                + "take the row out");
        if (missing)
        {
            column.AddMissing(Rows);
            return;
        }

        if (column.Kind == CsvKind.Unknown)
        {
            column.Become(NumberText.Read(cell, _look.Mark, out _) == CellContent.Text ? CsvKind.Text : CsvKind.Number, Rows);
            if (column.Kind == CsvKind.Number)
            {
                AddNumber(column, cell);
                return;
            }
        }

        column.AddLabel(cell);
    }

    private void AddTime(CsvColumn column, ReadOnlySpan<char> cell, bool missing)
    {
        if (missing) throw new InvalidFileException(_name,
            $"has no time in {Lines.Place(Rows)}, column '{column.Name}'; fill it in or take the row out");
        if (column.Kind == CsvKind.Date)
        {
            if (!column.Form!.TryRead(cell, out DateTime date)) throw BadTime(column, cell);
            column.Dates.Add(date);
            return;
        }

        if (!NumberText.TryDouble(cell, _look.Mark, out double time)) throw BadTime(column, cell);
        column.Times.Add(time);
    }

    private InvalidFileException BadTime(CsvColumn column, ReadOnlySpan<char> cell)
    {
        string text = cell.Length > 40 ? $"{cell[..40]}..." : cell.ToString();
        string form = column.Kind == CsvKind.Number ? "which is no number as the other times are"
            : column.Form!.Name.Length == 0 ? "which is no date such as 2024-01-31 or 2024-01-31 23:59:59"
                : $"which is no date of the form {column.Form.Name}";
        return new InvalidFileException(_name,
            $"has the time '{text}' in {Lines.Place(Rows)}, column '{column.Name}', {form}; correct it, or name the form of "
                + "dates");
    }

    private bool IsMissing(ReadOnlySpan<char> cell) => _missing.Count > 0
        && _missing.GetAlternateLookup<ReadOnlySpan<char>>().Contains(cell);

    /// <summary>Takes out what is neither numbers nor categories, and says so.</summary>
    private void LeaveOut()
    {
        foreach (CsvColumn column in Data.ToArray())
        {
            if (column.Kind == CsvKind.Unknown)
            {
                Notices.Add($"Column '{column.Name}' is empty and is left out.");
                Data.Remove(column);
            }
            else if (column.IsOverfull)
            {
                Notices.Add(Invariant($"Column '{column.Name}' has more than {CsvColumn.MostLabels} different texts and is ")
                    + "left out.");
                Data.Remove(column);
            }
        }

        if (_options.Unread is not null || Data.Any(column => column.Kind == CsvKind.Number)) return;
        string kinds = string.Join(", ", _look.Names.Take(6).Select((name, c) => $"'{name}': {Word(c)}"));
        throw new InvalidFileException(_name,
            $"has no column of numbers to learn from ({kinds}{(_look.Names.Length > 6 ? ", ..." : "")}); "
            + "a table has a column for each quantity, and numbers in it; the delimiter or the decimal mark may be another");

        string Word(int c) => _columns.Find(column => column.Place == c) is not { } column ? "left out" : column == Group
            ? "the group"
            : column == Time ? "the time" : column == Label ? "the label" : column == Number ? "the number"
                : column.Kind == CsvKind.Unknown ? "empty" : "text";
    }
}
