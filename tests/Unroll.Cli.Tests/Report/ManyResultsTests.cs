using Unroll.Studies;

namespace Unroll.Cli.Tests.Report;

/// <summary>Results that come into a store together.</summary>
public class ManyResultsTests
{
    [Fact]
    public void Results_come_into_the_store_all_or_none()
    {
        using var folder = new TempFolder();
        List<Trial> trials = SyntheticStudy.Make(folder.At("study"), SyntheticStudy.Small, _ => null);
        using StudyStore store = StudyStore.OpenToWrite(folder.At("study"));
        IEnumerable<(string, TrialResult, PackedCurve)> Cut()
        {
            yield return (trials[0].Hash, SyntheticStudy.Result(0, true), PackedCurve.Of([]));
            throw new IOException("cut off");
        }

        Assert.Throws<IOException>(() => store.Finish(Cut()));
        Assert.All(store.Trials(), trial => Assert.Null(trial.Result));
        store.Finish(trials[0].Hash, SyntheticStudy.Result(0, true) with { Checks = SyntheticStudy.Curve(3, true) });
        Assert.Equal(SyntheticStudy.Result(0, true).Numbers(), store.Trials()[0].Result!.Numbers());
        Assert.Equal(200, store.Checks(trials[0].Hash).Count);
    }

    [Fact]
    public void Merge_brings_results_tests_and_curves_as_they_were()
    {
        using var folder = new TempFolder();
        string first = folder.At("first"), second = folder.At("second"), whole = folder.At("whole");
        List<Trial> trials = SyntheticStudy.Make(first, SyntheticStudy.Small,
            trial => trial.Position % 2 == 0 ? SyntheticStudy.Result(trial.Position, true) : null);
        SyntheticStudy.Make(second, SyntheticStudy.Small,
            trial => trial.Position % 2 == 1 ? SyntheticStudy.Result(trial.Position, false) : null);
        CliResult run = Cli.Run("study", "merge", whole, first, second);
        Assert.Equal(ExitCode.Success, run.Code);
        Assert.Contains($"merged {trials.Count} trials of 2 stores", run.Out);
        using StudyStore from = StudyStore.OpenToRead(first), store = StudyStore.OpenToRead(whole);
        foreach ((StoredTrial expected, StoredTrial actual) in from.Trials().Zip(store.Trials())
            .Where(pair => pair.First.Result is not null))
        {
            Assert.Equal(expected.Result!.Numbers(), actual.Result!.Numbers());
            Assert.Equal(expected.Result.Tests, actual.Result.Tests);
            Assert.Equal(from.PackedChecks(expected.Hash).Data, store.PackedChecks(actual.Hash).Data);
        }
    }

    [Fact]
    public void Merge_of_a_damaged_store_leaves_nothing()
    {
        using var folder = new TempFolder();
        string first = folder.At("first"), whole = folder.At("whole");
        List<Trial> trials = SyntheticStudy.Make(first, SyntheticStudy.Small,
            trial => SyntheticStudy.Result(trial.Position, true));
        using (StudyStore store = StudyStore.OpenToWrite(first))
            store.Finish([(trials[^1].Hash, SyntheticStudy.Result(0, true), new PackedCurve(200, [1, 2, 3]))]);
        Assert.Contains("is damaged", Cli.Run("study", "merge", whole, first).RefusedWith());
        Assert.False(Path.Exists(whole));
    }
}
