using Unroll.Studies.Corpora;
using Unroll.Studies.Memory;
using Unroll.Studies.Settings;

namespace Unroll.Studies;

/// <summary>One session of a study: looks at what is to be done, takes the folder, and runs what is left.</summary>
internal sealed class StudyWork
{
    private readonly StudyRequest _request;
    private readonly Dictionary<string, string> _data;

    /// <summary>Resolves every trial, and refuses what could not be run before anything is written.</summary>
    /// <exception cref="StudyException">A trial cannot be run, there is not enough memory, or data is missing.</exception>
    public StudyWork(StudyRequest request)
    {
        _request = request;
        StudyDefinition study = request.Study;
        Trials = StudyGrid.Trials(study);
        Part = request.Shard?.Take(Trials, study.DecideAfter is not null) ?? Trials;
        Mine = Select(Part);
        MemoryNeed.CheckJobs(
            $"The study {study.Name}", Mine.Select(trial => Need(study, trial.Settings)), request.Jobs, MemoryLimits.Smallest());
        _data = StudyData.Hashes(study, Mine);
    }

    /// <summary>All trials of the study.</summary>
    public List<Trial> Trials { get; }

    /// <summary>Those of this shard.</summary>
    public List<Trial> Part { get; }

    /// <summary>Those of this session.</summary>
    public List<Trial> Mine { get; }

    /// <summary>Takes the folder, and does something with it while it is there.</summary>
    /// <param name="work">What is done.</param>
    /// <param name="isElsewhere">Whether an error has nothing to do with any folder; null for none.</param>
    public T InFolder<T>(Func<StudyFolder, T> work, Func<Exception, bool>? isElsewhere = null)
    {
        using StudyFolder folder = StudyFolder.Open(_request.StoreFolder, _request.SecondsToWait);
        return HeldFolder.Work(folder.Path, () => work(folder), isElsewhere);
    }

    /// <summary>Puts the trials into the folder's store.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="notice">Takes a sentence about results of an earlier grid that are no longer shown.</param>
    /// <exception cref="StudyException">The folder holds another study, or its data has changed.</exception>
    public void Begin(StudyFolder folder, Action<string> notice)
    {
        StudyDefinition study = _request.Study;
        KeepOther(folder.Store, notice);
        StudyData.Check(folder, _data, Part);
        folder.Store.SetTrials(study, Part);
        folder.Store.SetValue("eta_seconds", "");
        folder.Store.SetValue("shard", _request.Shard is { } shard ? Invariant($"{shard.Number}/{shard.Count}") : "1/1");
    }

    /// <summary>What runs them.</summary>
    /// <param name="folder">The folder, after <see cref="Begin"/>.</param>
    /// <param name="corpora">Reads the corpora of trials that have one.</param>
    /// <param name="finished">Called after each trial, one call at a time.</param>
    public StudyRunner Runner(StudyFolder folder, CorpusCache corpora, Action<Trial, TrialResult, StudyProgress> finished) =>
        new(folder.Path, folder.Store, _request.Study, Part, Mine, _request.Jobs)
        {
            Corpora = corpora,
            SecondsBetweenCheckpoints = _request.SecondsBetweenCheckpoints,
            Events = _request.Events,
            OnFinished = (trial, result, progress) =>
            {
                folder.Store.SetValue("eta_seconds", progress.EtaSeconds is { } eta ? Format.Exact(eta) : "");
                finished(trial, result, progress);
            },
        };

    /// <summary>What a trial takes, its training or its tests at other lengths.</summary>
    private static double Need(StudyDefinition study, TrainSettings settings)
    {
        double need = MemoryNeed.OfTraining(settings.Sketch(), settings.Options);
        return TrialTests.Of(study.Test, settings)
            .Aggregate(need, (most, test) => Math.Max(most, MemoryNeed.OfEvaluation(test.Task(), settings.Options)));
    }

    /// <summary>
    /// Refuses to put one study in the place of another; says how many results of an earlier grid are no longer shown.
    /// </summary>
    private void KeepOther(StudyStore store, Action<string> notice)
    {
        if (store.Value("definition") is null) return;
        StudyDefinition before = store.Definition(), now = _request.Study;
        if (before.Name != now.Name && !_request.MayReplace)
        {
            throw new UserError(
                $"The folder {_request.StoreFolder} holds the study {before.Name}, not {now.Name}; use another folder.")
            {
                Option = "--out",
            };
        }


        if (before.ToJson() == now.ToJson()) return;
        HashSet<string> hashes = [.. Part.Select(trial => trial.Hash)];
        int left = store.Trials().Count(trial => trial.Result is not null && !hashes.Contains(trial.Hash));
        if (left == 0) return;
        string these = Format.Counted(left, "finished trial") + (left == 1 ? " is" : " are");
        notice($"the grid in {_request.StoreFolder} has changed; {these} not in the present one, kept, and not shown.");
    }

    /// <summary>The trials of this session.</summary>
    private List<Trial> Select(List<Trial> trials)
    {
        foreach (StudyAxis axis in _request.Only)
        {
            Dictionary<string, HashSet<string>> values = trials.SelectMany(trial => trial.Choices).GroupBy(choice => choice.Key)
                .ToDictionary(group => group.Key, group => group.Select(choice => choice.Value).ToHashSet());
            if (!values.TryGetValue(axis.Option, out HashSet<string>? known))
            {
                throw new UserError($"'{axis.Option}' does not vary in this study; it varies {string.Join(", ", values.Keys)}.")
                {
                    Option = "--only",
                };
            }

            if (axis.List.FirstOrDefault(value => !known.Contains(value)) is { } missing)
            {
                throw new UserError($"The study has no trial with {axis.Option}={missing}; there are {string.Join(", ", known)}.")
                {
                    Option = "--only",
                };
            }
        }

        return
        [
            .. trials.Where(trial => _request.Only.All(axis =>
                trial.Choices.Any(choice => choice.Key == axis.Option && axis.List.Contains(choice.Value)))),
        ];
    }
}
