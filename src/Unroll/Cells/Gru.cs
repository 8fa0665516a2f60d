using System.Numerics;
using System.Runtime.CompilerServices;
using Unroll.Kernels;

namespace Unroll.Cells;

/// <summary>
/// The GRU (Cho et al., 2014) in PyTorch's form and gate order. The two parts of n stay separate, because r multiplies the
/// recurrent part, bias included: with x_n = W_in u + b_n and q = W_hn h_{t-1} + b_hn,
/// <code>
///   r, z = sigmoid(x_r, x_z),  n = tanh(x_n + r q),  h_t = (1 - z) n + z h_{t-1}
/// </code>
/// and backward, with a = dE/dh_t,
/// <code>
///   dE/dx_n = a (1 - z) n'    dE/dx_z = a (h_{t-1} - n) z'    dE/dx_r = dE/dx_n q r'    dE/dq = dE/dx_n r
///   dE/dh_{t-1} gets a z directly
/// </code>
/// The order of the blocks is n, r, z, q: the input reaches the first three, the state the last three.
/// </summary>
internal sealed class GruCell : ICell
{
    private const int N = 0, R = 1, Z = 2, Q = 3;

    public CellLayout Layout { get; } = new(3, 4, 4, 1, [R, Z, N], [R, Z, Q], Vectors: ["bias_hn"], VectorBlock: Q);

    public bool IsOnPreActivations => false;

    public double? Gamma(LayerShape layer) => null;

    public void Validate(LayerShape layer) => ICell.RefuseOptions(layer, activation: false);

    public bool HasVector(LayerShape layer, bool biases) => biases;

    public Activation ActivationOf(LayerShape layer, int kept) =>
        kept switch { N => Activation.Tanh, Q => Activation.Identity, _ => Activation.Sigmoid };

    public string NameOf(int kept) => kept switch { N => "n", R => "r", Z => "z", _ => "W_hn h + b_hn" };

    /// <remarks>z, PyTorch's second gate, is the share of the state that is kept: (lag - 1) / lag at x = 0.</remarks>
    public IEnumerable<(int Gate, double Bias)> MemoryBiases(double forgetBias, double? lag) =>
        lag is { } steps ? [(1, Math.Log(steps - 1))] : [];

    public void Step<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S>
    {
        foreach (int gate in (ReadOnlySpan<int>)[R, Z])
        {
            unit.Kept[gate] = S.Sigma(Activation.Sigmoid, unit.Pre[gate]);
            unit.Slopes[gate] = S.Slope(Activation.Sigmoid, unit.Pre[gate]);
        }

        (unit.Kept[Q], unit.Slopes[Q]) = (unit.Pre[Q], S.Of(1));
        S x = unit.Pre[N] + (unit.Kept[R] * unit.Pre[Q]);
        (unit.Kept[N], unit.Slopes[N]) = (S.Sigma(Activation.Tanh, x), S.Slope(Activation.Tanh, x));
        unit.After[0] = ((S.Of(1) - unit.Kept[Z]) * unit.Kept[N]) + (unit.Kept[Z] * unit.Before[0]);
    }

    public void Pull<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S>
    {
        S a = unit.Signal[0], dn = a * (S.Of(1) - unit.Kept[Z]) * unit.Slopes[N];
        unit.PreSignal[N] = dn;
        unit.PreSignal[R] = dn * unit.Kept[Q] * unit.Slopes[R];
        unit.PreSignal[Z] = a * (unit.Before[0] - unit.Kept[N]) * unit.Slopes[Z];
        unit.PreSignal[Q] = dn * unit.Kept[R];
        unit.Back[0] = a * unit.Kept[Z];
    }

    public TResult Lanes<TSimd, TVector, T, TResult>(ILanesVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => visitor.Visit<GruLanes<TSimd, TVector, T>>();
}

/// <inheritdoc cref="GruCell"/>
internal readonly unsafe struct GruLanes<TSimd, TVector, T> : ILanes<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Step(in RowLayout<T> at, T* gates, T* before, T* after, int rows)
    {
        nint w = at.Width;
        for (int row = 0; row < rows; row++, gates += at.Gates, before += at.State, after += at.State)
        {
            for (nint j = w; j < 3 * w; j += TSimd.Lanes) // a separate loop, so that no activation waits for another
                TSimd.Store(gates + j, SimdMath<TSimd, TVector, T>.Gate(TSimd.Load(gates + j)));
            for (nint j = 0; j < w; j += TSimd.Lanes)
            {
                T* x = gates + j;
                TVector pre = TSimd.MultiplyAdd(TSimd.Load(x + w), TSimd.Load(x + (3 * w)), TSimd.Load(x));
                TVector n = SimdMath<TSimd, TVector, T>.Tanh(pre);
                TSimd.Store(x, n);
                TSimd.Store(after + j, TSimd.MultiplyAdd(TSimd.Load(x + (2 * w)), TSimd.Subtract(TSimd.Load(before + j), n), n));
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Pull(in RowLayout<T> at, T* gates, T* before, T* after, T* signal, T* pre, T* back, int rows)
    {
        nint w = at.Width;
        TVector one = TSimd.Constant(1);
        for (int row = 0; row < rows; row++)
        {
            for (nint j = 0; j < w; j += TSimd.Lanes)
            {
                T* x = gates + j, d = pre + j;
                TVector n = TSimd.Load(x), r = TSimd.Load(x + w), z = TSimd.Load(x + (2 * w)), q = TSimd.Load(x + (3 * w));
                TVector a = TSimd.Load(signal + j);
                TVector dn = TSimd.Multiply(TSimd.Multiply(a, TSimd.Subtract(one, z)), SimdMath<TSimd, TVector, T>.TanhSlope(n));
                TVector dz = TSimd.Multiply(
                    TSimd.Multiply(a, TSimd.Subtract(TSimd.Load(before + j), n)), SimdMath<TSimd, TVector, T>.SigmoidSlope(z));
                TSimd.Store(d, dn);
                TSimd.Store(d + w, TSimd.Multiply(TSimd.Multiply(dn, q), SimdMath<TSimd, TVector, T>.SigmoidSlope(r)));
                TSimd.Store(d + (2 * w), dz);
                TSimd.Store(d + (3 * w), TSimd.Multiply(dn, r));
                TSimd.Store(back + j, TSimd.MultiplyAdd(a, z, TSimd.Load(back + j)));
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
        TVector one = TSimd.Constant(1);
        for (int row = 0; row < rows; row++)
        {
            for (nint j = 0; j < w; j += TSimd.Lanes)
            {
                T* x = gates + j, d = pre + j;
                TVector n = TSimd.Load(x), r = TSimd.Load(x + w), z = TSimd.Load(x + (2 * w)), q = TSimd.Load(x + (3 * w));
                TVector rR = TSimd.Multiply(TSimd.Load(d + w), SimdMath<TSimd, TVector, T>.SigmoidSlope(r));
                TVector zR = TSimd.Multiply(TSimd.Load(d + (2 * w)), SimdMath<TSimd, TVector, T>.SigmoidSlope(z));
                TVector xR = TSimd.MultiplyAdd(r, TSimd.Load(d + (3 * w)), TSimd.MultiplyAdd(rR, q, TSimd.Load(d)));
                TVector nR = TSimd.Multiply(xR, SimdMath<TSimd, TVector, T>.TanhSlope(n));
                TVector moved = TSimd.MultiplyAdd(
                    zR, TSimd.Subtract(TSimd.Load(before + j), n), TSimd.Multiply(TSimd.Subtract(one, z), nR));
                TSimd.Store(afterR + j, TSimd.MultiplyAdd(z, TSimd.Load(beforeR + j), moved));
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
        T* z = gates + (2 * (nint)at.Width);
        for (int row = 0; row < rows; row++, z += at.Gates, signal += at.State, flow += at.State)
        {
            for (int j = 0; j < at.Width; j += TSimd.Lanes)
                TSimd.Store(flow + j, TSimd.Multiply(TSimd.Load(signal + j), TSimd.Load(z + j)));
        }
    }

    public static void AddVector(in RowLayout<T> at, T* gates, T* before, T* signal, T* pre, T* sum) =>
        SimdMath<TSimd, TVector, T>.AddTo(sum, pre + (3 * (nint)at.Width), at.Width);
}
