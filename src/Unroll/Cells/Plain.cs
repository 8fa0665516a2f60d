using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Cells;

/// <summary>
/// The paper's unit in the activation form of equation 2. With x_t = W_rec h_{t-1} + W_in u_t + b,
/// <code>
///   h_t     = sigma(x_t)
///   dE/dx_t = dE/dh_t * sigma'(x_t)          and dE/dh_{t-1} gets dE/dx_t W_rec, nothing else
/// </code>
/// </summary>
internal sealed class PlainCell : ICell
{
    public CellLayout Layout { get; } = new(1, 1, 1, 1, [0], [0], InPlace: true);

    public bool IsOnPreActivations => true;

    public bool HasActivation => true;

    public double? Gamma(LayerShape layer) => layer.Activation == Activation.Sigmoid ? 0.25 : 1;

    public void Validate(LayerShape layer) => ICell.RefuseOptions(layer, activation: true);

    public bool HasVector(LayerShape layer, bool biases) => false;

    public Activation ActivationOf(LayerShape layer, int kept) => layer.Activation;

    public void Step<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S>
    {
        unit.Kept[0] = unit.After[0] = S.Sigma(layer.Activation, unit.Pre[0]);
        unit.Slopes[0] = S.Slope(layer.Activation, unit.Pre[0]);
    }

    public void Pull<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S>
    {
        unit.PreSignal[0] = unit.Signal[0] * unit.Slopes[0];
        unit.Back[0] = S.Of(0);
    }

    public TResult Lanes<TSimd, TVector, T, TResult>(ILanesVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => visitor.Visit<PlainLanes<TSimd, TVector, T>>();
}

/// <inheritdoc cref="PlainCell"/>
internal readonly unsafe struct PlainLanes<TSimd, TVector, T> : ILanes<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static void Step(in RowLayout<T> at, T* gates, T* before, T* after, int rows)
    {
        SimdMath<TSimd, TVector, T>.Activate(at.Activation, after, (nint)rows * at.State);
        if (at.Activation != Activation.Sigmoid || at.Units == at.State) return;
        for (int r = 0; r < rows; r++)
            new Span<T>(after + ((nint)r * at.State) + at.Units, at.State - at.Units).Clear(); // sigma(0) is 0.5
    }

    public static void Pull(in RowLayout<T> at, T* gates, T* before, T* after, T* signal, T* pre, T* back, int rows) =>
        SimdMath<TSimd, TVector, T>.TimesSlope(at.Activation, signal, after, pre, (nint)rows * at.State);

    public static void Push(
        in RowLayout<T> at, T* gates, T* before, T* after, T* pre, T* beforeR, T* afterR, T* vectorR, int rows) =>
        SimdMath<TSimd, TVector, T>.TimesSlope(at.Activation, pre, after, afterR, (nint)rows * at.State);

    public static void Direct(in RowLayout<T> at, T* gates, T* signal, T* flow, int rows) =>
        new Span<T>(flow, rows * at.State).Clear();

    public static void AddVector(in RowLayout<T> at, T* gates, T* before, T* signal, T* pre, T* sum)
    {
    }
}
