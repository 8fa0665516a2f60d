namespace Unroll.Analysis;

/// <summary>
/// Norms over the parameters of a model in which a block of the network is the sum of several parameters, or of none
/// (<see cref="DiagnosisOptions.Copies"/>). Where a cell uses two biases of a gate separately, as a GRU does for n, each is one
/// parameter.
/// </summary>
internal static class ParameterCopies
{
    /// <summary>The number of copies of each number of the flat buffer; empty when all have one.</summary>
    public static int[] Of(Network<double> network, DiagnosisOptions options)
    {
        if (network.Blocks.All(block => options.CopiesOf(block.Name) == 1)) return [];
        var copies = new int[network.Shape.ParameterCount];
        foreach (ParameterBlock block in network.Blocks)
        {
            Span<int> of = copies.AsSpan(block.Offset, block.Length);
            of.Fill(options.CopiesOf(block.Name));
            if (block.Role != ParameterRole.HiddenBias) continue;
            LayerShape layer = network.Shape.Layers[block.Layer];
            for (int gate = 0; gate < layer.Definition.Layout.Gates; gate++)
                of.Slice(gate * layer.Hidden, layer.Hidden).Fill(BiasCopies.OfGate(layer.Definition.Layout, gate,
                    options.CopiesOf(block.Name)));
        }

        return copies;
    }

    /// <summary>The norm of a gradient: each copy of a parameter has the gradient of the sum.</summary>
    public static double Norm(UnrolledNetwork<double> unrolled, DiagnosisOptions options)
    {
        int[] copies = Of(unrolled.Network, options);
        if (copies.Length == 0) return Remedies.GradientClipping.Norm<double>(unrolled.Gradient);
        double norm = 0;
        foreach (ParameterBlock block in unrolled.Network.Blocks)
        {
            int end = block.Offset + block.Length;
            for (int from = block.Offset, to; from < end; from = to)
            {
                int of = copies[from];
                for (to = from; to < end && copies[to] == of;) to++;
                if (of > 0) norm = double.Hypot(norm,
                    Math.Sqrt(of) * Remedies.GradientClipping.Norm<double>(unrolled.Gradient[from..to]));
            }
        }

        return norm;
    }
}
