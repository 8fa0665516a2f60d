using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using Unroll.Analysis;
using Unroll.Cli.Diagnosis;
using Unroll.Numerics;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary>
/// A table that redraws itself several times a second on a thread of its own. It only reads the trainer's counters, so it
/// changes no bit of the result.
/// </summary>
internal sealed class LiveDisplay : ITrainingDisplay
{
    private const int SampleLines = 12;

    private readonly CommandHost _host;
    private readonly LiveScreen _screen;
    private readonly Lock _gate = new();
    private readonly List<TrainingProgress> _checks = [];
    private readonly long _started = Stopwatch.GetTimestamp();
    private Trainer? _trainer;
    private volatile string? _notice;
    private string? _trouble;
    private string? _diagnosis;
    private WrittenSample? _sample;
    private long _first;

    public LiveDisplay(CommandHost host) => (_host, _screen) = (host, new LiveScreen(host, Frame));

    public void Begin(IEnumerable<(string Heading, string Text)> header, Trainer trainer)
    {
        _screen.WriteHeader(header);
        (_trainer, _first) = (trainer, trainer.Updates);
        _screen.Start();
    }

    public void Check(TrainingProgress progress, GradientDiagnosis? diagnosis)
    {
        lock (_gate)
        {
            _checks.Add(progress);
            _diagnosis = diagnosis is null ? _diagnosis
                : $"{DiagnosisText.Short(diagnosis)}, {Format.Number(diagnosis.Measured.Rate)} a step (update "
                    + $"{Format.Count(progress.Update)})";
        }
    }

    public void Sample(TrainingProgress progress, WrittenSample sample)
    {
        lock (_gate) _sample = sample;
    }

    public void Say(TrainingProgress progress, Trouble trouble)
    {
        string line = $"update {Format.Count(progress.Update)}: {trouble.Line}";
        lock (_gate) _trouble = _trouble is null ? line : $"{_trouble}\n{line}";
    }

    public void Notice(string sentence) => _notice = sentence;

    public void End(TrainingResult result, string? model)
    {
        _screen.Stop();

        // Not through the console, which would break the model's path at the edge of the screen.
        PlainDisplay.WriteEnd(_host, result, model);
    }

    public void Dispose() => _screen.Dispose();

    /// <summary>The picture of a moment; also what tests look at.</summary>
    internal static IRenderable Picture(
        TrainingOptions options, IReadOnlyList<TrainingProgress> checks, long updates, long budget, long checkEvery,
        double recentLoss, string lossUnit, double rate, double elapsed, bool unicode, int width, string? notice = null,
        string? diagnosis = null)
    {
        TrainingProgress? last = checks.Count > 0 ? checks[^1] : null;
        var table = new Table { Border = unicode ? TableBorder.Rounded : TableBorder.Ascii, ShowHeaders = false };
        table.AddColumn(new TableColumn("") { NoWrap = true, Width = 20 }).AddColumn(new TableColumn("") { NoWrap = true });
        void Row(string name, string value, Color? color = null) =>
            table.AddRow(new Text(name), new Text(value, new Style(color ?? Color.Default)));

        int bar = Math.Clamp(width - 40, 10, 60);
        double share = Math.Min(1, (double)updates / budget);
        if (options.MaximumMinutes is { } minutes) share = Math.Min(1, Math.Max(share, elapsed / (60 * minutes)));
        Row("budget", $"{LiveScreen.Bar(share, bar, unicode)} {Format.Percent(share)}");
        Row("updates", $"{Format.Count(updates)} of {Format.Count(budget)}, {Format.Rate(rate)}");
        Row("time", $"{Format.Time(elapsed)}, budget spent in "
            + $"{Format.Time(Remaining(options, updates, budget, rate, elapsed))} at most");
        if (last?.Epoch is { } epoch) Row("epoch", string.Create(CultureInfo.InvariantCulture, $"{epoch:0.##}"));
        Row("loss", $"{Format.Number(recentLoss)} {lossUnit}");
        if (last is not null)
        {
            if (last.Error is not null)
                Row("validation error", Format.Percent(last.Error) + Best(checks),
                    last.Error <= 0.01 ? Color.Green : Color.Yellow);
            if (last.StrictError is not null) Row("  strict, |e| > 0.04", Format.Percent(last.StrictError));
            if (last.SelectionError is not null)
                Row($"  at length {string.Join(", ", options.SelectionLengths)}", PlainDisplay.Selection(last));
            Row("validation loss", $"{Format.Number(last.ValidationLoss)} {last.LossUnit}");
            Row("gradient norm",
                $"{Format.Number(last.GradientNorm)} before clipping, {Format.Percent(last.ClipRate)} of updates "
                    + $"clipped{(last.ClipThreshold is { } threshold ? $" at {Format.Number(threshold)}" : "")}");
            if (last.Damping is { } damping) Row("damping", Format.Number(damping));
            if (last.Omega is not null)
                Row("Omega", $"{Format.Number(last.Omega)}, {Format.Percent(last.OmegaKept)} of entries kept");
            bool plain = options is { Stack: null, Layers: 1, Cell: CellKind.Plain };
            Row(plain ? "W_rec" : "ds/ds at rest",
                $"spectral radius {Format.Fixed(last.SpectralRadius, 3)}, largest singular value "
                + Format.Fixed(last.LargestSingularValue, 3)
                + (last.ContractingSince is { } since ? $", below 1 since {Format.Count(since)}" : ""));
            if (diagnosis is not null) Row("diagnosis", diagnosis);
            if (options.Curriculum is not null) Row("longest length", $"{last.LongestLength}");
            if (options.RateSchedule != RateSchedule.Constant || last.Rescues > 0)
                Row("learning rate", Format.Number(last.LearningRate));
            if (last.Rescues is > 0 and { } rescues)
                Row("went back to best", $"{Counted.Of(rescues, "time")}, the rate halved each time", Color.Yellow);
            if (last.NonFinite > 0) Row("not finite", $"{Counted.Of(last.NonFinite, "update")}", Color.Red);
            bool evaluated = last.Error is not null;
            double[] series = [.. checks.Select(check => evaluated ? check.Error!.Value : check.ValidationLoss)];
            Row(evaluated ? "error over checks" : "loss over checks", Sparkline.Draw(series, bar, unicode), Color.Aqua);
        }
        else
        {
            Row("first check", $"at update {Format.Count((((updates - 1) / checkEvery) + 1) * (double)checkEvery)}");
        }

        return notice is null ? table : new Rows(table, new Text(notice, new Style(Color.Yellow)));
    }

    private static string Best(IReadOnlyList<TrainingProgress> checks)
    {
        double best = checks.Min(check => check.Error ?? 1);
        return best < checks[^1].Error ? $" (least {Format.Percent(best)})" : "";
    }

    private static double Remaining(TrainingOptions options, long updates, long budget, double rate, double elapsed)
    {
        double byUpdates = rate > 0 ? (budget - updates) / rate : double.PositiveInfinity;
        double byTime = options.MaximumMinutes is { } minutes ? (minutes * 60) - elapsed : double.PositiveInfinity;
        return Math.Max(0, Math.Min(byUpdates, byTime));
    }

    private IRenderable Frame(IAnsiConsole console)
    {
        TrainingProgress[] checks;
        string? diagnosis, trouble;
        WrittenSample? sample;
        lock (_gate) (checks, diagnosis, trouble, sample) = ([.. _checks], _diagnosis, _trouble, _sample);
        string? notice = (trouble, _notice) is ({ } one, { } other) ? $"{one}\n{other}" : trouble ?? _notice;
        long updates = _trainer!.Updates;
        double here = Stopwatch.GetElapsedTime(_started).TotalSeconds;
        double rate = checks.Length > 0 ? checks[^1].UpdatesPerSecond : (updates - _first) / Math.Max(here, 1e-3);
        bool unicode = console.Profile.Capabilities.Unicode;
        int width = console.Profile.Width;
        IRenderable table = Picture(_trainer.Options, checks, updates, _trainer.Budget, _trainer.CheckEvery, _trainer.RecentLoss,
            _trainer.Task.LossUnit, rate, here, unicode, width, notice, diagnosis);
        if (sample is null) return table;
        IEnumerable<string> written = sample.Lines(unicode, Math.Max(20, width - 2)).Take(SampleLines);
        return new Rows([table, .. written.Select(line => new Text($"  {line}"))]);
    }
}
