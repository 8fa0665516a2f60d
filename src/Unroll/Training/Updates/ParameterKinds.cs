namespace Unroll.Training;

/// <summary>Which parameters the remedies of an update mean.</summary>
internal static class ParameterKinds
{
    /// <summary>Whether a block holds weights, and not biases or an initial state.</summary>
    public static bool IsWeight(ParameterBlock block) =>
        block.Name is ParameterBlock.InputWeights or ParameterBlock.RecurrentWeights or ParameterBlock.OutputWeights;

    /// <summary>Whether a block holds recurrent weights.</summary>
    public static bool IsRecurrent(ParameterBlock block) => block.Name == ParameterBlock.RecurrentWeights;
}
