namespace Unroll.Heads;

/// <summary>All costs.</summary>
internal static class HeadTable
{
    private static readonly IHeadCost s_softmax =
        new SoftmaxCost(), s_squared = new ValueCost<SquaredError>(default), s_bernoulli = new BernoulliCost(),
        s_absolute = new ValueCost<AbsoluteError>(default);

    /// <summary>The cost of a shape's head.</summary>
    public static IHeadCost Of(NetworkShape shape) => shape.OwnCost ?? shape.Head.Cost() switch
    {
        HeadCost.Softmax => s_softmax,
        HeadCost.Squared => s_squared,
        HeadCost.Absolute => s_absolute,
        HeadCost.Huber => new ValueCost<HuberError>(new HuberError(shape.HuberDelta)),
        HeadCost.Quantile => new QuantileCost(shape.Quantiles),
        _ => s_bernoulli,
    };
}
