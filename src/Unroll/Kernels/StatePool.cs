using System.Numerics;
using Unroll.Inputs;

namespace Unroll.Kernels;

/// <summary>
/// What a head reads of all states of a row: their mean, or the largest value of each unit. Steps are taken in time order,
/// so that a stream that goes on from what was kept has the same bits.
/// </summary>
internal sealed unsafe class StatePool<TSimd, TVector, T>(NetworkShape shape)
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly bool _mean = shape.Read == StateReading.Mean;
    private readonly int _stride = Panels<TSimd, TVector, T>.Stride(shape.Hidden);

    /// <summary>Fills what the head reads of a row.</summary>
    /// <param name="tape">The tape; where it continues a stream, it has what was kept.</param>
    /// <param name="h0">The row's state 0, with or without dropout.</param>
    /// <param name="row">The row.</param>
    /// <param name="length">Its steps.</param>
    public void Read(Tape<T> tape, T* h0, int row, int length)
    {
        nint at = (nint)row * _stride, step = (nint)tape.Rows * _stride;
        T* kept = tape.Pool + at, read = tape.PoolRead + at;
        if (_mean)
        {
            if (tape.PoolSteps == 0) Panels<TSimd, TVector, T>.Clear(kept, _stride);
            for (int t = 1; t <= length; t++) SimdMath<TSimd, TVector, T>.AddTo(kept, h0 + (t * step), _stride);
            Panels<TSimd, TVector, T>.Clear(read, _stride);
            InputTable<TSimd, TVector, T>.AddScaled(read, kept, Share(tape.PoolSteps + length), _stride);
            return;
        }

        Span<int> winners = tape.PoolWinners.AsSpan((int)at, _stride);
        int first = 1;
        if (tape.PoolSteps == 0)
        {
            Panels<TSimd, TVector, T>.Copy(h0 + step, kept, _stride);
            winners.Fill(1);
            first = 2;
        }

        for (int t = first; t <= length; t++)
        {
            T* h = h0 + (t * step);
            for (int j = 0; j < winners.Length; j++)
            {
                // What is not a number stays, so that nobody takes the rest for a prediction.
                if (h[j] > kept[j] || T.IsNaN(h[j])) (kept[j], winners[j]) = (h[j], t);
            }
        }

        Panels<TSimd, TVector, T>.Copy(kept, read, _stride);
    }

    /// <summary>The derivative of what the head reads along a direction, from those of the states.</summary>
    public void ReadTangents(Tape<T> tape, Tape<T> tangents, T* h0, int row, int length)
    {
        nint at = (nint)row * _stride, step = (nint)tape.Rows * _stride;
        T* read = tangents.PoolRead + at;
        Panels<TSimd, TVector, T>.Clear(read, _stride);
        for (int t = 1; _mean && t <= length; t++)
            InputTable<TSimd, TVector, T>.AddScaled(read, h0 + (t * step), Share(length), _stride);
        for (int j = 0; !_mean && j < _stride; j++) read[j] = (h0 + (tape.PoolWinners[at + j] * step))[j];
    }

    /// <summary>The place for dE/d(what the head reads) of a row, cleared.</summary>
    public T* Clear(Tape<T> tape, int row)
    {
        T* signals = tape.PoolSignals + ((nint)row * _stride);
        Panels<TSimd, TVector, T>.Clear(signals, _stride);
        return signals;
    }

    /// <summary>
    /// Adds what flows into h_t, t in 1..length, to a: a share of a mean, or all of a largest value that it was.
    /// </summary>
    public void AddSignal(Tape<T> tape, int row, int t, int length, T* a)
    {
        nint at = (nint)row * _stride;
        T* signals = tape.PoolSignals + at;
        if (_mean)
        {
            InputTable<TSimd, TVector, T>.AddScaled(a, signals, Share(length), _stride);
            return;
        }

        ReadOnlySpan<int> winners = tape.PoolWinners.AsSpan((int)at, _stride);
        for (int j = 0; j < winners.Length; j++)
        {
            if (winners[j] == t) a[j] += signals[j];
        }
    }

    private static T Share(long steps) => SimdMath<TSimd, TVector, T>.From(1.0 / steps);
}
