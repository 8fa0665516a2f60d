using Unroll.Numerics;

namespace Unroll;

/// <content>
/// What the head reads at a step, t from 1: the state there, or the mean or the largest values of those up to it.
/// </content>
internal sealed partial class RowTape
{
    private readonly double[] _read = [];  // (T, H), where several states are read
    private readonly double[] _readR = []; // (T, H)
    private readonly int[] _winners = [];  // (T, H): the step of the largest value, the first of equal ones

    private bool Pools => _shape.Read != StateReading.Last;

    private int H => _shape.Hidden;

    private Span<double> Read(int t) => Pools ? _read.AsSpan((t - 1) * H, H) : Hidden(_states, t, _layers.Length - 1);

    private Span<double> ReadR(int t) => Pools ? _readR.AsSpan((t - 1) * H, H) : Hidden(_stateR, t, _layers.Length - 1);

    /// <summary>Fills what is read at t, after that of the step before.</summary>
    private void Pool(int t)
    {
        ReadOnlySpan<double> h = Hidden(_states, t, _layers.Length - 1);
        for (int i = 0; i < H; i++)
        {
            int at = ((t - 1) * H) + i;
            if (_shape.Read == StateReading.Mean)
            {
                _read[at] = t == 1 ? h[i] : _read[at - H] + ((h[i] - _read[at - H]) / t);
                continue;
            }

            bool isNew = t == 1 || h[i] > _read[at - H] || double.IsNaN(h[i]);
            (_read[at], _winners[at]) = isNew ? (h[i], t) : (_read[at - H], _winners[at - H]);
        }
    }

    /// <summary>The same of the derivatives along a direction.</summary>
    private void PoolR(int t)
    {
        ReadOnlySpan<double> h = Hidden(_stateR, t, _layers.Length - 1);
        for (int i = 0; i < H; i++)
        {
            int at = ((t - 1) * H) + i;
            _readR[at] = _shape.Read == StateReading.Max ? Hidden(_stateR, _winners[at], _layers.Length - 1)[i]
                : t == 1 ? h[i] : _readR[at - H] + ((h[i] - _readR[at - H]) / t);
        }
    }

    /// <summary>Adds dE/dy_t W to the signals of the states that are read at t.</summary>
    private void AddFromOutputs(double[] signals, int t, ReadOnlySpan<double> weights, ReadOnlySpan<double> dy)
    {
        int last = _layers.Length - 1;
        if (!Pools)
        {
            Vectors.AddTransposed(Hidden(signals, t, last), weights, dy);
            return;
        }

        var into = new double[H];
        Vectors.AddTransposed(into, weights, dy);
        for (int k = 1; k <= t; k++)
        {
            Span<double> signal = Hidden(signals, k, last);
            if (_shape.Read == StateReading.Mean) Vectors.Add(signal, 1.0 / t, into);
            for (int i = 0; _shape.Read == StateReading.Max && i < H; i++)
                signal[i] += _winners[((t - 1) * H) + i] == k ? into[i] : 0;
        }
    }
}
