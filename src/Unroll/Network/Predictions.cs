using System.Diagnostics.CodeAnalysis;
using Unroll.Numerics;

namespace Unroll;

/// <summary>
/// The outputs y of a network on a batch, before the softmax or the sigmoid: (T, B, O) for an every-step head, (1, B, O)
/// for a last-step head. Reused from call to call.
/// </summary>
public sealed class Predictions
{
    private double[] _values = [];
    private bool _everyStep;

    /// <summary>B, the number of sequences.</summary>
    public int Rows { get; private set; }

    /// <summary>T for an every-step head, 1 for a last-step head.</summary>
    public int Steps { get; private set; }

    /// <summary>O, the width of an output.</summary>
    public int Outputs { get; private set; }

    /// <summary>(O): the output of a row at a step; a last-step head ignores <paramref name="step"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step or row.</exception>
    public Span<double> At(int step, int row)
    {
        if (!_everyStep) step = 0;
        if ((uint)step >= (uint)Steps || (uint)row >= (uint)Rows) ThrowOutside(step, row);
        return _values.AsSpan(((step * Rows) + row) * Outputs, Outputs);
    }

    /// <summary>The index of the largest output (the first of equal ones), or -1 when an output is NaN.</summary>
    public int Argmax(int step, int row)
    {
        ReadOnlySpan<double> y = At(step, row);
        int best = 0;
        for (int i = 0; i < y.Length; i++)
        {
            if (double.IsNaN(y[i])) return -1;
            if (y[i] > y[best]) best = i;
        }

        return best;
    }

    /// <summary>Whether all outputs are finite.</summary>
    internal bool AreFinite
    {
        get
        {
            foreach (double value in _values.AsSpan(0, Rows * Steps * Outputs))
            {
                if (!double.IsFinite(value)) return false;
            }

            return true;
        }
    }

    [DoesNotReturn]
    private void ThrowOutside(int step, int row) => throw new ArgumentOutOfRangeException(
        (uint)row >= (uint)Rows ? nameof(row) : nameof(step),
            Invariant($"There is no step {step} of row {row} in predictions for {Counted.Of(Rows, "sequence")} of ")
                + Invariant($"{Counted.Of(Steps, "step")}."));

    internal void Resize(int rows, int steps, int outputs, bool everyStep)
    {
        (Rows, Steps, Outputs, _everyStep) = (rows, steps, outputs, everyStep);
        if (_values.Length < rows * steps * outputs) _values = new double[rows * steps * outputs];
    }
}
