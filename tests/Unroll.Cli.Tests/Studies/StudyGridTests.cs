using System.Globalization;
using Unroll.Studies;
using Unroll.Studies.Corpora;
using Unroll.Studies.Runs;
using Unroll.Studies.Settings;

namespace Unroll.Cli.Tests.Studies;

public class StudyGridTests
{
    [Fact]
    public void The_first_axis_is_slowest_and_seeds_are_fastest_wherever_they_stand()
    {
        List<Trial> trials = TestStudies.Trials("\"hidden\": [4, 5], \"seed\": \"1..2\", \"lr\": [0.1, 0.2], \"batch\": 3");
        Assert.Equal(
            [
                "hidden=4 lr=0.1 seed=1", "hidden=4 lr=0.1 seed=2", "hidden=4 lr=0.2 seed=1", "hidden=4 lr=0.2 seed=2",
                "hidden=5 lr=0.1 seed=1", "hidden=5 lr=0.1 seed=2", "hidden=5 lr=0.2 seed=1", "hidden=5 lr=0.2 seed=2",
            ], trials.Select(trial => trial.Name));
        Assert.Equal(Enumerable.Range(0, 8), trials.Select(trial => trial.Position));
        Assert.Equal(["hidden=4 lr=0.1", "hidden=4 lr=0.2", "hidden=5 lr=0.1", "hidden=5 lr=0.2"],
            trials.Select(trial => trial.Cell).Distinct());
        Assert.Equal([0, 1, 0, 1, 0, 1, 0, 1], trials.Select(trial => trial.Replicate));
        Assert.All(trials, trial => Assert.Equal(3, trial.Settings.Options.BatchSize));
        Assert.Equal(8, trials.Select(trial => trial.Hash).Distinct().Count());
    }

    [Fact]
    public void Points_that_are_the_same_run_are_one_trial()
    {
        Assert.Equal(["lr=0.1", "lr=0.2"], TestStudies.Trials("\"lr\": [0.1, \"0.10\", 1e-1, 0.2]").Select(trial => trial.Name));
        List<Trial> grids = StudyGrid.Trials(StudyReader.Read(
            "s.json", """{"grid": [{"hidden": [4, 5]}, {"hidden": [5, 6]}]}"""));
        Assert.Equal(["hidden=4", "hidden=5", "hidden=6"], grids.Select(trial => trial.Name));
        Assert.Equal([0, 1, 2], grids.Select(trial => trial.Position));
    }

    [Fact]
    public void Names_say_what_differs_between_grids_and_nothing_else()
    {
        List<Trial> trials = StudyGrid.Trials(StudyReader.Read("s.json", """{"grid": [{"hidden": 4, "lr": 0.1, "seed": 1},"""
            + """ {"hidden": 5, "lr": 0.1, "batch": 3, "seed": 1}]}"""));
        Assert.Equal(["hidden=4 seed=1", "hidden=5 batch=3 seed=1"], trials.Select(trial => trial.Name));
        Assert.Equal([""], TestStudies.Trials("\"hidden\": 4").Select(trial => trial.Name));
    }

    [Fact]
    public void Flags_are_true_or_false()
    {
        List<Trial> trials = TestStudies.Trials("\"no-bias\": [true, false], \"learn-initial-state\": \"True\"");
        Assert.Equal([false, true], trials.Select(trial => trial.Settings.Options.Biases));
        Assert.All(trials, trial => Assert.True(trial.Settings.Options.LearnedInitialState));
    }

    [Theory]
    [InlineData("\"method\": [\"sgd-c\", \"sgd\"], \"clip\": [6, 7]",
        "The study s, at method=sgd clip=6: method sgd does not clip")]
    [InlineData("\"hidden\": [5, 0]", "at hidden=0: hidden 0 must lie in 1..16384")]
    [InlineData("\"lr\": [0.1, \"fast\"]", "at lr=fast: lr 'fast' is not a number")]
    [InlineData("\"hidden\": [5, 5.5]", "at hidden=5.5: hidden '5.5' is not a whole number")]
    [InlineData("\"no-bias\": [true, 1]", "at no-bias=1: no-bias has no value '1'")]
    [InlineData("\"task\": [\"addition\", \"adition\"]", "at task=adition: There is no task 'adition'; did you mean addition")]
    [InlineData("\"length\": [20, 5]", "at length=5: ")]
    [InlineData("\"length\": 5", "The study s: ")]
    [InlineData("\"lr\": {\"from\": 1, \"to\": 2}",
        "'lr' is an interval, which only random search can draw from; give \"sample\"")]
    [InlineData("\"hidden\": 16384, \"length\": 1000000, \"batch\": 65536", "too many for one buffer")]
    public void A_point_that_is_no_run_is_named(string grid, string expected) =>
        Assert.Contains(expected, Assert.Throws<UserError>(() => TestStudies.Trials(grid)).Message);

    [Theory]
    [InlineData("[5]", "the test at length 5: ")]
    [InlineData("[\"x1\", \"x100000\"]", "the test at length 1000000: ")]
    public void A_test_that_could_not_be_made_is_refused_before_the_training(string lengths, string expected) =>
        Assert.Contains(expected, Assert.Throws<UserError>(() =>
            TestStudies.Trials("\"length\": 20, \"hidden\": 500", $", \"test\": {{\"lengths\": {lengths}}}")).Message);

    [Fact]
    public void More_than_a_million_trials_are_refused_however_many_they_are()
    {
        string[] options = ["lr", "clip", "omega", "weight-noise", "hidden", "batch", "updates", "check-every"];
        foreach (int axes in (int[])[2, 3, 6, 7, 8])
        {
            // Powers of two: seven axes of 1024 values are 2^70 points, which 64 bits would call none.
            string grid = string.Join(", ", options[..axes]
                .Select(option => $"\"{option}\": [{string.Join(',', Enumerable.Range(1, 1024))}]"));
            Assert.Contains("a grid of more than 1,000,000 trials",
                Assert.Throws<UserError>(() => TestStudies.Trials(grid)).Message);
        }

        Assert.Contains("more than 1,000,000 trials",
            Assert.Throws<UserError>(() =>
                TestStudies.Trials("\"lr\": {\"from\": 1, \"to\": 2}, \"seed\": \"1..100000\"", ", \"sample\": 11")).Message);
    }

    [Fact]
    public void Random_search_draws_different_points_within_bounds_each_with_every_seed()
    {
        const string Grid = """
            "lr": {"from": 0.001, "to": 0.1, "scale": "log"}, "omega": {"from": 0.5, "to": 2}, "hidden": {"from": 4.4, "to": 9.6},
            "method": ["sgd-r", "sgd-cr"], "seed": [3, 5]
            """;
        List<Trial> trials = TestStudies.Trials(Grid, ", \"sample\": 50");
        Assert.Equal(100, trials.Count);
        Assert.Equal(50, trials.Select(trial => trial.Cell).Distinct().Count());
        Assert.All(trials.GroupBy(trial => trial.Cell), cell =>
            Assert.Equal([3UL, 5UL], cell.Select(trial => trial.Settings.Options.Seed)));
        Assert.All(trials, trial => Assert.InRange(trial.Settings.Options.LearningRate, 0.001, 0.1));
        Assert.All(trials, trial => Assert.InRange(trial.Settings.Options.Omega, 0.5, 2));
        Assert.All(trials, trial => Assert.InRange(trial.Settings.Options.Hidden, 5, 9));

        // Of a logarithmic interval half lies below the geometric middle.
        Assert.InRange(trials.Count(trial => trial.Settings.Options.LearningRate < 0.01), 25, 75);
        Assert.Equal(5, trials.Select(trial => trial.Settings.Options.Hidden).Distinct().Count());
        Assert.Equal(2, trials.Select(trial => Method.Of(trial.Settings.Options).Name).Distinct().Count());

        Assert.Equal(trials.Select(trial => trial.Hash),
            TestStudies.Trials(Grid, ", \"sample\": 50, \"sample_seed\": 1").Select(trial => trial.Hash));
        // more points keep the earlier ones
        Assert.Equal(trials.Take(20).Select(trial => trial.Hash),
            TestStudies.Trials(Grid, ", \"sample\": 10").Select(trial => trial.Hash));
        Assert.Empty(trials.Select(trial => trial.Hash)
            .Intersect(TestStudies.Trials(Grid, ", \"sample\": 50, \"sample_seed\": 2").Select(trial => trial.Hash)));
    }

    [Fact]
    public void A_drawn_number_is_never_beyond_its_interval_even_when_it_is_rounded()
    {
        List<Trial> trials = TestStudies.Trials("\"lr\": {\"from\": 0.123456, \"to\": 0.123999}", ", \"sample\": 3");
        Assert.All(trials, trial => Assert.InRange(trial.Settings.Options.LearningRate, 0.123456, 0.123999));
        Assert.All(trials, trial => Assert.Equal(trial.Settings.Options.LearningRate,
            double.Parse(trial.Name["lr=".Length..].Split(' ')[0], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void A_sample_of_more_points_than_there_are_is_all_of_them()
    {
        Assert.Equal(["hidden=4", "hidden=5", "hidden=6"],
            TestStudies.Trials("\"hidden\": [4, 5, 6]", ", \"sample\": 1000").Select(trial => trial.Name).Order());
        Assert.Contains("seeds are a list or a range",
            Assert.Throws<UserError>(() => TestStudies.Trials("\"seed\": {\"from\": 1, \"to\": 9}", ", \"sample\": 2")).Message);
    }

    [Theory]
    [InlineData("hidden", "5", "--hidden", "5")]
    [InlineData("curriculum", "12,1.2,0.5", "--curriculum", "12,1.2,0.5")]
    [InlineData("recipe", "paper", "--recipe", "paper")]
    [InlineData("method", "sgd-r", "--method", "sgd-r")]
    [InlineData("variant", "text", "--variant", "text")]
    [InlineData("select-length", "30", "--select-length", "30")]
    public void An_option_means_what_it_means_to_train(string name, string value, string option, string text)
    {
        using var folder = new TempFolder();
        string[] others = ["--length", "12", "--updates", "1", "--validation", "10"];
        Assert.Equal(ExitCode.Unsolved, Cli.Run(["train", option, text, "--out", folder.At("run"), .. others]).Code);
        TrainSettings expected = RunRecord.Read(Files.RunFolder.Open(folder.At("run")), []).Settings;
        TrainSettings settings = TrialOptions.Resolve(new Dictionary<string,
            string>
        { [name] = value, ["length"] = "12", ["updates"] = "1", ["validation"] = "10" });
        Assert.Equal(
            (expected.Task, expected.Length, expected.Variant, expected.Recipe,
                string.Join(' ', Unroll.Training.OptionsText.ToProperties(expected.Options))),
            (settings.Task, settings.Length, settings.Variant, settings.Recipe,
                string.Join(' ', Unroll.Training.OptionsText.ToProperties(settings.Options))));
    }

    [Fact]
    public void Every_option_of_train_but_threads_can_be_varied()
    {
        Assert.Equal(
            [.. TrainOptionTable.All.Select(option => option.Name[2..])
                .Concat(CorpusOptionTable.All.Select(option => option.Name[2..]))
                .Concat(SeriesOptionTable.All.Select(option => option.Key)).Concat(SeriesSettings.Reading).Distinct()
                .Where(name => name != "threads").Order()],
            TrialOptions.Names.Except(["task", "length", "variant", "bits", "recipe", "method"]).Order());
    }
}
