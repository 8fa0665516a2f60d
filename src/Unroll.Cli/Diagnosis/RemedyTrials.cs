using System.Text.RegularExpressions;
using Unroll.Analysis;
using Unroll.Files;
using Unroll.Remedies;
using Unroll.Studies.Runs;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// <c>diagnose --try</c>: the first three remedies that the advice names, each for a few hundred updates from the weights that
/// were diagnosed, beside the same updates without a remedy.
/// </summary>
internal static partial class RemedyTrials
{
    private const int Updates = 300, Remedies = 3, Batches = 3, Validation = 400;
    private const double Better = 0.97; // of the loss without a remedy

    /// <summary>Trains, and writes the table.</summary>
    public static void Run(DiagnosisSubject subject, IReadOnlyList<Advice> advice, DiagnosisOptions options, bool json,
        CommandHost host, CancellationToken cancellation)
    {
        TrainingOptions own = OptionsOf(subject) with
        {
            MaximumUpdates = Updates,
            CheckEvery = Updates,
            MaximumEpochs = null,
            MaximumMinutes = null,
            Curriculum = null,
            ValidationSequences = Validation,
            SelectionLengths = [],
            Stop = subject.Task.HasSuccessRule ? StopRule.Budget : StopRule.First,
            Patience = null,
            Rescue = null,
            Seed = options.Seed,
            Threads = options.Threads,
        };
        List<(string Name, TrainingOptions Options, bool Restart)> trials = [("as it is", own, false)];
        List<Advice> left = [];
        foreach (Advice one in advice)
        {
            if (trials.Count > Remedies) break;
            if (Changed(one, own) is { } changed) trials.Add((changed.Words, changed.Options, one.About == "init"));
            else if (one.Asks) left.Add(one);
        }

        List<Row> rows = [];
        using (var notice = new SlowNotice(host, "trying remedies", trials.Count, "runs"))
        {
            foreach ((string name, TrainingOptions tried, bool restart) in trials)
            {
                cancellation.ThrowIfCancellationRequested();
                rows.Add(Measure(subject, name, tried, restart, options, cancellation));
                notice.Report(rows.Count);
            }
        }

        if (json) WriteJson(rows, host);
        else Write(rows, host);
        if (json) return;
        foreach (Advice one in left)
            host.Say($"not tried: {one.About}, {one.Text}: it changes the data or how it is read, so it is a run of its own", 0);
    }

    /// <summary>The options of the run that the model is of; those of the task's recipe where they are not known.</summary>
    private static TrainingOptions OptionsOf(DiagnosisSubject subject)
    {
        TrainingOptions found = Recorded(subject.Model) ?? (TaskCatalogue.IsSynthetic(subject.Task.Name)
            ? Recipes.Get(subject.Task.Name, "paper") with { ClipMode = ClipMode.None, Omega = 0 }
            : new TrainingOptions { ClipMode = ClipMode.None, Omega = 0, LearningRate = 0.01 });
        NetworkShape shape = subject.Network.Shape;
        return shape.IsOnePlainLayer
            ? found with
            {
                Hidden = shape.Hidden,
                Activation = shape.Activation,
                Stack = null,
                Cell = CellKind.Plain,
                Layers = 1,
                LayerNorm = false,
            }
            : found with { Stack = shape.Layers, LayerNorm = false };
    }

    /// <summary>
    /// The rate of the run that a model is of, where plain descent without clipping trained it; null otherwise.
    /// </summary>
    public static double? PlainRate(string model) =>
        Recorded(model) is { Optimizer: OptimizerKind.Sgd, ClipMode: ClipMode.None } options ? options.LearningRate : null;

    /// <summary>The options of the run in whose folder a model is; null where it is in none.</summary>
    public static TrainingOptions? Recorded(string model)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(model));
        if (folder is null || !File.Exists(Path.Combine(folder, "run.json"))) return null;
        try
        {
            using RunFolder run = RunFolder.Open(folder);
            return RunState.Read(run).Record.Settings.Options;
        }
        catch (Exception error) when (error is UserError or IOException or InvalidFileException)
        {
            return null; // a folder that is not of a run, or of one that is being written
        }
    }

    /// <summary>Refuses to try remedies on a run whose optimizer takes none of them.</summary>
    /// <param name="model">The model's file.</param>
    /// <exception cref="UserError">It is such a run.</exception>
    public static void RequireGradients(string model)
    {
        if (Recorded(model)?.Optimizer is (OptimizerKind.HessianFree or OptimizerKind.Ridge) and { } kind)
            throw new UserError($"--try trains on with another clipping, Omega or rate, and a run of {OptionsText.Name(kind)} "
                + "takes none of them; leave it out.");
    }

    /// <summary>Whether an advice names options, all of which are those of a run.</summary>
    public static bool IsInForce(Advice advice, TrainingOptions options) =>
        Named(advice, options) is { } named && named.Options == options;

    /// <summary>The options with what an advice names; null where it names none, or where they are in force already.</summary>
    private static (string Words, TrainingOptions Options)? Changed(Advice advice, TrainingOptions options) =>
        Named(advice, options) is { } named && named.Options != options ? named : null;

    private static (string Words, TrainingOptions Options)? Named(Advice advice, TrainingOptions options)
    {
        if (!advice.Asks) return null;
        TrainingOptions changed = options;
        List<string> words = [];
        foreach (Match match in OptionNamed().Matches(advice.Text))
        {
            (string name, string value) = (match.Groups["name"].Value, match.Groups["value"].Value);
            if (TrainOptionTable.All.FirstOrDefault(option => option.Name == name) is not { } option) continue;
            try
            {
                changed = option.Parse(value)(changed);
                words.Add($"{name} {value}");
            }
            catch (Exception error) when (error is UserError or ArgumentException)
            {
                return null; // words of a sentence, not a value
            }
        }

        if (advice.About == "clip") changed = changed with { ClipMode = ClipMode.Norm };
        return words.Count == 0 ? null : (string.Join(' ', words), changed);
    }

    private static Row Measure(DiagnosisSubject subject, string name, TrainingOptions options, bool restart,
        DiagnosisOptions how, CancellationToken cancellation)
    {
        var parts = new TrainingParts<double>
        {
            Initializer = (network, _) => subject.Network.Parameters.CopyTo(network.Parameters),
        };
        options = options with { Precision = Precision.Double };
        try
        {
            using var trainer = new Trainer(subject.Task, options, restart ? null : parts);
            TrainingProgress? last = null;
            TrainingResult result = trainer.Run(check => last = check, cancellation);
            if (result.Outcome == TrainingOutcome.NonFinite || last is null)
                return new Row(name, restart, null, null, result.Updates);
            GradientDiagnosis after = GradientDiagnosis.Measure(trainer.LastNetwork<double>(), subject.Task,
                how with { Batches = Batches, Curvature = false, Reduction = subject.Reduction }, null, cancellation);
            return new Row(name, restart, last, after, result.Updates);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    private static void Write(List<Row> rows, CommandHost host)
    {
        host.Out.WriteLine();
        host.Say($"tried, {Updates} updates each from the weights above (\"new start\": from weights that it draws)", 0);
        var table = new TextTable("remedy", "loss", "validation", "wrong", "|g|", "a step", "gradients", "helped");
        foreach (Row row in rows)
        {
            table.Add(row.Restarted ? $"{row.Name}, new start" : row.Name, Format.Number(row.Last?.Loss),
                Format.Number(row.Last?.ValidationLoss), row.Last?.Error is { } error ? Format.Percent(error) : "",
                Format.Number(row.Last?.GradientNorm), row.After is { } after ? Format.Number(after.Measured.Rate) : "",
                row.After is null ? $"not finite at update {row.Updates + 1}" : DiagnosisText.Short(row.After),
                row.Helped(rows[0]));
        }

        table.WriteTo(host);
    }

    private static void WriteJson(List<Row> rows, CommandHost host) => JsonLine.Write(host.Out, json =>
    {
        json.WriteString("event", "tried");
        json.WriteNumber("updates", Updates);
        JsonLine.WriteObjects(json, "remedies", rows, row =>
        {
            json.WriteString("remedy", row.Name);
            json.WriteBoolean("new_start", row.Restarted);
            JsonLine.WriteNumber(json, "loss", row.Last?.Loss);
            JsonLine.WriteNumber(json, "validation_loss", row.Last?.ValidationLoss);
            JsonLine.WriteNumber(json, "error", row.Last?.Error);
            JsonLine.WriteNumber(json, "gradient_norm", row.Last?.GradientNorm);
            JsonLine.WriteNumber(json, "measured_rate", row.After?.Measured.Rate);
            json.WriteString("verdict", row.After is null ? "not finite" : OptionsText.Name(row.After.Verdict));
            json.WriteString("helped", row.Helped(rows[0]));
        });
    });

    [GeneratedRegex(@"(?<name>--[a-z][a-z-]*) (?<value>[A-Za-z0-9.][^\s,;()]*)")]
    private static partial Regex OptionNamed();

    private sealed record Row(string Name, bool Restarted, TrainingProgress? Last, GradientDiagnosis? After, long Updates)
    {
        /// <summary>In words: what is better than without a remedy.</summary>
        public string Helped(Row without)
        {
            if (ReferenceEquals(this, without)) return "";
            if (Last is null || After is null) return "no";
            List<string> better = [];
            if (without.Last is null || Last.ValidationLoss < Better * without.Last.ValidationLoss) better.Add("loss");
            if (After.Verdict == GradientVerdict.Healthy && without.After?.Verdict != GradientVerdict.Healthy)
                better.Add("gradients");
            else if (After.Verdict == GradientVerdict.Vanishing && without.After is { Verdict: GradientVerdict.Vanishing } before
                && After.Lag > 1.2 * before.Lag) better.Add("reaches further");
            return better.Count == 0 ? "no" : string.Join(", ", better);
        }
    }
}
