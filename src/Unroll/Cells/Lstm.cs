using System.Numerics;
using System.Runtime.CompilerServices;
using Unroll.Kernels;

namespace Unroll.Cells;

/// <summary>
/// The LSTM (Hochreiter and Schmidhuber, 1997, with the forget gate of Gers et al., 2000), in PyTorch's form and gate order. With
/// the gates' pre-activations x = W_ih u + W_hh h_{t-1} + b,
/// <code>
///   i, f, o = sigmoid(x_i, x_f, x_o),  g = tanh(x_g)
///   c_t = f c_{t-1} + i g,  h_t = o tanh(c_t)
/// </code>
/// and backward, with a_h = dE/dh_t and a_c = dE/dc_t through the next step's c only,
/// <code>
///   d_c = a_c + a_h o tanh'(c_t)
///   dE/dx_i = d_c g i'    dE/dx_f = d_c c_{t-1} f'    dE/dx_g = d_c i g'    dE/dx_o = a_h tanh(c_t) o'
///   dE/dc_{t-1} = d_c f   and dE/dh_{t-1} gets dE/dx W_hh, nothing else
/// </code>
/// </summary>
internal sealed class LstmCell : ICell
{
    private const int I = 0, F = 1, G = 2, O = 3, TanhC = 4;

    public CellLayout Layout { get; } = new(4, 4, 5, 2, [I, F, G, O], [I, F, G, O]);

    public bool IsOnPreActivations => false;

    public double? Gamma(LayerShape layer) => null;

    public void Validate(LayerShape layer) => ICell.RefuseOptions(layer, activation: false);

    public bool HasVector(LayerShape layer, bool biases) => false;

    public Activation ActivationOf(LayerShape layer, int kept) => kept is G or TanhC ? Activation.Tanh : Activation.Sigmoid;

    public string NameOf(int kept) => kept switch { I => "i", F => "f", G => "g", O => "o", _ => "tanh(c)" };

    /// <remarks>f = (lag - 1) / lag and i = 1 / lag at x = 0.</remarks>
    public IEnumerable<(int Gate, double Bias)> MemoryBiases(double forgetBias, double? lag) =>
        lag is { } steps ? [(F, Math.Log(steps - 1)), (I, -Math.Log(steps - 1))] : [(F, forgetBias)];

    public void Step<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S>
    {
        for (int gate = I; gate <= O; gate++)
        {
            unit.Kept[gate] = S.Sigma(ActivationOf(layer, gate), unit.Pre[gate]);
            unit.Slopes[gate] = S.Slope(ActivationOf(layer, gate), unit.Pre[gate]);
        }

        S c = (unit.Kept[F] * unit.Before[1]) + (unit.Kept[I] * unit.Kept[G]);
        (unit.Kept[TanhC], unit.Slopes[TanhC]) = (S.Sigma(Activation.Tanh, c), S.Slope(Activation.Tanh, c));
        (unit.After[0], unit.After[1]) = (unit.Kept[O] * unit.Kept[TanhC], c);
    }

    public void Pull<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S>
    {
        S ah = unit.Signal[0], dc = unit.Signal[1] + (ah * unit.Kept[O] * unit.Slopes[TanhC]);
        unit.PreSignal[I] = dc * unit.Kept[G] * unit.Slopes[I];
        unit.PreSignal[F] = dc * unit.Before[1] * unit.Slopes[F];
        unit.PreSignal[G] = dc * unit.Kept[I] * unit.Slopes[G];
        unit.PreSignal[O] = ah * unit.Kept[TanhC] * unit.Slopes[O];
        unit.Back[0] = S.Of(0);
        unit.Back[1] = dc * unit.Kept[F];
    }

    public TResult Lanes<TSimd, TVector, T, TResult>(ILanesVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => visitor.Visit<LstmLanes<TSimd, TVector, T>>();
}

/// <inheritdoc cref="LstmCell"/>
internal readonly unsafe struct LstmLanes<TSimd, TVector, T> : ILanes<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Step(in RowLayout<T> at, T* gates, T* before, T* after, int rows)
    {
        nint w = at.Width;
        T* cBefore = before + at.Before, cAfter = after + at.Before;
        for (int r = 0; r < rows; r++, gates += at.Gates, cBefore += at.State, cAfter += at.State, after += at.State)
        {
            // One loop for each activation: no activation waits for another, and the compiler keeps the constants in registers.
            for (nint j = 0; j < 2 * w; j += TSimd.Lanes)
                TSimd.Store(gates + j, SimdMath<TSimd, TVector, T>.Gate(TSimd.Load(gates + j)));
            for (nint j = 2 * w; j < 3 * w; j += TSimd.Lanes)
                TSimd.Store(gates + j, SimdMath<TSimd, TVector, T>.Tanh(TSimd.Load(gates + j)));
            for (nint j = 3 * w; j < 4 * w; j += TSimd.Lanes)
                TSimd.Store(gates + j, SimdMath<TSimd, TVector, T>.Gate(TSimd.Load(gates + j)));
            for (nint j = 0; j < w; j += TSimd.Lanes)
            {
                T* x = gates + j;
                TVector kept = TSimd.Multiply(TSimd.Load(x), TSimd.Load(x + (2 * w)));
                TVector c = TSimd.MultiplyAdd(TSimd.Load(x + w), TSimd.Load(cBefore + j), kept);
                TVector tanh = SimdMath<TSimd, TVector, T>.Tanh(c);
                TSimd.Store(cAfter + j, c);
                TSimd.Store(x + (4 * w), tanh);
                TSimd.Store(after + j, TSimd.Multiply(TSimd.Load(x + (3 * w)), tanh));
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Pull(in RowLayout<T> at, T* gates, T* before, T* after, T* signal, T* pre, T* back, int rows)
    {
        nint w = at.Width;
        T* cBefore = before + at.Before, cSignal = signal + at.Back, cBack = back + at.Back;
        for (int r = 0; r < rows; r++)
        {
            for (nint j = 0; j < w; j += TSimd.Lanes)
            {
                T* x = gates + j, d = pre + j;
                TVector i = TSimd.Load(x), f = TSimd.Load(x + w), g = TSimd.Load(x + (2 * w)), o = TSimd.Load(x + (3 * w));
                TVector tanh = TSimd.Load(x + (4 * w)), ah = TSimd.Load(signal + j);
                TVector dc = TSimd.MultiplyAdd(
                    TSimd.Multiply(ah, o), SimdMath<TSimd, TVector, T>.TanhSlope(tanh), TSimd.Load(cSignal + j));
                TVector dcI = TSimd.Multiply(dc, i), dcF = TSimd.Multiply(dc, f);
                TSimd.Store(d, TSimd.Multiply(TSimd.Multiply(dc, g), SimdMath<TSimd, TVector, T>.SigmoidSlope(i)));
                TSimd.Store(
                    d + w, TSimd.Multiply(
                        TSimd.Multiply(dc, TSimd.Load(cBefore + j)), SimdMath<TSimd, TVector, T>.SigmoidSlope(f)));
                TSimd.Store(d + (2 * w), TSimd.Multiply(dcI, SimdMath<TSimd, TVector, T>.TanhSlope(g)));
                TSimd.Store(d + (3 * w), TSimd.Multiply(TSimd.Multiply(ah, tanh), SimdMath<TSimd, TVector, T>.SigmoidSlope(o)));
                TSimd.Store(cBack + j, dcF);
            }

            gates += at.Gates;
            pre += at.Signals;
            signal += at.State;
            cBefore += at.State;
            cSignal += at.State;
            cBack += at.State;
        }
    }

    public static void Push(
        in RowLayout<T> at, T* gates, T* before, T* after, T* pre, T* beforeR, T* afterR, T* vectorR, int rows)
    {
        nint w = at.Width;
        for (int r = 0; r < rows; r++)
        {
            T* c = before + at.Before, cR = beforeR + at.Before, cAfterR = afterR + at.Before;
            for (nint j = 0; j < w; j += TSimd.Lanes)
            {
                T* x = gates + j, d = pre + j;
                TVector i = TSimd.Load(x), f = TSimd.Load(x + w), g = TSimd.Load(x + (2 * w)), o = TSimd.Load(x + (3 * w));
                TVector tanh = TSimd.Load(x + (4 * w));
                TVector iR = TSimd.Multiply(TSimd.Load(d), SimdMath<TSimd, TVector, T>.SigmoidSlope(i));
                TVector fR = TSimd.Multiply(TSimd.Load(d + w), SimdMath<TSimd, TVector, T>.SigmoidSlope(f));
                TVector gR = TSimd.Multiply(TSimd.Load(d + (2 * w)), SimdMath<TSimd, TVector, T>.TanhSlope(g));
                TVector oR = TSimd.Multiply(TSimd.Load(d + (3 * w)), SimdMath<TSimd, TVector, T>.SigmoidSlope(o));
                TVector kept = TSimd.MultiplyAdd(f, TSimd.Load(cR + j), TSimd.Multiply(fR, TSimd.Load(c + j)));
                TVector next = TSimd.MultiplyAdd(i, gR, TSimd.MultiplyAdd(iR, g, kept));
                TSimd.Store(cAfterR + j, next);
                TVector shown = TSimd.Multiply(TSimd.Multiply(o, SimdMath<TSimd, TVector, T>.TanhSlope(tanh)), next);
                TSimd.Store(afterR + j, TSimd.MultiplyAdd(oR, tanh, shown));
            }

            gates += at.Gates;
            pre += at.Gates;
            before += at.State;
            beforeR += at.State;
            afterR += at.State;
        }
    }

    public static void Direct(in RowLayout<T> at, T* gates, T* signal, T* flow, int rows) =>
        new Span<T>(flow, rows * at.State).Clear();

    public static void AddVector(in RowLayout<T> at, T* gates, T* before, T* signal, T* pre, T* sum)
    {
    }
}
