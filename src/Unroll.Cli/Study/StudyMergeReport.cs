using Unroll.Cli.Sequences;
using Unroll.Numerics;
using Unroll.Studies;
using Unroll.Studies.Corpora;

namespace Unroll.Cli.Study;

/// <summary><c>unroll study merge</c>: joins the stores of shards, and says how many trials were added.</summary>
internal static class StudyMergeReport
{
    /// <summary>Joins stores into the one of a folder, which may have results of its own.</summary>
    public static int Run(string target, IReadOnlyList<string> sources, CommandHost host)
    {
        CommandHost shown = host.WithoutNeedToShow();
        var series = new CorpusCache(host.ForData() with { ReadSeries = settings => SeriesSource.Folds(settings, host) });
        SlowNotice? notice = null;
        StudyMerged merged;
        try
        {
            merged = StudyMerge.Join(target, sources, null, StudyOptions.SecondsToWait(host),
                (done, trials) => (notice ??= new SlowNotice(shown, "merging", trials, "trials")).Report(done),
                series.Series);
        }
        finally
        {
            notice?.Dispose();
        }

        shown.Say(
            $"merged {Counted.Of(merged.Added, "trial")} of {Counted.Of(merged.Stores, "store")} into {target}: "
                + $"{merged.Done} of {merged.Trials} are done");
        if (merged.FirstLeftOut is { } first)
            shown.Say($"left out {Counted.Of(merged.LeftOut, "trial")} of options that the study's grid does not have now, "
                + $"such as {first.Name} ({first.Hash[..8]}): a recipe or data has changed since");
        if (StudyReports.Unsummed(merged.WithoutChecksum, merged.Done) is { } unsummed) shown.Say(unsummed);
        return ExitCode.Success;
    }
}
