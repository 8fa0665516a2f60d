using System.Globalization;
using Unroll.Cli.Settings;
using Unroll.Data;
using Unroll.Numerics;
using Unroll.Remedies;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary>What a run is about to do, every resolved option in its group.</summary>
internal static class RunHeader
{
    /// <summary>The lines: a heading of a word or two, and what belongs under it.</summary>
    public static IEnumerable<(string Heading, string Text)> Lines(TrainSettings settings, Trainer trainer, string kernel,
        string? folder, bool isShown = false)
    {
        TrainingOptions o = settings.Options;
        NetworkShape shape = trainer.Shape;
        ITask task = trainer.Task;
        SeriesTask? series = task as SeriesTask;
        if (series is not null)
        {
            foreach ((string Heading, string Text) line in SeriesHeader.Lines(settings, series)) yield return line;
        }
        else
        {
            yield return ("Task", task is ICorpusTask corpus
                ? $"{settings.Task}, {Corpus(settings, corpus)}"
                : $"{settings.Task}, {Counted.Noun(settings.Length.Minimum == settings.Length.Maximum ? 1 : 2, "length")} "
                    + $"{settings.Length}{Origin(settings, task)}");
            yield return ("Recipe",
                $"{settings.Recipe}, for the values not given (--recipe "
                    + $"{string.Join('|', settings.Corpus is { } own ? own.Kind.Recipes : Recipes.NamesFor(settings.Task))})");
        }

        yield return ("Network", $"{Input(shape)}, {NetworkWords.Units(shape)}, {Output(shape)}; "
            + $"{(shape.Biases ? "biases" : "no biases")}, initial state {(shape.LearnedInitialState ? "learned" : "zero")}; "
            + $"{Format.Count(shape.ParameterCount)} parameters, {OptionsText.Name(o.Precision)}, "
            + (settings.From is { } from ? $"from {from}"
                : $"{OptionsText.Name(o.Initialization)} init{NetworkWords.Start(o, shape)}")
            + Declared(OptionGroup.Network, o) + NetworkWords.Dropout(o)
            + (o.Frozen.Count > 0 ? $", frozen: {string.Join(", ", o.Frozen)}" : ""));
        yield return ("Cost",
            $"{OptionsText.Name(o.Reduction ?? task.Reduction)} over the predicted steps of a "
                + $"sequence{(o.Reduction is null ? " (the task's own)" : "")}, mean over the batch, in {task.LossUnit}");
        yield return ("Remedies",
            $"{MethodName(o)}: {Clipping(o)}{TemporalClipOption.Words(o)}; {Omega(o)}; on a gradient that "
                + $"is not finite: {OptionsText.Name(o.OnNonFinite)}{Others(o)}");
        yield return ("Optimizer",
            $"{OptionsText.Name(o.Optimizer)}{Steps(o)}"
            + (o.Averaging > 0 ? $", parameters averaged with {Format.Exact(o.Averaging)} kept" : "")
            + (o.WeightNoise > 0 ? $", noise of {Format.Exact(o.WeightNoise)} on the weights" : "")
            + (o.WeightDecay > 0 ? $", weight decay {Format.Exact(o.WeightDecay)}" : ", no weight decay")
            + Declared(OptionGroup.Optimizer, o));
        if (series is not null)
        {
            foreach ((string Heading, string Text) line in SeriesHeader.Run(settings, series, trainer)) yield return line;
        }
        else if (task is ICorpusTask data)
        {
            yield return ("Data",
                $"{Counted.Of(trainer.Rows, "window")} of {Counted.Of(data.Window, "step")} an update, "
                    + $"{Format.Counted(trainer.UpdatesPerEpoch!.Value, "update")} an epoch, seed {o.Seed}");
            yield return ("Checks",
                $"every {(o.CheckEvery == 0 ? "epoch" : Format.Counted(o.CheckEvery, "update"))} on the whole validation fold");
            yield return ("Stop",
                (o.Patience is { } patience ? $"after {Counted.Of(patience, "check")} without a better validation loss; " : "")
                    + $"at most {Format.Counted(trainer.Budget, "update")}"
                    + $"{(o.MaximumEpochs is { } epochs ? $" ({Counted.Of(epochs, "epoch")})" : "")}"
                    + (o.MaximumMinutes is { } most ? $" or {Format.Exact(most)} {Counted.Noun(most, "minute")}" : ""));
        }
        else
        {
            yield return ("Data",
                $"{Counted.Of(trainer.Rows, "sequence")} an update{(task.WholeSet is null ? "" : " (the whole set)")}, "
                    + $"seed {o.Seed}, "
                    + $"{Curriculum(o)}{Forcing(task, o)}");
            yield return ("Checks",
                $"every {Format.Counted(o.CheckEvery, "update")} on "
                    + (task.WholeSet is { } all ? $"the whole set of {all}" : $"{Format.Count(o.ValidationSequences)} fresh")
                    + " sequences"
                    + (task is IFeedbackTask { RunsFree: true } ? ", which go on with the network's own outputs" : "")
                + (o.SelectionLengths.Count > 0
                    ? $"; the best model is the one with the least {OptionsText.Name(o.SelectionMeasure)} at length "
                        + $"{string.Join(", ", o.SelectionLengths)}{(o.SelectionLengths.Count > 1 ? ", the worst of them" : "")}"
                        : ""));
            yield return ("Stop",
                $"{Stop(o)}; at most {Format.Counted(o.MaximumUpdates, "update")}"
                    + $"{(o.MaximumMinutes is { } m ? $" or {Format.Exact(m)} {Counted.Noun(m, "minute")}" : "")}");
        }

        yield return ("Others", string.Join(", ",
            from option in TrainOptionTable.All
            where !TypedOptions.IsInForce(option.Declared, o)
                && (series is null || !TrainSeriesCommand.OfSyntheticTasks.Contains(option.Property))
            let value = option.Declared.Typed(o)
            select $"{option.Property} {(value is { Length: > 0 } ? value : "none")}"));
        yield return ("Machine",
            $"{kernel} kernel, {Counted.Of(o.Threads, "thread")}, unroll {ProgramVersion.Text}");
        yield return ("Output", folder is null ? "none, nothing is written; give --out DIR to keep the model" : folder);
        if (folder is not null && !isShown)
            yield return ("Page", $"unroll watch {folder} shows the run as it goes, unroll report {folder} writes a page of it");
    }

    /// <summary>What the declarations of options say of themselves.</summary>
    private static string Declared(OptionGroup about, TrainingOptions o) => string.Concat(
        from option in TrainingOptions.Declared
        where option.Group == about && TypedOptions.IsInForce(option, o)
        let words = option.Header(o)
        where words is not null
        select $", {words}");

    private static string Corpus(TrainSettings settings, ICorpusTask task)
    {
        string folds = string.Join(" / ", ((Fold[])[Fold.Train, Fold.Validation, Fold.Test]).Select(fold =>
            Format.Count(Enumerable.Range(0, task.Streams(fold)).Sum(stream => (long)task.StreamSteps(fold, stream)))));
        return $"{settings.Corpus!.Predicts} of {settings.Corpus.Data}, {folds} steps to train, validate and test";
    }

    private static string Forcing(ITask task, TrainingOptions o) => (task, o.TeacherForcing) switch
    {
        (not IFeedbackTask, _) => "",
        (IFeedbackTask { RunsFree: false }, { IsPartial: false }) => "",
        (_, { IsPartial: false }) => ", the true values as inputs (teacher forcing)",
        (_, { } f) when f.Start == f.End => f.Start == 0 ? ", the network's own outputs as inputs"
            : $", the true values as inputs at {Format.Exact(f.Start)} of the steps, its own outputs at the others",
        (_, { } f) => $", the true values as inputs at {Format.Exact(f.Start)} of the steps, going to {Format.Exact(f.End)} over "
            + $"{Format.Counted(f.Updates, "update")}, its own outputs at the others",
    };

    /// <summary>Where a task of the paper is from; tasks on signals and a user's own are from elsewhere.</summary>
    private static string Origin(TrainSettings settings, ITask task) => settings.Own is not null || task is SignalTask ? ""
        : ", as in the " + settings.Variant switch
        {
            TaskVariant.Code => "authors' code",
            TaskVariant.Text => "paper's text",
            _ => "paper of Hochreiter and Schmidhuber, 1997",
        };

    private static string Input(NetworkShape shape) =>
        $"{shape.Inputs} {OptionsText.Name(shape.Encoding)} input{(shape.Inputs == 1 ? "" : "s")}";

    private static string Output(NetworkShape shape) => shape.Head switch
    {
        OutputHead.SoftmaxLast => $"{Counted.Of(shape.Outputs, "class")} at {Steps(shape)} (softmax)",
        OutputHead.SoftmaxEvery => $"{Counted.Of(shape.Outputs, "class")} at every step (softmax)",
        OutputHead.LinearLast => $"{Linear(shape)} at {Steps(shape)}",
        OutputHead.LinearEvery => $"{Linear(shape)} at every step",
        OutputHead.AbsoluteLast or OutputHead.AbsoluteEvery => $"{Linear(shape)} at {Steps(shape)} (absolute error)",
        OutputHead.HuberLast or OutputHead.HuberEvery =>
            $"{Linear(shape)} at {Steps(shape)} (Huber's error, delta {Format.Exact(shape.HuberDelta)})",
        OutputHead.QuantileLast or OutputHead.QuantileEvery =>
            $"{Linear(shape)} at {Steps(shape)} (quantiles {shape.Quantiles})",
        _ => $"{Counted.Of(shape.Outputs, "bit")} at {Steps(shape)} (Bernoulli)",
    };

    private static string Linear(NetworkShape shape) => Counted.Of(shape.Outputs, "linear output");

    private static string Steps(NetworkShape shape) => shape.PredictsEveryStep ? "every step"
        : shape.Read == StateReading.Last ? "the last step"
        : $"the end, from the {OptionsText.Name(shape.Read)} of all states";

    private static string Clipping(TrainingOptions o) => o.ClipMode switch
    {
        ClipMode.Norm when o.AdaptiveThreshold is { } rule =>
            $"gradient norm clipped at {ClipOption.Describe(rule)} (for the first {AdaptiveThreshold.WarmUp} updates at "
                + $"{Format.Exact(o.ClipThreshold)})",
        ClipMode.Norm => $"gradient norm clipped at {Format.Exact(o.ClipThreshold)}",
        ClipMode.Value => $"gradient elements clipped at {Format.Exact(o.ClipThreshold)}",
        _ => "no clipping",
    };

    private static string Omega(TrainingOptions o) => o.Omega == 0 ? "no Omega"
        : $"Omega with weight {Format.Exact(o.Omega)}{(o.OmegaSchedule == OmegaSchedule.Inverse ? " / check" : "")}, "
            + $"{(o.OmegaForm == OmegaForm.Code ? "authors' form" : "paper's form")}";

    /// <summary>The remedies that are off unless asked for.</summary>
    private static string Others(TrainingOptions o)
    {
        var text = new System.Text.StringBuilder();
        Penalties("L1", o.L1);
        Penalties("L2", o.L2);

        if (o.InputNoise > 0) text.Append(CultureInfo.InvariantCulture, $"; noise of {Format.Exact(o.InputNoise)} on the inputs");
        if (o.StateNoise > 0)
            text.Append(CultureInfo.InvariantCulture, $"; noise of {Format.Exact(o.StateNoise)} on the pre-activations");
        if (o.BiasNoise > 0)
            text.Append(CultureInfo.InvariantCulture, $"; noise of {Format.Exact(o.BiasNoise)} on the biases of each sequence");
        if (o.GradientNoise > 0)
            text.Append(CultureInfo.InvariantCulture,
                $"; noise of {Format.Exact(o.GradientNoise)} on the gradient, its variance / "
                    + $"t^{Format.Exact(o.GradientNoiseDecay)}");
        if (o.Rescue is { } r)
            text.Append(CultureInfo.InvariantCulture,
                $"; back to the best model, and half the rate (down to {Format.Exact(r.Slowest)} of it), when a check's "
                + $"error is above {Format.Percent(r.Above)} and {Format.Exact(r.Times)} times the least, once that is below "
                + $"{Format.Percent(r.Once)}");
        return text.ToString();

        void Penalties(string name, IReadOnlyList<BlockPenalty> penalties)
        {
            if (penalties.Count > 0)
                text.Append(CultureInfo.InvariantCulture,
                    $"; {name} of {string.Join(", ", penalties.Select(p => $"{p.Block}:{Format.Exact(p.Weight)}"))}");
        }
    }

    private static string MethodName(TrainingOptions o) =>
        o.Optimizer is OptimizerKind.Ridge or OptimizerKind.HessianFree ? "none" : Method.Of(o).Name.ToUpperInvariant();

    /// <summary>What decides the length of a step.</summary>
    private static string Steps(TrainingOptions o) => o.Optimizer == OptimizerKind.HessianFree
        ? $", damping from {Format.Exact(o.HessianFree.Damping)} an output, structural damping "
            + $"{Format.Exact(o.HessianFree.StructuralDamping)} of it, at most {o.HessianFree.Iterations} iterations of "
            + $"conjugate gradients, gradient of {Counted.Of(o.HessianFree.GradientBatches, "minibatch")}"
        : o.Optimizer == OptimizerKind.Ridge ? Readout(o)
        : $"{Momentum(o)}, rate {Format.Exact(o.LearningRate)}, {RateSchedule(o)}";

    private static string Readout(TrainingOptions o) => " regression of the readout, penalty "
        + (o.RidgePenalty is { } penalty ? Format.Exact(penalty) : "chosen on a fifth of the sequences")
        + (o.Washout > 0 ? $", without the first {Counted.Of(o.Washout, "step")} of a sequence" : "");

    private static string Momentum(TrainingOptions o) =>
        TrainingOptions.HasMomentum(o.Optimizer) ? $" {Format.Exact(o.Momentum)}" : "";

    private static string RateSchedule(TrainingOptions o) => o.RateSchedule switch
    {
        Training.RateSchedule.HalveOnRise => "halved when the validation loss rises",
        Training.RateSchedule.HalveOnTrainingRise => "halved when the training loss rises",
        Training.RateSchedule.Inverse => "divided by 1, 2, 3, ... from check to check",
        Training.RateSchedule.Plateau => $"halved after {Counted.Of(o.PlateauChecks, "check")} without a lower validation loss",
        _ => "constant",
    };

    private static string Curriculum(TrainingOptions o) => o.Curriculum is { } c
        ? $"curriculum from length {c.Start}, x{Format.Exact(c.Growth)} when at most {Format.Percent(c.Threshold)} of {c.Every} "
            + "updates' sequences are wrong"
        : "no curriculum";

    private static string Stop(TrainingOptions o) => o.Stop switch
    {
        StopRule.First => "at the first check with at most 1% wrong",
        StopRule.Sustained => "at the third check in a row with at most 1% wrong",
        StopRule.Zero => "at the first check without any error",
        _ => "at the budget only",
    };
}
