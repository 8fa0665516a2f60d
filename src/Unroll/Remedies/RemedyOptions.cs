namespace Unroll.Remedies;

/// <summary>How a gradient is clipped.</summary>
public enum ClipMode
{
    /// <summary>Algorithm 1 (section 3.2): the whole gradient is rescaled to the threshold when its norm reaches it.</summary>
    Norm,

    /// <summary>Each element is limited to [-threshold, threshold].</summary>
    Value,

    /// <summary>No clipping.</summary>
    None,
}

/// <summary>Which form of the vanishing-gradient regularizer (section 3.3).</summary>
public enum OmegaForm
{
    /// <summary>
    /// The authors' code: on h, squared norms before the ratio, a mean over the (step, sequence) entries whose error signal
    /// has a squared norm of at least 1e-20.
    /// </summary>
    Code,

    /// <summary>Equation (9): on x, the ratio of norms, summed over the steps and averaged over the sequences.</summary>
    Paper,
}
