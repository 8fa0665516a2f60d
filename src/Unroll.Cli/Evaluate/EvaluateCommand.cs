using System.CommandLine;
using System.Numerics;
using Unroll.Cli.Paper;
using Unroll.Cli.Settings;
using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Studies.Memory;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Evaluate;

/// <summary>
/// <c>unroll evaluate MODEL</c>: how a model does on fresh sequences of each length, or on the folds of music or text.
/// </summary>
internal static class EvaluateCommand
{
    private const string RowFormat = "{0,-10} {1,10} {2,9} {3,9} {4,14}";
    private static readonly DeclaredArgument<string> Model = new("MODEL")
    {
        Description = "A model file, such as best.safetensors, the folder of a run, a state dict of PyTorch, or an ONNX model.",
    };
    private static readonly DeclaredOption<string?> Task = new("--task")
    {
        HelpName = "NAME",
        Description = "The task. Default: the one the model was trained on.",
        Completions = () => TaskCatalogue.All,
    };
    private static readonly DeclaredOption<string?> Length = new("--length")
    {
        HelpName = "T,T1..T2,...",
        Description = "Lengths or ranges, separated by commas. Default: the training length.",
    };
    private static readonly DeclaredOption<string?> Sequences = new("--sequences")
    {
        HelpName = "N",
        Description = "Fresh sequences a length; of a range each hundred share one. Default: 10000.",
    };
    private static readonly DeclaredOption<string?> Seed = new("--seed")
    {
        HelpName = "N",
        Description = "The seed of the test sequences. Default: 1.",
    };
    private static readonly DeclaredOption<string?> Threads = new("--threads")
    {
        HelpName = "N",
        Description = "Worker threads. Default: 1.",
    };
    private static readonly DeclaredOption<string?> Variant = new("--variant")
    {
        HelpName = string.Join('|', Values.Named<TaskVariant>().Select(one => one.Name)),
        Description = "The task's variant. Default: that of the model.",
    };
    private static readonly DeclaredOption<string?> Quantize = new("--quantize")
    {
        HelpName = "int8",
        Description = "Evaluate the weights of 8 bits that export --quantize int8 writes. Default: the model's own.",
    };
    private static readonly DeclaredOption<string?> Plot = new("--plot")
    {
        HelpName = "FILE",
        Description = "Your own data: also draws the last forecasts beside the truth, or the confusion matrix of classes, of the "
            + "last fold, as FILE.svg or FILE.png.",
    };
    private static readonly DeclaredOption<string?> Html = new("--html")
    {
        HelpName = "FILE",
        Description = "Your own data: also writes all of it, with pictures, as one page; - is standard output, without the text.",
    };
    private static readonly DeclaredOption<string?> Unknown = SeriesModel.Unknown();
    private static readonly DeclaredOption<bool> Json = new("--json")
    {
        Description = "One JSON object a line on standard output.",
    };

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new VerbCommand("evaluate",
            "Prints a model's error on fresh sequences, its cost on music or text, or its scores on your own data.")
        {
            Examples =
            [
                "unroll evaluate runs/addition/best.safetensors --length 50,100,200",
                "unroll evaluate runs/novel/best.safetensors --data other.txt",
                "unroll evaluate runs/power",
            ],
        };
        command.Add(Model);
        command.AddAll([Task, Length, Sequences, Seed, Threads, Variant, Quantize,
            .. CorpusEvaluation.Options, Unknown, Plot, Html, Json]);
        ModelSource.AddOptions(command, text: true);
        command.SetAction(parsed => Execute(parsed, host));
        return command;
    }

    private static int Execute(ParseResult parsed, CommandHost host)
    {
        string path = SeriesModel.PathOf(parsed.GetRequiredValue(Model));
        long sequences = parsed.GetValue(Sequences) is { } n ? Values.Whole("--sequences", n, 1, 100_000_000) : 10_000;
        ulong seed = parsed.GetValue(Seed) is { } s ? Values.Seed("--seed", s) : 1;
        int threads = parsed.GetValue(Threads) is { } t ? (int)Values.Whole("--threads", t, 1, 256) : 1;
        LengthRange[]? lengths = parsed.GetValue(Length) is { } l ? Values.Lengths("--length", l) : null;
        TaskVariant? variant = parsed.GetValue(Variant) is { } v
            ? Values.Choice("--variant", v, Values.Named<TaskVariant>()) : null;
        string? plot = parsed.GetValue(Plot);
        PlotFile.Require(Plot.Name, plot);
        string? html = parsed.GetValue(Html);
        OutputFile.RequireReplaceable(Html.Name, html);
        OutputFile.RequireOneStream(
            (Html.Name, html), (Plot.Name, plot), (Json.Name, parsed.GetValue(Json) ? OutputFile.StandardOutput : null));
        string? task = parsed.GetValue(Task) is { } name ? TaskCatalogue.Resolve(name) : null;

        bool eight = parsed.GetValue(Quantize) is { } bits && Values.Choice("--quantize", bits, [("int8", true)]);
        ModelSource model = ModelSource.Open(parsed, path, task);
        ModelInfo info = model.Info;
        if (eight)
        {
            ModelSource whole = model;
            model = whole.With(() => EightBits.Of(path, info, whole.Load<float>(), host).Network);
        }

        if (task is null && SeriesModel.Read(path, info) is { } series)
            return EvaluateSeries(parsed, host, path, model, series.With(parsed.GetValue(Unknown)), threads, plot, html);
        task ??= info.Task is { } stored ? TaskCatalogue.Resolve(stored)
            : throw new UserError($"{path} does not say which task it was trained on; "
                + "give --task NAME (unroll tasks lists them).");
        if (plot is not null || html is not null || parsed.GetValue(Unknown) is not null)
            throw new UserError(
                $"{(plot is not null ? Plot.Name : html is not null ? Html.Name : Unknown.Name)} is for models of your own data, "
                    + $"and {path} is evaluated on {task}; leave it out.");
        if (TaskCatalogue.Corpora.Contains(task))
        {
            if (((DeclaredOption[])[Length, Sequences, Seed, Variant])
                .FirstOrDefault(option => parsed.IsGiven(option)) is { } given)
                throw new UserError(
                    $"{given.Name} is for fresh sequences of the synthetic tasks; a model of {task} is evaluated on --data.");
            return CorpusEvaluation.Run(parsed, host, path, model, task, threads, parsed.GetValue(Json));
        }

        CorpusEvaluation.RequireNone(parsed, task);
        variant ??= info.Variant is { } kept ? Values.Choice($"The variant in {path}", kept, Values.Named<TaskVariant>())
            : TaskVariant.Code;
        lengths ??= [info.Length is { } trained && info.Task == task ? Values.Length($"The length in {path}", trained)
            : Recipes.DefaultLength(task)];
        ILengthTask[] tasks = [.. lengths.Select(length => TaskCatalogue.Create(task, length, variant.Value))];
        ModelFit.Require(path, info.Shape, tasks[0]);
        foreach (ILengthTask one in tasks) MemoryNeed.CheckEvaluation(one, info.Shape, info.Precision);

        model.Say(host);
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);
        var table = new Table(host, parsed.GetValue(Json), task, tasks[0] is IStrictTask, cancel.Token);
        if (info.Precision == Precision.Double) table.Write(model.Load<double>(), tasks, sequences, seed, threads);
        else table.Write(model.Load<float>(), tasks, sequences, seed, threads);
        return ExitCode.Success;
    }

    private static int EvaluateSeries(
        ParseResult parsed, CommandHost host, string path, ModelSource model, SeriesModel series, int threads,
        string? plot, string? html)
    {
        DeclaredOption[] useless = [Length, Sequences, Seed, Variant,
            .. CorpusEvaluation.Options.Where(option => option.Name != CorpusOptionTable.Data)];
        if (useless.FirstOrDefault(option => parsed.IsGiven(option)) is { } given)
            throw new UserError(
                $"{given.Name} is not for a model of {series.Settings.Task}, which is evaluated on the folds of its data, or "
                    + "on --data.");
        return SeriesEvaluation.Run(
            path, model, series, CorpusEvaluation.DataOf(parsed), threads, parsed.GetValue(Json), plot, html, host);
    }

    /// <summary>The rows as they come.</summary>
    private sealed class Table(CommandHost host, bool json, string task, bool strict, CancellationToken cancellation)
    {
        public void Write<T>(Network<T> network, ILengthTask[] tasks, long sequences, ulong seed, int threads)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            if (!json)
            {
                host.Say($"{task}, {Format.Counted(tasks[0].WholeSet ?? sequences, "sequence")} a length, loss in "
                    + $"{tasks[0].LossUnit}");
                host.Out.WriteLine(string.Format(null, RowFormat, "length", "sequences", "error", strict ? "strict" : "",
                    "loss").TrimEnd());
            }

            for (int i = 0; i < tasks.Length; i++)
            {
                EvaluationResult result;
                using (var notice = new SlowNotice(host, $"length {tasks[i].Length} ({i + 1} of {tasks.Length})",
                    tasks[i].WholeSet ?? sequences))
                    result = Evaluator.Evaluate(network, tasks[i], sequences, seed, threads, cancellation, notice.Report);
                WriteRow(tasks[i].Length, result);
            }
        }

        private void WriteRow(LengthRange length, EvaluationResult result)
        {
            if (!json)
            {
                host.Out.WriteLine(string.Format(
                    null, RowFormat, length, result.Sequences, Format.Percent(result.Error),
                    strict ? Format.Percent(result.StrictError) : "", Format.Number(result.Loss)));
                return;
            }

            JsonLine.Write(host.Out, line =>
            {
                line.WriteString("event", "evaluation");
                line.WriteString("task", task);
                line.WriteString("length", length.ToString());
                line.WriteNumber("sequences", result.Sequences);
                JsonLine.WriteNumber(line, "error", result.Error);
                JsonLine.WriteNumber(line, "strict_error", result.StrictError);
                JsonLine.WriteNumber(line, "loss", result.Loss);
                line.WriteString("loss_unit", result.LossUnit);
            });
        }
    }
}
