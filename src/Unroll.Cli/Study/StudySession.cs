using Unroll.Cli.Sequences;
using Unroll.Cli.Terminal.Streams;
using Unroll.Numerics;
using Unroll.Studies;
using Unroll.Studies.Corpora;
using Unroll.Studies.Runs;

namespace Unroll.Cli.Study;

/// <summary>One session of a study: runs what is left of it, shows it, and ends with an exit code.</summary>
internal sealed class StudySession(StudyRequest request, CommandHost host, bool json)
{
    /// <summary>
    /// Runs what is left. Cancelled or out of time, it leaves checkpoints from which the next session continues.
    /// </summary>
    /// <returns>0 when everything is done, 130 when it was cancelled, 3 when this session's time was over before.</returns>
    public int Run()
    {
        var work = new StudyWork(request);
        return work.InFolder(folder => Run(work, folder), OutputException.IsOne);
    }

    private int Run(StudyWork work, StudyFolder folder)
    {
        work.Begin(folder, sentence => host.Error.WriteLine($"unroll: {sentence}"));
        using var cancel = new CancellationTokenSource();
        bool interrupted = false;
        using (IStudyDisplay display = CreateDisplay())
        using (host.OnInterrupt(() =>
        {
            interrupted = true;
            cancel.Cancel();
            try
            {
                display.Notice("stopping: the running trials save where they are; press Ctrl-C again to end at once.");
            }
            catch (Exception error) when (CommandHost.IsGone(error))
            {
                // Nothing can be shown any more; the study stops all the same.
            }
        }))
        {
            if (request.Session is { } minutes) EndAfter(cancel, TimeSpan.FromMinutes(minutes));
            StudyRunner runner = work.Runner(
                folder,
                new CorpusCache(host.ForData(display.LeftOut) with
                {
                    ReadSeries = request.Study.ReadSeries ?? (settings => SeriesSource.Folds(settings, host)),
                }),
                (trial, result, progress) => Show(() => display.Finished(trial, result, progress)));
            display.Begin(Header(work), runner.Progress);
            runner.Run(cancel.Token);
            StudyProgress end = runner.Progress();
            bool complete = end.Waiting == 0;
            display.End(end, complete);
            if (complete) return ExitCode.Success;
            int left = end.Waiting + end.Running.Count;
            string next = request.Shard is null
                ? $"continue with unroll study run {request.Folder}" : "the same command continues";
            string trials = left == 1 ? "1 trial is" : $"{Format.Count(left)} trials are";
            host.Error.WriteLine($"unroll: {trials} left; {next}");
            return interrupted ? ExitCode.Cancelled : ExitCode.Unsolved;
        }
    }

    /// <summary>
    /// Ends the session after a time. A timer of less than a millisecond may fire after short trials have ended.
    /// </summary>
    private static void EndAfter(CancellationTokenSource cancel, TimeSpan time)
    {
        if (time < TimeSpan.FromMilliseconds(1)) cancel.Cancel();
        else cancel.CancelAfter(time);
    }

    private static void Show(Action show)
    {
        try
        {
            show();
        }
        catch (Exception error) when (CommandHost.IsGone(error))
        {
            // The terminal is gone; the results are in the store.
        }
    }

    private IStudyDisplay CreateDisplay() => json ? new JsonStudyDisplay(host.Out, host.Error)
        : host.OutIsTerminal ? new LiveStudyDisplay(host)
        : new PlainStudyDisplay(host.Out, host.Error);

    private List<(string Heading, string Text)> Header(StudyWork work)
    {
        (List<Trial> trials, List<Trial> part, List<Trial> mine) = (work.Trials, work.Part, work.Mine);
        StudyDefinition study = request.Study;
        List<(string, string)> lines =
            [("Study", $"{study.Name}{(study.Description.Length > 0 ? $": {study.Description}" : "")}")];
        string shard = request.Shard is { } one ? $"; {Format.Count(part.Count)} in shard {one.Number} of {one.Count}" : "";
        string only = request.Only.Count > 0 ? $"; {Format.Count(mine.Count)} of them in this session" : "";
        lines.Add(("Trials",
            $"{Format.Count(trials.Count)} in {Format.Count(trials.Select(trial => trial.Cell).Distinct().Count())} "
                + $"cells{shard}{only}; up to about {Format.Time(mine.Sum(trial => trial.Cost))} of one core"));
        if (study.DecideAfter is { } decide) lines.Add(("Early end", $"a cell ends when its first "
            + $"{Counted.Of(decide, "seed")} agree"));
        bool costs = trials.TrueForAll(trial => trial.Settings.HasCosts);
        if (costs) lines.Add(("Costs", "best models by validation on all folds"));
        else if (study.Test.Lengths.Count > 0)
            lines.Add(("Tests",
                $"best models of solved trials on {Format.Counted(study.Test.Sequences, "fresh sequence")} at "
                    + $"{string.Join(", ", study.Test.Lengths)}"));
        lines.Add(("Machine",
            $"{RunRecord.PresentKernel()} kernel, {Counted.Of(request.Jobs, "trial")} at once, unroll "
                + $"{ProgramVersion.Text}"));
        lines.Add(("Folder", request.StoreFolder));
        return lines;
    }
}
