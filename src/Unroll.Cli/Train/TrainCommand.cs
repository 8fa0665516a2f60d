using System.CommandLine;
using System.CommandLine.Parsing;
using Unroll.Cli.Corpora;
using Unroll.Cli.Sequences;
using Unroll.Cli.Settings;
using Unroll.Cli.Terminal.Streams;
using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Studies.Runs;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary><c>unroll train [TASK]</c>: trains one network on one task.</summary>
internal static class TrainCommand
{
    private static readonly DeclaredArgument<string?> Task = new("TASK")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "The task (see unroll tasks), or music or text on --data. Default: temporal-order on lengths 50..200.",
        Completions = () => TaskCatalogue.All,
    };

    private static readonly DeclaredOption<string?> Recipe = new("--recipe")
    {
        HelpName = string.Join('|', Recipes.Names),
        Description =
            "Where the values not given come from (long for "
                + $"{string.Join(", ", TaskCatalogue.Names.Where(task => Recipes.NamesFor(task).Contains("long")))} only). "
                    + "Default: best.",
    };
    private static readonly DeclaredOption<string?> TheMethod = new("--method")
    {
        HelpName = string.Join('|',
            [.. Method.All.Select(one => one.Name), .. GivenOptions.Optimizers.Select(one => one.Method)]),
        Description = "No remedy, clipping, Omega or both; or echo states, or Hessian-Free. Default: the recipe's.",
    };
    private static readonly DeclaredOption<string?> Variant = new("--variant")
    {
        HelpName = string.Join('|', Values.Named<TaskVariant>().Select(one => one.Name)),
        Description = "The task as in the authors' code or as in the paper's text. Default: code.",
    };
    private static readonly DeclaredOption<string?> Length = new("--length")
    {
        HelpName = "T|T1..T2",
        Description = "The length, or an inclusive range of lengths.",
    };
    private static readonly DeclaredOption<string?> Bits = new("--bits")
    {
        HelpName = "5|20",
        Description = "For memorization: 5 bits, or over 20 (the task memorization-20bit).",
    };
    private static readonly DeclaredOption<string?> DataDir = new("--data-dir")
    {
        HelpName = "DIR",
        Description = "For music and text: the folder of the data sets. Default: UNROLL_DATA, else the user's cache.",
    };
    private static readonly DeclaredOption<string?> Out = new("--out")
    {
        HelpName = "DIR",
        Description = "A new folder for options, metrics, models and checkpoint. Without it nothing is written.",
    };
    private static readonly DeclaredOption<string?> Resume = new("--resume")
    {
        HelpName = "DIR",
        Description = "Continues the run in this folder, bit for bit; --updates, --minutes and --threads may change.",
    };
    private static readonly DeclaredOption<string?> DiagnoseEvery = new("--diagnose-every")
    {
        HelpName = "N",
        Description = "At every Nth check, say in a line whether gradients vanish or explode (see unroll diagnose). It changes "
            + "no bit of the run.",
    };
    private static readonly DeclaredOption<string?> SampleEvery = new("--sample-every")
    {
        HelpName = "N",
        Description = "For text and music: at every Nth check, show what the network writes, always from the same draws. It "
            + "changes no bit of the run.",
    };
    private static readonly DeclaredOption<bool> AcceptAltered =
        new(RunState.Option)
        {
            Description = "With --resume: continue although run.json, metrics.jsonl or clock.json is not as the run left it.",
        };
    private static readonly DeclaredOption<bool> Live = new("--live")
    {
        Description = "Shows the run in a browser as it goes.",
    };
    private static readonly DeclaredOption<bool> Json = new("--json")
    {
        Description = "One JSON object a line on standard output, and nothing else there.",
    };

    private static readonly TrainOutput s_output = new(Out, Resume, AcceptAltered, Live, Json);

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new VerbCommand(
            "train",
            "Trains a network on a task: with no arguments, on temporal order by SGD-CR.")
        {
            Examples =
            [
                "unroll train addition --out runs/addition",
                "unroll train --method sgd --seed 2 --live",
                "unroll train text --data novel.txt --cell lstm --out runs/novel",
            ],
            Notes = WriteExitCodes,
            AllNotes = WriteDefaults,
        };
        command.Add(Task);
        foreach (DeclaredOption option in (DeclaredOption[])[Recipe, TheMethod, Length, Variant, Bits])
            command.Add(OptionsText.Name(OptionGroup.Task), option,
                usual: option == Recipe || option == TheMethod || option == Length);
        Dictionary<CorpusOption, DeclaredOption> data = CorpusOptions.Make(CorpusOptionTable.All);
        Dictionary<TrainOption, DeclaredOption> training = TrainOptionCommand.Make(TrainOptionTable.All);
        foreach (OptionGroup group in (OptionGroup[])[OptionGroup.Network, OptionGroup.Remedies, OptionGroup.Optimizer])
            AddTraining(group);
        foreach ((CorpusOption one, DeclaredOption option) in data)
            command.Add(OptionsText.Name(OptionGroup.Data), option, usual: one.Name == CorpusOptionTable.Data);
        command.Add(OptionsText.Name(OptionGroup.Data), DataDir, usual: false);
        AddTraining(OptionGroup.Data);
        AddTraining(OptionGroup.Budget);
        DeclaredOption[] ofOutput = [Out, Resume, AcceptAltered, Live, SampleEvery, DiagnoseEvery, .. s_output.Rare, Json];
        foreach (DeclaredOption option in ofOutput)
        {
            bool usual = option == Out || option == Resume || option == Live || option == Json;
            command.Add(OptionsText.Name(OptionGroup.Output), option, usual);
        }

        StartModel.AddOptions(command);
        foreach (Command verb in TrainSeriesCommand.Build(host, s_output))
            command.Add(verb);
        command.SetAction(parsed => Execute(parsed, Read(parsed, training.Values, data.Values), host));
        return command;

        void AddTraining(OptionGroup group)
        {
            foreach ((TrainOption one, DeclaredOption option) in training.Where(pair => pair.Key.Declared.Group == group))
                command.Add(one.Group, option, one.Declared.IsUsual);
        }
    }

    private static int Execute(ParseResult parsed, TrainRequest request, CommandHost host)
    {
        bool json = parsed.GetValue(Json);
        int diagnose = Every(parsed, DiagnoseEvery), sample = Every(parsed, SampleEvery);
        (string? target, string? resume) = s_output.Folders(parsed);
        RunLogs logs = s_output.Logs(parsed);
        if (resume is not null && StartModel.IsGiven(parsed))
            throw new UserError("--resume continues with the run's own weights, so --from cannot be given with it.");
        var corpora = new CorpusCache(
            host.ForData(json ? LeftOutJson.Lines(host) : null) with
            {
                ReadSeries = settings => SeriesSource.Folds(settings, host),
            },
            parsed.GetValue(DataDir));
        if (resume is null)
        {
            StartModel? start = StartModel.Read(parsed, request);
            TrainSettings settings = (start?.Give(request) ?? request).Resolve() with { From = start?.Path };
            start?.Source.Say(host);
            using Trainer trainer = settings.CreateTrainer(null, corpora, start is null ? null : start.Parts);
            if (sample > 0) WrittenSample.Require(trainer.Task);
            using RunFolder? folder = target is null ? null : RunFolder.Create(target);
            var run = new TrainRun(settings, trainer, folder, host, json)
            {
                DiagnoseEvery = diagnose,
                Live = parsed.GetValue(Live),
                SampleEvery = sample,
                Logs = logs,
            };
            return run.Start();
        }

        return TrainRun.Resume(
            resume, request, parsed.GetValue(AcceptAltered), corpora, host, json, logs, diagnose, parsed.GetValue(Live), sample);
    }

    private static int Every(ParseResult parsed, DeclaredOption<string?> option) =>
        parsed.GetValue(option) is { } text ? (int)Values.Whole(option.Name, text, 1, int.MaxValue) : 0;

    private static TrainRequest Read(ParseResult parsed, IEnumerable<DeclaredOption> training, IEnumerable<DeclaredOption> data)
    {
        Dictionary<string, string> given =
            GivenTexts.Of(parsed, [Length, Variant, Recipe, TheMethod, Bits, .. training, .. data]);
        if (parsed.GetValue(Task) is { } task) given[GivenOptions.Task] = task;
        return GivenOptions.Read(given);
    }

    private static void WriteExitCodes(TextWriter output, int width)
    {
        foreach (string line in Format.Wrap(
            "Exit codes: 0 solved (or finished), 2 bad input, 3 budget spent unsolved, 4 stopped by a gradient that is not "
            + "finite, 5 a disk that is full or gone or a folder in use, 130 cancelled and saved, 141 nobody read standard "
            + "output.", width))
            output.WriteLine(line);
    }

    private static void WriteDefaults(TextWriter output, int width)
    {
        int room = width - 4;
        output.WriteLine();
        foreach (string line in Format.Wrap(
            "Defaults (the best recipe of each task; explicit options override it, and --method says which remedies stay in "
                + "force):", width))
            output.WriteLine(line);
        HashSet<string> same = [.. TaskCatalogue.Names.Select(task => TypedOptions.Of(Recipes.Get(task, "best")))
            .Aggregate((a, b) => [.. a.Intersect(b)])];
        output.WriteLine("  every task");
        foreach (string line in Format.Wrap(same, room)) output.WriteLine($"    {line}");
        foreach (string task in TaskCatalogue.Names)
        {
            TrainingOptions options = Recipes.Get(task, "best");
            output.WriteLine($"  {task} on lengths {Recipes.DefaultLength(task)}");
            foreach (string line in Format.Wrap(TypedOptions.Of(options).Where(option => !same.Contains(option)), room))
                output.WriteLine($"    {line}");
        }

        IEnumerable<string> gated = TaskCatalogue.Names
            .Select(task => TypedOptions.Of(Recipes.Get(task, "best", CellKind.Lstm)))
            .Aggregate((a, b) => [.. a.Intersect(b)]).Except(same).Append("--curriculum none (except memorization)");
        WriteGated(output, room, "every task", gated);
        foreach (CorpusKind kind in CorpusKind.All)
        {
            List<string> own = OfCorpus(kind, "");
            output.WriteLine($"  {kind.Name}");
            IEnumerable<string> words = own.Where(option => !same.Contains(option))
                .Prepend($"--window {kind.DefaultWindow("best")}");
            foreach (string line in Format.Wrap(words, room)) output.WriteLine($"    {line}");
            if (kind.SetWithOwnValues is not { } set) continue;
            output.WriteLine($"  {kind.Name} --data {set}");
            foreach (string line in Format.Wrap(OfCorpus(kind, set).Except(own), room)) output.WriteLine($"    {line}");
        }

        foreach (CorpusKind kind in CorpusKind.All)
            WriteGated(output, room, kind.Name, OfCorpus(kind, "", CellKind.Lstm).Except(OfCorpus(kind, "")));
    }

    /// <summary>What the recipes for LSTM and GRU, which are the same, have in another way.</summary>
    private static void WriteGated(TextWriter output, int room, string what, IEnumerable<string> options)
    {
        output.WriteLine($"  {what} with --cell lstm or gru");
        IEnumerable<string> others = options.Where(option => !option.StartsWith("--cell ", StringComparison.Ordinal));
        foreach (string line in Format.Wrap(others, room)) output.WriteLine($"    {line}");
    }

    private static List<string> OfCorpus(CorpusKind kind, string set, CellKind cell = CellKind.Plain) =>
        [.. TypedOptions.Of(kind.Recipe(kind.New() with { Data = set }, clips: true, regularizes: true, "best", cell))];
}
