using Unroll.Files;
using Unroll.Studies;

namespace Unroll.Cli.Tests.Studies;

/// <summary>Compares the folders of studies.</summary>
internal static class StudyFolders
{
    /// <summary>Everything but seconds is the same: results, tests, kept checks, and the models byte for byte.</summary>
    public static void RequireSame(string expected, string actual)
    {
        using StudyStore first = StudyStore.OpenToRead(expected), second = StudyStore.OpenToRead(actual);
        List<StoredTrial> trials = first.Trials(), others = second.Trials();
        Assert.Equal(trials.Select(trial => (trial.Hash, trial.Name, trial.Position)),
            others.Select(trial => (trial.Hash, trial.Name, trial.Position)));
        foreach ((StoredTrial trial, StoredTrial other) in trials.Zip(others))
        {
            Assert.Equal(Timeless(trial.Result), Timeless(other.Result));
            Assert.Equal(trial.Result?.Numbers(), other.Result?.Numbers());
            Assert.Equal(trial.Result?.Tests, other.Result?.Tests);
            Assert.Equal(first.Checks(trial.Hash).Select(Timeless), second.Checks(trial.Hash).Select(Timeless));
            if (trial.Result is null) continue;
            foreach (string name in (string[])[RunFolder.BestName, RunFolder.ModelName])
                Assert.Equal(File.ReadAllBytes(ModelIn(expected, trial, name)), File.ReadAllBytes(ModelIn(actual, other, name)));
        }
    }

    private static string ModelIn(string folder, StoredTrial trial, string name) =>
        Path.Combine(StudyRunner.TrialFolder(folder, trial.Hash), name);

    private static TrialResult? Timeless(TrialResult? result) => result is null ? null : result with
    {
        Seconds = 0,
        FirstHitSeconds = null,
        TestSeconds = 0,
        Tests = [],
    };

    private static CurvePoint Timeless(CurvePoint point) => point with { Seconds = 0 };
}
