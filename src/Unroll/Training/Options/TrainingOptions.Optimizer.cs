namespace Unroll.Training;

public sealed partial record TrainingOptions
{
    /// <summary>The optimizer.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    /// <summary>The (first) learning rate, positive.</summary>
    public double LearningRate { get; init; } = 0.001;

    /// <summary>How the rate changes.</summary>
    public RateSchedule RateSchedule { get; init; } = RateSchedule.Constant;

    /// <summary>
    /// For <see cref="RateSchedule.Plateau"/>, the checks without a lower validation loss after which the rate is halved, at
    /// least 1.
    /// </summary>
    public int PlateauChecks { get; init; } = 10;

    /// <summary>mu of momentum, in [0, 1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>What <see cref="OptimizerKind.HessianFree"/> has to choose.</summary>
    public HessianFreeOptions HessianFree { get; init; } = new();

    /// <summary>
    /// Polyak averaging: the share of the old average kept at each update, in [0, 1); checks and saved models then use the moving
    /// average of the parameters instead of the parameters themselves. After update t at most t / (t + 9) is kept, so that the
    /// start does not dominate the average of a short run. 0 is no averaging.
    /// </summary>
    public double Averaging { get; init; }

    private static IEnumerable<TrainingOption> OfOptimizer =>
    [
        new ChoiceOption<OptimizerKind>(
            "optimizer", OptionGroup.Optimizer, "How a gradient becomes a step.", o => o.Optimizer,
            (o, v) => o with { Optimizer = v }),
        new NumberOption(
            "lr", OptionGroup.Optimizer, "RATE", "The (first) learning rate.", NumberRange.Positive, o => o.LearningRate,
            (o, v) => o with { LearningRate = v!.Value })
        {
            IsUsual = true,
        },
        new ChoiceOption<RateSchedule>(
            "lr-schedule", OptionGroup.Optimizer,
            "Constant; halved when the validation loss rises, or the training loss; divided by 1, 2, 3, ... from check to check; "
            + "halved on a plateau.",
            o => o.RateSchedule, (o, v) => o with { RateSchedule = v },
            (RateSchedule.HalveOnRise, "halve"), (RateSchedule.HalveOnTrainingRise, "halve-training")),
        new WholeOption(
            "plateau-checks", OptionGroup.Optimizer,
            "For --lr-schedule plateau: halve after N checks in a row without a lower validation loss.",
            1, 1_000_000, o => o.PlateauChecks, (o, v) => o with { PlateauChecks = (int)v! })
        {
            Before = "10",
        },
        new NumberOption(
            "momentum", OptionGroup.Optimizer, "MU",
            "Momentum, at least 0 and below 1, for --optimizer momentum, nesterov and sutskever.",
            NumberRange.BelowOne, o => o.Momentum, (o, v) => o with { Momentum = v!.Value }),
        new NumberOption(
            "damping", OptionGroup.Optimizer, "LAMBDA", "For --optimizer hessian-free: the first damping, per predicted output.",
            NumberRange.Positive, o => o.HessianFree.Damping,
            (o, v) => o with { HessianFree = o.HessianFree with { Damping = v!.Value } })
        {
            Before = "0.01",
        },
        new NumberOption(
            "structural-damping", OptionGroup.Optimizer, "MU",
            "For --optimizer hessian-free: the weight, times the damping, of damping the moves of the hidden states; 0 for none.",
            NumberRange.AtLeastZero, o => o.HessianFree.StructuralDamping,
            (o, v) => o with { HessianFree = o.HessianFree with { StructuralDamping = v!.Value } })
        {
            Before = "0.03",
        },
        new WholeOption(
            "cg-iterations", OptionGroup.Optimizer,
            "For --optimizer hessian-free: the most iterations of conjugate gradients in an update.",
            1, 10_000, o => o.HessianFree.Iterations,
            (o, v) => o with { HessianFree = o.HessianFree with { Iterations = (int)v! } })
        {
            Before = "300",
        },
        new WholeOption(
            "gradient-batches", OptionGroup.Optimizer,
            "For --optimizer hessian-free: the minibatches of --batch sequences that make a gradient.",
            1, 1_000, o => o.HessianFree.GradientBatches,
            (o, v) => o with { HessianFree = o.HessianFree with { GradientBatches = (int)v! } })
        {
            Before = "10",
        },
        new NumberOption(
            "averaging", OptionGroup.Optimizer, "SHARE",
            "Judge and save a moving average of the parameters that keeps this share of itself at each update, such as 0.999; "
            + "0 for none.",
            NumberRange.BelowOne, o => o.Averaging, (o, v) => o with { Averaging = v!.Value })
        {
            Off = "0",
        },
    ];
}
