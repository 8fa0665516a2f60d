namespace Unroll.Data.Text;

/// <summary>The lines of rows, as the few places where a row is not on the line behind that of the row before.</summary>
internal sealed class LineMap
{
    private readonly List<(int Row, long Line)> _jumps = [];

    /// <summary>Says where a row begins; rows come in order.</summary>
    public void Add(int row, long line)
    {
        if (_jumps.Count == 0 || _jumps[^1].Line + (row - _jumps[^1].Row) != line) _jumps.Add((row, line));
    }

    /// <summary>A row, from 0, in words.</summary>
    public string Place(int row)
    {
        int low = 0, high = _jumps.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (_jumps[middle].Row <= row) low = middle;
            else high = middle - 1;
        }

        return Invariant($"row {row + 1} (line {_jumps[low].Line + (row - _jumps[low].Row)})");
    }
}
