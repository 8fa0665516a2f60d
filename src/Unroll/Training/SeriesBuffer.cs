using Unroll.Data;
using Unroll.Numerics;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>One sequence whose memory is filled anew for each prediction.</summary>
internal sealed class SeriesBuffer
{
    private readonly SeriesCodec _codec;
    private readonly IReadOnlyList<SequenceColumn> _columns;
    private readonly bool[] _logarithms;
    private float[][] _numbers = [];
    private int[][] _codes = [];
    private DateTime[] _dates = [];
    private int _steps;

    public SeriesBuffer(SeriesCodec codec, int steps)
    {
        (_codec, _columns) = (codec, codec.Encoder.Columns);
        _logarithms = [.. Enumerable.Range(0, _columns.Count).Select(codec.Encoder.ReadsLogarithm)];
        Rows = Make(steps);
    }

    /// <summary>The sequence as the network reads it.</summary>
    public SeriesRows Rows { get; private set; }

    /// <summary>Refuses a step that cannot be read.</summary>
    /// <exception cref="ArgumentException">Why.</exception>
    public void Check(ReadOnlySpan<float> step, DateTime? date)
    {
        if (step.Length != _columns.Count) throw new ArgumentException(
            Invariant($"A step has {Counted.Of(_columns.Count, "value")}, not {step.Length}."));
        if (date is null && _codec.Encoder.Options.Calendar.Count > 0)
            throw new ArgumentException("A step has no date, and parts of dates are read.");
        for (int c = 0; c < step.Length; c++)
        {
            float value = step[c];
            string name = _columns[c].Name;
            if (float.IsNaN(value))
            {
                if (_codec.Encoder.Options.Missing != MissingPolicy.Error) continue;
                throw new ArgumentException(Files.Printable.Sentence(
                    $"Column '{name}' has no value; fill it in, or train with forward, zero or mask for missing values."));
            }

            if (_columns[c].Kind == ColumnKind.Category)
            {
                if (value == -1 && _codec.Encoder.Options.UnknownAsNone) continue;
                if (value >= 0 && value < _columns[c].Labels.Count && value == MathF.Floor(value)) continue;
                throw new ArgumentException(Files.Printable.Sentence(
                    Invariant($"Column '{name}' has the label {value}; labels lie in 0..{_columns[c].Labels.Count - 1}.")));
            }

            if (!float.IsFinite(value)) throw new ArgumentException(Files.Printable.Sentence(
                Invariant($"Column '{name}' is {value}; it must be finite.")));
            if (_logarithms[c] && value <= 0) throw new ArgumentException(Files.Printable.Sentence(
                Invariant($"Column '{name}' is {value}, which has no logarithm.")));
        }
    }

    /// <summary>Fills the sequence with the steps of a state.</summary>
    public void Load(SeriesStreamState state)
    {
        if (state.Held != _steps) Rows = Make(state.Held);
        Rows.Group = state.Group;
        for (int t = 0; t < _steps; t++)
        {
            (ReadOnlyMemory<float> values, _dates[t]) = state[t];
            for (int c = 0, number = 0, category = 0; c < _columns.Count; c++)
            {
                float value = values.Span[c];
                if (_columns[c].Kind == ColumnKind.Number) _numbers[number++][t] = value;
                else _codes[category++][t] = float.IsNaN(value) ? -1 : (int)value;
            }
        }
    }

    private SeriesRows Make(int steps)
    {
        _steps = steps;
        _numbers = [.. _columns.Where(column => column.Kind == ColumnKind.Number).Select(_ => new float[steps])];
        _codes = [.. _columns.Where(column => column.Kind == ColumnKind.Category).Select(_ => new int[steps])];
        foreach (float[] one in _numbers) Array.Fill(one, 1); // has a logarithm
        _dates = new DateTime[steps];
        SequenceData data = new SequenceBuilder([.. _columns]).AddColumns(
            [.. _numbers.Select(one => (ReadOnlyMemory<float>)one)], [.. _codes.Select(one => (ReadOnlyMemory<int>)one)],
            new SequenceInfo { Times = _dates }).Build("the stream");
        return _codec.Bind(data);
    }
}
