using Unroll.Cli.Tests.Report;
using Unroll.Studies;

namespace Unroll.Cli.Tests.Studies;

/// <summary>
/// A store that is looked at while a study writes into it: what is read is of one moment, and never called damaged.
/// </summary>
public static class ReadBesideWriterTests
{
    private const string Definition = """
        {"name": "running", "grid": {"task": "temporal-order", "method": ["sgd", "sgd-cr"], "length": [10, 20], "seed": "1..60"}}
        """;

    [Fact]
    public static async Task Trials_curves_and_counts_are_of_one_moment()
    {
        using var folder = new TempFolder();
        List<Trial> trials = SyntheticStudy.Make(folder.At("study"), Definition, _ => null);
        Task writing = Task.Run(
            () =>
            {
                using StudyStore store = StudyStore.OpenToWrite(folder.At("study"), 20);
                foreach (Trial trial in trials)
                    store.Finish(trial.Hash, SyntheticStudy.Result(trial.Position, trial.Position % 2 == 0));
            },
            TestContext.Current.CancellationToken);
        using (StudyStore store = StudyStore.OpenToRead(folder.At("study"), 20))
        {
            int before = 0;
            do
            {
                int done = store.Trials().Count(trial => trial.Result is not null), curves = 0;
                store.ReadCurves((_, _) => curves++);
                int counted = store.ThoroughCounts().Cells.Sum(cell => cell.Done);
                Assert.True(before <= done && done <= curves && curves <= counted, $"{before}, {done}, {curves}, {counted}");
                before = counted;
            }
            while (!writing.IsCompleted);
        }

        await writing;
        using StudyStore whole = StudyStore.OpenToRead(folder.At("study"), 20);
        Assert.All(whole.Trials(), trial => Assert.NotNull(trial.Result));
    }
}
