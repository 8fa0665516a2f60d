namespace Unroll.Tasks;

/// <summary>Which description of a synthetic task is followed where the two differ.</summary>
public enum TaskVariant
{
    /// <summary>The authors' code (pascanur/trainingRNNs), which produced the published numbers.</summary>
    Code,

    /// <summary>The paper's text (section 4.1 and its supplement).</summary>
    Text,

    /// <summary>
    /// The tasks as Hochreiter and Schmidhuber (1997, section 5) published them, whose numbers for LSTM are of this form. For
    /// addition, multiplication, both temporal orders, and permutation, which is then their task 2c.
    /// </summary>
    Hs97,
}

/// <summary>A task that has variants. Name, lengths and variant identify a task.</summary>
internal interface IVariantTask
{
    TaskVariant Variant { get; }
}
