using Unroll.Remedies;

namespace Unroll.Analysis;

/// <summary>Norms over the parameters of a model in which a block of the network is the sum of some, or of none (<see cref="DiagnosisOptions.Copies"/>).</summary>
internal static class ParameterCopies
{
    /// <summary>Of each number of the flat buffer; empty when it is 1 of all.</summary>
    public static int[] Of(Network<double> network, DiagnosisOptions options) => network.Blocks.All(block => options.CopiesOf(block.Name) == 1) ? []
        : [.. network.Blocks.SelectMany(block => Enumerable.Repeat(options.CopiesOf(block.Name), block.Length))];

    /// <summary>The norm of a gradient: each copy of a parameter has the gradient of the sum.</summary>
    public static double Norm(UnrolledNetwork<double> unrolled, DiagnosisOptions options)
    {
        if (unrolled.Network.Blocks.All(block => options.CopiesOf(block.Name) == 1)) return GradientClipping.Norm<double>(unrolled.Gradient);
        double norm = 0;
        foreach (ParameterBlock block in unrolled.Network.Blocks)
        {
            int copies = options.CopiesOf(block.Name);
            if (copies > 0) norm = double.Hypot(norm, Math.Sqrt(copies) * GradientClipping.Norm<double>(unrolled.Gradient.Slice(block.Offset, block.Length)));
        }

        return norm;
    }
}
