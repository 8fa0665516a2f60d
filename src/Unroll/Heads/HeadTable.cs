namespace Unroll.Heads;

/// <summary>All costs.</summary>
internal static class HeadTable
{
    private static readonly IHeadCost s_softmax =
        new SoftmaxCost(), s_squared = new SquaredCost(), s_bernoulli = new BernoulliCost();

    /// <summary>The cost of a shape's head.</summary>
    public static IHeadCost Of(NetworkShape shape) => shape.OwnCost ?? Of(shape.Head);

    /// <summary>The cost of one of the heads.</summary>
    public static IHeadCost Of(OutputHead head) => head.Cost() switch
    {
        HeadCost.Softmax => s_softmax,
        HeadCost.Squared => s_squared,
        _ => s_bernoulli,
    };
}
