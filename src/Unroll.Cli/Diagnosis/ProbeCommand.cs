using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Unroll.Analysis;
using Unroll.Cli.Corpora;
using Unroll.Cli.Sequences;
using Unroll.Cli.Settings;
using Unroll.Data;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Remedies;
using Unroll.Studies.Corpora;
using Unroll.Studies.Memory;
using Unroll.Studies.Runs;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// <c>unroll probe TASK</c>: some updates without clipping or Omega, and the clipping threshold that their norms suggest (section
/// 3.2).
/// </summary>
internal static class ProbeCommand
{
    private const int DefaultUpdates = 300;
    private static readonly double[] Shares = [0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1];
    private static readonly string[] Taken = ["--cost", "--cell", "--layers", "--hidden", "--activation", "--leak",
        "--train-leak", "--stack", "--forget-bias", "--chrono", "--dropout", "--input-dropout", "--output-dropout", "--init",
        "--init-block", "--no-bias", "--learn-initial-state", "--optimizer", "--lr", "--momentum", "--batch", "--seed",
        "--threads", "--precision"];
    private static readonly DeclaredArgument<string> Task = new("TASK")
    {
        Description = "The task (see unroll tasks), music or text on --data, or the folder of a run, also on your own data.",
        Completions = () => TaskCatalogue.All,
    };
    private static readonly DeclaredOption<string?> Recipe = new("--recipe")
    {
        HelpName = string.Join('|', Recipes.Names),
        Description = "Where the values not given come from, but no remedy and no curriculum. Default: best.",
    };
    private static readonly DeclaredOption<string?> Length = new("--length")
    {
        HelpName = "T|T1..T2",
        Description = "The length, or an inclusive range of lengths.",
    };
    private static readonly DeclaredOption<string?> Variant = new("--variant")
    {
        HelpName = string.Join('|', Values.Named<TaskVariant>().Select(one => one.Name)),
        Description = "The task as in the authors' code or as in the paper's text. Default: code.",
    };
    private static readonly DeclaredOption<string?> Updates = new("--updates")
    {
        HelpName = "N",
        Description = $"Updates to make. Default: {DefaultUpdates}.",
    };
    private static readonly DeclaredOption<bool> Json = new("--json")
    {
        Description = "One JSON object on standard output, and nothing else there.",
    };

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new VerbCommand("probe",
            "Makes a few hundred updates without clipping and recommends a clipping threshold.")
        {
            Examples = ["unroll probe addition", "unroll probe temporal-order --from net.pt"],
        };
        command.Add(Task);
        command.AddAll([Recipe, Length, Variant, Updates]);
        Dictionary<TrainOption,
            DeclaredOption> training = TrainOptionCommand.Make(TrainOptionTable.All.Where(one => Taken.Contains(one.Name)));
        command.AddAll(training.Values);
        Dictionary<CorpusOption, DeclaredOption> data = CorpusOptions.AddTo(command);
        command.Add(CorpusOptions.Folder);
        StartModel.AddTo(command);
        command.Add(Json);
        command.SetAction(parsed => Execute(parsed, training, data, host));
        return command;
    }

    private static int Execute(ParseResult parsed, Dictionary<TrainOption, DeclaredOption> training, Dictionary<CorpusOption,
        DeclaredOption> data, CommandHost host)
    {
        long updates = parsed.GetValue(Updates) is { } text ? Values.Whole("--updates", text, 1, 1_000_000) : DefaultUpdates;
        IEnumerable<DeclaredOption> taken = [Recipe, Length, Variant, .. training.Values, .. data.Values];
        string what = parsed.GetRequiredValue(Task);
        Dictionary<string, string> given = GivenTexts.Of(parsed, taken);
        (TrainSettings settings, StartModel? start) = Directory.Exists(what)
            ? (OfRun(what, given, training.Values, StartModel.IsGiven(parsed)), null) : OfTask(what, given, parsed);
        if (settings.Options.Optimizer is OptimizerKind.HessianFree or OptimizerKind.Ridge)
            throw new UserError($"unroll probe measures the gradients that clipping acts on, and {Values.Named<OptimizerKind>()
                .First(one => one.Value == settings.Options.Optimizer).Name} clips none; give another --optimizer.");
        settings = settings with { Options = settings.Options with { MaximumUpdates = updates, Curriculum = null } };
        var leftOut = new List<LeftOutFile>();
        ITask task = settings.CreateTask(new CorpusCache(
            host.ForData(leftOut.Add) with { ReadSeries = series => SeriesSource.Folds(series, host) },
            parsed.GetValue(CorpusOptions.Folder)));
        MemoryNeed.Check(task, settings.Options);
        start?.Source.Say(host);
        TrainingParts? parts = start?.Parts(task, settings.Options.Precision);
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);
        Probe probe;
        try
        {
            using var notice = new SlowNotice(host, "probing", updates, "updates");
            probe = settings.Options.Precision == Precision.Double
                ? Run<double>(task, settings.Options, parts, notice.Report, cancel.Token)
                : Run<float>(task, settings.Options, parts, notice.Report, cancel.Token);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }

        if (parsed.GetValue(Json))
        {
            JsonLine.Write(host.Out, json =>
            {
                Write(json, settings, probe);
                LeftOutJson.Write(json, leftOut);
            });
        }
        else Write(host, settings, NetworkWords.Units(OptionsRules.Check(task, settings.Options)), start?.Path, probe);
        return ExitCode.Success;
    }

    private static (TrainSettings Settings, StartModel? Start) OfTask(
        string task, Dictionary<string, string> given, ParseResult parsed)
    {
        TrainRequest request = GivenOptions.Read(given) with
        {
            Task = TaskCatalogue.Resolve(task),
            Method = Method.All.Single(method => method.Name == "sgd").Value,
        };
        StartModel? start = StartModel.Read(parsed, request);
        return ((start?.Give(request) ?? request).Resolve(), start);
    }

    /// <summary>The settings of a run, such as one on somebody's own sequences, without what clips or regularizes.</summary>
    private static TrainSettings OfRun(
        string path, Dictionary<string, string> given, IEnumerable<DeclaredOption> training, bool starts)
    {
        if (starts) throw new UserError($"--from says where a run starts, which the run in {path} says itself; leave it out.");
        HashSet<string> known = [.. training.Select(option => option.Name[2..])];
        if (given.Keys.FirstOrDefault(name => !known.Contains(name)) is { } useless)
            throw new UserError($"--{useless} says what the run in {path} says itself; leave it out.");
        using RunFolder folder = RunFolder.Open(path);
        TrainSettings settings = RunRecord.Read(folder, []).Settings;
        TrainingOptions options = GivenOptions.ReadOverrides(given)
            .Aggregate(settings.Options, (all, change) => change.Apply(all));
        return settings with
        {
            Options = options with { ClipMode = ClipMode.None, AdaptiveThreshold = null, Omega = 0 },
        };
    }

    /// <summary>
    /// The updates of <c>unroll train --method sgd</c> with the same seed, and the norm of each one's gradient.
    /// </summary>
    private static Probe Run<T>(
        ITask task, TrainingOptions options, TrainingParts? parts, Action<long> report, CancellationToken cancellation)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        NetworkShape shape = OptionsRules.Check(task, options);
        using var engine = new TrainingEngine<T>(task, options, shape, parts);
        Batch batch = Batch.For(task);
        var norms = new List<double>();
        for (long update = 0; update < options.MaximumUpdates; update++)
        {
            cancellation.ThrowIfCancellationRequested();
            task.Fill(batch, task.WholeSet ?? options.BatchSize, new RandomKey(options.Seed, RandomStream.Training, update));
            UpdateReport made = engine.Update(batch, 0, options.LearningRate, update + 1);
            if (made.Failure is not null || made.NonFinite) return new Probe(norms, update + 1);
            norms.Add(made.Clip.NormBefore);
            report(update + 1);
        }

        return new Probe(norms, null);
    }

    private static string On(TrainSettings settings) =>
        settings.Corpus?.Data ?? settings.Series?.Data ?? settings.Length.ToString();

    private static void Write(CommandHost host, TrainSettings settings, string units, string? from, Probe probe)
    {
        TextWriter output = host.Out;
        TrainingOptions o = settings.Options;
        host.Say($"{settings.Task} {On(settings)}: {Counted.Of(probe.Norms.Count, "update")} of {units} "
            + $"from {from ?? OptionsText.Name(o.Initialization)}, {OptionsText.Name(o.Optimizer)} "
            + $"at {Format.Exact(o.LearningRate)}, no "
                + $"clipping, no Omega, seed {o.Seed}");
        if (probe.NonFiniteAt is { } at)
            host.Say($"The gradient of update {at} was not finite: without clipping this run explodes.");
        if (probe.Norms.Count == 0)
        {
            output.WriteLine("There is no norm to recommend a threshold from; take smaller initial weights.");
            return;
        }

        output.WriteLine();
        double[] sorted = [.. probe.Norms.Order()];
        var table = new TextTable("gradient norm", "of updates at most");
        foreach (double share in Shares)
            table.Add(Format.Number(Quantiles.At(sorted, share)), share == 0 ? "the least" : Format.Percent(share));
        table.Add(Format.Number(sorted.Average()), "the mean");
        table.WriteTo(output);
        output.WriteLine();
        ClipAdvice advice = probe.Advice;
        if (Advice.Clip(advice, probe.Total) is not { } clip)
        {
            output.WriteLine("Every gradient was zero: there is nothing to clip, and nothing is learned.");
            return;
        }

        output.WriteLine($"recommended: {clip.Text}");
        foreach (string line in Format.Wrap($"{clip.Because} (section 3.2)", host.Width - 13))
            output.WriteLine($"             {line}");
    }

    private static void Write(Utf8JsonWriter json, TrainSettings settings, Probe probe)
    {
        json.WriteString("event", "probe");
        foreach ((string name, string value) in settings.TaskProperties()) json.WriteString(name, value);
        json.WriteNumber("updates", probe.Norms.Count);
        json.WriteNumber("seed", settings.Options.Seed);
        if (probe.NonFiniteAt is { } at) json.WriteNumber("non_finite_at", at);
        else json.WriteNull("non_finite_at");
        double[] sorted = [.. probe.Norms.Order()];
        json.WriteStartObject("gradient_norm");
        JsonLine.WriteNumber(json, "mean", sorted.Length == 0 ? null : sorted.Average());
        foreach (double share in Shares)
            JsonLine.WriteNumber(json, $"p{Math.Round(100 * share)}", sorted.Length == 0 ? null : Quantiles.At(sorted, share));
        json.WriteEndObject();
        JsonLine.WriteNumber(json, "clip_threshold", probe.Advice.Threshold);
        JsonLine.WriteNumber(json, "clip_rate", probe.Advice.ClipRate);
        JsonLine.WriteNumber(json, "clip_mean", probe.Advice.Mean);
    }

    /// <summary>What came out.</summary>
    /// <param name="Norms">The norm of each update's gradient.</param>
    /// <param name="NonFiniteAt">The update, from 1, whose gradient was not finite, which ended it; or null.</param>
    private sealed record Probe(List<double> Norms, long? NonFiniteAt)
    {
        /// <summary>Updates, the one that was not finite included.</summary>
        public int Total => Norms.Count + (NonFiniteAt is null ? 0 : 1);

        /// <summary>The threshold; an update that was not finite counts as clipped.</summary>
        public ClipAdvice Advice => ClipAdvice.Of(NonFiniteAt is null ? Norms : [.. Norms, double.PositiveInfinity]);
    }
}
