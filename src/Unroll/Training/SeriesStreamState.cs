using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>What a <see cref="SeriesStream{T}"/> knows of one sequence: the last window of a forecast, the network's state of
/// tags, or all steps of a sequence that is predicted as a whole.</summary>
public sealed class SeriesStreamState
{
    private readonly int _columns, _most; // steps that are kept; 0 for all
    private readonly float[] _filled; // the last values that were not missing
    private readonly bool[] _forward; // which columns are filled by them
    private readonly Array? _start;
    private readonly string _fingerprint; // of the data of its model
    private float[] _rows = [];
    private DateTime[] _dates = [];
    private int _next;

    internal SeriesStreamState(SeriesCodec codec, Array? carried, string? group)
    {
        Group = group;
        _fingerprint = codec.Fingerprint;
        _columns = codec.Encoder.Columns.Count;
        _most = MostOf(codec);
        _filled = new float[_columns];
        Array.Fill(_filled, float.NaN);
        _forward = [.. codec.Encoder.Columns.Select(column =>
            column.Kind == ColumnKind.Number && codec.Encoder.Options.Missing == MissingPolicy.Forward)];
        (_start, Carried) = (carried, (Array?)carried?.Clone());
    }

    /// <summary>Whether it is of a model.</summary>
    internal bool IsOf(SeriesCodec codec, Array? carried) => _columns == codec.Encoder.Columns.Count
        && _most == MostOf(codec) && _fingerprint == codec.Fingerprint && _start?.Length == carried?.Length
        && _start?.GetType() == carried?.GetType();

    private static int MostOf(SeriesCodec codec) =>
        codec.Kind switch { SeriesKind.Forecast => codec.Options.Window, SeriesKind.Tag => 1, _ => 0 };

    /// <summary>The steps that were read.</summary>
    public long Steps { get; private set; }

    /// <summary>The group by which it is scaled; null for that of all.</summary>
    internal string? Group { get; }

    /// <summary>The steps that are kept.</summary>
    internal int Held { get; private set; }

    /// <summary>The steps that there is memory for.</summary>
    internal int Capacity => _dates.Length;

    /// <summary>The state of the network; null where windows are read anew.</summary>
    internal Array? Carried { get; private set; }

    internal void Add(ReadOnlySpan<float> step, DateTime date)
    {
        if (_most == 0 || _dates.Length < _most) Grow();
        Span<float> row = _rows.AsSpan(_next * _columns, _columns);
        step.CopyTo(row);
        for (int c = 0; c < _columns; c++)
        {
            if (!_forward[c]) continue;
            if (float.IsNaN(row[c])) row[c] = _filled[c];
            else _filled[c] = row[c];
        }

        _dates[_next] = date;
        _next = _most > 0 ? (_next + 1) % _most : _next + 1;
        if (_most == 0 || Held < _most) Held++;
        Steps++;
    }

    /// <summary>A step that is kept, the oldest first.</summary>
    internal (ReadOnlyMemory<float> Values, DateTime Date) this[int step]
    {
        get
        {
            int at = _most > 0 && Held == _most ? (_next + step) % _most : step;
            return (_rows.AsMemory(at * _columns, _columns), _dates[at]);
        }
    }

    internal void Clear()
    {
        (Held, _next, Steps) = (0, 0, 0);
        Array.Fill(_filled, float.NaN);
        Carried = (Array?)_start?.Clone();
    }

    private void Grow()
    {
        if (_next < _dates.Length) return;
        int steps = Math.Max(1, _most > 0 ? Math.Min(_most, 2 * _dates.Length) : 2 * _dates.Length);
        Array.Resize(ref _rows, checked(steps * _columns));
        Array.Resize(ref _dates, steps);
    }
}
