using System.Text.Json;
using Unroll.Cli.Study;
using Unroll.Studies;
using Unroll.Studies.Corpora;
using Unroll.Studies.Runs;
using Unroll.Training;

namespace Unroll.Cli.Reproduce;

/// <summary>What is asked of <c>unroll reproduce --verify</c>.</summary>
/// <param name="Count">How many trials are drawn.</param>
/// <param name="Seed">The seed of the draw.</param>
/// <param name="MostSeconds">The most seconds that a drawn trial took when it was made.</param>
/// <param name="Stores">Files and folders.</param>
internal sealed record VerificationRequest(int Count, ulong Seed, double MostSeconds, IReadOnlyList<string> Stores);

/// <summary><c>unroll reproduce --verify N</c>: trials drawn from stores are run again, and every bit is compared.</summary>
internal sealed class StoreVerification(VerificationRequest request, bool json, CommandHost host)
{
    private readonly string _kernel = RunRecord.PresentKernel();
    private readonly int _wait = StudyOptions.SecondsToWait(host);
    private int _same, _differ, _elsewhere;

    /// <summary>Runs the trials that are drawn.</summary>
    /// <returns>0 when every trial that was made on this instruction set has the same bits, 3 when one has not.</returns>
    public int Run()
    {
        StoredRuns stored = StoredRuns.Read(request.Stores, request.MostSeconds, _wait);
        StoredRun[] here = [.. stored.Runs.Where(run => run.Set == _kernel)];
        bool comparable = here.Length > 0;
        IReadOnlyList<StoredRun> drawn = StoredRuns.Draw(comparable ? here : stored.Runs, request.Count, request.Seed);
        if (drawn.Count == 0)
        {
            string why = stored.LeftOut.Count == 0 ? "they have no finished trial"
                : string.Join("; ", stored.LeftOut.Select(one => $"{Format.Count(one.Value)}: {one.Key}"));
            throw new UserError($"No trial of the stores can be run again: {why}.");
        }

        Begin(stored, here.Length, drawn.Count);
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);
        string folder = Directory.CreateTempSubdirectory("unroll-").FullName;
        try
        {
            using StudyFolder study = StudyFolder.Open(folder);
            var corpora = new CorpusCache(host.ForData());
            long total = drawn.Sum(run => run.Stored.Result!.Updates), done = 0;
            using var notice = new SlowNotice(host, "running again", total, "updates");
            foreach (StoredRun run in drawn)
            {
                var repeat = new TrialRepeat(run.Trial, run.Test, folder, _kernel, corpora);
                long before = done;
                using (new Timer(_ => notice.Report(before + repeat.Updates), null, 500, 500))
                    Report(run, repeat.Run(cancel.Token), notice);
                done += run.Stored.Result!.Updates;
                notice.Report(done);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        End(drawn.Count);
        return _differ == 0 ? ExitCode.Success : ExitCode.Unsolved;
    }

    private void Begin(StoredRuns stored, int here, int drawn)
    {
        string[] sets = [.. stored.Runs.GroupBy(run => run.Set).OrderByDescending(set => set.Count())
            .ThenBy(set => set.Key, StringComparer.Ordinal).Select(set => $"{Format.Count(set.Count())} of {set.Key}")];
        if (json)
        {
            JsonLine.Write(host.Out, line =>
            {
                line.WriteString("event", "begin");
                line.WriteString("instruction_set", _kernel);
                line.WriteNumber("seed", request.Seed);
                line.WriteNumber("drawn", drawn);
                line.WriteStartObject("trials");
                foreach (IGrouping<string, StoredRun> set in stored.Runs.GroupBy(run => run.Set))
                    line.WriteNumber(set.Key, set.Count());
                line.WriteEndObject();
                line.WriteStartObject("left_out");
                foreach ((string reason, int count) in stored.LeftOut) line.WriteNumber(reason, count);
                line.WriteEndObject();
            });
            return;
        }

        host.Say($"This machine runs {_kernel}. Trials that can be run again: {string.Join(", ", sets)}.");
        foreach ((string reason, int count) in stored.LeftOut) host.Say($"left out: {Format.Count(count)}, because {reason}");
        if (here == 0)
        {
            host.Say($"None was made by {_kernel}. Another instruction set rounds differently, so bits are expected to differ; "
                + "whether a trial is solved is compared.");
        }
        else if (here < stored.Runs.Count)
        {
            host.Say($"Only those of {_kernel} are drawn: another instruction set rounds differently, so its bits are expected "
                + "to differ (UNROLL_KERNEL chooses one that this machine has).");
        }

        host.Say(FormattableString.Invariant($"{drawn} drawn by seed {request.Seed}."));
        host.Out.WriteLine();
    }

    private void Report(StoredRun run, TrialResult now, SlowNotice notice)
    {
        TrialResult before = run.Stored.Result! with { Checks = StoredRuns.Checks(run, _wait) };
        (string Before, string Now)? difference = TrialRepeat.Difference(before, now);
        bool comparable = run.Set == _kernel;
        if (!comparable) _elsewhere++;
        else if (difference is null) _same++;
        else _differ++;
        if (json)
        {
            JsonLine.Write(host.Out, line =>
            {
                line.WriteString("event", "trial");
                line.WriteString("store", run.Store);
                line.WriteString("hash", run.Stored.Hash);
                line.WriteString("name", run.Stored.Name);
                line.WriteString("instruction_set", run.Set);
                line.WriteString("version", before.Version);
                line.WriteBoolean("comparable", comparable);
                line.WriteBoolean("same", difference is null);
                line.WriteBoolean("solved_before", before.Solved);
                line.WriteBoolean("solved_now", now.Solved);
                line.WriteString("before", difference?.Before);
                line.WriteString("now", difference?.Now);
                line.WriteNumber("updates", now.Updates);
                line.WriteNumber("seconds", now.Seconds + now.TestSeconds);
            });
            return;
        }

        string name = run.Stored.Name.Length == 0 ? run.Stored.Hash[..8] : run.Stored.Name;
        string what = difference is not { } other
            ? $"same bits: {OptionsText.Name(now.Outcome)}, {Format.Counted(now.Updates, "update")}, "
                + $"{Format.Counted(now.Checks.Count, "check")}, {Format.Counted(now.Tests.Count, "test")}"
            : comparable ? $"DIFFERS: the store has {other.Before}, now {other.Now} (made by unroll {before.Version})"
            : $"differs, as expected from {run.Set}: {other.Before}, now {other.Now}; "
                + $"{(before.Solved == now.Solved ? "solved as before" : before.Solved ? "not solved now" : "solved now")}";
        notice.Clear();
        host.Say($"{Path.GetFileName(run.Store)} {name}: {what}, {Format.Time(now.Seconds + now.TestSeconds)}");
    }

    private void End(int drawn)
    {
        if (json)
        {
            JsonLine.Write(host.Out, line =>
            {
                line.WriteString("event", "end");
                line.WriteNumber("drawn", drawn);
                line.WriteNumber("same", _same);
                line.WriteNumber("different", _differ);
                line.WriteNumber("of_another_instruction_set", _elsewhere);
            });
            return;
        }

        host.Out.WriteLine();
        host.Say(_elsewhere == drawn ? $"{drawn} run again; bits are not comparable here."
            : FormattableString.Invariant($"{_same} of {drawn} have the same bits as their store."));
    }
}
