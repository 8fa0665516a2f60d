using System.Globalization;
using Unroll.Analysis;
using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// What to change in networks other than one plain layer, where no bound of the paper holds: advice rests on what was
/// measured. What can be changed in a cell (a gate that keeps, a leak, a choice of sigma) is asked of the cell.
/// </summary>
internal static class CellAdvice
{
    private const string Section = "section 2.1", Memory = "Tallec and Ollivier, 2018";

    /// <summary>Of an error signal: below this share of the last layer's, a layer below gets too little.</summary>
    private const double Lost = GradientDiagnosis.VanishedBelow;

    /// <summary>Other initial weights or biases; null when nothing calls for them.</summary>
    public static Advice? Initialization(GradientDiagnosis diagnosis)
    {
        if (diagnosis.Verdict == GradientVerdict.Healthy || Advice.IsSolved(diagnosis) || diagnosis.Layers.IsEmpty) return null;
        bool chosen = diagnosis.Layers.All(IsPlainer);
        if (diagnosis.Verdict == GradientVerdict.Exploding)
        {
            string grows = diagnosis.Lag is { } within
                ? $"a signal grows a hundredfold within {Counted.Of(within, "step")}" : "gradients are not finite";
            return new("init", chosen ? "smaller weights: --init smart-tanh (spectral radius 0.95)"
                : "smaller weights: --init uniform (within 1 / sqrt(H) of zero)",
                    $"{grows}, in {Format.Percent(diagnosis.ExplodingProbability)} of the batches", Section);
        }

        if (diagnosis.Lag == 0) return new("init", "give the head weights other than 0",
            $"no cost reaches the hidden units: the signal is 0 at every lag of {diagnosis.ByLag.Length}", Section);
        foreach (LayerDiagnosis layer in diagnosis.Layers)
        {
            if (Keep(layer, diagnosis) is { } keep) return keep;
        }

        if (Saturation(diagnosis, ofStates: true) is { } saturated) return saturated;
        string rate = RateOf(diagnosis);
        Activation[] own = [.. diagnosis.Layers.Where(IsPlainer).Select(layer => layer.Shape.Activation)];
        if (own.Length == 0 && diagnosis.Layers.Any(layer => layer.Shape.Cell == CellKind.Lru))
            return Poles(diagnosis, rate);
        return own.Contains(Activation.Sigmoid)
            ? new("init", "--activation tanh --init orthogonal", $"{rate}; the slope of a sigmoid is at most 1/4", Section)
            : new("init", own.Contains(Activation.Relu) ? "--init identity"
                : "--init orthogonal (every singular value of the recurrent weights 1)", rate, Section);
    }

    /// <summary>Whether a layer's W_hh and sigma decide what it keeps.</summary>
    private static bool IsPlainer(LayerDiagnosis layer) =>
        layer.Shape.Definition.HasActivation && layer.Shape.Definition.Layout.RecurrentGates > 0;

    /// <summary>Poles nearer to 1 keep longer.</summary>
    private static Advice Poles(GradientDiagnosis diagnosis, string rate)
    {
        double steps = Math.Max(10, diagnosis.ByLag.Length), least = 1 - ClipAdvice.TwoDigits(1 / steps),
            greatest = 1 - ClipAdvice.TwoDigits(0.1 / steps);
        string ring = $"{Format.Exact(least)}:{Format.Exact(greatest)}:6.283";
        return new("init", $"--ring {ring}, so that poles start with memories of {Format.Count(steps)} steps and more", rate,
            "Orvieto et al., 2023");
    }

    /// <summary>Other weights where most units, gates aside, are at their ends; null where they are not.</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="ofStates">Whether the tanh of a state that accumulates counts too: where c is kept, it may grow large in a
    /// network whose gradients are healthy.</param>
    public static Advice? Saturation(GradientDiagnosis diagnosis, bool ofStates)
    {
        if (diagnosis.Layers.IsEmpty) return null;
        bool chosen = diagnosis.Layers.All(IsPlainer);
        (double dead, string where) = Saturated(diagnosis, ofStates);
        return !(dead > 0.5) ? null : new("init", chosen ? "smaller weights: --init smart-tanh"
            : "smaller weights: --init uniform",
                $"{Format.Percent(dead)} of {where} is saturated and passes nothing back; {RateOf(diagnosis)}", Section);
    }

    private static string RateOf(GradientDiagnosis diagnosis) => double.IsNaN(diagnosis.Measured.Rate)
        ? "too few lags have a signal to measure a rate" : $"measured rate {Format.Number(diagnosis.Measured.Rate)} a step";

    /// <summary>Of a stack, what happens to the error on its way down the layers at one step; null where it arrives.</summary>
    public static Advice? Layers(GradientDiagnosis diagnosis)
    {
        if (diagnosis.Layers.Length < 2 || diagnosis.Layers.Any(layer => layer.ByLag.IsEmpty)) return null;
        double[] signals = [.. diagnosis.Layers.Select(layer => layer.ByLag[0].Median)];
        double last = signals[^1];
        int least = Array.IndexOf(signals, signals.Min());
        return !(last > 0 && signals[least] < Lost * last) ? null : new(
            "layers", "fewer layers (--layers), or larger weights between them", string.Create(
                CultureInfo.InvariantCulture,
                    $"at the step of its cost the error of layer {least + 1} is {Format.Number(signals[least] / last)} of that "
                        + $"of layer {signals.Length}: it is lost between layers, not in time"), Section);
    }

    /// <summary>Keeping for as long as the sequences are: by the bias of the gate that keeps, or by the leak.</summary>
    private static Advice? Keep(LayerDiagnosis layer, GradientDiagnosis diagnosis)
    {
        ICell cell = layer.Shape.Definition;
        int steps = Math.Max(3, diagnosis.ByLag.Length);
        string which = diagnosis.Layers.Length > 1 ? $"layer {layer.Index + 1}: " : "";
        (int Gate, double Bias)[] biases = [.. cell.MemoryBiases(1, steps)];
        if (biases.Length > 0)
        {
            string gate = cell.NameOf(cell.Layout.InputBlocks[biases[0].Gate]);
            double kept = layer.Saturation.FirstOrDefault(one => one.Gate == gate).Mean;
            if (!(Math.Pow(kept, steps) < GradientDiagnosis.VanishedBelow))
                return null; // it keeps: what is lost is lost elsewhere
            return new("init", $"--chrono {steps}, so that units begin with memories of 2 to {steps} steps",
                $"{which}the mean of {gate} is {Format.Number(kept)}, which leaves a thousandth of what is kept after "
                    + $"{Steps(kept)}", Memory, steps);
        }

        if (cell.InitialVector(layer.Shape, steps) is null
            || !(Math.Pow(1 - layer.Shape.Leak, steps) < GradientDiagnosis.VanishedBelow)) return null;
        double leak = ClipAdvice.TwoDigits(1.0 / steps);
        return layer.Shape.TrainedLeak
            ? new("init", $"--chrono {steps}, so that leaks begin with memories of 2 to {steps} steps",
                $"{which}leaks that begin at {Format.Exact(layer.Shape.Leak)} leave a thousandth of a state after "
                    + $"{Steps(1 - layer.Shape.Leak)}", Memory, steps)
            : new("init", $"--leak {Format.Exact(leak)}, a memory of {Counted.Of(steps, "step")}",
                $"{which}a leak of {Format.Exact(layer.Shape.Leak)} leaves a thousandth of a state after "
                    + $"{Steps(1 - layer.Shape.Leak)}", "Jaeger et al., 2007", leak);
    }

    private static string Steps(double kept)
    {
        double steps = kept > 0 ? Math.Max(1, Math.Ceiling(Math.Log(GradientDiagnosis.VanishedBelow) / Math.Log(kept))) : 1;
        return Format.Counted(steps, "step");
    }

    /// <summary>The most saturated nonlinearity that is no gate: one that is open passes what it gates.</summary>
    private static (double Share, string Where) Saturated(GradientDiagnosis diagnosis, bool ofStates)
    {
        GateSaturation worst = diagnosis.Layers.SelectMany(layer => layer.Saturation).Where(gate =>
            !gate.IsGate && (ofStates || !gate.Gate.Contains('('))).OrderByDescending(gate => gate.Share).FirstOrDefault();
        return (worst.Share, diagnosis.Layers.Length > 1 ? $"{worst.Gate} in layer {worst.Layer + 1}" : worst.Gate ?? "");
    }
}
