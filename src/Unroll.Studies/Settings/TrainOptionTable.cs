using Unroll.Remedies;
using Unroll.Training;

namespace Unroll.Studies.Settings;

/// <summary>One option of <c>unroll train</c> that sets a knob of <see cref="TrainingOptions"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">What stands for its value in the help; empty for a flag.</param>
/// <param name="Description">What it is.</param>
/// <param name="Property">Its name in <see cref="OptionsText"/>.</param>
/// <param name="Parse">Turns the text given into a change of the options; throws <see cref="UserError"/>.</param>
internal sealed record TrainOption(
    string Name, string Value, string Description, string Property, Func<string, Func<TrainingOptions, TrainingOptions>> Parse)
{
    /// <summary>A flag has no value.</summary>
    public bool IsFlag => Value.Length == 0;
}

/// <summary>Every knob of <see cref="TrainingOptions"/> as an option, in the order of the help.</summary>
internal static class TrainOptionTable
{
    private static readonly (string Name, Initialization Value)[] Initializations = Values.Named<Initialization>();
    private static readonly (string Name, RateSchedule Value)[] RateSchedules =
    [
        ("constant", RateSchedule.Constant), ("halve", RateSchedule.HalveOnRise), ("halve-training", RateSchedule.HalveOnTrainingRise), ("inverse", RateSchedule.Inverse),
        ("plateau", RateSchedule.Plateau),
    ];

    public static IReadOnlyList<TrainOption> All { get; } =
    [
        new("--stop", Values.Names<StopRule>(), "When it ends early: at the first check with at most 1% wrong; after 3 in a row; without any error; never.", "stop",
            Choice("--stop", Values.Named<StopRule>(), (o, v) => o with { Stop = v })),
        new("--cost", Values.Names<CostReduction>(), "How the costs of a sequence's steps are combined; rates and thresholds belong to it. Default: the task's own.", "cost",
            Choice("--cost", Values.Named<CostReduction>(), (o, v) => o with { Reduction = v })),
        new("--cell", Values.Names<CellKind>(), "What the units compute.", "cell",
            Choice("--cell", Values.Named<CellKind>(), (o, v) => o with { Cell = v })),
        new("--layers", "N", "Layers of such units, 1 to 8.", "layers",
            Whole("--layers", 1, NetworkShape.MaximumLayers, (o, v) => o with { Layers = (int)v })),
        new("--stack", "CELL:N,...",
            "Layers that are not all alike, from the input up, in the place of --cell, --layers and --hidden, such as "
            + "plain:100:sigmoid,leaky:50:tanh:0.3,lstm:50; or none.", "stack", NetworkOptions.Stack),
        new("--leak", "SHARE",
            "Leaky units: the share of the way to its new value that a unit goes in a step, above 0 and at most 1.", "leak",
            NetworkOptions.Leak),
        new("--train-leak", "", "Leaky units: train the leak of each, from --leak on.", "train-leak",
            _ => o => o with { TrainedLeak = true }),
        new("--forget-bias", "B", "LSTM: what is added at first to the bias of the forget gate.", "forget-bias",
            NetworkOptions.ForgetBias),
        new("--chrono", "T",
            "LSTM, GRU and trained leaks: start with memories of 2 to T steps (chrono initialization), in the place of "
            + "--forget-bias; or none.", "chrono", NetworkOptions.Chrono),
        new("--dropout", "SHARE",
            "The share of a layer's outputs that the layer above does not see while training, at least 0 and below 1.", "dropout",
            BelowOne("--dropout", (o, v) => o with { Dropout = v })),
        new("--input-dropout", "SHARE", "The share of the inputs that is dropped in the same way.", "input-dropout",
            BelowOne("--input-dropout", (o, v) => o with { InputDropout = v })),
        new("--output-dropout", "SHARE", "The share of the last layer's outputs that the head does not see.", "output-dropout",
            BelowOne("--output-dropout", (o, v) => o with { OutputDropout = v })),
        new("--hidden", "N", "Hidden units of each layer.", "hidden",
            Whole("--hidden", 1, NetworkShape.MaximumSize, (o, v) => o with { Hidden = (int)v })),
        new("--activation", Values.Names<Activation>(), "The nonlinearity.", "activation",
            Choice("--activation", Values.Named<Activation>(), (o, v) => o with { Activation = v })),
        new("--init", string.Join('|', Initializations.Select(c => c.Name)), "The distribution of the initial parameters.", "init",
            Choice("--init", Initializations, (o, v) => o with { Initialization = v })),
        new("--init-block", "NAME:DISTRIBUTION",
            "Another distribution for some weights, such as weight_hh_l0:orthogonal; a list with commas, or none.", "init-block",
            text => NetworkOptions.InitializeBlocks(text, Initializations)),
        new("--no-bias", "", "Leave out the biases.", "biases", _ => o => o with { Biases = false }),
        new("--learn-initial-state", "", "Train h_0 too; otherwise it is zero.", "learned-initial-state", _ => o => o with { LearnedInitialState = true }),
        new("--frozen", "NAME", "A parameter that is not trained, such as weight_hh_l0; may be repeated, or a list with commas.", "frozen", Frozen),
        new("--optimizer", Values.Names<OptimizerKind>(), "How a gradient becomes a step.", "optimizer",
            Choice("--optimizer", Values.Named<OptimizerKind>(), (o, v) => o with { Optimizer = v })),
        new("--lr", "RATE", "The (first) learning rate.", "lr", Number("--lr", false, "", (o, v) => o with { LearningRate = v })),
        new("--lr-schedule", string.Join('|', RateSchedules.Select(c => c.Name)), "Constant; halved when the validation loss rises, or the training loss; divided by 1, 2, 3, ... from check to check; halved on a plateau.", "lr-schedule",
            Choice("--lr-schedule", RateSchedules, (o, v) => o with { RateSchedule = v })),
        new("--plateau-checks", "N", "For --lr-schedule plateau: halve after N checks in a row without a lower validation loss.",
            "plateau-checks",
            Whole("--plateau-checks", 1, 1_000_000, (o, v) => o with { PlateauChecks = (int)v })),
        new("--momentum", "MU", "Momentum, at least 0 and below 1, for --optimizer momentum, nesterov and sutskever.", "momentum",
            BelowOne("--momentum", (o, v) => o with { Momentum = v })),
        .. HessianFreeOptionTable.All,
        new("--averaging", "SHARE", "Judge and save a moving average of the parameters that keeps this share of itself at each update, such as 0.999; 0 for none.", "averaging",
            BelowOne("--averaging", (o, v) => o with { Averaging = v })),
        new("--weight-noise", "S", "Gradients are taken with normal noise of this standard deviation on every weight; 0 for none.", "weight-noise",
            Number("--weight-noise", true, "", (o, v) => o with { WeightNoise = v })),
        new("--state-noise", "S",
            "Normal noise of this standard deviation on every pre-activation while training; 0 for none.", "state-noise",
            Number("--state-noise", true, "", (o, v) => o with { StateNoise = v })),
        new("--weight-decay", "SHARE", "Adds this share of every weight to its gradient (L2 penalty); 0 for none.", "weight-decay",
            Number("--weight-decay", true, "", (o, v) => o with { WeightDecay = v })),
        new("--l1", "NAME:WEIGHT",
            "L1 penalty on a parameter, such as weight_hh_l0:0.001: each step moves its weights towards 0 by rate x WEIGHT; a "
            + "list with commas, or none.", "l1",
            Penalties("--l1", (o, v) => o with { L1 = v })),
        new("--l2", "NAME:WEIGHT",
            "L2 penalty on a parameter: adds WEIGHT of it to its gradient, before clipping; a list with commas, or none.", "l2",
            Penalties("--l2", (o, v) => o with { L2 = v })),
        new("--gradient-noise", "S",
            "Normal noise of this standard deviation on the clipped gradient, falling from update to update; 0 for none.",
            "gradient-noise",
            Number("--gradient-noise", true, "", (o, v) => o with { GradientNoise = v })),
        new("--gradient-noise-decay", "G", "The variance of --gradient-noise is divided by t^G at update t.",
            "gradient-noise-decay",
            Number("--gradient-noise-decay", true, "", (o, v) => o with { GradientNoiseDecay = v })),
        new("--clip", "THRESHOLD|auto",
            "The clipping threshold (section 3.2); or auto, auto:F, auto:pP, auto:zZ: F times the mean norm (1), the Pth "
            + "percentile of the norms, Z deviations above their mean.", "clip",
            ClipOption.Parse),
        new("--clip-mode", Values.Names<ClipMode>(), "Clip the norm of the whole gradient (Algorithm 1), each element, or nothing.", "clip-mode",
            Choice("--clip-mode", Values.Named<ClipMode>(), (o, v) => o with { ClipMode = v })),
        TemporalClipOption.Option,
        new("--omega", "ALPHA", "The weight of the regularizer Omega (section 3.3); 0 leaves it out.", "omega",
            Number("--omega", true, "", (o, v) => o with { Omega = v })),
        new("--omega-form", Values.Names<OmegaForm>(), "Omega as in the authors' code, or as in equation (9).", "omega-form",
            Choice("--omega-form", Values.Named<OmegaForm>(), (o, v) => o with { OmegaForm = v })),
        new("--omega-schedule", Values.Names<OmegaSchedule>(), "Omega's weight: constant, or divided by 1, 2, 3, ... from check to check.", "omega-schedule",
            Choice("--omega-schedule", Values.Named<OmegaSchedule>(), (o, v) => o with { OmegaSchedule = v })),
        new("--on-nonfinite", Values.Names<NonFinitePolicy>(), "What to do about a gradient that is not finite.", "on-nonfinite",
            Choice("--on-nonfinite", Values.Named<NonFinitePolicy>(), (o, v) => o with { OnNonFinite = v })),
        new("--rescue", "best|ABOVE,TIMES,ONCE",
            "Go back to the best model and halve the rate when a check's error is above ABOVE and TIMES the least, once that is "
            + "below ONCE (best: 0.3,3,0.2); or none.", "rescue",
            Rescue),
        new("--batch", "N", "Sequences in an update (not for memorization of 5 bits, which takes all its patterns).", "batch",
            Whole("--batch", 1, 65_536, (o, v) => o with { BatchSize = (int)v })),
        new("--curriculum", "START,GROWTH,THRESHOLD", "Begin at length START, and grow by GROWTH when at most THRESHOLD of the training sequences are wrong; or none.", "curriculum",
            text =>
            {
                LengthCurriculum? curriculum = Values.Curriculum("--curriculum", text);
                return o => o with { Curriculum = curriculum };
            }),
        new("--seed", "N", "With the other options it fixes every bit of the result.", "seed",
            text =>
            {
                ulong seed = Values.Seed("--seed", text);
                return o => o with { Seed = seed };
            }),
        new("--updates", "N", "The budget in updates.", "updates", Whole("--updates", 1, 1_000_000_000_000, (o, v) => o with { MaximumUpdates = v })),
        new("--epochs", "N", "For music and text: the budget in epochs.", "epochs", Whole("--epochs", 1, 1_000_000, (o, v) => o with { MaximumEpochs = (int)v })),
        new("--patience", "N", "For music and text: end after N checks in a row without a better validation loss; or none.", "patience",
            text =>
            {
                int? patience = text == "none" ? null : (int)Values.Whole("--patience", text, 1, 1_000_000);
                return o => o with { Patience = patience };
            }),
        new("--minutes", "M", "The budget in minutes.", "minutes",
            text =>
            {
                double minutes = Values.Number("--minutes", text, maximum: 10_000_000);
                return o => o with { MaximumMinutes = minutes };
            }),
        new("--check-every", "N", "Updates from one check to the next; for music and text also: epoch.", "check-every",
            text =>
            {
                int every = text == "epoch" ? 0 : (int)Values.Whole("--check-every", text, 1, 1_000_000_000);
                return o => o with { CheckEvery = every };
            }),
        new("--validation", "N", "Fresh sequences judged at a check (not for memorization of 5 bits).", "validation",
            Whole("--validation", 1, 10_000_000, (o, v) => o with { ValidationSequences = (int)v })),
        new("--select-length", "T,T,...", "Choose the best model by its error at this length, or the worst at several (longer than the training lengths, for generalization); or none.", "select-length",
            text =>
            {
                int[] lengths = text == "none" ? [] : [.. text.Split(',').Select(part => (int)Values.Whole("--select-length", part.Trim(), 1, LengthRange.Longest)).Distinct()];
                return o => o with { SelectionLengths = lengths };
            }),
        new("--threads", "N", "Worker threads; they change no bit of the result.", "threads",
            Whole("--threads", 1, 256, (o, v) => o with { Threads = (int)v })),
        new("--precision", Values.Names<Precision>(), "The floating-point type.", "precision",
            Choice("--precision", Values.Named<Precision>(), (o, v) => o with { Precision = v })),
    ];

    private static Func<string, Func<TrainingOptions, TrainingOptions>> Choice<T>(
        string option, (string Name, T Value)[] choices, Func<TrainingOptions, T, TrainingOptions> set) => text =>
        {
            T value = Values.Choice(option, text, choices);
            return o => set(o, value);
        };

    private static Func<string, Func<TrainingOptions, TrainingOptions>> Whole(
        string option, long minimum, long maximum, Func<TrainingOptions, long, TrainingOptions> set) => text =>
        {
            long value = Values.Whole(option, text, minimum, maximum);
            return o => set(o, value);
        };

    private static Func<string, Func<TrainingOptions, TrainingOptions>> Number(
        string option, bool zeroAllowed, string hint, Func<TrainingOptions, double, TrainingOptions> set) => text =>
        {
            double value = Values.Number(option, text, zeroAllowed, hint);
            return o => set(o, value);
        };

    private static Func<string, Func<TrainingOptions, TrainingOptions>> BelowOne(string option, Func<TrainingOptions, double, TrainingOptions> set) => text =>
    {
        double value = Values.Number(option, text, zeroAllowed: true);
        return value < 1 ? o => set(o, value) : throw new UserError($"{option} {text} must be below 1.");
    };

    private static Func<string, Func<TrainingOptions, TrainingOptions>> Penalties(
        string option, Func<TrainingOptions, IReadOnlyList<BlockPenalty>, TrainingOptions> set) => text =>
        {
            BlockPenalty[] penalties = text == "none" ? []
                : [.. text.Split(',').Select(part => part.Split(':') is [{ Length: > 0 } name, string weight]
                ? new BlockPenalty(name.Trim(), Values.Number($"The weight of {option} {name.Trim()}", weight))
                : throw new UserError($"{option} '{part}' is not a penalty; write NAME:WEIGHT such as "
                    + "weight_hh_l0:0.001, or none."))];
            return o => set(o, penalties);
        };

    private static Func<TrainingOptions, TrainingOptions> Rescue(string text)
    {
        RescueRule? rule = text switch { "none" => null, "best" => new RescueRule(), _ => Numbers() };
        return o => o with { Rescue = rule };

        RescueRule Numbers()
        {
            string[] parts = text.Split(',');
            if (parts.Length is not (3 or 4))
                throw new UserError($"--rescue '{text}' is not a rule; write best, ABOVE,TIMES,ONCE such as 0.3,3,0.2, or none.");
            string[] names = ["ABOVE", "TIMES", "ONCE", "SLOWEST"];
            double[] n = [.. parts.Select((part, i) => Values.Number($"{names[i]} of --rescue", part.Trim()))];
            return n.Length == 3 ? new RescueRule(n[0], n[1], n[2]) : new RescueRule(n[0], n[1], n[2], n[3]);
        }
    }

    private static Func<TrainingOptions, TrainingOptions> Frozen(string text)
    {
        string[] frozen = [.. text.Split(',').Select(part => NetworkOptions.Parameter("--frozen", part.Trim())).Distinct()];
        return o => o with { Frozen = frozen };
    }
}
