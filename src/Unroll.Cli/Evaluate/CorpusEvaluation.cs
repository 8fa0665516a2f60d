using System.CommandLine;
using System.Diagnostics;
using System.Numerics;
using Unroll.Cli.Corpora;
using Unroll.Cli.Settings;
using Unroll.Data;
using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Evaluate;

/// <summary>The part of <c>unroll evaluate</c> that is for models of music and text: the exact cost of each fold.</summary>
internal sealed class CorpusEvaluation(CommandHost host, bool json, int? detail, CancellationToken cancellation)
{
    private const int DefaultLimit = 20;
    private const string RowFormat = "{0,-12} {1,12} {2,10} {3,10}";
    private static readonly Dictionary<CorpusOption, DeclaredOption> Reading = CorpusOptions.Make(
    [
        CorpusOptionTable.Named(CorpusOptionTable.Data) with
        {
            Description = "Music and text: a data set, a file, a folder of MIDI files, or - for a text on standard input. "
                + "Default: what the model was trained on.",
        },
        CorpusOptionTable.Named("--valid-data"), CorpusOptionTable.Named("--test-data"),
        CorpusOptionTable.Named("--trim-lines") with
        {
            Description = "Text: leave out the blanks at both ends of each line. Default: as in training.",
        },
        CorpusOptionTable.Named("--step") with
        {
            Description = "Music: the time step of MIDI files in beats. Default: as in training.",
        },
        CorpusOptionTable.Named("--drop-notes") with
        {
            Description = "Music: leave out notes of MIDI files that a piano does not have. Default: as in training.",
        },
        CorpusOptionTable.Named(
            CorpusOptionTable.Strict) with { Description =
                "Refuse files that would be left out, and symbols that the model does not know." },
    ]);

    private static readonly DeclaredOption<string?> Folds = new("--fold")
    {
        HelpName = "train|validation|test|all",
        Description = "Music and text: which folds. Default: all; a file that has none of its own is one whole.",
    };
    private static readonly DeclaredOption<bool> Detail = new("--detail")
    {
        Description = "Music and text: the cost of each piece or line too, the worst first.",
    };
    private static readonly DeclaredOption<string?> Limit = new("--limit")
    {
        HelpName = "N",
        Description = $"The pieces or lines of a fold that --detail shows; 0 shows all. Default: {DefaultLimit}.",
    };
    private static readonly DeclaredOption<string?> Unknown = new("--unknown")
    {
        HelpName = "SYMBOL",
        Description = "Text: the symbol that stands for those the model does not know. Default: refuse them, or the model's "
            + "unknown symbol.",
    };

    /// <summary>Its options.</summary>
    public static IReadOnlyList<DeclaredOption> Options { get; } =
        [.. Reading.Values, Folds, Detail, Limit, Unknown, CorpusOptions.Folder];

    /// <summary>The value of --data, or null.</summary>
    public static string? DataOf(ParseResult parsed) =>
        parsed.GetValue((DeclaredOption<string?>)Reading.First(one => one.Key.Name == CorpusOptionTable.Data).Value);

    /// <summary>Evaluates a model and returns the exit code.</summary>
    /// <exception cref="UserError">The data does not fit the model, or cannot be read.</exception>
    public static int Run(ParseResult parsed, CommandHost host, string path, ModelSource model, string task,
        int threads, bool json)
    {
        ModelInfo info = model.Info;
        int? detail = parsed.GetValue(Limit) is { } limit ? (int)Values.Whole("--limit", limit, 0, int.MaxValue) : null;
        if (!parsed.GetValue(Detail) && detail is not null)
            throw new UserError("--limit says how much --detail shows; give that too.");
        var request = new DataRequest(
            CorpusOptions.Read(parsed, Reading),
            parsed.GetValue(Folds) is { } fold
                ? Values.Choice("--fold", fold,
                    [.. Enum.GetValues<Fold>().Select(one => (CorpusFolds.NameOf(one), (Fold[])[one])),
                        ("all", Enum.GetValues<Fold>())]) : null,
            parsed.GetValue(Unknown));
        CorpusFolds folds = CorpusFolds.Read(request, path, info, task,
            new DataSource(host.ForData(json ? LeftOutJson.Lines(host) : null), parsed.GetValue(CorpusOptions.Folder)));
        ModelFit.Require(path, info.Shape, folds.Task);
        if (!request.NamesData && !folds.IsSame)
            host.Error.WriteLine($"unroll: {folds.Name} is not the same now as when {path} was trained on it.");
        model.Say(host);
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);
        var evaluation = new CorpusEvaluation(host, json, parsed.GetValue(Detail) ? detail ?? DefaultLimit : null, cancel.Token);
        if (info.Precision == Precision.Double) evaluation.Write(model.Load<double>(), folds, threads);
        else evaluation.Write(model.Load<float>(), folds, threads);
        return ExitCode.Success;
    }

    /// <summary>Refuses options that a model of a synthetic task has no use for.</summary>
    public static void RequireNone(ParseResult parsed, string task)
    {
        if (Options.FirstOrDefault(option => parsed.IsGiven(option)) is { } given)
            throw new UserError($"{given.Name} is for models of music and text; one of {task} is evaluated on fresh sequences.");
    }

    private void Write<T>(Network<T> network, CorpusFolds folds, int threads)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var kind = CorpusKind.Of(folds.Task.Name);
        if (!json)
        {
            string detailOfTask = kind.Detail(folds.Task) is { Length: > 0 } words ? $", {words}" : "";
            host.Say($"{folds.Task.Name}, {folds.Name}{detailOfTask}, loss in {folds.Task.LossUnit}");
            host.Out.WriteLine(string.Format(null, RowFormat, "fold", kind.Steps, "loss", "seconds"));
        }

        var details = new List<(string Fold, CorpusDetail Detail)>();
        foreach ((Fold fold, string name) in folds.Folds)
        {
            long steps = Enumerable.Range(0, folds.Task.Streams(fold)).Sum(stream => (long)folds.Task.StreamSteps(fold, stream));
            long started = Stopwatch.GetTimestamp();
            CorpusItems? items = detail is null ? null : kind.Items(folds.Task, fold);
            FoldCost cost;
            using (var notice = new SlowNotice(host, $"{name} fold", steps, kind.Steps))
            {
                cost = CorpusEvaluator.Evaluate(
                    network, folds.Task, fold, threads, cancellation, done => notice.Report(Math.Min(done, steps)),
                    items?.OnStepCosts);
            }

            WriteRow(folds, fold, name, cost, Stopwatch.GetElapsedTime(started).TotalSeconds);
            if (items is null) continue;
            items.Add(cost);
            var lines = new CorpusDetail(items);
            if (json) lines.WriteJson(host, name, detail!.Value);
            else details.Add((name, lines));
        }

        foreach ((string fold, CorpusDetail lines) in details) lines.WriteTo(host, fold, detail!.Value);
    }

    private void WriteRow(CorpusFolds folds, Fold fold, string name, FoldCost cost, double seconds)
    {
        int? unknown = CorpusKind.Of(folds.Task.Name).Unknown(folds.Task, fold);
        if (!json)
        {
            string said = unknown > 0 ? $"  {Format.Count(unknown.Value)} unknown" : "";
            host.Out.WriteLine(string.Format(null, RowFormat, name, Format.Count(cost.Steps), CorpusDetail.Loss(cost.Loss),
                Format.Number(seconds)) + said);
            return;
        }

        JsonLine.Write(host.Out, line =>
        {
            line.WriteString("event", "evaluation");
            line.WriteString("task", folds.Task.Name);
            line.WriteString("data", folds.Name);
            line.WriteString("fold", name);
            line.WriteNumber("streams", cost.Streams.Count);
            line.WriteNumber("steps", cost.Steps);
            JsonLine.WriteNumber(line, "loss", cost.Loss);
            line.WriteString("loss_unit", cost.LossUnit);
            line.WriteNumber("seconds", seconds);
            if (unknown is { } count) line.WriteNumber("unknown", count);
        });
    }
}
