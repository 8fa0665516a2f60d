using Unroll.Analysis;
using Unroll.Cli.Terminal.Streams;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Studies.Corpora;
using Unroll.Studies.Memory;
using Unroll.Studies.Runs;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary>One run of <c>unroll train</c>: shows it, keeps its folder, ends it with an exit code.</summary>
internal sealed class TrainRun(TrainSettings settings, Trainer trainer, RunFolder? folder, CommandHost host, bool json)
{
    /// <summary>The state of the run that is resumed.</summary>
    public RunState? Before { get; init; }

    /// <summary>A diagnosis at every so many checks; 0 for none. It changes no bit of the run.</summary>
    public int DiagnoseEvery { get; init; }

    /// <summary>What else is written at each check.</summary>
    public RunLogs Logs { get; init; } = RunLogs.None;

    /// <summary>
    /// Lets the network write text or music at every so many checks; 0 for never. It changes no bit of the run.
    /// </summary>
    public int SampleEvery { get; init; }

    /// <summary>Whether a page of the run is served while it goes.</summary>
    public bool Live { get; init; }

    private const int DiagnosisBatches = 3, MillisecondsBetweenLooks = 250;

    // The first check is saved, later ones at least so far apart, and the end of the run. Where checks follow each other by
    // milliseconds, models and checkpoint would take longer to write than to make.
    private const double SecondsBetweenSaves = 1;

    // Without a folder what is shown is all that there is.
    private readonly CommandHost _host = folder is null ? host : host.WithoutNeedToShow(endsWhenAbandoned: json);

    private readonly TroubleWatch _troubles = new(settings.Options, trainer.Shape, settings.Series is not null);
    private readonly List<TrainingProgress> _seen = [];
    private long _checks;
    private bool _begun;
    private long? _saved;  // when
    private bool _unsaved; // the last check

    /// <summary>Continues the run in a folder to its end, and returns the exit code.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="request">What was given, which may change the budget.</param>
    /// <param name="acceptAltered">Whether records that were altered are taken.</param>
    /// <param name="corpora">Where the data comes from.</param>
    /// <param name="host">What surrounds the command.</param>
    /// <param name="json">Whether objects are written.</param>
    /// <param name="logs">What else is written at each check.</param>
    /// <param name="diagnoseEvery">A diagnosis at every so many checks; 0 for none.</param>
    /// <param name="live">Whether a page of the run is served.</param>
    /// <param name="sampleEvery">A sample at every so many checks; 0 for none.</param>
    /// <exception cref="UserError">The folder has no run that can be continued so.</exception>
    public static int Resume(string path, TrainRequest request, bool acceptAltered, CorpusCache corpora, CommandHost host,
        bool json, RunLogs logs, int diagnoseEvery = 0, bool live = false, int sampleEvery = 0)
    {
        using RunFolder old = RunFolder.Open(path);
        return HeldFolder.Work(old.Path, () =>
        {
            RunState before = RunState.Read(old);
            before.Require(path, acceptAltered, sentence => host.Error.WriteLine($"unroll: {sentence}"));
            TrainSettings continued = request.ResolveFor(before.Record.Settings, path);
            using Trainer again = continued.CreateTrainer(before.Checkpoint, corpora);
            return new TrainRun(continued, again, old, host, json)
            {
                DiagnoseEvery = diagnoseEvery,
                Live = live,
                SampleEvery = sampleEvery,
                Before = before,
                Logs = logs,
            }.Execute();
        }, OutputException.IsOne);
    }

    /// <summary>Runs a new run to its end; one that is refused before its first update leaves nothing behind.</summary>
    public int Start()
    {
        if (folder is null) return Execute();
        try
        {
            return HeldFolder.Work(folder.Path, Execute, OutputException.IsOne);
        }
        catch when (!_begun)
        {
            folder.Discard();
            throw;
        }
    }

    /// <summary>Runs to the end.</summary>
    private int Execute()
    {
        if (SampleEvery > 0) WrittenSample.Require(trainer.Task);
        string kernel = RunRecord.PresentKernel();
        if (Before is not null && Before.Record.Kernel != kernel)
            host.Error.WriteLine(
                $"unroll: this run began on {Before.Record.Kernel} and continues with {kernel}, "
                + "so its bits will differ from an uninterrupted one.");
        if (RunKeeper.SolvedAt(Before?.Checkpoint) is { } solved && settings.Options.Stop != StopRule.Budget)
            return AlreadySolved(solved);
        RunKeeper? keeper = folder is null ? null
            : new RunKeeper(settings, trainer, folder, Warn) { Before = Before };
        RunRecord record = Before is null ? new RunRecord(settings, ProgramVersion.Text, kernel)
            : Before.Record with { Settings = settings };
        keeper?.Begin(record);
        using OpenLogs logs = Logs.Open(settings, trainer, folder, Before);
        TrainingResult result;
        bool abandoned = false;
        using var cancel = new CancellationTokenSource();
        using (Timer? look = json || folder is null
            ? new Timer(_ => Look(), null, MillisecondsBetweenLooks, MillisecondsBetweenLooks) : null)
        using (LivePage? page = Live ? new LivePage(record, trainer, folder, Warn) : null)
        using (ITrainingDisplay display = CreateDisplay())
        using (host.OnInterrupt(() =>
        {
            cancel.Cancel();
            try
            {
                display.Notice(
                    $"stopping{(folder is null ? "" : " and saving")} after the update in progress; press Ctrl-C again to end "
                        + "at once.");
            }
            catch (Exception error) when (CommandHost.IsGone(error))
            {
                // Nobody is left to read it; the run stops and saves all the same.
            }
        }))
        {
            if (page is not null) Warn($"page: {page.Address}");
            display.Begin(RunHeader.Lines(settings, trainer, kernel, folder?.Path, page is not null), trainer);
            _begun = true;
            result = Run(keeper, logs, display, page, cancel.Token);
            string? saved = page?.End(PlainDisplay.Summary(result, null));
            try
            {
                display.End(result, ModelPath(result));
                if (!json) SayEnd(result, cancel.Token);
                if (saved is not null && !json) _host.Out.WriteLine($"page: {saved}");
            }
            catch (OutputException) when (result.Outcome == TrainingOutcome.Cancelled)
            {
                // The one who watched has gone, which was the reason to end.
            }
        }

        if (abandoned && result.Outcome == TrainingOutcome.Cancelled)
        {
            if (folder is not null)
                host.Error.WriteLine($"unroll: nobody reads standard output any more, so the run stopped at update "
                    + $"{result.Updates}; continue with unroll train --resume {folder.Path}");
            return ExitCode.Abandoned;
        }

        if (result.Outcome == TrainingOutcome.NonFinite) host.Error.WriteLine($"unroll: {result.Message}");
        if (result.Outcome == TrainingOutcome.Cancelled && folder is not null)
            host.Error.WriteLine(
                $"unroll: stopped at update {result.Updates}; continue with unroll train --resume {folder.Path}");
        return result.Outcome switch
        {
            TrainingOutcome.Solved or TrainingOutcome.Finished => ExitCode.Success,
            TrainingOutcome.Unsolved => ExitCode.Unsolved,
            TrainingOutcome.NonFinite => ExitCode.NonFinite,
            _ => ExitCode.Cancelled,
        };

        void Warn(string sentence) => host.Error.WriteLine($"unroll: {sentence}");

        // A reader that has gone is found before the next line is due, which may be minutes.
        void Look()
        {
            if (!host.OutIsAbandoned()) return;
            abandoned = true;
            cancel.Cancel();
        }
    }

    /// <summary>
    /// Trains, and keeps the folder; what fails there in the middle of the run is no fault of the one who began it.
    /// </summary>
    private TrainingResult Run(
        RunKeeper? keeper, OpenLogs logs, ITrainingDisplay display, LivePage? page, CancellationToken cancellation)
    {
        try
        {
            TrainingResult result = trainer.Run(
                progress =>
                {
                    keeper?.Append(progress);
                    logs.Append(progress);
                    _unsaved = _saved is { } at && Clock.SecondsSince(at) < SecondsBetweenSaves;
                    if (!_unsaved) Save(keeper);
                    _checks++;
                    _seen.Add(progress);
                    display.Check(progress, Diagnose(cancellation));
                    WrittenSample? sample = IsDue(SampleEvery) ? WrittenSample.Of(trainer, cancellation) : null;
                    if (sample is not null) display.Sample(progress, sample);
                    page?.Check(progress, sample?.Example, cancellation);
                    foreach (Trouble trouble in _troubles.See(progress, MeasureSaturation())) display.Say(progress, trouble);
                },
                cancellation);
            if (_unsaved || result.Outcome is TrainingOutcome.Cancelled or TrainingOutcome.NonFinite) Save(keeper);
            return result;
        }
        catch (IOException error) when (error is not OutputException)
        {
            throw UserError.OfMachine(error);
        }
    }

    private void Save(RunKeeper? keeper)
    {
        keeper?.Save();
        _saved = Clock.Now;
    }

    /// <summary>A few batches of the network as it is; null between diagnoses and for one that is cancelled.</summary>
    private GradientDiagnosis? Diagnose(CancellationToken cancellation) => IsDue(DiagnoseEvery) ? Measure(cancellation) : null;

    private GradientDiagnosis? Measure(CancellationToken cancellation)
    {
        var options = new DiagnosisOptions
        {
            Batches = DiagnosisBatches,
            Rows = trainer.Rows,
            Seed = settings.Options.Seed,
            Reduction = settings.Options.Reduction,
            Curvature = false,
            Threads = settings.Options.Threads,
        };
        try
        {
            return GradientDiagnosis.Measure(trainer.LastNetwork<double>(), trainer.Task, options, null, cancellation);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private bool IsDue(int every) => every > 0 && _checks % every == 0;

    /// <summary>
    /// The share of saturated units (of a gated cell, of what is no gate) on two sequences of their own stream; null between the
    /// checks at which it is measured: the first, the second, the fourth and so on, and every tenth.
    /// </summary>
    private double? MeasureSaturation()
    {
        const int Rows = 2, Every = 10;
        if (!long.IsPow2(_seen.Count) && _seen.Count % Every != 0) return null;
        Batch batch = Batch.For(trainer.Task);
        trainer.Task.Fill(batch, trainer.Task.WholeSet ?? Math.Min(Rows, trainer.Rows),
            GradientDiagnosis.BatchKey(settings.Options.Seed, 0));
        using var unrolled = new UnrolledNetwork<double>(trainer.LastNetwork<double>(), 1);
        unrolled.Forward(batch, trainer.Task.Reduction);
        return GateSaturation.Of(unrolled).Where(one => !one.IsGate).Select(one => one.Share)
            .DefaultIfEmpty(ActivationSlopes.SaturatedShare(unrolled)).Max();
    }

    /// <summary>Why the run ended, and what to try next; weights of moderate size are diagnosed for that.</summary>
    private void SayEnd(TrainingResult result, CancellationToken cancellation)
    {
        const double MostWork = 1e9; // multiplications of a pass
        _host.Say($"why: {RunEnd.Why(result, trainer, settings.Options)}");
        double work = (double)trainer.Shape.ParameterCount * trainer.Rows * (_seen.LastOrDefault()?.LongestLength ?? 0);
        GradientDiagnosis? diagnosis = result.Outcome == TrainingOutcome.Unsolved && work is > 0 and < MostWork && _seen.Count > 0
            ? Measure(cancellation) : null;
        string? next = RunEnd.Next(result, _troubles.Found, _seen, diagnosis, trainer, settings, folder?.Path);
        if (next is not null) _host.Say($"next: {next}");
    }

    private ITrainingDisplay CreateDisplay() => json ? new JsonDisplay(_host.Out, _host.Error)
        : _host.OutIsTerminal ? new LiveDisplay(_host)
        : new PlainDisplay(_host);

    private string? ModelPath(TrainingResult result)
    {
        if (folder is null) return null;
        string path = result.BestUpdate > 0 || result.BestError is not null ? folder.BestPath : folder.ModelPath;
        return File.Exists(path) ? path : null;
    }

    private int AlreadySolved(long update)
    {
        double? best = null;
        if (trainer.Capture().Properties.TryGetValue("best-error", out string? text)
            && ExactNumber.TryParse(text, out double error))
            best = error;
        var result = new TrainingResult(TrainingOutcome.Solved, trainer.Updates, null, best, update, update, null);
        if (json) new JsonDisplay(_host.Out, _host.Error).End(result, ModelPath(result));
        else _host.Out.WriteLine($"The run in {folder!.Path} was solved at update {update}; nothing is left to train.");
        return ExitCode.Success;
    }
}
