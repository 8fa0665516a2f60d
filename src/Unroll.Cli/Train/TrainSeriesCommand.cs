using System.CommandLine;
using Unroll.Cli.Sequences;
using Unroll.Cli.Settings;
using Unroll.Cli.Terminal.Streams;
using Unroll.Data;
using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary><c>unroll train forecast|classify|regress|tag</c>: trains a network on somebody's own sequences.</summary>
internal static class TrainSeriesCommand
{
    // A run on data ends by its epochs and its validation fold.
    internal static readonly string[] OfSyntheticTasks =
        ["curriculum", "select-length", "select-by", "validation", "stop", "rescue"];

    private static readonly (SeriesKind Kind, string Description, string[] Examples)[] Verbs =
    [
        (SeriesKind.Forecast, "Forecasts columns of your own series.",
            ["unroll train forecast --data readings.csv --horizon 24",
             "unroll train forecast --data long.csv --group sensor --target power --out runs"]),
        (SeriesKind.Classify, "Tells the classes of your own sequences apart.",
            ["unroll train classify --data a_TRAIN.ts --test-data a_TEST.ts",
             "unroll train classify --data long.csv --group sensor --label state"]),
        (SeriesKind.Regress, "Predicts a number of each of your own sequences.",
            ["unroll train regress --data long.csv --group engine --target life"]),
        (SeriesKind.Tag, "Predicts a class or a number at every step.",
            ["unroll train tag --data readings.csv --target state"]),
    ];

    /// <summary>The commands below <c>unroll train</c>.</summary>
    /// <param name="host">What surrounds them.</param>
    /// <param name="output">The options about what is written, which all have.</param>
    public static IEnumerable<Command> Build(CommandHost host, TrainOutput output) => Verbs.Select(verb =>
    {
        var command = new VerbCommand(ValueNames.Of(verb.Kind), verb.Description) { Examples = verb.Examples };
        var series = SeriesOptionTable.All.Where(option => option.IsFor(verb.Kind)).ToDictionary(option => option, option =>
            new DeclaredOption<string?>(option.Name)
            {
                HelpName = option.Value,
                Description = option.Description,
                Arity = option.Name == SeriesOptionTable.Refit ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
            });
        Dictionary<TrainOption, DeclaredOption> options = TrainOptionCommand.Make(
            TrainOptionTable.All.Where(option => !OfSyntheticTasks.Contains(option.Property)));
        foreach ((SeriesOption option, DeclaredOption<string?> given) in series) command.Add("data", given, option.IsUsual);
        foreach (DeclaredOption option in SequenceOptionTable.All.Where(option => IsFor(option, verb.Kind)))
            command.Add("reading", option, option.Name is "--group" or "--label" || option.Name == "--target");
        foreach ((TrainOption one, DeclaredOption option) in options)
            command.Add(one.Group == "data" ? "budget" : one.Group, option, one.Declared.IsUsual);
        foreach (DeclaredOption option in output.All) command.Add("output", option, option != output.AcceptAltered
            && !output.Rare.Contains(option));
        command.Add(OptionsText.Name(OptionGroup.Network), SeriesStart.From, usual: false);
        foreach (DeclaredOption option in SeriesStart.OfTorch)
            command.Add(OptionsText.Name(OptionGroup.Network), option, usual: false);
        command.SetAction(parsed =>
        {
            Dictionary<string, string> texts = SequenceOptionTable.Texts(
                parsed, SequenceOptionTable.All.Where(option => IsFor(option, verb.Kind)));
            foreach ((SeriesOption option, DeclaredOption<string?> given) in series)
            {
                if ((parsed.GetValue(given) ?? (parsed.IsGiven(given) ? "yes" : null)) is not { } text) continue;
                option.Check(text);
                texts[option.Key] = text;
            }

            var request = new TrainRequest
            {
                Overrides = GivenOptions.ReadOverrides(GivenTexts.Of(parsed, options.Values)),
                Series = texts,
            };
            return Execute(parsed, verb.Kind, request, output, host);
        });
        return command;
    });

    /// <summary>Whether an option about reading has a use for a kind.</summary>
    private static bool IsFor(DeclaredOption option, SeriesKind kind) => option.Name switch
    {
        "--target" => kind != SeriesKind.Classify,
        "--label" or "--label-by-folder" or "--label-file" => kind == SeriesKind.Classify,
        _ => true,
    };

    private static int Execute(ParseResult parsed, SeriesKind kind, TrainRequest request, TrainOutput output, CommandHost host)
    {
        bool json = parsed.GetValue(output.Json);
        (string? target, string? resume) = output.Folders(parsed);
        RunLogs logs = output.Logs(parsed);
        if (resume is not null)
        {
            if (parsed.GetValue(SeriesStart.From) is not null)
                throw new UserError("--resume continues with the run's own weights, so --from cannot be given with it.");
            var corpora = new CorpusCache(host.ForData() with { ReadSeries = settings => SeriesSource.Folds(settings, host) });
            return TrainRun.Resume(
                resume, request with { Task = ValueNames.Of(kind) }, parsed.GetValue(output.AcceptAltered), corpora, host, json,
                logs, live: parsed.GetValue(output.Live));
        }

        if (!request.Series.ContainsKey("data"))
            throw new UserError(
                $"unroll train {ValueNames.Of(kind)} needs --data FILE; see what is in it by unroll data show FILE.");
        var start = SeriesStart.Read(parsed, kind, request);
        if (start is not null) request = start.Give(request, kind);
        var given = new SeriesSettings(kind, request.Series);
        _ = given.Loss();
        SeriesSettings plain = SeriesRefit.Plain(given);
        _ = request.Resolve(plain, 1); // options that contradict each other are known before anything is read
        SequenceFolds folds = SeriesSource.Folds(plain, host);
        if (start is null) given = SeriesRefit.WithDefaults(given, request, folds);
        bool isShort = given.Origins is not null && !request.Series.ContainsKey("origins");
        TrainSettings settings = Settled(isShort ? SeriesRefit.Plain(given) : plain);
        IReadOnlyList<TrainSettings> members = [settings];
        if (SeriesRefit.IsOne(given))
        {
            try
            {
                bool choosesNoise = given.CrossValidation is not null && kind == SeriesKind.Classify
                    && request.Overrides.All(change => change.Option != "--input-noise");
                RefitTrials trials = choosesNoise ? RefitTrials.OfNoises(settings, SeriesRecipes.InputNoises)
                    : isShort ? RefitTrials.OfReadings(
                        SeriesReadings.Of(given, folds, reading => Settled(SeriesRefit.Plain(reading))))
                    : RefitTrials.One(settings);
                (settings, members) = SeriesRefit.Choose(given, trials, folds, start, json, host);
            }
            catch (OperationCanceledException)
            {
                host.Error.WriteLine("unroll: stopped while the number of epochs was chosen; nothing is saved of that.");
                return ExitCode.Cancelled;
            }

            folds = folds.ForRefit();
        }

        Func<ITask, Precision, TrainingParts?>? parts = start is null ? null : start.Parts;
        if (given.Networks > 1 || members.Count > 1)
        {
            try
            {
                (settings, parts) = SeriesEnsemble.Train(settings, members, given.Networks, folds, parts, json, host);
            }
            catch (OperationCanceledException)
            {
                host.Error.WriteLine("unroll: stopped while networks were trained to be joined; nothing is saved of them.");
                return ExitCode.Cancelled;
            }
        }

        using Trainer trainer = settings.CreateTrainer(null, new CorpusCache(host.ForData()) { Own = folds }, parts);
        start?.Start.Source.Say(host);
        using RunFolder? folder = target is null ? null : RunFolder.Create(target);
        var run = new TrainRun(settings, trainer, folder, host, json) { Live = parsed.GetValue(output.Live), Logs = logs };
        return run.Start();

        TrainSettings Settled(SeriesSettings series)
        {
            try
            {
                SeriesOptions options = series.Options(folds);
                TrainSettings all = request.Resolve(series.With(options), SeriesRecipes.Examples(kind, folds, options)) with
                {
                    From = start?.Path,
                };
                return !isShort || request.Overrides.Any(change => change.Option is "--hidden" or "--stack") ? all
                    : all with { Options = all.Options with { Hidden = SeriesRecipes.UnitsOfShort } };
            }
            catch (ArgumentException error)
            {
                throw UserError.From(error);
            }
        }
    }
}
