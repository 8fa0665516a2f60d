using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Inputs;

/// <summary>
/// Bits: x is the sum of the bias and the rows of the bits that are set; the gradient is added to the same rows.
/// </summary>
internal sealed unsafe class MultiHotInput<TSimd, TVector, T>(NetworkShape shape, GateGrid grid) : IInput<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly InputTable<TSimd, TVector, T> _table = new(shape, 0, grid, withRows: true);
    private bool _drops;

    // The number of columns whose sums, one row for each input, stay in the second-level cache while a block of entries is added.
    // The number changes no bit.
    private const int ColumnsAtOnce = 320;

    public void Pack(Network<T> network, bool drops)
    {
        _drops = drops;
        _table.Pack(network, withBias: false);
    }

    public void Begin(Batch batch, Tape<T> tape, int first, int end)
    {
    }

    public void Fill(Batch batch, Tape<T> tape, int step, int first, int end, T* x)
    {
        int width = grid.Layout.InPlace ? grid.RowWidth : grid.Gates * grid.Width;
        for (int r = first; r < end; r++, x += grid.PreStride)
        {
            Panels<TSimd, TVector, T>.Copy(_table.Bias, x, grid.RowWidth);
            ReadOnlySpan<ulong> bits = batch.Bits(step, r);
            for (int word = 0; word < bits.Length; word++)
            {
                for (ulong left = bits[word]; left != 0; left &= left - 1)
                {
                    int i = (word * 64) + BitOperations.TrailingZeroCount(left);
                    if (_drops) InputTable<TSimd, TVector, T>.AddScaled(x, _table.Row(i), Scale(tape, r, step, i), width);
                    else SimdMath<TSimd, TVector, T>.AddTo(x, _table.Row(i), width);
                }
            }
        }
    }

    public void SignalBelow(Tape<T> tape, int first, int end)
    {
    }

    public void Sums(Batch batch, Tape<T> tape, int from, int to, int part, int parts)
    {
        (int column, int width) = _table.Columns(part, parts);
        if (width <= 0) return;
        for (int i = 0; from == 0 && i <= _table.Inputs; i++) Panels<TSimd, TVector, T>.Clear(_table.Sum(i) + column, width);
        for (int done = 0; done < width; done += ColumnsAtOnce)
            AddColumns(batch, tape, from, to, column + done, Math.Min(ColumnsAtOnce, width - done));
    }

    private void AddColumns(Batch batch, Tape<T> tape, int from, int to, int column, int width)
    {
        T* d = tape.Layers[0].PreGradients + ((nint)from * grid.SignalStride) + column;
        for (int e = from; e < to; e++, d += grid.SignalStride)
        {
            (int t, int r) = Math.DivRem(e, tape.Rows);
            SimdMath<TSimd, TVector, T>.AddTo(_table.Sum(_table.Inputs) + column, d, width);
            ReadOnlySpan<ulong> bits = batch.Bits(t, r);
            for (int word = 0; word < bits.Length; word++)
            {
                for (ulong left = bits[word]; left != 0; left &= left - 1)
                {
                    int i = (word * 64) + BitOperations.TrailingZeroCount(left);
                    if (_drops) InputTable<TSimd, TVector, T>.AddScaled(_table.Sum(i) + column, d, Scale(tape, r, t, i), width);
                    else SimdMath<TSimd, TVector, T>.AddTo(_table.Sum(i) + column, d, width);
                }
            }
        }
    }

    public void Collect(Network<T> network, Span<T> gradient) => _table.Collect(gradient, network, withBias: false);

    private T Scale(Tape<T> tape, int row, int step, int input) =>
        T.CreateTruncating(tape.Noise.InputScale(row, step, _table.Inputs, input));
}
