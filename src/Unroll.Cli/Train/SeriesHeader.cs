using Unroll.Cli.Sequences;
using Unroll.Data;
using Unroll.Numerics;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary>What a run on somebody's own sequences is about to do: its data, folds and windows.</summary>
internal static class SeriesHeader
{
    private const int MostNames = 8;

    /// <summary>What is learned from what.</summary>
    public static IEnumerable<(string Heading, string Text)> Lines(TrainSettings settings, SeriesTask task)
    {
        SeriesCodec codec = task.Codec;
        SequenceData data = task.Folds.Data;
        yield return ("Task", $"{task.Name}: {What(codec)}");
        yield return ("Recipe", $"{settings.Recipe}, for the values not given");
        yield return ("Data", $"{settings.Series!.Data}: {Format.Counted(data.Count, "sequence")}, "
            + $"{Format.Counted(data.Steps, "step")}"
            + $"{(Spans(task.Folds) is { Length: > 0 } span ? $", {span}" : "")}");
        string dates = string.Join(", ", codec.Encoder.Options.Calendar.Select(OptionsText.Name));
        yield return ("Columns",
            SequenceData.Some(codec.Encoder.Columns.Select(Column), MostNames) + string.Concat(Absent(task))
            + (dates.Length > 0 ? $"; of the dates {dates}" : ""));
        foreach (Fold fold in Enum.GetValues<Fold>())
            yield return (fold == Fold.Train ? "Folds" : "", Of(task, fold, settings.Series.IsRefit));
        if (settings.Series.IsRefit)
            yield return ("Refit", $"{settings.Series.Texts.GetValueOrDefault(SeriesSettings.ChoiceKey, "")}; now trained on the "
                + "training and the validation fold");
        yield return ("Reading", string.Join("; ", Reading(codec)));
    }

    /// <summary>How it goes on and ends.</summary>
    public static IEnumerable<(string Heading, string Text)> Run(TrainSettings settings, SeriesTask task, Trainer trainer)
    {
        TrainingOptions o = trainer.Options;
        string noun = task.Codec.Kind is SeriesKind.Forecast or SeriesKind.Tag ? "window" : "sequence";
        yield return ("Updates",
            $"{Format.Counted(trainer.Rows, noun)} an update, {Format.Counted(trainer.UpdatesPerEpoch!.Value, "update")} an "
            + $"epoch, seed {o.Seed}");
        if (settings.Series!.Networks > 1 || settings.Series.IsCombined)
        {
            string each = settings.Series.IsCombined ? " of each reading" : "";
            yield return ("Ensemble", $"{Format.Counted(settings.Series.Networks, "network")}{each}, trained before from other "
                + "seeds, side by "
                + "side as one whose outputs are the means of theirs; nothing is left to train");
            yield return ("Checks", $"one, on the validation fold{(settings.Series.IsRefit ? ", which is trained on too" : "")}");
            yield return ("Stop", "after it");
            yield break;
        }

        if (settings.Series.IsRefit)
        {
            yield return ("Checks", "one at the end, on the validation fold, which is trained on too");
            yield return ("Stop", $"after {Format.Counted(trainer.Budget, "update")} "
                + $"({Counted.Of(o.MaximumEpochs ?? 0, "epoch")})");
            yield break;
        }

        yield return ("Checks",
            $"every {(o.CheckEvery == 0 ? "epoch" : Format.Counted(o.CheckEvery, "update"))} on the whole validation "
            + "fold; the best model is kept");
        yield return ("Stop",
            $"{(o.Patience is { } patience ? $"after {Counted.Of(patience, "check")} without a better validation loss; " : "")}"
            + $"at most {Format.Counted(trainer.Budget, "update")}"
            + $"{(o.MaximumEpochs is { } epochs ? $" ({Counted.Of(epochs, "epoch")})" : "")}"
            + $"{(o.MaximumMinutes is { } minutes ? $" or {Format.Exact(minutes)} {Counted.Noun(minutes, "minute")}" : "")}");
    }

    private static string What(SeriesCodec codec) => codec.Kind switch
    {
        SeriesKind.Forecast =>
            $"{SequenceData.Some(codec.Targets, MostNames)}, {Format.Counted(codec.Options.Horizon, "step")} ahead, from "
            + $"the {Format.Counted(codec.Options.Window, "step")} before",
        SeriesKind.Classify =>
            $"one of {Format.Counted(codec.Labels.Count, "class")} ({SequenceData.Some(codec.Labels, MostNames)}) of "
                + "each sequence",
        SeriesKind.Regress => "the number of each sequence",
        _ => $"{codec.Targets[0]} at every step"
            + (codec.Labels.Count > 0
                ? $", one of {Format.Counted(codec.Labels.Count, "class")} ({SequenceData.Some(codec.Labels, MostNames)})" : ""),
    };

    private static string Column(SequenceColumn column) =>
        column.Kind == ColumnKind.Number ? column.Name : $"{column.Name} ({Format.Counted(column.Labels.Count, "label")})";

    /// <summary>The labels that only later folds have, whose inputs learn nothing.</summary>
    private static IEnumerable<string> Absent(SeriesTask task)
    {
        SequenceData data = task.Folds.Data;
        foreach (SequenceColumn column in task.Codec.Encoder.Columns.Where(one => one.Kind == ColumnKind.Category))
        {
            int place = data.Columns.ToList().FindIndex(one => one.Name == column.Name);
            string[] absent = place < 0 ? []
                : [.. column.Labels.Except(SequenceEncoder.OfTraining(task.Folds, place).Labels)];
            if (absent.Length > 0)
                yield return $"; the training fold has no {SequenceData.Some(absent, MostNames)} of {column.Name}, which "
                    + $"{SeriesOptionTable.Unknown} none leaves out";
        }
    }

    private static string Of(SeriesTask task, Fold fold, bool isRefit)
    {
        SequenceFolds folds = task.Folds;
        (string first, string last) = FoldSpans.Of(folds, fold);
        string when = first.Length > 0 && task.Codec.Kind == SeriesKind.Forecast ? $", {first} to {last}" : "";
        string examples = task.Codec.Kind == SeriesKind.Forecast
            ? $", {Format.Counted(task.Examples(fold) / task.Codec.RowsPerWindow, "window")}" : "";
        if (isRefit && fold == Fold.Train) examples += ", those of validation among them";
        return $"{fold.ToString().ToLowerInvariant()} {Format.Counted(folds.Of(fold).Count, "sequence")}, "
            + $"{Format.Counted(folds.StepsOf(fold), "step")}{examples}{when}";
    }

    private static IEnumerable<string> Reading(SeriesCodec codec)
    {
        EncoderOptions options = codec.Encoder.Options;
        yield return options.Scale == Scaling.None ? "columns not scaled"
            : $"columns scaled ({OptionsText.Name(options.Scale)}) by the training fold"
                + (options.ScaleByGroup ? $" of each of {Format.Counted(codec.Encoder.GroupScales.Count, "group")}" : "");
        if (options.Known.Count > 0)
            yield return $"{SequenceData.Some(options.Known)} known {Format.Counted(options.Ahead, "step")} ahead";
        if (options.Logarithm.Count > 0) yield return $"logarithm of {SequenceData.Some(options.Logarithm)}";
        if (options.Differenced.Count > 0)
            yield return $"differences of {SequenceData.Some(options.Differenced)} over {Format.Counted(options.Season, "step")}"
                + (options.Combined ? ", and values relative to the window's last; the forecast is the mean of both" : "");
        if (options.Window != WindowScaling.None) yield return $"windows scaled ({OptionsText.Name(options.Window)})";
        if (codec.Options.Segment > 1) yield return $"{codec.Options.Segment} steps at once";
        if (codec.DecoderSteps > 0)
            yield return $"forecasts {Format.Counted(codec.DecoderSteps, "part")} of "
                + $"{Format.Counted(codec.PartSteps, "step")} from the state "
                + "behind the window (parallel decoder)";
        if (codec.Options.Decoder == SeriesDecoder.FedBack)
            yield return $"forecasts {Format.Counted(codec.Options.Horizon / codec.PartSteps, "part")} of "
                + $"{Format.Counted(codec.PartSteps, "step")}, each the next input (fed-back decoder; trained on the true steps)";
        if (codec.Options.SharedChannels) yield return "each target a series of its own, one set of weights";
        if (options.Missing != MissingPolicy.Error) yield return $"missing values: {OptionsText.Name(options.Missing)}";
        if (codec.Options.LabelWeights is { } weights) yield return $"costs weighed by class: {weights}";
        if (codec.Options.LooksBack) yield return "windows of later folds may begin in the fold before";
    }

    private static string Spans(SequenceFolds folds)
    {
        TimeFacts times = TimeFacts.Of(folds.Data.Sequences);
        return times.First.Length == 0 ? ""
            : $"{times.First} to {times.Last}{(times.StepText.Length > 0 ? $" by {times.StepText}" : "")}";
    }
}
