using System.Globalization;
using Unroll.Cli.Terminal.Streams;
using Unroll.Data;
using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary>
/// <c>--refit</c> and <c>--origins</c>: finds on validation folds for how many epochs to train, and gives the settings of the run
/// that trains for so many on all that came before the test fold.
/// </summary>
internal static class SeriesRefit
{
    // Whoever says one of these knows how the best model is to be chosen.
    private static readonly string[] s_chosen = ["refit", "origins", "cross-validate", "valid-data"],
        s_budget = ["--epochs", "--updates", "--minutes", "--patience", "--check-every", "--optimizer", "--lr-schedule"];

    /// <summary>The settings without a refit, by which the number of epochs is chosen.</summary>
    /// <exception cref="UserError">The options contradict each other.</exception>
    public static SeriesSettings Plain(SeriesSettings given)
    {
        if (given.Origins is not null && given.Texts.GetValueOrDefault("refit") == "no")
            throw new UserError("--origins trains again on all data, and --refit no says not to; leave one of them out.");
        if (given.CrossValidation is not null && given.Texts.GetValueOrDefault("refit") == "no")
            throw new UserError("--cross-validate trains again on all data, and --refit no says not to; leave one of them out.");
        return given with
        {
            Texts = given.Texts.Where(one => one.Key is not ("refit" or "origins" or "cross-validate" or "ensemble"))
                .ToDictionary(),
        };
    }

    /// <summary>What was given, and where data are few and nothing else is chosen, cross-validation of sequences or rolling
    /// origins of a series, and an ensemble.</summary>
    /// <param name="given">What was given about the data.</param>
    /// <param name="request">What was given about the rest.</param>
    /// <param name="folds">The folds.</param>
    public static SeriesSettings WithDefaults(SeriesSettings given, TrainRequest request, SequenceFolds folds)
    {
        if (s_chosen.Any(given.Texts.ContainsKey) || request.Overrides.Any(change => s_budget.Contains(change.Option)))
            return given;
        var texts = new SortedDictionary<string, string>(given.Texts.ToDictionary(), StringComparer.Ordinal);
        if (SeriesRecipes.AreFew(given.Kind, folds))
            texts["cross-validate"] = SeriesRecipes.Parts.ToString(CultureInfo.InvariantCulture);
        else if (SeriesRecipes.OriginsOfShort(given.Kind, folds, given.Horizon) is > 0 and int origins)
        {
            texts["origins"] = origins.ToString(CultureInfo.InvariantCulture);
            if (given.Loss() == SeriesLoss.Squared) texts.TryAdd("loss", ValueNames.Of(SeriesLoss.Absolute));
        }
        else return given;
        TrainingOptions typed = request.Overrides.Aggregate(new TrainingOptions(), (options, change) => change.Apply(options));
        int networks = SeriesEnsemble.IsNormalized(typed) ? 1 : SeriesRecipes.Networks;
        texts.TryAdd("ensemble", networks.ToString(CultureInfo.InvariantCulture));
        return given with { Texts = texts };
    }

    /// <summary>Whether a run of these settings is a refit.</summary>
    public static bool IsOne(SeriesSettings given) =>
        given.IsRefit || given.Origins is not null || given.CrossValidation is not null;

    /// <summary>Trains until the number of epochs is known, and says what it was.</summary>
    /// <param name="given">What was given.</param>
    /// <param name="trials">The runs without a refit to choose from.</param>
    /// <param name="folds">The folds of the run without a refit.</param>
    /// <param name="start">The model whose weights all runs start from; null for none.</param>
    /// <param name="json">Whether objects are written.</param>
    /// <param name="host">What surrounds the command.</param>
    /// <returns>The settings of the run on all data; its folds are <see cref="SequenceFolds.ForRefit"/>. And those by which to
    /// train the networks that it is made of: the same, or two where the mean of two readings was chosen.</returns>
    /// <exception cref="OperationCanceledException">Somebody ended it.</exception>
    public static (TrainSettings Settings, IReadOnlyList<TrainSettings> Members) Choose(SeriesSettings given, RefitTrials trials,
        SequenceFolds folds, SeriesStart? start, bool json, CommandHost host)
    {
        TrainingOptions options = trials.All[0].Settings.Options;
        if (options.RateSchedule != RateSchedule.Constant)
            throw new UserError($"--lr-schedule {OptionsText.Name(options.RateSchedule)} changes the rate at checks, and the "
                + "training again on all data has none before its end; leave it out.");
        SeriesTask[] tasks = [];
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);
        var tried = new Dictionary<string, TriedReading>(StringComparer.Ordinal);
        TriedReading? best = null;
        RefitTrial chosen = trials.All[0];
        try
        {
            foreach (RefitTrial trial in trials.All)
            {
                TriedReading found = trial.MeanOf is { } two
                    ? TriedReading.Mean(tried[two.First.Name], tried[two.Second.Name]) : Try(trial);
                tried[trial.Name] = found;
                if (!trials.AreAlone) Tell(trial, found);
                if (!(found.Choice.Loss * trial.Handicap >= best?.Choice.Loss * chosen.Handicap)) (best, chosen) = (found, trial);
            }
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }

        TrainSettings[] members = chosen.MeanOf is { } mean ? [Last(mean.First), Last(mean.Second)] : [];
        TrainSettings settings = Last(chosen);
        return (settings, members.Length > 0 ? members : [settings]);

        TriedReading Try(RefitTrial trial)
        {
            tasks = [.. Tasks(given, trial.Settings.Series!, folds)];
            TrainingOptions each = given.Origins is null ? trial.Settings.Options
                : trial.Settings.Options with { Patience = null };
            var reading = new TriedReading(tasks);
            reading.Choice = EpochChoice.Find(tasks, each, task => start?.Parts(task, options.Precision),
                trials.AreAlone ? Report : null, cancel.Token,
                trials.AreReadings ? (trainer, task) => reading.Error(trainer, task, cancel.Token) : null);
            return reading;
        }

        TrainSettings Last(RefitTrial trial)
        {
            SeriesSettings series = trial.Settings.Series!;
            EpochChoice choice = tried[trial.Name].Choice;
            var texts = new SortedDictionary<string, string>(series.Texts.ToDictionary(), StringComparer.Ordinal)
            {
                ["refit"] = "yes",
                [SeriesSettings.ChoiceKey] = Words(given, tried[trial.Name], trial, trials, Unit()),
            };
            foreach (string key in (string[])["origins", "cross-validate", "ensemble"])
            {
                if (given.Texts.TryGetValue(key, out string? text)) texts[key] = text;
            }

            series = series with { Texts = texts };
            long updates = choice.Epochs * series.Create(folds.ForRefit()).UpdatesPerEpoch(options.BatchSize);
            return trial.Settings with
            {
                Series = series,
                Options = trial.Settings.Options with
                {
                    MaximumEpochs = choice.Epochs,
                    Patience = null,
                    CheckEvery = (int)Math.Min(updates, int.MaxValue), // no check in between can choose a model by seen steps
                },
            };
        }

        string Unit() => trials.AreReadings ? "standard deviations" : tasks[0].LossUnit;

        void Report(int origin, (int Epochs, double Loss) best)
        {
            if (json)
            {
                JsonLine.Write(host.Out, line =>
                {
                    line.WriteString("event", "origin");
                    line.WriteNumber("origin", origin + 1);
                    line.WriteNumber("epochs", best.Epochs);
                    line.WriteNumber("validation_loss", best.Loss);
                });
                return;
            }

            string where = tasks.Length == 1 ? "validation fold"
                : $"{(given.Origins is null ? "part" : "origin")} {Format.Count(origin + 1)} of {Format.Count(tasks.Length)}";
            host.Say($"{where}: best after {Epochs(best.Epochs)}, {Format.Number(best.Loss)} {tasks[0].LossUnit}");
        }

        void Tell(RefitTrial trial, TriedReading found)
        {
            if (json)
            {
                JsonLine.Write(host.Out, line =>
                {
                    line.WriteString("event", given.Origins is null ? "cross-validation" : "origins");
                    if (trials.AreReadings) line.WriteString("reading", trial.Name);
                    else line.WriteNumber("input_noise", trial.Settings.Options.InputNoise);
                    if (trial.MeanOf is null) line.WriteNumber("epochs", found.Choice.Epochs);
                    line.WriteNumber("validation_loss", found.Choice.Loss);
                });
                return;
            }

            string after = trial.MeanOf is null ? $"best after {Epochs(found.Choice.Epochs)}, " : "";
            host.Say($"{trial.Name}: {after}{Format.Number(found.Choice.Loss)} {Unit()} (mean of "
                + $"{Format.Counted(tasks.Length, given.Origins is null ? "part" : "origin")})");
        }
    }

    private static IEnumerable<SeriesTask> Tasks(SeriesSettings given, SeriesSettings plain, SequenceFolds folds)
    {
        if (given.Origins is null && given.CrossValidation is null) return [plain.Create(folds)];
        try
        {
            if (given.CrossValidation is { } parts)
            {
                SeriesSettings reading = plain.With(plain.Options(folds));
                return folds.CrossValidation(parts, given.FoldSeed).Select(reading.Create);
            }

            int origins = given.Origins!.Value;
            SeriesOptions options = plain.Options(folds);
            SeriesSettings looking = plain.With(options with { LooksBack = true });
            return folds.Origins(origins, options.Horizon).Select(looking.Create);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    private static string Words(
        SeriesSettings given, TriedReading found, RefitTrial chosen, RefitTrials trials, string unit)
    {
        EpochChoice choice = found.Choice;
        string by = choice.Origins.Count == 1 ? "the validation fold" : given.Origins is null
            ? $"cross-validation in {Format.Count(choice.Origins.Count)} parts"
            : $"the mean of {Format.Counted(choice.Origins.Count, "origin")}";
        by = trials.AreAlone ? $"by {by}" : $"with {trials.Words(chosen)}, by {by}";
        string alone = choice.Origins.Count == 1 ? ""
            : $"; alone they say {string.Join(", ", choice.Origins.Select(one => Format.Count(one.Epochs)))}";
        if (found.MeanOf is { } two)
            return $"{Format.Count(two.First.Choice.Epochs)} and {Epochs(two.Second.Choice.Epochs)} of at most "
                + $"{Format.Count(chosen.Settings.Options.MaximumEpochs!.Value)}, chosen {by} "
                + $"({Format.Number(choice.Loss)} {unit})";
        return $"{Epochs(choice.Epochs)} of at most {Format.Count(chosen.Settings.Options.MaximumEpochs!.Value)}, chosen {by} "
            + $"({Format.Number(choice.Loss)} {unit}{alone})";
    }

    private static string Epochs(int count) => Format.Counted(count, "epoch");
}
