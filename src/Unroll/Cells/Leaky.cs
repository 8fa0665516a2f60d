using System.Numerics;
using Unroll.Kernels;

namespace Unroll.Cells;

/// <summary>
/// Leaky units (Jaeger et al., 2007), which move only a part of the way to the state that a plain unit would take. With x_t as
/// for plain units,
/// <code>
///   s_t = sigma(x_t),  h_t = (1 - leak) h_{t-1} + leak s_t
///   dE/dx_t = leak dE/dh_t * sigma'(x_t),  dE/dh_{t-1} gets (1 - leak) dE/dh_t directly
///   dE/dleak = dE/dh_t (s_t - h_{t-1})
/// </code>
/// A trained leak is the logistic function of a parameter of each unit, so that no step can leave (0, 1).
/// </summary>
internal sealed class LeakyCell : ICell
{
    public CellLayout Layout { get; } = new(1, 1, 1, 1, [0], [0], Vectors: ["leak"]);

    public bool IsOnPreActivations => false;

    public bool HasActivation => true;

    public double? Gamma(LayerShape layer) => null;

    public void Validate(LayerShape layer)
    {
        if (layer.TrainedLeak && !(layer.Leak is > 0 and < 1))
            throw new ArgumentException(
                Invariant($"The leak is {layer.Leak}; one that is trained must start above 0 and below 1."));
        if (!(layer.Leak is > 0 and <= 1))
            throw new ArgumentException(Invariant($"The leak is {layer.Leak}; it must be above 0 and at most 1."));
    }

    public bool HasVector(LayerShape layer, bool biases) => layer.TrainedLeak;

    public Activation ActivationOf(LayerShape layer, int kept) => layer.Activation;

    public double VectorValue(int index, ReadOnlySpan<double> parameters) => Real.Function(Activation.Sigmoid, parameters[index]);

    public double VectorSlope(int index, double parameter) =>
        Real.SlopeOfValue(Activation.Sigmoid, Real.Function(Activation.Sigmoid, parameter));

    /// <remarks>A unit that keeps 1 - leak of its state at each step has a memory of 1 / leak steps.</remarks>
    public double? InitialVector(LayerShape layer, double? lag)
    {
        double leak = lag is { } steps ? 1 / steps : layer.Leak;
        return Math.Log(leak / (1 - leak));
    }

    public void Step<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S>
    {
        S leak = Leak(layer, unit);
        S s = S.Sigma(layer.Activation, unit.Pre[0]);
        (unit.Kept[0], unit.Slopes[0]) = (s, S.Slope(layer.Activation, unit.Pre[0]));
        unit.After[0] = ((S.Of(1) - leak) * unit.Before[0]) + (leak * s);
    }

    public void Pull<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S>
    {
        S leak = Leak(layer, unit), a = unit.Signal[0];
        unit.PreSignal[0] = leak * a * unit.Slopes[0];
        unit.Back[0] = (S.Of(1) - leak) * a;
        unit.VectorSignal[0] = layer.TrainedLeak
            ? a * (unit.Kept[0] - unit.Before[0]) * S.Slope(Activation.Sigmoid, unit.Vectors[0]) : S.Of(0);
    }

    public TResult Lanes<TSimd, TVector, T, TResult>(ILanesVisitor<T, TResult> visitor)
        where TSimd : ISimd<TVector, T>
        where TVector : struct
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => visitor.Visit<LeakyLanes<TSimd, TVector, T>>();

    private static S Leak<S>(LayerShape layer, in Unit<S> unit)
        where S : struct, IScalar<S> => layer.TrainedLeak ? S.Sigma(Activation.Sigmoid, unit.Vectors[0]) : S.Of(layer.Leak);
}

/// <inheritdoc cref="LeakyCell"/>
internal readonly unsafe struct LeakyLanes<TSimd, TVector, T> : ILanes<T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static void Step(in RowLayout<T> at, T* gates, T* before, T* after, int rows)
    {
        T* leak = at.Vector.Pointer; // zero in the padding, where sigma(0) may be 0.5
        for (int r = 0; r < rows; r++, gates += at.Gates, before += at.State, after += at.State)
        {
            SimdMath<TSimd, TVector, T>.Activate(at.Activation, gates, at.Width);
            for (int i = 0; i < at.Width; i += TSimd.Lanes)
            {
                TVector h = TSimd.Load(before + i);
                TSimd.Store(after + i, TSimd.MultiplyAdd(TSimd.Load(leak + i), TSimd.Subtract(TSimd.Load(gates + i), h), h));
            }
        }
    }

    public static void Pull(in RowLayout<T> at, T* gates, T* before, T* after, T* signal, T* pre, T* back, int rows)
    {
        T* leak = at.Vector.Pointer;
        for (int r = 0; r < rows; r++, gates += at.Gates, signal += at.State, pre += at.Signals, back += at.State)
        {
            SimdMath<TSimd, TVector, T>.TimesSlope(at.Activation, signal, gates, pre, at.Width);
            for (int i = 0; i < at.Width; i += TSimd.Lanes)
            {
                TVector l = TSimd.Load(leak + i), a = TSimd.Load(signal + i);
                TSimd.Store(pre + i, TSimd.Multiply(l, TSimd.Load(pre + i)));
                TSimd.Store(back + i, TSimd.Add(TSimd.Load(back + i), TSimd.MultiplyAdd(TSimd.Subtract(default, l), a, a)));
            }
        }
    }

    public static void Push(
        in RowLayout<T> at, T* gates, T* before, T* after, T* pre, T* beforeR, T* afterR, T* vectorR, int rows)
    {
        T* leak = at.Vector.Pointer;
        for (int r = 0; r < rows; r++)
        {
            SimdMath<TSimd, TVector, T>.TimesSlope(at.Activation, pre, gates, afterR, at.Width);
            for (int i = 0; i < at.Width; i += TSimd.Lanes)
            {
                TVector l = TSimd.Load(leak + i), h = TSimd.Load(beforeR + i);
                TVector moved = TSimd.MultiplyAdd(l, TSimd.Subtract(TSimd.Load(afterR + i), h), h);
                TVector difference = TSimd.Subtract(TSimd.Load(gates + i), TSimd.Load(before + i));
                TSimd.Store(afterR + i, TSimd.MultiplyAdd(TSimd.Load(vectorR + i), difference, moved));
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
        T* leak = at.Vector.Pointer;
        for (int r = 0; r < rows; r++, signal += at.State, flow += at.State)
        {
            for (int i = 0; i < at.Width; i += TSimd.Lanes)
            {
                TVector a = TSimd.Load(signal + i);
                TSimd.Store(flow + i, TSimd.MultiplyAdd(TSimd.Subtract(default, TSimd.Load(leak + i)), a, a));
            }
        }
    }

    public static void AddVector(in RowLayout<T> at, T* gates, T* before, T* signal, T* pre, T* sum)
    {
        for (int i = 0; i < at.Width; i += TSimd.Lanes)
        {
            TVector difference = TSimd.Subtract(TSimd.Load(gates + i), TSimd.Load(before + i));
            TSimd.Store(sum + i, TSimd.MultiplyAdd(TSimd.Load(signal + i), difference, TSimd.Load(sum + i)));
        }
    }
}
