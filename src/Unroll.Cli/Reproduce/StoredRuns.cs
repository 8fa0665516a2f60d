using Unroll.Files;
using Unroll.Studies;
using Unroll.Training;

namespace Unroll.Cli.Reproduce;

/// <summary>A finished trial of a store that can be run again.</summary>
/// <param name="Store">The store's file.</param>
/// <param name="Stored">What the store has of it, with its checks.</param>
/// <param name="Trial">The trial to run.</param>
/// <param name="Test">The tests of its study.</param>
internal sealed record StoredRun(string Store, StoredTrial Stored, Trial Trial, StudyTest Test)
{
    /// <summary>The instruction set that made it.</summary>
    public string Set => Stored.Result!.Kernel;

    /// <summary>Seconds that it took.</summary>
    public double Seconds => Stored.Result!.Seconds + Stored.Result.TestSeconds;
}

/// <summary>The finished trials of stores: those that can be run again, and why the others cannot.</summary>
/// <param name="Runs">Those that can.</param>
/// <param name="LeftOut">How many cannot, for each reason.</param>
internal sealed record StoredRuns(IReadOnlyList<StoredRun> Runs, IReadOnlyDictionary<string, int> LeftOut)
{
    /// <summary>Reads stores.</summary>
    /// <param name="places">Files, or folders with <c>*.db</c> files or of studies.</param>
    /// <param name="mostSeconds">The most seconds that a trial took.</param>
    /// <param name="secondsToWait">How long a lock of another program is waited for.</param>
    /// <exception cref="UserError">A place holds no store, or a store is damaged.</exception>
    public static StoredRuns Read(IEnumerable<string> places, double mostSeconds, int secondsToWait)
    {
        var runs = new List<StoredRun>();
        var leftOut = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string file in places.SelectMany(Files).Distinct())
        {
            using StudyStore store = StudyStore.OpenToRead(file, secondsToWait);
            StudyTest test = store.Definition().Test;
            foreach (StoredTrial stored in store.Trials())
            {
                if (stored.Result is not { } result || !seen.Add($"{stored.Hash} {result.Kernel}")) continue;
                if (result.Outcome == TrainingOutcome.Cancelled) LeaveOut("it was cancelled");
                else if (result.Seconds + result.TestSeconds > mostSeconds)
                    LeaveOut($"it took more than {Format.Number(mostSeconds)} seconds (--max-seconds)");
                else if (StoredSettings.TryRead(stored, out Trial? trial, out string? reason))
                    runs.Add(new StoredRun(file, stored, trial, test));
                else LeaveOut(reason);
            }
        }

        return new StoredRuns(runs, leftOut);

        void LeaveOut(string reason) => leftOut[reason] = leftOut.GetValueOrDefault(reason) + 1;
    }

    /// <summary>The stored checks of a run, which are read only of those that are drawn.</summary>
    public static IReadOnlyList<CurvePoint> Checks(StoredRun run, int secondsToWait)
    {
        using StudyStore store = StudyStore.OpenToRead(run.Store, secondsToWait);
        return store.Checks(run.Stored.Hash);
    }

    /// <summary>Draws runs without replacement. The same runs and seed give the same draw.</summary>
    public static IReadOnlyList<StoredRun> Draw(IReadOnlyList<StoredRun> runs, int count, ulong seed)
    {
        if (runs.Count == 0) return [];
        StoredRun[] sorted = [.. runs.OrderBy(run => run.Stored.Hash, StringComparer.Ordinal).ThenBy(run => run.Set)];
        var order = new RandomOrder(new RandomKey(seed, RandomStream.Study, 0), sorted.Length);
        return [.. Enumerable.Range(0, Math.Min(count, sorted.Length)).Select(place => sorted[order[place]])];
    }

    private static IEnumerable<string> Files(string place)
    {
        if (PathLook.IsFile(place)) return [place];
        if (!PathLook.IsFolder(place))
            throw new UserError($"There is no store {place}; name files or folders of studies, such as docs/results.");
        string[] files = [.. Directory.GetFiles(place, "*.db").Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new UserError($"The folder {place} holds no store (*.db) of a study.");
    }
}
