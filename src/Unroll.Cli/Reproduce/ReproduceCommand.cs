using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Unroll.Cli.Paper;
using Unroll.Cli.Paper.Figures;
using Unroll.Cli.Study;
using Unroll.Cli.Terminal.Streams;
using Unroll.Files;
using Unroll.Studies;

namespace Unroll.Cli.Reproduce;

/// <summary>
/// <c>unroll reproduce NAME</c>: computes figures of the paper, or runs the study of a figure or table and makes it.
/// </summary>
internal static class ReproduceCommand
{
    private const string Results = "docs/results";

    private static readonly string ComputedNames = string.Join(", ", FigureList.Computed.Select(figure => figure.Id));

    private static readonly DeclaredArgument<string[]> Name = new("NAME")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = $"Figures that are computed at once, one or more of {ComputedNames}; or one that a study is run for, of "
            + $"{string.Join(", ", FigureList.StudyNames)}. With --verify stores, with --claims a folder.",
        Completions = () => FigureList.Names,
    };

    private static readonly DeclaredOption<string?> Out = new("--out")
    {
        HelpName = "DIR",
        Description = "The folder, new or to be continued. Default: runs/NAME, for computed figures runs/figures.",
    };
    private static readonly DeclaredOption<string[]> Set = new("--set")
    {
        HelpName = "NAME=VALUE",
        Arity = ArgumentArity.OneOrMore,
        Description = "A parameter of the computed figures, such as w=5 or sigma=tanh. May be repeated.",
    };
    private static readonly DeclaredOption<bool> Draw = new("--draw")
    {
        Description = "Run nothing: make figure and tables of the trials that are done. With --claims: write what the stores say "
            + "into the pages.",
    };
    private static readonly DeclaredOption<string?> Verify = new("--verify")
    {
        HelpName = "N",
        Description = "Run N finished trials again, drawn from stores (files or folders), and compare every bit. Default: those "
            + $"of {Results}.",
    };
    private static readonly DeclaredOption<string?> Seed = new("--seed")
    {
        HelpName = "N",
        Description = "The seed by which --verify draws. Default: 1.",
    };
    private static readonly DeclaredOption<string?> MostSeconds = new("--max-seconds")
    {
        HelpName = "S",
        Description = "Draw only trials that took at most so many seconds when they were made. Default: 60.",
    };
    private static readonly DeclaredOption<bool> Claims = new("--claims")
    {
        Description = "Count what is claimed from the stores of a folder, and compare the pages that say so. Default: "
            + $"{Results}.",
    };
    private static readonly DeclaredOption<bool> Json = new("--json")
    {
        Description = "One JSON object a line on standard output, and nothing else there.",
    };

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new VerbCommand("reproduce", "Computes figures of the paper, or runs the study of one and draws it.")
        {
            Examples = ["unroll reproduce fig3 fig4 fig5 fig6 --out figures",
                "unroll reproduce fig7 --scale smoke --out runs/fig7",
                "unroll reproduce --verify 5 docs/results"],
            Notes = WriteNotes,
        };
        command.Add(Name);
        command.AddAll([Out, StudyOptions.Scale, Set, .. StudyOptions.Running, Draw, Verify, Seed,
            MostSeconds, Claims, Json]);
        command.SetAction(parsed => Execute(parsed, host));
        return command;
    }

    private static int Execute(ParseResult parsed, CommandHost host)
    {
        string[] names = parsed.GetValue(Name) ?? [];
        if (parsed.GetValue(Verify) is { } count) return RunAgain(parsed, count, names, host);
        if (parsed.GetValue(Claims)) return CountClaims(parsed, names, host);
        if (Given(parsed, Seed, MostSeconds) is { } other) throw new UserError($"{other} has no effect without --verify.");
        if (names.Length == 0)
            throw new UserError(
                $"unroll reproduce needs NAME: one of {string.Join(", ", FigureList.Names)}; or --verify N, or --claims.");
        string[] assignments = parsed.GetValue(Set) ?? [];
        bool json = parsed.GetValue(Json);
        OutputFile.RequireFolder("--out", parsed.GetValue(Out));
        IFigure[] figures = [.. names.Distinct().SelectMany(FigureList.Get)];
        if (figures.All(figure => figure.Study is null)) return MakeFigures(parsed, figures, assignments, json, host);
        if (names.Length > 1)
            throw new UserError(
                $"'{names.First(one => FigureList.StudyNames.Contains(one))}' runs a study, which is made alone; only the "
                    + $"figures {ComputedNames} can be made together.");
        if (assignments.Length > 0)
            throw new UserError($"--set is for computed figures ({ComputedNames}), and {names[0]} is a study: run a part of it "
                + "with --only OPTION=VALUE, or a grid of your own with unroll study run TASK --set OPTION=VALUES.");
        string name = names[0];
        host = host.WithoutNeedToShow();
        IReadOnlyList<IFigure> wanted = figures;
        string root = parsed.GetValue(Out) ?? Path.Combine("runs", name);
        string FolderOf(IFigure one) => wanted.Count == 1 ? root : Path.Combine(root, one.Id);
        bool draw = parsed.GetValue(Draw);
        if (draw && ((DeclaredOption[])[.. StudyOptions.Running])
            .FirstOrDefault(option => parsed.IsGiven(option)) is { } given)
            throw new UserError($"{given.Name} has no effect with --draw, which runs nothing.");
        foreach (IFigure one in wanted) RequireOwn(one, FolderOf(one), draw, parsed.GetValue(StudyOptions.Scale), host);
        foreach (IFigure one in wanted)
        {
            string folder = FolderOf(one);
            StudyRequest request = StudyOptions.Read(parsed, host,
                BuiltInStudies.Get(one.Study!, parsed.GetValue(StudyOptions.Scale)), folder) with
            {
                MayReplace = true,
            };
            int code = draw ? ExitCode.Success : new StudySession(request, host, json).Run();

            // A shard is a part; what is made of all of them is made after the merge, with --draw.
            if (draw) Make(one, folder, host, json);
            else if (request.Shard is null) HeldFolder.Work(folder, () => Make(one, folder, host, json), OutputException.IsOne);
            if (code != ExitCode.Success) return code;
        }

        return ExitCode.Success;
    }

    private static int RunAgain(ParseResult parsed, string count, string[] stores, CommandHost host)
    {
        if (Given(parsed, [Out, StudyOptions.Scale, Set, .. StudyOptions.Running, Draw, Claims]) is { } other)
            throw new UserError($"{other} has no effect with --verify, which runs trials of stores again.");
        var request = new VerificationRequest(
            (int)Values.Whole("--verify", count, 1, 1_000_000), Values.Seed("--seed", parsed.GetValue(Seed) ?? "1"),
            Values.Number("--max-seconds", parsed.GetValue(MostSeconds) ?? "60"), stores.Length > 0 ? stores : [Results]);
        return new StoreVerification(request, parsed.GetValue(Json), host.WithoutNeedToShow()).Run();
    }

    private static int CountClaims(ParseResult parsed, string[] folders, CommandHost host)
    {
        if (Given(parsed, [Out, StudyOptions.Scale, Set, .. StudyOptions.Running, Seed, MostSeconds]) is { } other)
            throw new UserError($"{other} has no effect with --claims, which runs nothing.");
        if (folders.Length > 1) throw new UserError("--claims counts the stores of one folder; name one.");
        return ClaimsReport.Run(folders.Length == 1 ? folders[0] : Results, parsed.GetValue(Draw), parsed.GetValue(Json), host);
    }

    private static string? Given(ParseResult parsed, params DeclaredOption[] options) =>
        options.FirstOrDefault(option => parsed.IsGiven(option))?.Name;

    /// <summary>Refuses a folder whose study is another one; to draw, one without a study, too.</summary>
    private static void RequireOwn(IFigure one, string folder, bool draw, string? scale, CommandHost host)
    {
        bool has = PathLook.IsFile(Path.Combine(folder, StudyStore.FileName));
        if (!draw && !has) return;
        if (!PathLook.IsFolder(folder)) throw new UserError($"The folder {folder} does not exist, so there is nothing to draw.");
        if (!has && StudyFolder.Shards(folder).Length > 0)
            throw new UserError($"The folder {folder} holds shards; join them first with unroll study merge {folder}.");
        using StudyStore store = StudyStore.OpenToRead(folder, StudyOptions.SecondsToWait(host));
        if (!draw && store.Value("definition") is null) return; // a run that was stopped at its very beginning
        string name = store.Definition().Name;
        IEnumerable<string> scales = draw && scale is not null ? [scale] : BuiltInStudies.ScalesOf(one.Study!);
        string[] own = [.. scales.Select(own => BuiltInStudies.Get(one.Study!, own).Name)];
        if (own.Contains(name)) return;
        string what = draw ? $"{one.Id}{(scale is null ? "" : $" at scale {scale}")} cannot be drawn" : $"{one.Id} cannot go on";
        throw new UserError(
            $"The folder {folder} holds the study {name}, of which {what}; it needs that of {string.Join(" or ", own)}.");
    }

    private static int MakeFigures(ParseResult parsed, IReadOnlyList<IFigure> figures, string[] assignments, bool json,
        CommandHost host)
    {
        foreach (DeclaredOption option in (DeclaredOption[])[.. StudyOptions.Running, Draw])
        {
            if (parsed.IsGiven(option))
                throw new UserError($"{option.Name} is for what a study is run for; {figures[0].Id} is computed at once.");
        }

        string scale = Values.Choice("--scale", parsed.GetValue(StudyOptions.Scale) ?? "laptop",
            [.. BuiltInStudies.Scales.Select(one => (one, one))]);
        return FigureReports.Make(figures, assignments, scale == "smoke",
            parsed.GetValue(Out) ?? Path.Combine("runs", "figures"), json, host);
    }

    /// <summary>Computes what is drawn. In a foreign store the options of a trial may be anything.</summary>
    private static FigureResult Compute(
        IFigure one, StudyDefinition study, IReadOnlyList<StoredTrial> trials, string folder, CommandHost host)
    {
        try
        {
            return one.Compute(FigureSource.Of(one, study, trials, host));
        }
        catch (Exception error) when (
            error is FormatException or KeyNotFoundException or OverflowException or InvalidOperationException
                or ArgumentException)
        {
            string store = Path.Combine(folder, StudyStore.FileName);
            throw new UserError($"{store} is damaged: its trials have not the options of those that {one.Id} is drawn from.",
                error);
        }
    }

    private static void Make(IFigure one, string folder, CommandHost host, bool json)
    {
        using StudyStore store = StudyStore.OpenToRead(folder, StudyOptions.SecondsToWait(host));
        StudyDefinition study = store.Definition();
        IReadOnlyList<StoredTrial> trials = store.Trials();
        if (one.NeedsCurves) trials = store.WithChecks(trials);
        FigureResult result = Compute(one, study, trials, folder, host);
        if (BuiltInStudies.CannotShow(study.Name) is { } cannot) result = result with { Notes = [cannot, .. result.Notes] };
        string At(string ending) => Path.Combine(folder, $"{one.Id}.{ending}");
        AtomicFile.Write(At("json"), ToJson(one, study, result));
        AtomicFile.Write(At("md"), Encoding.UTF8.GetBytes(ToMarkdown(one, result)));
        string? svg = null;
        if (result.Panels.Any(panel => panel.HasPoints))
        {
            svg = FigureSheet.ToSvg(result.Panels, result.Caption);
            AtomicFile.Write(At("svg"), Encoding.UTF8.GetBytes(svg));
            FigureSheet.WritePng(At("png"), result.Panels, result.Caption);
        }

        PageFile.Write(Path.Combine(folder, "report.html"), store, svg, host);
        if (json) return;
        foreach ((string heading, TextTable table) in result.Tables)
        {
            host.Out.WriteLine();
            host.Say(heading, 0);
            table.WriteTo(host);
        }

        host.Out.WriteLine();
        foreach (string note in result.Notes) host.Say(note);
        string[] endings = svg is null ? ["json", "md"] : ["json", "md", "png", "svg"];
        string files = string.Join(", ", endings.Select(ending => $"{one.Id}.{ending}"));
        host.Say($"written: {files} and report.html in {folder}");
    }

    private static string ToMarkdown(IFigure one, FigureResult result)
    {
        var text = new StringBuilder();
        text.Append(null, $"# {one.Section}: {one.Summary}\n\n{result.Caption}\n");
        foreach ((string heading, TextTable table) in result.Tables) text.Append(null, $"\n{heading}\n\n{table.ToMarkdown()}");
        if (result.Notes.Count > 0) text.Append('\n').AppendJoin('\n', result.Notes).Append('\n');
        if (result.Panels.Count > 0) text.Append(null, $"\n![{one.Summary}]({one.Id}.png)\n");
        return text.ToString();
    }

    private static byte[] ToJson(IFigure one, StudyDefinition study, FigureResult result)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer,
            new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("id", one.Id);
            json.WriteString("section", one.Section);
            json.WriteString("version", ProgramVersion.Text);
            json.WriteString("study", study.Name);
            json.WriteString("study_hash", study.Hash());
            json.WriteString("caption", result.Caption);
            json.WriteStartArray("panels");
            foreach (FigurePanel panel in result.Panels.Where(panel => panel.Chart is not null)) Write(json, panel.Chart!);
            json.WriteEndArray();
            json.WriteStartArray("tables");
            foreach ((string heading, TextTable table) in result.Tables) Write(json, heading, table);
            json.WriteEndArray();
            json.WriteStartArray("notes");
            foreach (string note in result.Notes) json.WriteStringValue(note);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void Write(Utf8JsonWriter json, Chart chart)
    {
        json.WriteStartObject();
        json.WriteString("title", chart.Title);
        json.WriteString("x", chart.XLabel);
        json.WriteString("y", chart.YLabel);
        JsonLine.WriteObjects(json, "series", chart.Series, series =>
        {
            json.WriteString("name", series.Name);
            JsonLine.WriteObjects(json, "points", series.Points, point =>
            {
                json.WriteNumber("x", point.X);
                json.WriteNumber("y", point.Y);
                json.WriteNumber("low", point.Low);
                json.WriteNumber("high", point.High);
                json.WriteString("runs", point.Label);
            });
        });
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string heading, TextTable table)
    {
        json.WriteStartObject();
        json.WriteString("heading", heading);
        json.WriteStartArray("rows");
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            json.WriteStartObject();
            for (int i = 0; i < row.Count; i++) json.WriteString(table.Headings[i], row[i]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteNotes(TextWriter output, int width)
    {
        output.WriteLine("Computed at once, several in one call:");
        foreach (IFigure figure in FigureList.Computed)
        {
            Note(figure.Id, $"{figure.Section}: {figure.Summary}");
            string set = string.Join(", ", figure.Parameters.Select(parameter => parameter.Default is { } value
                ? $"{parameter.Name}={Format.Exact(value)}" : parameter.Name).Concat(figure.HasSigma ? ["sigma=sigmoid"] : []));
            Note("", $"--set {set}");
        }

        output.WriteLine();
        output.WriteLine("From a study:");
        foreach (IFigure one in FigureList.OfStudies) Note(one.Id, $"{one.Section}: {one.Summary}");
        Note(FigureList.Ablations, "all of the ablations, each in a folder of its own");
        output.WriteLine();
        foreach (string line in Format.Wrap(
            "The folder gets NAME.json, NAME.png and NAME.svg, from a study also NAME.md and report.html. Exit codes: "
            + "0 complete, 2 bad input, 3 this session ended before (--verify: bits differ; --claims: a page differs), 5 a disk "
                + "that is full or gone or a store in use, 130 cancelled.", width))
            output.WriteLine(line);

        void Note(string name, string text)
        {
            foreach (string line in Format.Wrap(text, width - 23))
            {
                output.WriteLine($"  {name,-20} {line}");
                name = "";
            }
        }
    }
}
