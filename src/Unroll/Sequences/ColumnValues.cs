namespace Unroll.Data;

/// <summary>The numbers of one column of one sequence: a view of memory that somebody else owns, every so many numbers of
/// it.</summary>
public readonly struct ColumnValues
{
    private readonly ReadOnlyMemory<float> _memory;
    private readonly int _stride;

    internal ColumnValues(ReadOnlyMemory<float> memory, int stride, int count) =>
        (_memory, _stride, Count) = (memory, stride, count);

    /// <summary>T, the number of steps.</summary>
    public int Count { get; }

    /// <summary>Whether the numbers lie one behind the other, so that <see cref="Span"/> has them.</summary>
    public bool IsContiguous => _stride == 1;

    /// <summary>The numbers themselves.</summary>
    /// <exception cref="InvalidOperationException">They do not lie one behind the other.</exception>
    public ReadOnlySpan<float> Span => IsContiguous
        ? _memory.Span[..Count]
        : throw new InvalidOperationException("The numbers of this column do not lie one behind the other; copy them.");

    /// <summary>The number at a step; NaN where it is missing.</summary>
    /// <param name="step">0..T-1.</param>
    public float this[int step]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(step);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(step, Count);
            return _memory.Span[step * _stride];
        }
    }

    /// <summary>The first step whose number is infinite; -1 for none.</summary>
    internal int FirstInfinite()
    {
        ReadOnlySpan<float> all = _memory.Span;
        for (int step = 0, at = 0; step < Count; step++, at += _stride)
        {
            if (float.IsInfinity(all[at])) return step;
        }

        return -1;
    }

    /// <summary>Some of the steps, the same memory.</summary>
    /// <param name="start">The first step.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    public ColumnValues Slice(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Count - count);
        return count == 0 ? default : new ColumnValues(_memory[(start * _stride)..], _stride, count);
    }

    /// <summary>Copies steps from <paramref name="start"/> on.</summary>
    /// <param name="start">The first step.</param>
    /// <param name="target">Receives as many numbers as it is long.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    public void CopyTo(int start, Span<float> target)
    {
        ColumnValues part = Slice(start, target.Length);
        if (target.Length == 0) return;
        ReadOnlySpan<float> source = part._memory.Span;
        if (_stride == 1)
        {
            source[..target.Length].CopyTo(target);
            return;
        }

        for (int i = 0, at = 0; i < target.Length; i++, at += _stride) target[i] = source[at];
    }
}
