using Unroll.Files;

namespace Unroll.Training;

/// <content>Echo state networks: a fixed reservoir and a readout by ridge regression.</content>
public sealed partial record TrainingOptions
{
    /// <summary>The sizes of <see cref="Initialization.Reservoir"/>.</summary>
    public ReservoirOptions Reservoir { get; init; } = new();

    /// <summary>
    /// For <see cref="OptimizerKind.Ridge"/>, the penalty on the squared weights of the head beside the sum of squared errors,
    /// at least 0. Null to choose it on a fifth of the sequences (or of the steps, where an update has fewer than five
    /// sequences), which one decomposition of the sums over the others allows.
    /// </summary>
    public double? RidgePenalty { get; init; }

    /// <summary>
    /// For <see cref="OptimizerKind.Ridge"/> with targets at every step, the steps at the start of each sequence that are left
    /// out, at least 0, until the states have forgotten how they started.
    /// </summary>
    public int Washout { get; init; }

    private static IEnumerable<TrainingOption> OfReservoir =>
    [
        new NumberOption(
            "spectral-radius", OptionGroup.Network, "R", "For --init reservoir: the spectral radius of the recurrent weights.",
            NumberRange.Positive, o => o.Reservoir.SpectralRadius,
            (o, v) => o with { Reservoir = o.Reservoir with { SpectralRadius = v!.Value } })
        {
            Before = "0.9",
            Header = o => Invariant($"spectral radius {o.Reservoir.SpectralRadius}"),
            NoEffect = o => WithoutReservoir(o, "--spectral-radius"),
        },
        new NumberOption(
            "density", OptionGroup.Network, "SHARE",
            "For --init reservoir: the share of recurrent links that there are, above 0 and at most 1.",
            NumberRange.Positive, o => o.Reservoir.Density,
            (o, v) => o with { Reservoir = o.Reservoir with { Density = v!.Value } })
        {
            Maximum = 1, Before = "0.1",
            Header = o => Invariant($"density {o.Reservoir.Density}"),
            NoEffect = o => WithoutReservoir(o, "--density"),
        },
        new TextOption(
            "input-scale", OptionGroup.Network,
            "For --init reservoir: the size of the input weights; a list with commas has one for each input.",
            o => string.Join(',', o.Reservoir.InputScales.Select(ExactNumber.ToText)),
            (o, text) => ReadScales(text) is { } scales
                ? o with { Reservoir = o.Reservoir with { InputScales = scales } } : null,
            "a number of at least 0, or one for each input with commas")
        {
            Value = "S,...", Before = "1", HasCommas = true,
            Header = o => "inputs of size " + Scales(o.Reservoir.InputScales),
            NoEffect = o => WithoutReservoir(o, "--input-scale"),
        },
        new NumberOption(
            "input-density", OptionGroup.Network, "SHARE",
            "For --init reservoir: the share of input links that there are, above 0 and at most 1.",
            NumberRange.Positive, o => o.Reservoir.InputDensity,
            (o, v) => o with { Reservoir = o.Reservoir with { InputDensity = v!.Value } })
        {
            Maximum = 1, Before = "1",
            Header = o => o.Reservoir.InputDensity < 1 ? Invariant($"input density {o.Reservoir.InputDensity}") : null,
            NoEffect = o => WithoutReservoir(o, "--input-density"),
        },
        new NumberOption(
            "bias-scale", OptionGroup.Network, "S", "For --init reservoir: the size of the biases; 0 for none.",
            NumberRange.AtLeastZero, o => o.Reservoir.BiasScale,
            (o, v) => o with { Reservoir = o.Reservoir with { BiasScale = v!.Value } })
        {
            Before = "0",
            Header = o => o.Reservoir.BiasScale > 0 ? Invariant($"biases of size {o.Reservoir.BiasScale}") : null,
            NoEffect = o => WithoutReservoir(o, "--bias-scale"),
        },
        new TextOption(
            "ridge", OptionGroup.Optimizer,
            "For --optimizer ridge: the penalty on the squared weights of the readout; auto chooses it on a fifth of the data.",
            o => o.RidgePenalty is { } penalty ? ExactNumber.ToText(penalty) : "auto",
            (o, text) => text == "auto" ? o with { RidgePenalty = null }
                : ExactNumber.TryParse(text, out double penalty) && penalty >= 0 && double.IsFinite(penalty)
                    ? o with { RidgePenalty = penalty } : null,
            "a number of at least 0, or auto")
        {
            Value = "PENALTY|auto", Before = "auto",
            NoEffect = o => WithoutRidge(o, "--ridge"),
        },
        new WholeOption(
            "washout", OptionGroup.Optimizer,
            "For --optimizer ridge: steps at the start of each sequence that are not fitted, where every step is predicted.",
            0, LengthRange.Longest, o => o.Washout, (o, v) => o with { Washout = (int)v! })
        {
            Before = "0",
            NoEffect = o => WithoutRidge(o, "--washout"),
        },
    ];

    /// <summary>The sizes, the same ones in a row said once.</summary>
    private static string Scales(IReadOnlyList<double> scales)
    {
        var parts = new List<string>();
        for (int i = 0, run; i < scales.Count; i += run)
        {
            for (run = 1; i + run < scales.Count && scales[i + run] == scales[i];) run++;
            parts.Add(run == 1 || run == scales.Count ? Invariant($"{scales[i]}") : Invariant($"{run} x {scales[i]}"));
        }

        return string.Join(", ", parts);
    }

    private static double[]? ReadScales(string text)
    {
        string[] parts = text.Split(',');
        var scales = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!ExactNumber.TryParse(parts[i], out scales[i]) || !(scales[i] >= 0 && double.IsFinite(scales[i]))) return null;
        }

        return scales;
    }

    private static string? WithoutReservoir(TrainingOptions options, string option) =>
        options.Initialization == Initialization.Reservoir
            || options.InitializationByBlock.Any(block => block.Kind == Initialization.Reservoir) ? null
            : $"without --init reservoir; add it, or leave {option} out";

    private static string? WithoutRidge(TrainingOptions options, string option) =>
        options.Optimizer == OptimizerKind.Ridge ? null : $"without --optimizer ridge; add it, or leave {option} out";
}
