using System.CommandLine;
using System.CommandLine.Parsing;
using Unroll.Cli.Paper;
using Unroll.Cli.Sequences;
using Unroll.Files;
using Unroll.Studies;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;

namespace Unroll.Cli.Study;

/// <summary><c>unroll study</c>: grids of training runs that survive kills, and their results.</summary>
internal static class StudyCommand
{
    private static readonly DeclaredArgument<string> Study = new("STUDY")
    {
        Description = "A study file (JSON), a built-in study, a task, or the folder of a study to continue with.",
        Completions = () => [.. BuiltInStudies.Names, .. TaskCatalogue.All, .. SeriesSettings.Tasks],
    };
    private static readonly DeclaredOption<string?> Out = new("--out")
    {
        HelpName = "DIR",
        Description = "The study's folder, new or to be continued. Default: runs/NAME.",
    };
    private static readonly DeclaredOption<string[]> Set = new("--set")
    {
        HelpName = "OPTION=VALUE,...",
        Arity = ArgumentArity.OneOrMore,
        Description =
            "Values of an option of unroll train, in place of the study's; may be repeated, also to give one option more values.",
    };
    private static readonly DeclaredOption<string?> Sample = new("--sample")
    {
        HelpName = "N",
        Description = "Random search: N points of the grid, each with every seed.",
    };
    private static readonly DeclaredOption<string?> SampleSeed = new("--sample-seed")
    {
        HelpName = "N",
        Description = "The seed of the random search. Default: 1.",
    };
    private static readonly DeclaredOption<bool> Csv = new("--csv")
    {
        Description = "A line a trial with every option and result: what is written where no --store is asked for.",
    };
    private static readonly DeclaredOption<string?> Store = new("--store")
    {
        HelpName = "FILE",
        Description = "The whole store as one file, checks over time included: to commit, or to continue from elsewhere.",
    };
    private static readonly DeclaredOption<string?> Checks = new("--checks")
    {
        HelpName = "FILE",
        Description = "Also the kept checks of every trial, a line each, into this file.",
    };
    private static readonly DeclaredOption<string?> File = new("--out")
    {
        HelpName = "FILE",
        Description = "The file to write. Default: standard output, which is also -."
    };
    private static readonly DeclaredOption<string?> Page = new("--out")
    {
        HelpName = "FILE",
        Description = "The page to write; - is standard output. Default: report.html in the study's folder."
    };
    private static readonly DeclaredOption<string?> Compare = new("--compare")
    {
        HelpName = "OPTION",
        Description = "The option whose values are compared pair by pair. Default: method, where it varies.",
    };
    private static readonly DeclaredArgument<string> Folder = new("DIR")
    {
        Description = "The study's folder; to look at results also the file of an exported store.",
    };
    private static readonly DeclaredArgument<string?> Trial = new("TRIAL")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "A trial's name, or the beginning of its hash.",
    };
    private static readonly DeclaredArgument<string[]> Stores = new("STORE")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "Folders of studies, or files of exported stores, to join. Default: the shards in DIR.",
    };
    private static readonly DeclaredOption<bool> Json = new("--json")
    {
        Description = "JSON on standard output, and nothing else there.",
    };

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new VerbCommand("study", "Trains a grid of networks, survives being killed, and sums up what came out.")
        {
            Examples =
            [
                "unroll study run addition --set seed=1..5 --out runs/search",
                "unroll study run forecast --set data=a.csv --set window=24,96 --out runs/a",
                "unroll study show runs/search",
            ],
        };
        command.Add(Verb("run", "Runs a study, or what is left of it.",
            [Study, Out, Set, Sample, SampleSeed, StudyOptions.Scale, .. StudyOptions.Running, Json], (parsed, json) =>
            Run(parsed, json, host)));
        command.Add(Verb("status", "How far a study has come, also while it runs.", [Folder, Json],
            (parsed, json) => StudyReports.Status(parsed.GetRequiredValue(Folder), json, host)));
        command.Add(Verb("show", "The results of a study, or of one of its trials.", [Folder, Trial, Compare, Json],
            (parsed, json) =>
            StudyReports.Show(parsed.GetRequiredValue(Folder), parsed.GetValue(Trial), parsed.GetValue(Compare), json, host)));
        command.Add(Verb("export", "Every trial as a line of CSV, or the whole store as one file.",
            [Folder, Csv, File, Checks, Store], (parsed, _) =>
            StudyExport.Run(parsed.GetRequiredValue(Folder), parsed.GetValue(Csv), parsed.GetValue(File), parsed.GetValue(Checks),
                parsed.GetValue(Store), host)));
        command.Add(Verb("report", "One self-contained page: figure, tables, every trial's curves.", [Folder, Page],
            (parsed, _) => StudyReports.Report(parsed.GetRequiredValue(Folder), parsed.GetValue(Page), host)));
        command.Add(Verb("merge", "Joins the stores of shards, or of other machines, into one.", [Folder, Stores],
            (parsed, _) => StudyMergeReport.Run(parsed.GetRequiredValue(Folder), parsed.GetValue(Stores) ?? [], host)));
        return command;
    }

    private static Command Verb(string name, string description, Declared[] symbols, Func<ParseResult, bool, int> execute)
    {
        string example = name switch
        {
            "run" => "unroll study run fig7 --scale smoke --out runs/fig7",
            "export" => "unroll study export runs/fig7 --out trials.csv",
            _ => $"unroll study {name} runs/fig7",
        };
        var command = new VerbCommand(name, description) { Examples = [example] };
        foreach (Declared symbol in symbols) command.Add(symbol);

        command.SetAction(parsed => execute(parsed, symbols.Contains(Json) && parsed.GetValue(Json)));
        return command;
    }

    private static int Run(ParseResult parsed, bool json, CommandHost host)
    {
        string what = parsed.GetRequiredValue(Study);
        string? target = parsed.GetValue(Out);
        OutputFile.RequireFolder("--out", target);
        StudyDefinition study = Find(what, parsed.GetValue(StudyOptions.Scale), host, ref target, out Shard? shard);
        study = Override(study, parsed.GetValue(Set) ?? []);
        study = Draw(study, parsed.GetValue(Sample), parsed.GetValue(SampleSeed));

        // Of many trials on the same data these are read once.
        var series = new CorpusCache(host.ForData() with { ReadSeries = settings => SeriesSource.Folds(settings, host) });
        study = study with { ReadSeries = series.Series };
        StudyRequest request = StudyOptions.Read(parsed, host, study, target ?? Path.Combine("runs", study.Name));
        if (shard is not null && (request.Shard ?? shard) != shard)
            throw new UserError($"{what} is shard {shard.Number} of {shard.Count}, so another shard cannot be run in it.");
        request = request with { Shard = request.Shard ?? shard };
        host = host.WithoutNeedToShow();
        int code = new StudySession(request, host, json).Run();
        if (!json) StudyReports.WriteSummary(request.StoreFolder, null, host);
        return code;
    }

    /// <summary>The study that a word names: a folder's, a file's, a built-in one, or a task as a study of its own.</summary>
    /// <param name="what">The word.</param>
    /// <param name="scale">The scale given, for a built-in one.</param>
    /// <param name="host">What surrounds the command.</param>
    /// <param name="target">The folder given; that of the study where the word is its folder.</param>
    /// <param name="shard">The part of the study that the folder is of, if it is one.</param>
    private static StudyDefinition Find(string what, string? scale, CommandHost host, ref string? target, out Shard? shard)
    {
        shard = null;
        if (BuiltInStudies.Names.Contains(what)) return BuiltInStudies.Get(what, scale);
        if (scale is not null)
            throw new UserError(
                $"--scale is for the built-in studies ({string.Join(", ", BuiltInStudies.Names)}), not for {what}.");
        PathKind kind = PathLook.At(what);
        if (kind == PathKind.Folder)
        {
            if (target is not null) throw new UserError($"{what} is a study's folder, so --out cannot be given with it.");
            target = what;
            using StudyStore store = StudyStore.OpenToRead(what, StudyOptions.SecondsToWait(host));
            if (store.Value("shard") is { } part && part != "1/1")
            {
                shard = Shard.Parse($"The shard in {what},", part);
                string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(what));
                if (Path.GetFileName(folder) != shard.Folder)
                    throw new UserError(
                        $"{what} is the store of shard {part} under another name; it must be called {shard.Folder}, or "
                            + "be merged.");
                target = Path.GetRelativePath(Directory.GetCurrentDirectory(), Path.GetDirectoryName(folder)!);
            }

            return store.Definition();
        }

        if (kind == PathKind.File && StudyStore.IsOne(what))
            throw new UserError(
                $"{what} is the store of a study; begin from it with unroll study merge DIR {what}, then unroll study run DIR.");
        if (kind == PathKind.File) return StudyReader.ReadFile(what);
        if (TaskCatalogue.All.Contains(what) || TaskCatalogue.IsSynthetic(what) || SeriesSettings.Tasks.Contains(what))
            return new StudyDefinition(what, [[new StudyAxis("task", [what])]]);
        string[] names = [.. BuiltInStudies.Names, .. TaskCatalogue.All, .. SeriesSettings.Tasks];
        throw new UserError(what.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? $"The study file {what} does not exist."
            : $"There is no study '{what}': it is no file or folder; did you mean {Nearest.Of(what, names)} (of "
                + $"{string.Join(", ", names)})?");
    }

    /// <summary>The study with the random search asked for; without a seed of its own it is that of the study.</summary>
    private static StudyDefinition Draw(StudyDefinition study, string? sample, string? seed)
    {
        if (sample is null && seed is null) return study;
        if (sample is null && study.Sample is null) throw new UserError("--sample-seed has no effect without --sample.");
        return study with
        {
            Sample = new StudySample(
                sample is null ? study.Sample!.Count : (int)Values.Whole("--sample", sample, 1, 100_000),
                seed is null ? study.Sample?.Seed ?? 1 : Values.Seed("--sample-seed", seed)),
        };
    }

    /// <summary>The study with these axes in place of its own in every grid.</summary>
    private static StudyDefinition Override(StudyDefinition study, string[] sets)
    {
        var axes = new List<StudyAxis>();
        foreach (StudyAxis axis in sets.Select(text => StudyReader.ReadAxis("--set", text)))
        {
            int known = axes.FindIndex(other => other.Option == axis.Option);
            if (known < 0) axes.Add(axis);
            else axes[known] = axis with { List = [.. axes[known].List, .. axis.List] };
            if (known >= 0 && axes[known].List.Distinct().Count() < axes[known].List.Count)
                throw new UserError($"--set gives {axis.Option} a value twice.");
        }

        if (axes.Count == 0) return study;
        return study with
        {
            Grids = [.. study.Grids.Select(grid =>
                (IReadOnlyList<StudyAxis>)[.. grid.Where(axis => axes.All(other => other.Option != axis.Option)), .. axes])],
        };
    }
}
