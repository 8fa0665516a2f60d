using System.CommandLine;
using System.CommandLine.Parsing;
using Unroll.Analysis;
using Unroll.Cli.Corpora;
using Unroll.Cli.Paper;
using Unroll.Cli.Sequences;
using Unroll.Cli.Settings;
using Unroll.Cli.Torch;
using Unroll.Data;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;
using Unroll.Tasks;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// <c>unroll diagnose MODEL</c>: whether a network's gradients vanish or explode, at which lag, and what to change.
/// </summary>
internal static class DiagnoseCommand
{
    private const int Parts = 1000; // of the work, for showing how far it has come
    private const double LargeBatch = 1e9; // multiplications
    private const double ShareOfGradients = 0.8; // of it, about
    private static readonly DeclaredArgument<string?> Model =
    new("MODEL")
    {
        Arity = ArgumentArity.ZeroOrOne,
        Description = "A model of Unroll, the folder of a run, or a state_dict of PyTorch (.pt, .pth, .safetensors) with nn.RNN, "
            + "nn.LSTM or nn.GRU layers and a linear head.",
    };
    private static readonly DeclaredOption<string?> Task = new("--task")
    {
        HelpName = "NAME",
        Description = "The task. Default: the one the model was trained on.",
        Completions = () => TaskCatalogue.All,
    };
    private static readonly DeclaredOption<string?> Length = new("--length")
    {
        HelpName = "T|T1..T2",
        Description = "The length, or an inclusive range. Default: the training length.",
    };
    private static readonly DeclaredOption<string?> Variant = new("--variant")
    {
        HelpName = string.Join('|', Values.Named<TaskVariant>().Select(one => one.Name)),
        Description = "The task's variant. Default: that of the model.",
    };
    private static readonly DeclaredOption<string?> Batches = new("--batches")
    {
        HelpName = "M",
        Description = "Fresh batches to measure. Default: 20; 10 of large gated cells and stacks.",
    };
    private static readonly DeclaredOption<string?> Rows = new("--batch")
    {
        HelpName = "N",
        Description = "Sequences in a batch. Default: 20.",
    };
    private static readonly DeclaredOption<string?> Seed = new("--seed")
    {
        HelpName = "N",
        Description = "The seed of the sequences; with --bench, of the first network. Default: 1.",
    };
    private static readonly DeclaredOption<string?> Threads = new("--threads")
    {
        HelpName = "N",
        Description = "Worker threads. Default: 1.",
    };
    private static readonly DeclaredOption<string?> Html = new("--html")
    {
        HelpName = "FILE",
        Description = "Also writes the report as one page with interactive plots; - is standard output, without the text."
    };
    private static readonly DeclaredOption<string?> Plot = new("--plot")
    {
        HelpName = "FILE",
        Description = "Draws the error signal against the lag into a picture: .svg or .png, by the end of the name.",
    };
    private static readonly DeclaredOption<bool> Snippets = new("--snippets")
    {
        Description = "Also says of each advice why it hurts, the same in PyTorch and in C#, and what to expect.",
    };
    private static readonly DeclaredOption<string?> Rate = new("--lr")
    {
        HelpName = "RATE",
        Description = "The rate of plain descent without clipping, to be assessed. Default: that of the run in its folder.",
    };
    private static readonly DeclaredOption<bool> Bench = new("--bench")
    {
        Description = "No MODEL: diagnoses networks that were made ill in known ways, and says how often the first advice is "
            + "right.",
    };
    private static readonly DeclaredOption<string?> Seeds = new("--seeds")
    {
        HelpName = "N",
        Description = "With --bench: networks of each kind and cell. Default: 20.",
    };
    private static readonly DeclaredOption<bool> Try = new("--try")
    {
        Description = "Trains with each of the first three remedies for a few hundred updates from the same state, and says "
            + "which helped.",
    };
    private static readonly DeclaredOption<bool> Json = new("--json")
    {
        Description = "One JSON object on standard output, and nothing else there.",
    };

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new VerbCommand("diagnose",
            "Says why a network does not learn: whether its gradients vanish or explode and at which lag, what is wrong with its "
                + "own data (labels, order, window, a leak), and what to change.")
        {
            Examples = ["unroll diagnose runs/addition/best.safetensors",
                "unroll diagnose rnn.pt --task addition --length 100 --html report.html"],
        };
        command.Add(Model);
        command.AddAll([Task, Length, Variant, Batches, Rows, Seed, Threads,
            .. TorchOptions.All, Rate, Snippets, Try, Bench, Seeds, Html, Plot, Json]);
        Dictionary<CorpusOption, DeclaredOption> data = CorpusOptions.AddTo(command);
        command.Add(CorpusOptions.Folder);
        command.SetAction(parsed => Execute(parsed, data, host));
        return command;
    }

    private static int Execute(ParseResult parsed, Dictionary<CorpusOption, DeclaredOption> data, CommandHost host)
    {
        if (parsed.GetValue(Bench)) return RunBench(parsed, host);
        if (parsed.GetValue(Seeds) is not null) throw new UserError("--seeds is for --bench; a model is diagnosed once.");
        string model = parsed.GetValue(Model) ?? throw new UserError("unroll diagnose needs MODEL; see unroll diagnose --help.");
        double? rate = parsed.GetValue(Rate) is { } given ? Values.Number("--lr", given) : null;
        string? html = parsed.GetValue(Html);
        OutputFile.RequireReplaceable("--html", html);
        string? plot = parsed.GetValue(Plot);
        PlotFile.Require("--plot", plot);
        OutputFile.RequireOneStream(
            ("--html", html), ("--plot", plot), ("--json", parsed.GetValue(Json) ? OutputFile.StandardOutput : null));
        var request = new SubjectRequest(
            SeriesModel.PathOfAny(model), parsed.GetValue(Task),
            parsed.GetValue(Length) is { } length ? Values.Length("--length", length) : null,
            parsed.GetValue(Variant) is { } variant ? Values.Choice("--variant", variant, Values.Named<TaskVariant>()) : null,
            TorchOptions.Read(parsed),
            CorpusOptions.Read(parsed, data));
        int? batches = parsed.GetValue(Batches) is { } count ? (int)Values.Whole("--batches", count, 1, 100_000) : null;
        var options = new DiagnosisOptions
        {
            Rows = parsed.GetValue(Rows) is { } rows ? (int)Values.Whole("--batch", rows, 1, 65_536) : 20,
            Seed = parsed.GetValue(Seed) is { } seed ? Values.Seed("--seed", seed) : 1,
            Threads = parsed.GetValue(Threads) is { } threads ? (int)Values.Whole("--threads", threads, 1, 256) : 1,
        };
        var leftOut = new List<LeftOutFile>();
        DiagnosisSubject subject = DiagnosisSubject.Load(
            request, options.Rows, new CorpusCache(
                host.ForData(leftOut.Add) with { ReadSeries = settings => SeriesSource.Folds(settings, host) },
                parsed.GetValue(CorpusOptions.Folder)));
        if (parsed.GetValue(Try)) RemedyTrials.RequireGradients(subject.Model);
        options = options with
        {
            Batches = batches ?? DefaultBatches(subject, options.Rows),
            Reduction = subject.Reduction,
            Copies = subject.Copies,
        };
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);
        GradientDiagnosis diagnosis;
        JacobianFacts jacobians;
        using (var notice = new SlowNotice(host, "diagnosing", Parts, "parts"))
        {
            void Report(double share) => notice.Report((long)(Parts * share));
            diagnosis = GradientDiagnosis.Measure(subject.Network, subject.Task, options,
                share => Report(ShareOfGradients * share), cancel.Token);
            jacobians = JacobianFacts.Measure(subject, options,
                share => Report(ShareOfGradients + ((1 - ShareOfGradients) * share)), cancel.Token);
        }

        IReadOnlyList<Advice> advice = KnownStart.Replace(Advice.Of(diagnosis, subject.Task, subject.Network.Shape,
            DataAdvice.Of(subject.Task, options.Seed, subject.Network, diagnosis), rate ?? RemedyTrials.PlainRate(subject.Model),
            GrownWeights.Of(subject, diagnosis)), RemedyTrials.Recorded(subject.Model));

        // Before anything is printed: a page that cannot be written is a refusal.
        if (html is not null)
        {
            using var notice = new SlowNotice(host, "writing the page", 1, "page");
            DiagnosisPage.Write(html, host, subject, diagnosis, jacobians, advice, options);
        }

        if (plot is not null)
            PlotFile.Write(plot, [SignalPlot.Panel(diagnosis, subject)], SignalPlot.Caption(diagnosis, subject));
        if (OutputFile.IsStandardOutput(html)) return ExitCode.Success; // the page has it all
        if (parsed.GetValue(Json))
        {
            JsonLine.Write(host.Out, json =>
            {
                DiagnosisJson.Write(json, subject, diagnosis, jacobians, advice, options);
                LeftOutJson.Write(json, leftOut);
            });
        }
        else DiagnosisText.Write(host, subject, diagnosis, jacobians, advice, options, parsed.GetValue(Snippets));
        if (parsed.GetValue(Try)) RemedyTrials.Run(subject, advice, options, parsed.GetValue(Json), host, cancel.Token);
        string[] written = [.. ((string?[])[html, plot]).OfType<string>()];
        if (written.Length > 0 && !parsed.GetValue(Json)) host.Out.WriteLine($"\nwritten: {string.Join(", ", written)}");
        return ExitCode.Success;
    }

    private static int RunBench(ParseResult parsed, CommandHost host)
    {
        if (parsed.GetValue(Model) is { } model)
            throw new UserError($"--bench makes its own networks, so {model} cannot be given with it.");
        int seeds = parsed.GetValue(Seeds) is { } n ? (int)Values.Whole("--seeds", n, 1, 10_000) : 20;
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);
        ulong first = parsed.GetValue(Seed) is { } seed ? Values.Seed("--seed", seed) : 1;
        DiagnosisBench.Run(seeds, first, parsed.GetValue(Json), host, cancel.Token);
        return ExitCode.Success;
    }

    /// <summary>Half as many where one has more multiplications than a few tenths of a second are long.</summary>
    private static int DefaultBatches(DiagnosisSubject subject, int rows)
    {
        NetworkShape shape = subject.Network.Shape;
        int steps = subject.Task is IDataTask data ? data.Window : ((ILengthTask)subject.Task).Length.Maximum;
        return !shape.IsOnPreActivations && (double)shape.ParameterCount * steps * rows > LargeBatch ? 10 : 20;
    }
}
