using Unroll.Data;
using Unroll.Numerics;

namespace Unroll.Scores;

/// <summary>
/// Target columns of sequences, with a value at every step: where one is missing the last one before it in the sequence, or
/// the mean of the training fold where there is none.
/// </summary>
internal sealed class TargetHistory
{
    private readonly int[] _places;
    private float[] _raw = [];

    public TargetHistory(SequenceFolds folds, IReadOnlyList<int> targets)
    {
        ArgumentNullException.ThrowIfNull(folds);
        ArgumentNullException.ThrowIfNull(targets);
        if (targets.Count == 0) throw new ArgumentException("There is no column to forecast; name one.");
        Folds = folds;
        _places = [.. targets];
        Moments = new ColumnMoments[_places.Length];
        for (int k = 0; k < _places.Length; k++)
        {
            SequenceColumn column = folds.Data.Columns[_places[k]];
            if (column.Kind != ColumnKind.Number) throw new ArgumentException(
                Files.Printable.Sentence(
                    $"Column '{column.Name}' of {folds.Data.Name} has categories; only numbers are forecast."));
            Moments[k] = ColumnMoments.Of(folds, _places[k]);
            if (Moments[k].Count == 0) throw new ArgumentException(
                Files.Printable.Sentence($"Column '{column.Name}' of {folds.Data.Name} has no value in the training fold."));
        }

        Scales = [.. Moments.Select(one => new ColumnScale(one.Mean, one.Deviation > 0 ? one.Deviation : 1))];
    }

    public SequenceFolds Folds { get; }

    public int Count => _places.Length;

    /// <summary>Of each target, in the training fold.</summary>
    public ColumnMoments[] Moments { get; }

    /// <summary>Mean and standard deviation of each target in the training fold; 1 for the deviation of one value.</summary>
    public ColumnScale[] Scales { get; }

    public string NameOf(int target) => Folds.Data.Columns[_places[target]].Name;

    /// <summary>A target of a sequence as it is, NaN where it is missing.</summary>
    public ColumnValues Values(int target, int sequence) => Folds.Data.Sequences[sequence].Values(_places[target]);

    /// <summary>Some steps of a target, none of them missing.</summary>
    public void Read(int target, int sequence, int start, Span<double> values)
    {
        if (_raw.Length < values.Length) _raw = new float[values.Length];
        ColumnValues column = Values(target, sequence);
        Span<float> raw = _raw.AsSpan(0, values.Length);
        column.CopyTo(start, raw);
        double last = values.Length > 0 && float.IsNaN(raw[0]) ? Before(column, start, Moments[target].Mean) : 0;
        for (int t = 0; t < values.Length; t++)
        {
            if (!float.IsNaN(raw[t])) last = raw[t];
            values[t] = last;
        }
    }

    /// <summary>Checks that a forecast has room for the steps of a window.</summary>
    public void Check(SequenceWindow window, ReadOnlySpan<double> forecast)
    {
        if (forecast.Length != window.Horizon * Count) throw new ArgumentException(
            Invariant($"A forecast of {Counted.Of(window.Horizon, "step")} of {Counted.Of(Count, "column")} has ")
                + Invariant($"{Counted.Of(window.Horizon * Count, "number")}, not {forecast.Length}."));
    }

    private static double Before(ColumnValues column, int start, double otherwise)
    {
        for (int t = start - 1; t >= 0; t--)
        {
            if (!float.IsNaN(column[t])) return column[t];
        }

        return otherwise;
    }
}
