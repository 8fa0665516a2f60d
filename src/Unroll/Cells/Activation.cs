namespace Unroll;

/// <summary>The element-wise nonlinearity sigma of section 1.1, applied to the pre-activation x to give h = sigma(x).</summary>
public enum Activation
{
    /// <summary>tanh(x); its slope is at most gamma = 1.</summary>
    Tanh,

    /// <summary>1 / (1 + exp(-x)); its slope is at most gamma = 1/4.</summary>
    Sigmoid,

    /// <summary>x itself: the linear network of the paper's appendix.</summary>
    Identity,

    /// <summary>max(x, 0).</summary>
    Relu,
}
