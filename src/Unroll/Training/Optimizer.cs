using System.Numerics;
using System.Numerics.Tensors;

namespace Unroll.Training;

/// <summary>
/// Turns gradients into steps. Element-wise in a fixed order; its state is a few arrays of the parameters' length, which a
/// checkpoint saves.
/// </summary>
internal sealed class Optimizer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Adam's constants, as published (Kingma and Ba, 2015, algorithm 1).
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;
    private readonly OptimizerKind _kind;
    private readonly double _momentum;
    private readonly T[] _first;
    private readonly T[] _second;
    private readonly T[] _scratch;

    public Optimizer(OptimizerKind kind, double momentum, int parameters)
    {
        (_kind, _momentum) = (kind, momentum);
        _first = kind == OptimizerKind.Sgd ? [] : new T[parameters];
        _second = kind == OptimizerKind.Adam ? new T[parameters] : [];
        _scratch = kind == OptimizerKind.Adam ? new T[parameters] : [];
    }

    /// <summary>Momentum's velocity or Adam's first moment; empty for plain SGD.</summary>
    public T[] First => _first;

    /// <summary>Adam's second moment; empty for the others.</summary>
    public T[] Second => _second;

    /// <summary>Steps taken, which Adam's bias correction counts.</summary>
    public long Steps { get; set; }

    /// <summary>theta += the step for this gradient at this rate.</summary>
    public void Step(Span<T> parameters, ReadOnlySpan<T> gradient, double rate)
    {
        Steps++;
        T minusRate = T.CreateTruncating(-rate);
        T mu = T.CreateTruncating(_momentum);
        switch (_kind)
        {
            case OptimizerKind.Sgd:
                TensorPrimitives.MultiplyAdd(gradient, minusRate, parameters, parameters);
                break;
            case OptimizerKind.Momentum:
                TensorPrimitives.Multiply(_first, mu, _first);
                TensorPrimitives.MultiplyAdd(gradient, minusRate, _first, _first);
                TensorPrimitives.Add(parameters, _first, parameters);
                break;
            case OptimizerKind.Nesterov:
                TensorPrimitives.Multiply(_first, mu, _first);
                TensorPrimitives.MultiplyAdd(gradient, minusRate, _first, _first);
                TensorPrimitives.MultiplyAdd(_first, mu, parameters, parameters);
                TensorPrimitives.MultiplyAdd(gradient, minusRate, parameters, parameters);
                break;
            default:
                Adam(parameters, gradient, rate);
                break;
        }
    }

    /// <summary>m and v are running means of g and g^2; theta -= rate (m / (1 - b1^n)) / (sqrt(v / (1 - b2^n)) + eps).</summary>
    private void Adam(Span<T> parameters, ReadOnlySpan<T> gradient, double rate)
    {
        double correction1 = 1 - Math.Pow(Beta1, Steps);
        double correction2 = 1 - Math.Pow(Beta2, Steps);
        TensorPrimitives.Multiply(_first, T.CreateTruncating(Beta1), _first);
        TensorPrimitives.MultiplyAdd(gradient, T.CreateTruncating(1 - Beta1), _first, _first);
        TensorPrimitives.Multiply(gradient, gradient, _scratch);
        TensorPrimitives.Multiply(_second, T.CreateTruncating(Beta2), _second);
        TensorPrimitives.MultiplyAdd(_scratch, T.CreateTruncating(1 - Beta2), _second, _second);
        TensorPrimitives.Multiply(_second, T.CreateTruncating(1 / correction2), _scratch);
        TensorPrimitives.Sqrt(_scratch, _scratch);
        TensorPrimitives.Add(_scratch, T.CreateTruncating(Epsilon), _scratch);
        TensorPrimitives.Divide(_first, _scratch, _scratch);
        TensorPrimitives.MultiplyAdd(_scratch, T.CreateTruncating(-rate / correction1), parameters, parameters);
    }
}
