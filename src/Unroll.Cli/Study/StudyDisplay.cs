using System.Text;
using System.Text.Json;
using Spectre.Console;
using Spectre.Console.Rendering;
using Unroll.Cli.Corpora;
using Unroll.Cli.Train;
using Unroll.Data;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Studies;
using Unroll.Training;

namespace Unroll.Cli.Study;

/// <summary>Shows a study while it runs.</summary>
internal interface IStudyDisplay : IDisposable
{
    /// <summary>
    /// Before the first trial; <paramref name="progress"/> gives the present state and may be called from any thread.
    /// </summary>
    void Begin(IReadOnlyList<(string Heading, string Text)> header, Func<StudyProgress> progress);

    /// <summary>After a trial, one call at a time.</summary>
    void Finished(Trial trial, TrialResult result, StudyProgress progress);

    /// <summary>Says something to the person who watches; may be called from any thread.</summary>
    void Notice(string sentence);

    /// <summary>
    /// Takes every file that a corpus left out, from any thread; null where the sentence with the first few is enough.
    /// </summary>
    Action<LeftOutFile>? LeftOut => null;

    /// <summary>When no trial runs any more.</summary>
    void End(StudyProgress progress, bool complete);
}

/// <summary>
/// One JSON object a line: an event <c>trial</c> after each, <c>study</c> at the beginning and every few seconds, <c>left_out</c>
/// for every file that a corpus left out, <c>result</c> at the end.
/// </summary>
internal sealed class JsonStudyDisplay(TextWriter output, TextWriter error) : IStudyDisplay
{
    private const int SecondsBetweenLines = 5;
    private readonly Lock _gate = new();
    private Timer? _timer;

    public void Begin(IReadOnlyList<(string Heading, string Text)> header, Func<StudyProgress> progress)
    {
        void Tick() => Write(json => WriteProgress(json, "study", progress()));
        Tick();
        _timer = new Timer(_ => Tick(), null, TimeSpan.FromSeconds(SecondsBetweenLines),
            TimeSpan.FromSeconds(SecondsBetweenLines));
    }

    public void Finished(Trial trial, TrialResult result, StudyProgress progress) => Write(json =>
    {
        WriteProgress(json, "trial", progress);
        json.WriteString("hash", trial.Hash);
        json.WriteString("name", trial.Name);
        json.WriteString("outcome", OptionsText.Name(result.Outcome));
        json.WriteNumber("update", result.Updates);
        JsonLine.WriteNumber(json, "first_hit", result.FirstHit);
        JsonLine.WriteNumber(json, "error", result.BestError);
        JsonLine.WriteNumber(json, "loss", result.BestLoss);
        json.WriteNumber("seconds", result.Seconds);
    });

    public void Notice(string sentence) => error.WriteLine($"unroll: {sentence}");

    public Action<LeftOutFile>? LeftOut => file => Write(json => LeftOutJson.WriteEvent(json, file));

    public void End(StudyProgress progress, bool complete)
    {
        StopTimer();
        Write(json =>
        {
            WriteProgress(json, "result", progress);
            json.WriteBoolean("complete", complete);
        });
    }

    public void Dispose() => StopTimer();

    private static void WriteProgress(Utf8JsonWriter json, string name, StudyProgress progress)
    {
        json.WriteString("event", name);
        json.WriteNumber("trials", progress.Trials);
        json.WriteNumber("done", progress.Done);
        JsonLine.WriteNumber(json, "solved_trials", progress.Solved);
        json.WriteNumber("skipped", progress.Skipped);
        json.WriteNumber("needless", progress.Skipped); // the name of version 0.1
        json.WriteNumber("running", progress.Running.Count);
        json.WriteNumber("waiting", progress.Waiting);
        JsonLine.WriteNumber(json, "eta_seconds", progress.EtaSeconds);
    }

    private void StopTimer()
    {
        if (_timer is null) return;
        using var stopped = new ManualResetEvent(false);
        if (_timer.Dispose(stopped)) stopped.WaitOne();
        _timer = null;
    }

    private void Write(Action<Utf8JsonWriter> write)
    {
        // Outside of the lock: asking for the present state waits for the runner, which may be waiting here with a trial's
        // result.
        string line = Encoding.UTF8.GetString(JsonLine.Object(write));
        lock (_gate)
        {
            try
            {
                output.WriteLine(line);
            }
            catch (Exception error) when (CommandHost.IsGone(error))
            {
                // The reader has gone; the results are in the store.
            }
        }
    }
}

/// <summary>A line a trial, for files, pipes and screens that cannot redraw.</summary>
internal sealed class PlainStudyDisplay(TextWriter output, TextWriter error) : IStudyDisplay
{
    public void Begin(IReadOnlyList<(string Heading, string Text)> header, Func<StudyProgress> progress) =>
        PlainDisplay.WriteHeader(output, header);

    public void Finished(Trial trial, TrialResult result, StudyProgress progress)
    {
        List<string> state = [];
        if (progress.Solved is { } solved) state.Add($"{solved} solved");
        if (progress.EtaSeconds is { } seconds) state.Add($"at most {Format.Time(seconds)} left");
        string text = $"[{progress.Done}/{progress.Trials}] "
            + $"{Line(trial, result)}{(state.Count > 0 ? $"  ({string.Join(", ", state)})" : "")}";
        foreach (string line in Format.Fold(text, 80, 4)) output.WriteLine(line);
    }

    public void Notice(string sentence) => error.WriteLine($"unroll: {sentence}");

    public void End(StudyProgress progress, bool complete) => output.WriteLine(Summary(progress, complete));

    public void Dispose()
    {
    }

    /// <summary>How a trial ended.</summary>
    public static string Line(Trial trial, TrialResult result)
    {
        string what = result.FirstHit is { } update ? $"solved at {Format.Count(update)}"
            : trial.Settings.HasCosts
            ? $"{(result.Outcome == TrainingOutcome.NonFinite ? "not finite at" : "finished after")} "
                + $"{Format.Count(result.Updates)}{Costs(trial, result)}"
            : result.Outcome == TrainingOutcome.NonFinite ? $"not finite at {Format.Count(result.Updates)}"
            : $"unsolved in {Format.Count(result.Updates)}, least error {Format.Percent(result.BestError)}";
        return $"{(trial.Name.Length == 0 ? trial.Settings.Task : trial.Name)}  {what}  {Format.Time(result.Seconds)}";
    }

    private static string Costs(Trial trial, TrialResult result)
    {
        string costs = string.Concat(
            from fold in (Fold[])[Fold.Validation, Fold.Test]
            let cost = FoldCosts.Of(result, fold)
            where cost is not null
            select $", {FoldCosts.NameOf(fold)} {Format.Number(cost)}");
        return costs.Length == 0 ? "" : $"{costs} {trial.Settings.CostUnit}";
    }

    /// <summary>How the study ended.</summary>
    public static string Summary(StudyProgress progress, bool complete)
    {
        string skipped = progress.Skipped > 0 ? $", {progress.Skipped} skipped in decided cells" : "";
        return $"{(complete ? "complete" : "stopped")}: {progress.Done} of {Counted.Of(progress.Trials, "trial")} "
            + $"done{(progress.Solved is { } solved ? $", {solved} solved" : "")}{skipped}";
    }
}

/// <summary>A table that redraws itself.</summary>
internal sealed class LiveStudyDisplay : IStudyDisplay
{
    private const int MostRows = 16;
    private readonly CommandHost _host;
    private readonly LiveScreen _screen;
    private Func<StudyProgress>? _progress;
    private volatile string? _notice;
    private volatile string? _last;

    public LiveStudyDisplay(CommandHost host) =>
        (_host, _screen) = (host, new LiveScreen(host, console =>
            Picture(_progress!(), _last, _notice, console.Profile.Capabilities.Unicode, console.Profile.Width)));

    public void Begin(IReadOnlyList<(string Heading, string Text)> header, Func<StudyProgress> progress)
    {
        _progress = progress;
        _screen.WriteHeader(header);
        _screen.Start();
    }

    public void Finished(Trial trial, TrialResult result, StudyProgress progress) =>
        _last = PlainStudyDisplay.Line(trial, result);

    public void Notice(string sentence) => _notice = sentence;

    public void End(StudyProgress progress, bool complete)
    {
        _screen.Stop();
        _host.Out.WriteLine(PlainStudyDisplay.Summary(progress, complete));
    }

    public void Dispose() => _screen.Dispose();

    /// <summary>The picture of a moment; also what tests look at.</summary>
    internal static IRenderable Picture(StudyProgress progress, string? last, string? notice, bool unicode, int width)
    {
        var table = new Table { Border = unicode ? TableBorder.Rounded : TableBorder.Ascii, ShowHeaders = false };
        table.AddColumn(new TableColumn("") { NoWrap = true }).AddColumn(new TableColumn("") { NoWrap = true });
        void Row(string name, string value, Color? color = null) =>
            table.AddRow(new Text(Printable.Line(name)), new Text(Printable.Line(value), new Style(color ?? Color.Default)));
        int bar = Math.Clamp(width - 60, 10, 50);
        double share = progress.Trials == 0 ? 1 : (double)(progress.Done + progress.Skipped) / progress.Trials;
        Row("trials", $"{LiveScreen.Bar(share, bar, unicode)} {Format.Count(progress.Done)} of {Format.Count(progress.Trials)}");
        Row("", $"{(progress.Solved is { } solved ? $"{solved} solved, " : "")}{progress.Running.Count} running, "
            + $"{progress.Waiting} waiting{(progress.Skipped > 0 ? $", {progress.Skipped} skipped" : "")}", Color.Green);
        Row("time left", progress.EtaSeconds is { } eta ? $"{Format.Time(eta)} at most" : "known after the first trial");
        foreach (RunningTrial run in progress.Running.Take(MostRows))
        {
            string rate = Format.Rate(run.Updates / Math.Max(run.Seconds, 1e-3));
            Row(run.Name.Length == 0 ? "trial" : run.Name,
                $"{LiveScreen.Bar((double)run.Updates / run.Budget, bar / 2, unicode)} {Format.Count(run.Updates)} of "
                    + $"{Format.Count(run.Budget)}, {rate}", Color.Aqua);
        }

        if (progress.Running.Count > MostRows) Row("", $"and {progress.Running.Count - MostRows} more");
        if (last is not null) Row("last", last);
        return notice is null ? table : new Rows(table, new Text(notice, new Style(Color.Yellow)));
    }
}
