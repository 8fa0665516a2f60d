using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Inputs;

/// <summary>One index a step: x is a row of the table, bias included; the gradient is added to that row.</summary>
internal sealed unsafe class OneHotInput<TSimd, TVector, T>(NetworkShape shape, GateGrid grid) : IInput<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly InputTable<TSimd, TVector, T> _table = new(shape, 0, grid, withRows: true);
    private bool _drops;

    public void Pack(Network<T> network, bool drops)
    {
        _drops = drops;
        _table.Pack(network, withBias: !drops);
    }

    public void Begin(Batch batch, Tape<T> tape, int first, int end)
    {
    }

    public void Fill(Batch batch, Tape<T> tape, int step, int first, int end, T* x)
    {
        for (int r = first; r < end; r++, x += grid.PreStride)
        {
            int symbol = batch.Symbol(step, r);
            Panels<TSimd, TVector, T>.Copy(symbol < 0 || _drops ? _table.Bias : _table.Row(symbol), x, grid.RowWidth);
            if (!_drops || symbol < 0 || step >= batch.Lengths[r]) continue;
            T scale = T.CreateTruncating(tape.Noise.InputScale(r, step, _table.Inputs, symbol));
            InputTable<TSimd, TVector, T>.AddScaled(x, _table.Row(symbol), scale, grid.Gates * grid.Width);
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
        T* d = tape.Layers[0].PreGradients + ((nint)from * grid.SignalStride) + column;
        for (int e = from; e < to; e++, d += grid.SignalStride)
        {
            (int t, int r) = Math.DivRem(e, tape.Rows);
            int symbol = batch.Symbol(t, r);
            SimdMath<TSimd, TVector, T>.AddTo(_table.Sum(symbol < 0 || _drops ? _table.Inputs : symbol) + column, d, width);
            if (!_drops || symbol < 0) continue;
            T scale = T.CreateTruncating(tape.Noise.InputScale(r, t, _table.Inputs, symbol));
            InputTable<TSimd, TVector, T>.AddScaled(_table.Sum(symbol) + column, d, scale, width);
        }
    }

    public void Collect(Network<T> network, Span<T> gradient) => _table.Collect(gradient, network, withBias: !_drops);
}
