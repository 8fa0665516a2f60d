namespace Unroll.Data.Text;

/// <summary>
/// A growing array that wastes little: columns of a large table are as long as it, and several of them must not be there twice.
/// </summary>
internal sealed class ColumnBuffer<T>
{
    private const int Small = 1 << 16;
    private T[] _values = [];

    public int Count { get; private set; }

    public Span<T> Values => _values.AsSpan(0, Count);

    public void Add(T value)
    {
        if (Count == _values.Length) Grow(Count + 1L);
        _values[Count++] = value;
    }

    /// <summary>Makes room before the first value is added; room that stays unused is no memory.</summary>
    public void Expect(int count)
    {
        if (_values.Length == 0 && count > 0) _values = GC.AllocateUninitializedArray<T>(count);
    }

    /// <summary>Adds a value several times.</summary>
    public void Fill(T value, int times)
    {
        if (times > _values.Length - Count) Grow((long)Count + times);
        _values.AsSpan(Count, times).Fill(value);
        Count += times;
    }

    /// <summary>What was added, an array that is hardly longer; nothing may be added afterwards.</summary>
    public ReadOnlyMemory<T> ToMemory()
    {
        if (_values.Length - Count > Math.Max(256, Count / 16)) Array.Resize(ref _values, Count);
        return _values.AsMemory(0, Count);
    }

    /// <summary>Puts the values into another order: the first is the one at <c>order[0]</c>.</summary>
    public void Order(ReadOnlySpan<int> order)
    {
        T[] sorted = GC.AllocateUninitializedArray<T>(order.Length);
        for (int i = 0; i < sorted.Length; i++) sorted[i] = _values[order[i]];
        (_values, Count) = (sorted, sorted.Length);
    }

    private void Grow(long least)
    {
        long length = Math.Max(least, _values.Length < Small ? Math.Max(256, _values.Length * 2L) : _values.Length
            + (_values.Length / 4));
        if (least > Array.MaxLength) throw new IOException("The file has more rows than an array can hold.");
        Array.Resize(ref _values, (int)Math.Min(length, Array.MaxLength));
    }
}
