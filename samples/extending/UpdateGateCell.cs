// A cell of your own in one file: the update gate RNN (Collins, Sohl-Dickstein and Sussillo, 2017). To make it part of the
// library, put the file into src/Unroll/Cells and name it: a member of CellKind, and a line in CellTable. See docs/extending.md.
using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Cells;

/// <summary>
/// With x = W_ih u + W_hh h_{t-1} + b for both blocks,
/// <code>
///   c = tanh(x_c),  g = sigmoid(x_g),  h_t = g h_{t-1} + (1 - g) c
///   dE/dx_c = a (1 - g) c'    dE/dx_g = a (h_{t-1} - c) g'    dE/dh_{t-1} gets a g directly, for a = dE/dh_t
/// </code>
/// </summary>
internal sealed class UpdateGateCell : ICell
{
    private const int C = 0, G = 1;

    public CellLayout Layout { get; } = new(Gates: 2, Blocks: 2, Kept: 2, Parts: 1, InputBlocks: [C, G], RecurrentBlocks: [C, G]);

    public bool IsOnPreActivations => false;

    public double? Gamma(LayerShape layer) => null;

    public void Validate(LayerShape layer) => ICell.RefuseOptions(layer, activation: false);

    public bool HasVector(LayerShape layer, bool biases) => false;

    public Activation ActivationOf(LayerShape layer, int kept) => kept == C ? Activation.Tanh : Activation.Sigmoid;

    public void Step<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S>
    {
        for (int block = C; block <= G; block++)
        {
            unit.Kept[block] = S.Sigma(ActivationOf(layer, block), unit.Pre[block]);
            unit.Slopes[block] = S.Slope(ActivationOf(layer, block), unit.Pre[block]);
        }

        unit.After[0] = (unit.Kept[G] * unit.Before[0]) + ((S.Of(1) - unit.Kept[G]) * unit.Kept[C]);
    }

    public void Pull<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S>
    {
        S a = unit.Signal[0];
        unit.PreSignal[C] = a * (S.Of(1) - unit.Kept[G]) * unit.Slopes[C];
        unit.PreSignal[G] = a * (unit.Before[0] - unit.Kept[C]) * unit.Slopes[G];
        unit.Back[0] = a * unit.Kept[G];
    }

    public TResult Lanes<TSimd, TVector, T, TResult>(ILanesVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => visitor.Visit<UpdateGateLanes<TSimd, TVector, T>>();
}

/// <inheritdoc cref="UpdateGateCell"/>
internal readonly unsafe struct UpdateGateLanes<TSimd, TVector, T> : ILanes<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static void Step(in RowLayout<T> at, T* gates, T* before, T* after, int rows)
    {
        nint w = at.Width;
        for (int r = 0; r < rows; r++, gates += at.Gates, before += at.State, after += at.State)
        {
            for (nint j = 0; j < w; j += TSimd.Lanes)
            {
                TVector c = SimdMath<TSimd, TVector, T>.Tanh(TSimd.Load(gates + j));
                TVector g = SimdMath<TSimd, TVector, T>.Gate(TSimd.Load(gates + w + j));
                TSimd.Store(gates + j, c);
                TSimd.Store(gates + w + j, g);
                TSimd.Store(after + j, TSimd.MultiplyAdd(g, TSimd.Subtract(TSimd.Load(before + j), c), c));
            }
        }
    }

    public static void Pull(in RowLayout<T> at, T* gates, T* before, T* after, T* signal, T* pre, T* back, int rows)
    {
        nint w = at.Width;
        TVector one = SimdMath<TSimd, TVector, T>.Constant(1);
        for (int r = 0; r < rows; r++)
        {
            for (nint j = 0; j < w; j += TSimd.Lanes)
            {
                TVector a = TSimd.Load(signal + j), c = TSimd.Load(gates + j), g = TSimd.Load(gates + w + j);
                TVector toC = TSimd.Multiply(a, TSimd.Subtract(one, g)),
                    toG = TSimd.Multiply(a, TSimd.Subtract(TSimd.Load(before + j), c));
                TSimd.Store(pre + j, TSimd.Multiply(toC, SimdMath<TSimd, TVector, T>.TanhSlope(c)));
                TSimd.Store(pre + w + j, TSimd.Multiply(toG, SimdMath<TSimd, TVector, T>.SigmoidSlope(g)));
                TSimd.Store(back + j, TSimd.MultiplyAdd(a, g, TSimd.Load(back + j)));
            }

            gates += at.Gates;
            pre += at.Signals;
            before += at.State;
            signal += at.State;
            back += at.State;
        }
    }

    public static void Push(
        in RowLayout<T> at, T* gates, T* before, T* after, T* pre, T* beforeR, T* afterR, T* vectorR, int rows)
    {
        nint w = at.Width;
        for (int r = 0; r < rows; r++)
        {
            for (nint j = 0; j < w; j += TSimd.Lanes)
            {
                TVector c = TSimd.Load(gates + j), g = TSimd.Load(gates + w + j), h = TSimd.Load(beforeR + j);
                TVector cR = TSimd.Multiply(TSimd.Load(pre + j), SimdMath<TSimd, TVector, T>.TanhSlope(c));
                TVector gR = TSimd.Multiply(TSimd.Load(pre + w + j), SimdMath<TSimd, TVector, T>.SigmoidSlope(g));
                TVector moved = TSimd.MultiplyAdd(g, TSimd.Subtract(h, cR), cR);
                TSimd.Store(afterR + j, TSimd.MultiplyAdd(gR, TSimd.Subtract(TSimd.Load(before + j), c), moved));
            }

            gates += at.Gates;
            pre += at.Gates;
            before += at.State;
            beforeR += at.State;
            afterR += at.State;
        }
    }

    public static void Direct(in RowLayout<T> at, T* gates, T* signal, T* flow, int rows)
    {
        T* g = gates + at.Width;
        for (int r = 0; r < rows; r++, g += at.Gates, signal += at.State, flow += at.State)
        {
            for (int j = 0; j < at.Width; j += TSimd.Lanes)
                TSimd.Store(flow + j, TSimd.Multiply(TSimd.Load(signal + j), TSimd.Load(g + j)));
        }
    }

    public static void AddVector(in RowLayout<T> at, T* gates, T* before, T* signal, T* pre, T* sum)
    {
    }
}
