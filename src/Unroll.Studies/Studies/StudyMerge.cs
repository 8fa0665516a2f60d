using Unroll.Data;
using Unroll.Files;
using Unroll.Studies.Corpora;

namespace Unroll.Studies;

/// <summary>Joins the stores of shards. Nothing is written when anything does not fit.</summary>
internal static class StudyMerge
{
    /// <summary>Joins stores into the one of a folder, which may have results of its own.</summary>
    /// <param name="target">The folder.</param>
    /// <param name="sources">The stores; none for the shards in the folder.</param>
    /// <param name="wanted">The study that they must be of; null for that of the first store.</param>
    /// <param name="secondsToWait">How long a lock of another program is waited for.</param>
    /// <param name="report">Hears how many of how many results are written.</param>
    /// <param name="readSeries">Reads somebody's own sequences; null where none are read.</param>
    /// <exception cref="StudyException">A store is of another study, is damaged, or has another result of a trial.</exception>
    public static StudyMerged Join(
        string target, IReadOnlyList<string> sources, StudyDefinition? wanted, int secondsToWait, Action<int, int>? report,
        Func<SeriesSettings, SequenceFolds>? readSeries = null)
    {
        if (sources.Count == 0)
        {
            if (!PathLook.IsFolder(target)) throw new UserError($"The folder {target} does not exist.");
            sources = StudyFolder.Shards(target);
            if (sources.Count == 0)
                throw new UserError($"There are no shards in {target} to merge; name the folders of the stores.");
        }

        List<StudyStore> stores = [];
        try
        {
            foreach (string source in sources) stores.Add(StudyStore.OpenToRead(source, secondsToWait));
            StudyDefinition study = stores[0].Definition();
            for (int i = 1; i < stores.Count; i++) RequireSame(study, sources[0], stores[i].Definition(), sources[i]);
            if (wanted is not null) RequireSame(wanted, $"The study {wanted.Name}", study, sources[0]);
            study = (wanted ?? study) with { ReadSeries = wanted?.ReadSeries ?? readSeries };
            List<StoredTrial> own = [];
            if (File.Exists(Path.Combine(target, StudyStore.FileName)))
            {
                using StudyStore present = StudyStore.OpenToRead(target, secondsToWait);
                if (present.Value("definition") is not null) RequireSame(study, sources[0], present.Definition(), target);
                own = present.Trials();
            }

            // What does not fit leaves not even a folder.
            foreach ((int source, StoredTrial trial) in Find(target, own, sources, stores))
            {
                RequireRun(StudyRunner.TrialFolder(sources[source], trial.Hash));
                stores[source].PackedChecks(trial.Hash);
            }

            if (study.Own is { Made.Count: 0 } tasks) throw new UserError($"The study {study.Name}: {tasks.Unmade().Message}");
            using StudyFolder folder = StudyFolder.Open(target, secondsToWait);
            return HeldFolder.Work(folder.Path, () =>
            {
                folder.Store.SetTrials(study, StudyGrid.Trials(study));
                return Join(folder, sources, stores, report);
            });
        }
        finally
        {
            foreach (StudyStore store in stores) store.Dispose();
        }
    }

    private static StudyMerged Join(
        StudyFolder folder, IReadOnlyList<string> sources, List<StudyStore> stores, Action<int, int>? report)
    {
        // Again, now that nobody else can write to it. A store may hold trials of options that its study no longer resolves to.
        List<StoredTrial> own = folder.Store.Trials();
        HashSet<string> grid = [.. own.Select(trial => trial.Hash)];
        List<(int Source, StoredTrial Trial)> all = Find(folder.Path, own, sources, stores);
        List<(int Source, StoredTrial Trial)> found = all.FindAll(one => grid.Contains(one.Trial.Hash));

        // One transaction: a merge that is cut off has added no result, whatever run folders it has copied.
        folder.Store.Finish(found.Select((one, i) =>
        {
            CopyRun(StudyRunner.TrialFolder(sources[one.Source], one.Trial.Hash),
                StudyRunner.TrialFolder(folder.Path, one.Trial.Hash));
            report?.Invoke(i, found.Count);
            return (one.Trial.Hash, one.Trial.Result!, stores[one.Source].PackedChecks(one.Trial.Hash));
        }));

        int done = own.Count(trial => trial.Result is not null) + found.Count;
        return new StudyMerged(found.Count, stores.Count, done, own.Count, folder.Store.WithoutChecksum())
        {
            LeftOut = all.Count - found.Count,
            FirstLeftOut = all.FirstOrDefault(one => !grid.Contains(one.Trial.Hash)).Trial,
        };
    }

    /// <summary>The results that a folder lacks.</summary>
    private static List<(int Source, StoredTrial Trial)> Find(string target, List<StoredTrial> own, IReadOnlyList<string> sources,
        List<StudyStore> stores)
    {
        Dictionary<string, (string From, StoredTrial Trial)> known = own.Where(trial => trial.Result is not null)
            .ToDictionary(trial => trial.Hash, trial => (target, trial));
        var found = new List<(int Source, StoredTrial Trial)>();
        for (int i = 0; i < stores.Count; i++)
        {
            foreach (StoredTrial trial in stores[i].Trials().Where(trial => trial.Result is not null))
            {
                if (!known.TryGetValue(trial.Hash, out (string From, StoredTrial Trial) other))
                {
                    known.Add(trial.Hash, (sources[i], trial));
                    found.Add((i, trial));
                }
                else if (other.Trial.Result!.Numbers() != trial.Result!.Numbers())
                {
                    throw Conflict(trial, other.From, other.Trial.Result, sources[i], trial.Result);
                }
            }
        }

        return found;
    }

    private static void RequireSame(StudyDefinition first, string firstFolder, StudyDefinition second, string secondFolder)
    {
        if (first.Hash() == second.Hash()) return;
        string[] a = first.ToJson().Split('\n'), b = second.ToJson().Split('\n');
        int line = Enumerable.Range(0, Math.Min(a.Length, b.Length))
            .FirstOrDefault(i => a[i] != b[i], Math.Min(a.Length, b.Length));
        string At(string[] lines) => line < lines.Length ? lines[line].Trim() : "nothing";
        throw new UserError(
            $"{firstFolder} and {secondFolder} hold different studies (one has {At(a)} where the other has {At(b)}), which "
                + "cannot be merged.");
    }

    private static UserError Conflict(StoredTrial trial, string firstFolder, TrialResult first, string secondFolder,
        TrialResult second)
    {
        (string one, string other) = TrialResult.Difference(first, second);
        string made = first.Kernel != second.Kernel
            ? $"; they were made on other instruction sets, {first.Kernel} and {second.Kernel}, whose bits differ: leave one of "
                + "the two out"
            : first.Version != second.Version ? $"; they were made by versions {first.Version} and {second.Version}" : "";
        return new UserError(
            $"The trial {trial.Name} ({trial.Hash[..8]}) has other results in {firstFolder} ({one}) than in {secondFolder} "
                + $"({other}), so nothing was merged{made}.");
    }

    /// <summary>The files of a run that come along: all but what only its owner needs.</summary>
    private static readonly string[] RunFiles = [RunFolder.MetricsName, RunFolder.ModelName, RunFolder.BestName,
        RunClock.FileName, RunFolder.CheckpointName, RunFolder.RunName];

    /// <summary>Refuses a run of which a file is a link, which may lead to anything of the one who merges, or no file.</summary>
    private static void RequireRun(string from)
    {
        foreach (string file in RunFiles.Select(name => Path.Combine(from, name)).Where(File.Exists))
        {
            if (new FileInfo(file).LinkTarget is not null)
                throw new UserError(
                    $"{file} is a link to another file, so nothing was merged; put the file itself in its place.");
            if (!AtomicFile.FindTarget(file, out _))
                throw new UserError($"{file} is not a file, so nothing was merged; take it away.");
        }
    }

    /// <summary>The run folder comes along.</summary>
    private static void CopyRun(string from, string to)
    {
        if (!Directory.Exists(from)) return;
        RequireRun(from);
        Directory.CreateDirectory(to);
        foreach (string name in RunFiles)
        {
            string file = Path.Combine(from, name);
            if (!File.Exists(file)) continue;
            using FileStream source = File.OpenRead(file);
            AtomicFile.Write(Path.Combine(to, name), source.CopyTo);
        }
    }
}
