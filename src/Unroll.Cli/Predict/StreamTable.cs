using Unroll.Cli.Sequences;
using Unroll.Cli.Settings;
using Unroll.Data;
using Unroll.Data.Text;
using Unroll.Numerics;
using Unroll.Tasks;

namespace Unroll.Cli.Predict;

/// <summary>
/// A table whose rows are read one by one as they arrive, by the names in its first line. What a whole table tells of itself (its
/// delimiter, its decimal mark, its column and form of dates) is what was given in training, or what the first lines show.
/// </summary>
internal sealed class StreamTable
{
    private static readonly char[] s_delimiters = [',', ';', '\t', '|'];
    private readonly SeriesCodec _codec;
    private readonly CsvOptions _options;
    private readonly string[] _names;
    private readonly int[] _places; // of the encoder's columns
    private readonly Dictionary<string, int>?[] _labels;
    private readonly int _group;
    private readonly float[] _values;
    private readonly char _delimiter;
    private int _time;
    private char? _mark;
    private DateText? _form;

    /// <summary>A table.</summary>
    /// <param name="model">What reads it.</param>
    /// <param name="header">Its first line.</param>
    /// <exception cref="UserError">It lacks a column.</exception>
    public StreamTable(SeriesModel model, string header)
    {
        _codec = model.Codec;
        _options = SequenceOptionTable.Read(model.Settings.Texts).Csv;
        IReadOnlyList<SequenceColumn> columns = _codec.Encoder.Columns;
        string[] wanted = [.. columns.Select(column => column.Name)];
        _delimiter = _options.Delimiter ?? s_delimiters.MaxBy(mark => Cells(header, mark)!.Intersect(wanted).Count());
        _names = Cells(header, _delimiter) is { } cells
            ? _options.HasHeader == false ? [.. cells.Select((_, c) => FormattableString.Invariant($"column{c + 1}"))] : cells
            : throw new UserError("Standard input has a quote in line 1 that is not closed.");
        if (_names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new UserError($"Standard input names two columns '{twice.Key}'; rename one of them.");
        _places = [.. wanted.Select((column, c) => Place(column, c))];
        _labels = [.. columns.Select(column => column.Kind == ColumnKind.Number ? null
            : column.Labels.Select((label, k) => KeyValuePair.Create(label, k)).ToDictionary(StringComparer.Ordinal))];
        _group = _options.Group is { } group ? Place(group) : -1;
        _time = _options.Time is { Length: > 0 } time ? Place(time) : -1;
        _form = _options.DateFormat is { } form ? DateText.Of(form) : null;
        _mark = _options.DecimalMark ?? (_delimiter == ',' ? '.' : null);
        _values = new float[columns.Count];
        FirstIsRow = _options.HasHeader == false;
    }

    /// <summary>Whether the first line was a row.</summary>
    public bool FirstIsRow { get; }

    /// <summary>Whether rows say when they are, which the first row shows.</summary>
    public bool HasTimes => _time >= 0;

    /// <summary>The names of its columns but those of the group and the time.</summary>
    public IEnumerable<string> DataNames => _names.Where((_, c) => c != _group && c != _time);

    /// <summary>Reads a row.</summary>
    /// <param name="text">Its line.</param>
    /// <param name="row">The number of the row.</param>
    /// <param name="line">The number of the line.</param>
    /// <exception cref="UserError">It cannot be read.</exception>
    public StreamRow Read(string text, long row, long line)
    {
        string where = FormattableString.Invariant($"row {row} (line {line})");
        string[] cells = Cells(text, _delimiter)
            ?? throw new UserError($"Standard input has a quote in {where} that is not closed; a row of a stream is one line.");
        int width = _names.Length;
        if (cells.Length != width && !(cells.Length == width + 1 && cells[width].Length == 0))
            throw new UserError(FormattableString.Invariant(
                $"Standard input has {Counted.Of(cells.Length, "cell")} in {where} where {width} are expected."));
        if (row == 1) Look(cells);
        for (int c = 0; c < _places.Length; c++) _values[c] = Value(c, cells[_places[c]], where);
        string? group = _group < 0 ? null : cells[_group].Length > 0 ? cells[_group]
            : throw new UserError($"Standard input has no group in {where}, column '{_names[_group]}'.");
        if (_time < 0) return new StreamRow(_values, group, null, null, double.NaN);
        string when = cells[_time];
        if (_form is not null)
        {
            return _form.TryRead(when, out DateTime date) ? new StreamRow(_values, group, TimeAxis.Text(date), date, date.Ticks)
                : throw BadTime(when, where);
        }

        return NumberText.TryDouble(when, _mark ?? '.', out double number)
            ? new StreamRow(_values, group, when, null, number) : throw BadTime(when, where);
    }

    /// <summary>The cells of a line without spaces around them; null where a quote is not closed.</summary>
    internal static string[]? Cells(string line, char delimiter)
    {
        var cells = new List<string>();
        var quoted = new System.Text.StringBuilder();
        for (int at = 0; ; at++)
        {
            if (at < line.Length && line[at] == '"')
            {
                quoted.Clear();
                for (at++; ; at++)
                {
                    if (at >= line.Length) return null;
                    if (line[at] != '"') quoted.Append(line[at]);
                    else if (at + 1 < line.Length && line[at + 1] == '"') quoted.Append(line[at++]);
                    else break;
                }

                int next = line.IndexOf(delimiter, at + 1);
                cells.Add(quoted.Append(line.AsSpan(at + 1, (next < 0 ? line.Length : next) - at - 1)).ToString().Trim());
                at = next;
            }
            else
            {
                int next = line.IndexOf(delimiter, at);
                cells.Add(line[at..(next < 0 ? line.Length : next)].Trim());
                at = next;
            }

            if (at < 0) return [.. cells];
        }
    }

    /// <summary>Finds out from the first row what was not given.</summary>
    private void Look(string[] cells)
    {
        for (int c = 0; _time < 0 && _options.Time is null && c < _names.Length; c++)
        {
            if (c == _group || _places.Contains(c) || NumberText.IsMissing(cells[c])) continue;
            if (DateText.Detect([cells[c]]).Length > 0) _time = c;
        }

        if (_time >= 0 && _form is null && DateText.Detect([cells[_time]]) is { Length: > 0 } forms)
        {
            if (forms.Length > 1)
                throw new UserError(
                    $"Standard input has dates in its column '{_names[_time]}' that may have the day or the month first; "
                        + "train with --date-format to name their form.");
            _form = forms[0];
        }

        if (_codec.Encoder.Options.Calendar.Count > 0 && _form is null)
            throw new UserError("Standard input has no column of dates, which the calendar columns are made of.");
    }

    private float Value(int column, string cell, string where)
    {
        bool missing = NumberText.IsMissing(cell) || _options.MissingTexts.Contains(cell);
        if (_labels[column] is { } labels)
        {
            if (missing) return float.NaN;
            if (labels.TryGetValue(cell, out int label)) return label;
            return _codec.Encoder.Options.UnknownAsNone ? -1 : throw new UserError(SeriesModel.UnknownLabel(
                $"Standard input has the label '{cell}' in {where}, column '{_names[_places[column]]}'", labels.Keys));
        }

        if (_mark is null && cell.AsSpan().ContainsAny('.', ','))
            _mark = NumberText.Read(cell, '.', out _) == CellContent.OtherMark ? ',' : '.';
        CellContent content = NumberText.Read(cell, _mark ?? '.', out float value);
        if (content == CellContent.Number) return value;
        if (missing) return float.NaN;
        string place = $"Standard input has '{cell}' in {where}, column '{_names[_places[column]]}', ";
        throw new UserError(place + content switch
        {
            CellContent.Infinite => "which is infinite or too large.",
            CellContent.OtherMark => $"where the decimal mark is a {(_mark == ',' ? "comma" : "point")}.",
            _ => "which is no number.",
        });
    }

    private UserError BadTime(string text, string where) => new(
        $"Standard input has the time '{text}' in {where}, column '{_names[_time]}', which is no "
            + $"{(_form is null ? "number" : "date")} as the first one is.");

    private int Place(string column, int read = 0)
    {
        int place = Array.IndexOf(_names, column);
        string what = _codec.Encoder.AheadOf(read) is > 0 and int ahead
            ? FormattableString.Invariant($", what '{_codec.Encoder.Columns[_codec.Encoder.SourceOf(read)].Name}' is {ahead} ")
                + (ahead == 1 ? "row later" : "rows later") : "";
        return place >= 0 ? place : throw new UserError($"Standard input has no column '{column}'{what}; "
            + $"the nearest is '{NearestName.Of(column, _names)}' (of {SequenceData.Some(_names)}).");
    }
}

/// <summary>A row of a stream.</summary>
/// <param name="Values">The values of the encoder's columns; valid until the next row is read.</param>
/// <param name="Group">The sequence that it belongs to; null for the only one.</param>
/// <param name="Time">When it is, as it is written; null where that is not known.</param>
/// <param name="Date">When it is, where that is a date.</param>
/// <param name="Order">A number in which times are in order; NaN where they are not known.</param>
internal readonly record struct StreamRow(float[] Values, string? Group, string? Time, DateTime? Date, double Order);
