namespace Unroll;

/// <summary>What is predicted from the hidden state, at which steps, and at which cost E_t.</summary>
public enum OutputHead
{
    /// <summary>One of O classes at each sequence's last step; cross-entropy in nats.</summary>
    SoftmaxLast,

    /// <summary>One of O classes at every step; cross-entropy in nats.</summary>
    SoftmaxEvery,

    /// <summary>O real numbers at each sequence's last step; squared error, summed over the outputs.</summary>
    LinearLast,

    /// <summary>O real numbers at every step; squared error, summed over the outputs.</summary>
    LinearEvery,

    /// <summary>O independent bits at every step; cross-entropy in nats, summed over the outputs.</summary>
    BernoulliEvery,

    /// <summary>O independent bits at each sequence's last step; cross-entropy in nats, summed over the outputs.</summary>
    BernoulliLast,

    /// <summary>O real numbers at each sequence's last step; absolute error, summed over the outputs.</summary>
    AbsoluteLast,

    /// <summary>O real numbers at every step; absolute error, summed over the outputs.</summary>
    AbsoluteEvery,

    /// <summary>O real numbers at each sequence's last step; Huber's error, summed over the outputs.</summary>
    HuberLast,

    /// <summary>O real numbers at every step; Huber's error, summed over the outputs.</summary>
    HuberEvery,

    /// <summary>Quantiles of O / Q real numbers at Q levels, at each sequence's last step; pinball cost, summed.</summary>
    QuantileLast,

    /// <summary>Quantiles of O / Q real numbers at Q levels, at every step; pinball cost, summed.</summary>
    QuantileEvery,
}

/// <summary>The cost of a step's prediction, independent of which steps are predicted.</summary>
internal enum HeadCost
{
    Softmax,
    Squared,
    Bernoulli,
    Absolute,
    Huber,
    Quantile,
}

/// <summary>The two independent halves of an <see cref="OutputHead"/>: the cost, and the steps.</summary>
internal static class OutputHeads
{
    public static HeadCost Cost(this OutputHead head) => head switch
    {
        OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery => HeadCost.Softmax,
        OutputHead.LinearLast or OutputHead.LinearEvery => HeadCost.Squared,
        OutputHead.AbsoluteLast or OutputHead.AbsoluteEvery => HeadCost.Absolute,
        OutputHead.HuberLast or OutputHead.HuberEvery => HeadCost.Huber,
        OutputHead.QuantileLast or OutputHead.QuantileEvery => HeadCost.Quantile,
        _ => HeadCost.Bernoulli,
    };

    /// <summary>Whether every step is predicted (or those that the batch does not skip), not each sequence's last one.</summary>
    public static bool IsEveryStep(this OutputHead head) =>
        head is OutputHead.SoftmaxEvery or OutputHead.LinearEvery or OutputHead.BernoulliEvery or OutputHead.AbsoluteEvery
            or OutputHead.HuberEvery or OutputHead.QuantileEvery;

    /// <summary>Whether the targets are real numbers.</summary>
    public static bool HasValues(this HeadCost cost) =>
        cost is HeadCost.Squared or HeadCost.Absolute or HeadCost.Huber or HeadCost.Quantile;
}
