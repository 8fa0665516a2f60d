using Unroll.Analysis;
using Unroll.Cli.Settings;
using Unroll.Numerics;

namespace Unroll.Cli.Diagnosis;

/// <summary>The lines of a report that networks have in the place of the paper's bounds when they are not one plain
/// layer.</summary>
internal static class CellText
{
    /// <summary>What stands for W_rec's spectral radius and sigma_max, and where it was measured.</summary>
    public static void Write(NetworkShape shape, GradientDiagnosis d, JacobianFacts jacobians, Action<string, string> line)
    {
        line("bounds",
            "none: gamma and sigma_max of section 2.1 bound one plain layer only; for other cells and stacks nothing follows "
                + "from the weights alone");
        string of = $"of ds_t/ds_(t-1), {NetworkWords.State(shape)}";
        string rest = $"{DiagnosisText.Number(d.Bounds.SpectralRadius)} and "
            + $"{DiagnosisText.Number(d.Bounds.LargestSingularValue)} at zero state and input";
        line("jacobian", jacobians.Radius.Count == 0 ? $"spectral radius and largest singular value {of}: {rest}"
            : $"spectral radius {Spread(jacobians.Radius)} and largest singular value {Spread(jacobians.Stretch)} {of}, at "
                + $"{Counted.Of(jacobians.Radius.Count, "step")} of the sequences; {rest}");
    }

    /// <summary>Saturation by gate and, of a stack, the error signal by layer.</summary>
    public static void WriteUnits(GradientDiagnosis d, Action<string, string> line)
    {
        bool several = d.Layers.Length > 1;
        foreach (LayerDiagnosis layer in d.Layers)
            line(layer.Index == 0 ? "units"
                : "", $"{(several ? $"layer {layer.Index + 1}: " : "")}{string.Join("; ", layer.Saturation.Select(Say))}");
        if (!several) return;
        foreach (LayerDiagnosis layer in d.Layers)
        {
            string signal = layer.ByLag.IsEmpty ? "no error signal"
                : $"||dE_t/ds_t|| {DiagnosisText.Number(layer.ByLag[0].Median)}";
            string rate = double.IsNaN(layer.Measured.Rate) ? "" : $", {DiagnosisText.Number(layer.Measured.Rate)} a step";
            line(layer.Index == 0 ? "layers"
                : "", $"layer {layer.Index + 1}, {NetworkWords.Units(layer.Shape)}: {signal}{rate}; Omega "
                    + $"{DiagnosisText.Number(layer.Omega.Omega)}, {Format.Percent(layer.Omega.Kept)} kept");
        }
    }

    private static string Spread(Quantiles q) =>
        $"{DiagnosisText.Number(q.Median)} (deciles {DiagnosisText.Number(q.Lower)} to {DiagnosisText.Number(q.Upper)})";

    private static string Say(GateSaturation gate) => gate.IsGate
        ? $"{gate.Gate} {Format.Percent(gate.Low)} shut, {Format.Percent(gate.High)} open, mean {DiagnosisText.Number(gate.Mean)}"
        : $"{gate.Gate} {Format.Percent(gate.Share)} saturated";
}
