using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Cells;

/// <summary>
/// A unit without a memory, for a layer that changes what a recurrent layer above it reads, or the head. With x_t = W_in u_t + b,
/// <code>
///   h_t     = sigma(x_t)
///   dE/dx_t = dE/dh_t * sigma'(x_t)          and dE/dh_{t-1} gets nothing
/// </code>
/// </summary>
internal sealed class DenseCell : ICell
{
    private readonly PlainCell _plain = new(); // the same equations of a sum that has no part from h_{t-1}

    public CellLayout Layout { get; } = new(Gates: 1, Blocks: 1, Kept: 1, Parts: 1, InputBlocks: [0], RecurrentBlocks: []);

    public bool IsOnPreActivations => false;

    public bool HasActivation => true;

    public double? Gamma(LayerShape layer) => null;

    public void Validate(LayerShape layer) => ICell.RefuseOptions(layer, activation: true);

    public bool HasVector(LayerShape layer, bool biases) => false;

    public Activation ActivationOf(LayerShape layer, int kept) => layer.Activation;

    public string NameOf(int kept) => "h";

    public void Step<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S> => _plain.Step(layer, unit);

    public void Pull<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S> => _plain.Pull(layer, unit);

    public TResult Lanes<TSimd, TVector, T, TResult>(ILanesVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => visitor.Visit<DenseLanes<TSimd, TVector, T>>();
}

/// <inheritdoc cref="DenseCell"/>
internal readonly unsafe struct DenseLanes<TSimd, TVector, T> : ILanes<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static void Step(in RowLayout<T> at, T* gates, T* before, T* after, int rows)
    {
        for (int r = 0; r < rows; r++, gates += at.Gates, after += at.State)
        {
            SimdMath<TSimd, TVector, T>.Activate(at.Activation, gates, at.Width);
            if (at.Activation == Activation.Sigmoid)
                new Span<T>(gates + at.Units, at.Width - at.Units).Clear(); // sigma(0) is 0.5
            for (nint j = 0; j < at.Width; j += TSimd.Lanes) TSimd.Store(after + j, TSimd.Load(gates + j));
        }
    }

    public static void Pull(in RowLayout<T> at, T* gates, T* before, T* after, T* signal, T* pre, T* back, int rows)
    {
        for (int r = 0; r < rows; r++, gates += at.Gates, signal += at.State, pre += at.Signals)
            SimdMath<TSimd, TVector, T>.TimesSlope(at.Activation, signal, gates, pre, at.Width);
    }

    public static void Push(
        in RowLayout<T> at, T* gates, T* before, T* after, T* pre, T* beforeR, T* afterR, T* vectorR, int rows)
    {
        for (int r = 0; r < rows; r++, gates += at.Gates, pre += at.Gates, afterR += at.State)
            SimdMath<TSimd, TVector, T>.TimesSlope(at.Activation, pre, gates, afterR, at.Width);
    }

    public static void Direct(in RowLayout<T> at, T* gates, T* signal, T* flow, int rows) =>
        new Span<T>(flow, rows * at.State).Clear();

    public static void AddVector(in RowLayout<T> at, T* gates, T* before, T* signal, T* pre, T* sum)
    {
    }
}
