using Unroll.Cli.Paper;
using Unroll.Studies;
using Unroll.Studies.Settings;

namespace Unroll.Cli.Tests.Paper;

public class BuiltInStudiesTests
{
    public static TheoryData<string, string> All()
    {
        var data = new TheoryData<string, string>();
        foreach (string name in BuiltInStudies.Names)
        {
            foreach (string scale in BuiltInStudies.Scales) data.Add(name, scale);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_study_is_there_at_every_scale_and_every_point_of_it_is_a_run(string name, string scale)
    {
        StudyDefinition study = BuiltInStudies.Get(name, scale);
        List<Trial> trials = StudyGrid.Trials(study);
        Assert.NotEmpty(trials);
        Assert.Equal(trials.Count, trials.Select(trial => trial.Name).Distinct().Count());
        Assert.Equal(study.ToJson(), StudyReader.Read("again", study.ToJson()).ToJson());
        Assert.StartsWith(name, study.Name);
    }

    [Fact]
    public void Scales_of_one_study_have_folders_of_their_own_by_default()
    {
        foreach (string name in BuiltInStudies.Names)
            Assert.Equal(BuiltInStudies.Scales.Count,
                BuiltInStudies.Scales.Select(scale => BuiltInStudies.Get(name, scale).Name).Distinct().Count());
    }

    [Fact]
    public void The_figure_is_of_all_four_methods_from_three_starts_with_at_least_three_seeds()
    {
        List<Trial> trials = StudyGrid.Trials(BuiltInStudies.Get("fig7", null));
        Assert.Equal(["sgd", "sgd-c", "sgd-cr", "sgd-r"],
            trials.Select(trial => Method.Of(trial.Settings.Options).Name).Distinct().Order());
        Assert.Equal(3, trials.Select(trial => trial.Settings.Options.Initialization).Distinct().Count());
        Assert.True(trials.GroupBy(trial => trial.Cell).All(cell => cell.Count() >= 3));
        Assert.Equal([10, 200], new[] { trials.Min(trial => trial.Settings.Length.Minimum),
            trials.Max(trial => trial.Settings.Length.Maximum) });
        Assert.All(StudyGrid.Trials(BuiltInStudies.Get("fig7", "paper")).GroupBy(trial => trial.Cell),
            cell => Assert.Equal(20, cell.Count()));
    }

    [Fact]
    public void An_unknown_scale_is_refused() =>
        Assert.Contains("did you mean smoke", Cli.Run("study", "run", "fig7", "--scale", "smok").RefusedWith());
}
