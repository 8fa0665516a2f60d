using Unroll.Numerics;

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

    /// <summary>
    /// The updates over which the rate rises in equal steps to what the schedule says, at least 0: update t of N has t / N of it.
    /// The first steps of adaptive optimizers, whose averages rest on few gradients, are then short. 0 is no warm-up.
    /// </summary>
    /// <exception cref="ArgumentException">It is below 0.</exception>
    public long Warmup
    {
        get;
        init => field = value >= 0 ? value
            : throw new ArgumentException(Invariant($"The warm-up has {value} updates; it must have at least 0."));
    }

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
            NoEffect = OfHessianFree,
        },
        new ChoiceOption<RateSchedule>(
            "lr-schedule", OptionGroup.Optimizer,
            "Constant; halved when the validation loss rises, or the training loss; divided by 1, 2, 3, ... from check to check; "
            + "halved on a plateau.",
            o => o.RateSchedule, (o, v) => o with { RateSchedule = v },
            (RateSchedule.HalveOnRise, "halve"), (RateSchedule.HalveOnTrainingRise, "halve-training"))
        {
            NoEffect = OfHessianFree,
        },
        new WholeOption(
            "plateau-checks", OptionGroup.Optimizer,
            "For --lr-schedule plateau: halve after N checks in a row without a lower validation loss.",
            1, 1_000_000, o => o.PlateauChecks, (o, v) => o with { PlateauChecks = (int)v! })
        {
            Before = "10",
            NoEffect = o => o.RateSchedule == RateSchedule.Plateau ? null
                : "without --lr-schedule plateau; add it, or leave --plateau-checks out",
        },
        new WholeOption(
            "warmup", OptionGroup.Optimizer,
            "Let the rate rise in equal steps over the first N updates, for optimizers such as Adam; 0 for none.",
            0, 1_000_000_000, o => o.Warmup, (o, v) => o with { Warmup = v!.Value })
        {
            Off = "0",
            Before = "0",
            NoEffect = OfHessianFree,
            Header = o => Invariant($"rising over the first {Counted.Of(o.Warmup, "update")}"),
        },
        new NumberOption(
            "momentum", OptionGroup.Optimizer, "MU",
            "Momentum, at least 0 and below 1, for --optimizer momentum, nesterov and sutskever.",
            NumberRange.BelowOne, o => o.Momentum, (o, v) => o with { Momentum = v!.Value })
        {
            NoEffect = o => HasMomentum(o.Optimizer) ? null
                : $"with --optimizer {OptionsText.Name(o.Optimizer)}; use --optimizer momentum, nesterov or sutskever",
        },
        new NumberOption(
            "damping", OptionGroup.Optimizer, "LAMBDA", "For --optimizer hessian-free: the first damping, per predicted output.",
            NumberRange.Positive, o => o.HessianFree.Damping,
            (o, v) => o with { HessianFree = o.HessianFree with { Damping = v!.Value } })
        {
            Before = "0.01",
            NoEffect = o => WithoutHessianFree(o, "--damping"),
        },
        new NumberOption(
            "structural-damping", OptionGroup.Optimizer, "MU",
            "For --optimizer hessian-free: the weight, times the damping, of damping the moves of the hidden states; 0 for none.",
            NumberRange.AtLeastZero, o => o.HessianFree.StructuralDamping,
            (o, v) => o with { HessianFree = o.HessianFree with { StructuralDamping = v!.Value } })
        {
            Before = "0.03",
            NoEffect = o => WithoutHessianFree(o, "--structural-damping"),
        },
        new WholeOption(
            "cg-iterations", OptionGroup.Optimizer,
            "For --optimizer hessian-free: the most iterations of conjugate gradients in an update.",
            1, 10_000, o => o.HessianFree.Iterations,
            (o, v) => o with { HessianFree = o.HessianFree with { Iterations = (int)v! } })
        {
            Before = "300",
            NoEffect = o => WithoutHessianFree(o, "--cg-iterations"),
        },
        new WholeOption(
            "gradient-batches", OptionGroup.Optimizer,
            "For --optimizer hessian-free: the minibatches of --batch sequences that make a gradient.",
            1, 1_000, o => o.HessianFree.GradientBatches,
            (o, v) => o with { HessianFree = o.HessianFree with { GradientBatches = (int)v! } })
        {
            Before = "10",
            NoEffect = o => WithoutHessianFree(o, "--gradient-batches"),
        },
        new NumberOption(
            "averaging", OptionGroup.Optimizer, "SHARE",
            "Evaluate and save a moving average of the parameters that keeps this share of itself at each update, such as 0.999; "
            + "0 for none.",
            NumberRange.BelowOne, o => o.Averaging, (o, v) => o with { Averaging = v!.Value })
        {
            Off = "0",
        },
    ];

    /// <summary>The learning rate of an update.</summary>
    /// <param name="update">The update, 1, 2, 3, ...</param>
    /// <param name="interval">The interval between checks that the update falls into, 1, 2, 3, ...</param>
    /// <param name="factor">What is left of the rate after the halvings of the schedule.</param>
    internal double RateAt(long update, long interval, double factor)
    {
        double rate = RateSchedule switch
        {
            RateSchedule.HalveOnRise or RateSchedule.HalveOnTrainingRise or RateSchedule.Plateau => LearningRate * factor,
            RateSchedule.Inverse => LearningRate / interval,
            _ => LearningRate,
        };
        return update < Warmup ? rate * update / Warmup : rate;
    }

    /// <summary>Whether an optimizer has a momentum that <see cref="Momentum"/> sets.</summary>
    internal static bool HasMomentum(OptimizerKind kind) =>
        kind is OptimizerKind.Momentum or OptimizerKind.Nesterov or OptimizerKind.Sutskever;

    private static string? OfHessianFree(TrainingOptions options) => options.Optimizer switch
    {
        OptimizerKind.HessianFree => "with --optimizer hessian-free, which finds the length of its steps itself; leave it out",
        OptimizerKind.Ridge => "with --optimizer ridge, which takes no steps; leave it out",
        _ => null,
    };

    private static string? WithoutHessianFree(TrainingOptions options, string option) =>
        options.Optimizer == OptimizerKind.HessianFree ? null
            : $"without --optimizer hessian-free; add it, or leave {option} out";
}
