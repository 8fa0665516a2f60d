using System.Numerics;

namespace Unroll.Cells;

/// <summary>
/// A number type, so that a cell's equations are written once: <see cref="Real"/> gives their values, <see cref="Dual"/> also
/// their derivatives along a direction.
/// </summary>
internal interface IScalar<TSelf>
    : IAdditionOperators<TSelf, TSelf, TSelf>, ISubtractionOperators<TSelf, TSelf, TSelf>, IMultiplyOperators<TSelf, TSelf, TSelf>
    where TSelf : struct, IScalar<TSelf>
{
    /// <summary>A constant.</summary>
    static abstract TSelf Of(double value);

    /// <summary>sigma(x).</summary>
    static abstract TSelf Sigma(Activation activation, TSelf x);

    /// <summary>sigma'(x), without cancellation where sigma is saturated.</summary>
    static abstract TSelf Slope(Activation activation, TSelf x);

    static abstract TSelf Exp(TSelf x);

    static abstract TSelf Cos(TSelf x);

    static abstract TSelf Sin(TSelf x);

    /// <summary>1 / sqrt(x).</summary>
    static abstract TSelf InverseRoot(TSelf x);
}

/// <summary>A double.</summary>
internal readonly record struct Real(double Value) : IScalar<Real>
{
    public static Real Of(double value) => new(value);

    public static Real Sigma(Activation activation, Real x) => new(Function(activation, x.Value));

    public static Real Slope(Activation activation, Real x) => new(UnitFunction.Slope(activation, x.Value));

    public static Real Exp(Real x) => new(Math.Exp(x.Value));

    public static Real Cos(Real x) => new(Math.Cos(x.Value));

    public static Real Sin(Real x) => new(Math.Sin(x.Value));

    public static Real InverseRoot(Real x) => new(1 / Math.Sqrt(x.Value));

    public static Real operator +(Real left, Real right) => new(left.Value + right.Value);

    public static Real operator -(Real left, Real right) => new(left.Value - right.Value);

    public static Real operator *(Real left, Real right) => new(left.Value * right.Value);

    /// <summary>sigma(x), as the reference kernel computes it.</summary>
    public static double Function(Activation activation, double x) => activation switch
    {
        Activation.Tanh => Math.Tanh(x),
        Activation.Sigmoid => 1 / (1 + Math.Exp(-x)),
        Activation.Relu => x > 0 || double.IsNaN(x) ? x : 0,
        _ => x,
    };

    /// <summary>sigma'(x) from h = sigma(x), because a tape keeps only h.</summary>
    public static double SlopeOfValue(Activation activation, double h) => activation switch
    {
        Activation.Tanh => 1 - (h * h),
        Activation.Sigmoid => h * (1 - h),
        Activation.Relu => h > 0 ? 1 : 0,
        _ => 1,
    };
}

/// <summary>A number and its derivative along a direction (Pearlmutter's R-operator).</summary>
internal readonly record struct Dual(double Value, double Tangent) : IScalar<Dual>
{
    public static Dual Of(double value) => new(value, 0);

    public static Dual Sigma(Activation activation, Dual x) =>
        new(Real.Function(activation, x.Value), UnitFunction.Slope(activation, x.Value) * x.Tangent);

    public static Dual Slope(Activation activation, Dual x) =>
        new(UnitFunction.Slope(activation, x.Value), UnitFunction.Curvature(activation, x.Value) * x.Tangent);

    public static Dual Exp(Dual x) => new(Math.Exp(x.Value), Math.Exp(x.Value) * x.Tangent);

    public static Dual Cos(Dual x) => new(Math.Cos(x.Value), -Math.Sin(x.Value) * x.Tangent);

    public static Dual Sin(Dual x) => new(Math.Sin(x.Value), Math.Cos(x.Value) * x.Tangent);

    public static Dual InverseRoot(Dual x)
    {
        double root = 1 / Math.Sqrt(x.Value);
        return new(root, -0.5 * root / x.Value * x.Tangent);
    }

    public static Dual operator +(Dual left, Dual right) => new(left.Value + right.Value, left.Tangent + right.Tangent);

    public static Dual operator -(Dual left, Dual right) => new(left.Value - right.Value, left.Tangent - right.Tangent);

    public static Dual operator *(Dual left, Dual right) =>
        new(left.Value * right.Value, (left.Tangent * right.Value) + (left.Value * right.Tangent));
}
