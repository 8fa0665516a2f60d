using Unroll.Remedies;

namespace Unroll.Training;

public sealed partial record TrainingOptions
{
    /// <summary>
    /// Weight noise: the standard deviation of the normal noise added to every weight (not to biases or h_0) while an update's
    /// gradient is computed, at least 0. A memory that survives this noise cannot depend on finely tuned weights.
    /// </summary>
    public double WeightNoise { get; init; }

    /// <summary>
    /// State noise: the standard deviation of the normal noise added to every pre-activation (of every gate) while an update is
    /// computed, at least 0. A memory that survives this noise is kept by an attractor, and not by a finely tuned flow.
    /// </summary>
    public double StateNoise { get; init; }

    /// <summary>
    /// Bias noise: the standard deviation of the normal noise added to every bias (of every gate) while an update is computed, at
    /// least 0. A sequence has the same noise at every step, and other sequences have other noise. A memory that survives it is
    /// kept by an attractor with a margin, and not by a slow passage that ends after the trained lengths.
    /// </summary>
    public double BiasNoise { get; init; }

    /// <summary>
    /// Weight decay: this share of every weight (not of biases or h_0) is added to its gradient, at least 0; half of it is the
    /// factor of the squared L2 norm in the cost. Weight decay is added before clipping.
    /// </summary>
    public double WeightDecay { get; init; }

    /// <summary>
    /// L1 penalties by block: after each step every weight of the block moves towards 0 by the rate times the penalty's weight,
    /// and stops at 0. Clipping does not include the penalty.
    /// </summary>
    public IReadOnlyList<BlockPenalty> L1 { get; init; } = [];

    /// <summary>
    /// L2 penalties by block: like <see cref="WeightDecay"/>, but on any block (biases too), each with its own weight.
    /// </summary>
    public IReadOnlyList<BlockPenalty> L2 { get; init; } = [];

    /// <summary>
    /// Gradient noise: the standard deviation, at the first update, of the normal noise that is added to the clipped gradient,
    /// at least 0.
    /// </summary>
    public double GradientNoise { get; init; }

    /// <summary>The decay of the gradient noise: at update t its variance is divided by t to this power, at least 0.</summary>
    public double GradientNoiseDecay { get; init; } = 0.55;

    /// <summary>How the gradient is clipped.</summary>
    public ClipMode ClipMode { get; init; } = ClipMode.Norm;

    /// <summary>The clipping threshold, positive (section 3.2).</summary>
    public double ClipThreshold { get; init; } = 6;

    /// <summary>
    /// A threshold that adapts to the norms seen, for <see cref="ClipMode.Norm"/>; null for the fixed one. It is used once
    /// <see cref="Remedies.AdaptiveThreshold.WarmUp"/> norms have been seen; until then <see cref="ClipThreshold"/> is used.
    /// </summary>
    public AdaptiveThreshold? AdaptiveThreshold { get; init; }

    /// <summary>
    /// Clipping of the error signals as they flow back (Mikolov, 2012); null for none. Not together with <see cref="Omega"/>.
    /// </summary>
    public TemporalClipping? TemporalClip { get; init; }

    /// <summary>alpha, the weight of the regularizer Omega (section 3.3), at least 0; 0 leaves it out.</summary>
    public double Omega { get; init; } = 2;

    /// <summary>The form of Omega.</summary>
    public OmegaForm OmegaForm { get; init; } = OmegaForm.Code;

    /// <summary>How alpha changes.</summary>
    public OmegaSchedule OmegaSchedule { get; init; } = OmegaSchedule.Constant;

    /// <summary>What to do about a gradient that is not finite.</summary>
    public NonFinitePolicy OnNonFinite { get; init; } = NonFinitePolicy.Stop;

    /// <summary>
    /// Returning to the best model when the error of a check jumps; null for never. For a task with a success rule.
    /// </summary>
    public RescueRule? Rescue { get; init; }

    private static IEnumerable<TrainingOption> OfRemedies =>
    [
        new NumberOption(
            "weight-noise", OptionGroup.Remedies, "S",
            "Gradients are taken with normal noise of this standard deviation on every weight; 0 for none.",
            NumberRange.AtLeastZero, o => o.WeightNoise, (o, v) => o with { WeightNoise = v!.Value })
        {
            Off = "0",
        },
        new NumberOption(
            "state-noise", OptionGroup.Remedies, "S",
            "Normal noise of this standard deviation on every pre-activation while training; 0 for none.",
            NumberRange.AtLeastZero, o => o.StateNoise, (o, v) => o with { StateNoise = v!.Value })
        {
            Before = "0", Off = "0",
        },
        new NumberOption(
            "bias-noise", OptionGroup.Remedies, "S",
            "Normal noise of this standard deviation on every bias while training, the same at every step of a sequence; 0 for "
                + "none.",
            NumberRange.AtLeastZero, o => o.BiasNoise, (o, v) => o with { BiasNoise = v!.Value })
        {
            Before = "0", Off = "0",
        },
        new NumberOption(
            "weight-decay", OptionGroup.Remedies, "SHARE",
            "Adds this share of every weight to its gradient (L2 penalty); 0 for none.",
            NumberRange.AtLeastZero, o => o.WeightDecay, (o, v) => o with { WeightDecay = v!.Value })
        {
            Before = "0", Off = "0",
        },
        new TextOption(
            "l1", OptionGroup.Remedies,
            "L1 penalty on a parameter, such as weight_hh_l0:0.001: each step moves its weights towards 0 by rate x WEIGHT; a "
            + "list with commas, or none.",
            o => OptionTexts.Penalties(o.L1), (o, text) => OptionTexts.ReadPenalties(text) is { } l1 ? o with { L1 = l1 } : null,
            "NAME:WEIGHT,... or none")
        {
            Value = "NAME:WEIGHT", Before = "none", Off = "none", HasCommas = true,
        },
        new TextOption(
            "l2", OptionGroup.Remedies,
            "L2 penalty on a parameter: adds WEIGHT of it to its gradient, before clipping; a list with commas, or none.",
            o => OptionTexts.Penalties(o.L2), (o, text) => OptionTexts.ReadPenalties(text) is { } l2 ? o with { L2 = l2 } : null,
            "NAME:WEIGHT,... or none")
        {
            Value = "NAME:WEIGHT", Before = "none", Off = "none", HasCommas = true,
        },
        new NumberOption(
            "gradient-noise", OptionGroup.Remedies, "S",
            "Normal noise of this standard deviation on the clipped gradient, falling from update to update; 0 for none.",
            NumberRange.AtLeastZero, o => o.GradientNoise, (o, v) => o with { GradientNoise = v!.Value })
        {
            Before = "0", Off = "0",
        },
        new NumberOption(
            "gradient-noise-decay", OptionGroup.Remedies, "G", "The variance of --gradient-noise is divided by t^G at update t.",
            NumberRange.AtLeastZero, o => o.GradientNoiseDecay, (o, v) => o with { GradientNoiseDecay = v!.Value })
        {
            Before = "0.55",
            NoEffect = o => o.GradientNoise > 0 ? null
                : "without --gradient-noise; give --gradient-noise a deviation above 0",
        },
        new ChoiceOption<ClipMode>(
            "clip-mode", OptionGroup.Remedies, "Clip the norm of the whole gradient (Algorithm 1), each element, or nothing.",
            o => o.ClipMode, (o, v) => o with { ClipMode = v }),
        new NumberOption(
            "clip", OptionGroup.Remedies, "THRESHOLD|auto",
            "The clipping threshold (section 3.2); or auto, auto:F, auto:pP, auto:zZ: F times the mean norm (1), the Pth "
            + "percentile of the norms, Z deviations above their mean.",
            NumberRange.Positive, o => o.ClipThreshold, (o, v) => o with { ClipThreshold = v!.Value })
        {
            IsUsual = true,
        },
        new TextOption(
            "clip-rule", OptionGroup.Remedies, "",
            o => o.AdaptiveThreshold is { } rule ? OptionTexts.Threshold(rule) : "fixed",
            (o, text) => text == "fixed" ? o with { AdaptiveThreshold = null }
                : OptionTexts.ReadThreshold(text) is { } rule ? o with { AdaptiveThreshold = rule } : null,
            "fixed, mean:FACTOR, percentile:P or z-score:Z")
        {
            Before = "fixed", Off = "fixed",
        },
        new TextOption(
            "clip-temporal", OptionGroup.Remedies,
            "Clip each error signal dE/dh_t of a sequence as it flows back, by its norm or by element (section 3.1); or none.",
            o => o.TemporalClip is { } clip ? OptionTexts.TemporalClip(clip) : "none",
            (o, text) => text == "none" ? o with { TemporalClip = null }
                : OptionTexts.ReadTemporalClip(text) is { } clip ? o with { TemporalClip = clip } : null,
            "THRESHOLD,norm or THRESHOLD,value, or none")
        {
            Value = "THRESHOLD[,norm|value]", Before = "none", Off = "none", HasCommas = true,
        },
        new NumberOption(
            "omega", OptionGroup.Remedies, "ALPHA", "The weight of the regularizer Omega (section 3.3); 0 leaves it out.",
            NumberRange.AtLeastZero, o => o.Omega, (o, v) => o with { Omega = v!.Value })
        {
            IsUsual = true,
        },
        new ChoiceOption<OmegaForm>(
            "omega-form", OptionGroup.Remedies, "Omega as in the authors' code, or as in equation (9).", o => o.OmegaForm,
            (o, v) => o with { OmegaForm = v })
        {
            NoEffect = WithoutOmega,
        },
        new ChoiceOption<OmegaSchedule>(
            "omega-schedule", OptionGroup.Remedies, "Omega's weight: constant, or divided by 1, 2, 3, ... from check to check.",
            o => o.OmegaSchedule, (o, v) => o with { OmegaSchedule = v })
        {
            NoEffect = WithoutOmega,
        },
        new ChoiceOption<NonFinitePolicy>(
            "on-nonfinite", OptionGroup.Remedies, "What to do about a gradient that is not finite.", o => o.OnNonFinite,
            (o, v) => o with { OnNonFinite = v }),
        new TextOption(
            "rescue", OptionGroup.Remedies,
            "Go back to the best model and halve the rate when a check's error is above ABOVE and TIMES the least, once that is "
            + "below ONCE (best: 0.3,3,0.2); or none.",
            o => o.Rescue is { } r ? OptionTexts.Numbers(r.Above, r.Times, r.Once, r.Slowest) : "none",
            (o, text) => text == "none" ? o with { Rescue = null }
                : OptionTexts.ReadNumbers(text, 4) is [var above, var times, var once, var slowest]
                ? o with { Rescue = new RescueRule(above, times, once, slowest) } : null,
            "ABOVE,TIMES,ONCE,SLOWEST or none")
        {
            Value = "best|ABOVE,TIMES,ONCE", Before = "none", Off = "none", HasCommas = true,
        },
    ];

    private static string? WithoutOmega(TrainingOptions options) => options.Omega > 0 ? null
        : "without Omega; give --omega a weight above 0 or --method sgd-cr";
}
