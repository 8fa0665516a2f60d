namespace Unroll.Interop;

/// <summary>How a layer's numbers lie in C.</summary>
/// <param name="InputGates">Which gate's input weights stand at each place of the pre-activations, from the first on.</param>
/// <param name="RecurrentGates">Which gate's recurrent weights stand at each place, from <paramref name="FirstRecurrent"/>
/// on.</param>
/// <param name="FirstRecurrent">The place of the first recurrent gate.</param>
/// <param name="Bias">What the pre-activations <c>x</c> begin as, all of them; null for zeros.</param>
/// <param name="Places">Pre-activations a unit.</param>
internal sealed record CLayerPlan(int[] InputGates, int[] RecurrentGates, int FirstRecurrent, float[]? Bias, int Places)
{
    /// <summary>A plan where each gate's two parts are summed.</summary>
    public static CLayerPlan Summed(LayerView layer)
    {
        int[] gates = [.. Enumerable.Range(0, layer.Gates)];
        return new CLayerPlan(gates, gates, 0, layer.HasBias ? layer.Bias : null, layer.Gates);
    }
}
