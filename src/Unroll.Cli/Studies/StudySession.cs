using Unroll.Cli.Corpora;
using Unroll.Cli.Memory;
using Unroll.Cli.Settings;
using Unroll.Cli.Train;
using Unroll.Training;

namespace Unroll.Cli.Studies;

/// <summary>What <c>unroll study run</c> was told besides the study itself.</summary>
internal sealed record StudyRequest(StudyDefinition Study, string Folder)
{
    /// <summary>Trials at once.</summary>
    public int Jobs { get; init; } = Environment.ProcessorCount;

    /// <summary>The part to run, or null for all.</summary>
    public Shard? Shard { get; init; }

    /// <summary>Values that a trial must have to be run in this sitting; none for all.</summary>
    public IReadOnlyList<StudyAxis> Only { get; init; } = [];

    /// <summary>Minutes after which this sitting ends, or null.</summary>
    public double? Sitting { get; init; }

    /// <summary>Seconds from one checkpoint of a trial to the next; what a kill costs at most, but for a single check that takes longer.</summary>
    public required double SecondsBetweenCheckpoints { get; init; }

    /// <summary>Seconds for which a store that another program has locked is waited for.</summary>
    public int SecondsToWait { get; init; } = StudyStore.SecondsToWait;

    /// <summary>Whether the folder may hold a study of another name: a built-in one at another scale.</summary>
    public bool MayReplace { get; init; }

    /// <summary>JSON lines instead of pictures.</summary>
    public bool Json { get; init; }

    /// <summary>The folder of the store: a shard has one of its own in the study's.</summary>
    public string StoreFolder => Shard is null ? Folder : Path.Combine(Folder, Shard.Folder);
}

/// <summary>One sitting of a study: runs what is left of it, shows it, and ends with an exit code.</summary>
internal sealed class StudySession(StudyRequest request, CommandHost host)
{
    /// <summary>Runs what is left. Cancelled or out of time, it leaves checkpoints from which the next sitting goes on.</summary>
    /// <returns>0 when everything is done, 130 when it was cancelled, 3 when this sitting's time was over before.</returns>
    public int Run()
    {
        StudyDefinition study = request.Study;
        List<Trial> trials = StudyGrid.Trials(study);
        List<Trial> part = request.Shard?.Take(trials, study.DecideAfter is not null) ?? trials;
        List<Trial> mine = Select(part);
        MemoryNeed.CheckJobs(
            $"The study {study.Name}", mine.Select(trial => Need(study, trial.Settings)), request.Jobs, MemoryLimits.Smallest());
        Dictionary<string, string> data = StudyData.Hashes(study, mine);
        using StudyFolder folder = StudyFolder.Open(request.StoreFolder, request.SecondsToWait);
        return HeldFolder.Work(folder.Path, () => Run(folder, trials, part, mine, data));
    }

    private int Run(
        StudyFolder folder, List<Trial> trials, List<Trial> part, List<Trial> mine, Dictionary<string, string> data)
    {
        StudyDefinition study = request.Study;
        KeepOther(folder.Store, part);
        StudyData.Check(folder, data, part);
        folder.Store.SetTrials(study, part);
        folder.Store.SetValue("eta_seconds", "");
        folder.Store.SetValue("shard", request.Shard is { } shard ? $"{shard.Number}/{shard.Count}" : "1/1");

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
                // Nobody is left to read it; the study stops all the same.
            }
        }))
        {
            if (request.Sitting is { } minutes) cancel.CancelAfter(TimeSpan.FromMinutes(minutes));
            var runner = new StudyRunner(folder.Path, folder.Store, study, part, mine, request.Jobs)
            {
                Corpora = new CorpusCache(host),
                SecondsBetweenCheckpoints = request.SecondsBetweenCheckpoints,
                OnFinished = (trial, result, progress) =>
                {
                    folder.Store.SetValue("eta_seconds", progress.EtaSeconds is { } eta ? Format.Exact(eta) : "");
                    Show(() => display.Finished(trial, result, progress));
                },
            };
            display.Begin(Header(trials, part, mine), runner.Progress);
            runner.Run(cancel.Token);
            StudyProgress end = runner.Progress();
            bool complete = end.Waiting == 0;
            display.End(end, complete);
            if (complete) return ExitCode.Success;
            int left = end.Waiting + end.Running.Count;
            host.Error.WriteLine($"unroll: {(left == 1 ? "1 trial is" : $"{Format.Count(left)} trials are")} left; {(request.Shard is null ? $"go on with unroll study run {request.Folder}" : "the same command goes on")}");
            return interrupted ? ExitCode.Cancelled : ExitCode.Unsolved;
        }
    }

    /// <summary>What a trial takes, its training or its tests at other lengths.</summary>
    private static double Need(StudyDefinition study, TrainSettings settings)
    {
        double need = MemoryNeed.OfTraining(settings.Sketch(), settings.Options);
        if (settings.Corpus is not null) return need;
        return study.Test.For(settings.Length).Aggregate(need, (most, length) =>
            Math.Max(most, MemoryNeed.OfEvaluation(TaskCatalogue.Create(settings.Task, length, settings.Variant), settings.Options)));
    }

    /// <summary>Refuses to put one study in the place of another; says what of an earlier grid of the same one is no more shown.</summary>
    private void KeepOther(StudyStore store, List<Trial> part)
    {
        if (store.Value("definition") is null) return;
        StudyDefinition before = store.Definition(), now = request.Study;
        if (before.Name != now.Name && !request.MayReplace) throw new UserError($"The folder {request.StoreFolder} holds the study {before.Name}, not {now.Name}; give --out another folder.");
        if (before.ToJson() == now.ToJson()) return;
        HashSet<string> hashes = [.. part.Select(trial => trial.Hash)];
        int left = store.Trials().Count(trial => trial.Result is not null && !hashes.Contains(trial.Hash));
        if (left > 0) host.Error.WriteLine($"unroll: the grid in {request.StoreFolder} was another; {(left == 1 ? "1 finished trial is" : $"{Format.Count(left)} finished trials are")} not in this one, and kept but not shown.");
    }

    /// <summary>The trials of this sitting.</summary>
    private List<Trial> Select(List<Trial> trials)
    {
        foreach (StudyAxis axis in request.Only)
        {
            Dictionary<string, HashSet<string>> values = trials.SelectMany(trial => trial.Choices).GroupBy(choice => choice.Key).ToDictionary(group => group.Key, group => group.Select(choice => choice.Value).ToHashSet());
            if (!values.TryGetValue(axis.Option, out HashSet<string>? known)) throw new UserError($"--only: '{axis.Option}' does not vary in this study; it varies {string.Join(", ", values.Keys)}.");
            if (axis.List.FirstOrDefault(value => !known.Contains(value)) is { } missing) throw new UserError($"--only: no trial has {axis.Option}={missing}; there are {string.Join(", ", known)}.");
        }

        return [.. trials.Where(trial => request.Only.All(axis => trial.Choices.Any(choice => choice.Key == axis.Option && axis.List.Contains(choice.Value))))];
    }

    private static void Show(Action show)
    {
        try
        {
            show();
        }
        catch (Exception error) when (CommandHost.IsGone(error))
        {
            // The one who watched is gone; the results are in the store.
        }
    }

    private IStudyDisplay CreateDisplay() => request.Json ? new JsonStudyDisplay(host.Out, host.Error)
        : host.OutIsTerminal ? new LiveStudyDisplay(host)
        : new PlainStudyDisplay(host.Out, host.Error);

    private List<(string Heading, string Text)> Header(List<Trial> trials, List<Trial> part, List<Trial> mine)
    {
        StudyDefinition study = request.Study;
        List<(string, string)> lines = [("Study", $"{study.Name}{(study.Description.Length > 0 ? $": {study.Description}" : "")}")];
        string shard = request.Shard is { } one ? $"; {Format.Count(part.Count)} in shard {one.Number} of {one.Count}" : "";
        string only = request.Only.Count > 0 ? $"; {Format.Count(mine.Count)} of them in this sitting" : "";
        lines.Add(("Trials", $"{Format.Count(trials.Count)} in {Format.Count(trials.Select(trial => trial.Cell).Distinct().Count())} cells{shard}{only}; up to about {Format.Time(mine.Sum(trial => trial.Cost))} of one core"));
        if (study.DecideAfter is { } decide) lines.Add(("Early end", $"a cell ends when its first {decide} seeds agree"));
        bool costs = trials.TrueForAll(trial => trial.Settings.Corpus is not null);
        if (costs) lines.Add(("Costs", "best models by validation on all folds"));
        else if (study.Test.Lengths.Count > 0) lines.Add(("Tests", $"best models of solved trials on {Format.Count(study.Test.Sequences)} fresh sequences at {string.Join(", ", study.Test.Lengths)}"));
        lines.Add(("Machine", $"{RunRecord.PresentKernel()} kernel, {request.Jobs} trial{(request.Jobs == 1 ? "" : "s")} at once, unroll {ProgramVersion.Text}"));
        lines.Add(("Folder", request.StoreFolder));
        return lines;
    }
}
