using Unroll.Cli.Terminal.Streams;
using Unroll.Data;
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
    /// <summary>The settings without a refit, by which the number of epochs is chosen.</summary>
    /// <exception cref="UserError">The options contradict each other.</exception>
    public static SeriesSettings Plain(SeriesSettings given)
    {
        if (given.Origins is not null && given.Texts.GetValueOrDefault("refit") == "no")
            throw new UserError("--origins trains again on all data, and --refit no says not to; leave one of them out.");
        return given with { Texts = given.Texts.Where(one => one.Key is not ("refit" or "origins")).ToDictionary() };
    }

    /// <summary>Whether a run of these settings is a refit.</summary>
    public static bool IsOne(SeriesSettings given) => given.IsRefit || given.Origins is not null;

    /// <summary>Trains until the number of epochs is known, and says what it was.</summary>
    /// <param name="given">What was given.</param>
    /// <param name="settings">The settings of the run without a refit.</param>
    /// <param name="folds">The folds of the run without a refit.</param>
    /// <param name="start">The model whose weights all runs start from; null for none.</param>
    /// <param name="json">Whether objects are written.</param>
    /// <param name="host">What surrounds the command.</param>
    /// <returns>The settings of the run on all data; its folds are <see cref="SequenceFolds.ForRefit"/>.</returns>
    /// <exception cref="OperationCanceledException">Somebody ended it.</exception>
    public static TrainSettings Choose(SeriesSettings given, TrainSettings settings, SequenceFolds folds, SeriesStart? start,
        bool json, CommandHost host)
    {
        TrainingOptions options = settings.Options;
        SeriesTask[] tasks = [.. Tasks(given, settings.Series!, folds)];
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);
        EpochChoice choice;
        try
        {
            choice = EpochChoice.Find(tasks, options, task => start?.Parts(task, options.Precision), Report, cancel.Token);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }

        var texts = new SortedDictionary<string, string>(settings.Series!.Texts.ToDictionary(), StringComparer.Ordinal)
        {
            ["refit"] = "yes",
            [SeriesSettings.ChoiceKey] = Words(choice, options, tasks[0].LossUnit),
        };
        if (given.Origins is not null) texts["origins"] = given.Texts["origins"];
        SeriesSettings series = settings.Series with { Texts = texts };
        long updates = choice.Epochs * series.Create(folds.ForRefit()).UpdatesPerEpoch(options.BatchSize);
        return settings with
        {
            Series = series,
            Options = options with
            {
                MaximumEpochs = choice.Epochs,
                Patience = null,
                CheckEvery = (int)Math.Min(updates, int.MaxValue), // no check in between can choose a model by seen steps
            },
        };

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
                : $"origin {Format.Count(origin + 1)} of {Format.Count(tasks.Length)}";
            host.Say($"{where}: best after {Epochs(best.Epochs)}, {Format.Number(best.Loss)} {tasks[0].LossUnit}");
        }
    }

    private static IEnumerable<SeriesTask> Tasks(SeriesSettings given, SeriesSettings plain, SequenceFolds folds)
    {
        if (given.Origins is not { } origins) return [plain.Create(folds)];
        try
        {
            SeriesOptions options = plain.Options(folds);
            SeriesSettings looking = plain.With(options with { LooksBack = true });
            return folds.Origins(origins, options.Horizon).Select(looking.Create);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    private static string Words(EpochChoice choice, TrainingOptions options, string unit)
    {
        string by = choice.Origins.Count == 1 ? "the validation fold"
            : $"the mean of {Format.Count(choice.Origins.Count)} origins";
        string alone = choice.Origins.Count == 1 ? ""
            : $"; alone they say {string.Join(", ", choice.Origins.Select(one => Format.Count(one.Epochs)))}";
        return $"{Epochs(choice.Epochs)} of at most {Format.Count(options.MaximumEpochs!.Value)}, chosen by {by} "
            + $"({Format.Number(choice.Loss)} {unit}{alone})";
    }

    private static string Epochs(int count) => $"{Format.Count(count)} {(count == 1 ? "epoch" : "epochs")}";
}
