using Unroll.Cli.Paper;
using Unroll.Studies;

namespace Unroll.Cli.Tests.Studies;

public class StudyReaderTests
{
    private const string Everything = """
        {
          // Comments and trailing commas are welcome.
          "name": "everything", "description": "what can be said <in> one \"study\"",
          "grid": [
            {"task": "addition", "length": "10..12", "lr": [0.1, 1e-2, "0.001"], "no-bias": [true, false],
             "seed": ["1..3", 7, "9"]},
            {"curriculum": ["12,1.2,0.5", "none"], "omega": {"from": 0.5, "to": 4, "scale": "log"},
             "hidden": {"from": 5, "to": 10}, "frozen": "bias_hh_l0,bias_ih_l0",},
          ],
          "decide_after": 3, "sample": 4, "sample_seed": 18446744073709551615,
          "test": {"lengths": ["x1", "x5", 1000, "50..60"], "sequences": 123}
        }
        """;

    [Fact]
    public void Every_form_is_read()
    {
        StudyDefinition study = StudyReader.Read("s.json", Everything);
        Assert.Equal(("everything", "what can be said <in> one \"study\"", 3),
            (study.Name, study.Description, study.DecideAfter));
        Assert.Equal(new StudySample(4, ulong.MaxValue), study.Sample);
        Assert.Equal(["x1", "x5", "1000", "50..60"], study.Test.Lengths);
        Assert.Equal(123, study.Test.Sequences);
        Assert.Equal(["10..12", "50..60", "60", "1000"],
            study.Test.For(new LengthRange(10, 12)).Select(length => length.ToString()).OrderBy(text => text.Length)
            .ThenBy(text => text, StringComparer.Ordinal).OrderBy(text => text.Contains("..", StringComparison.Ordinal) ? 0 : 1));
        Assert.Equal(["task=addition", "length=10..12", "lr=0.1 1e-2 0.001", "no-bias=true false", "seed=1 2 3 7 9"],
            study.Grids[0].Select(axis => $"{axis.Option}={string.Join(' ', axis.List)}"));
        Assert.Equal(["12,1.2,0.5", "none"], study.Grids[1][0].List);
        Assert.Equal(new StudyInterval(0.5, 4, true), study.Grids[1][1].Interval);
        Assert.Equal(new StudyInterval(5, 10, false), study.Grids[1][2].Interval);
        Assert.Equal(["bias_hh_l0,bias_ih_l0"], study.Grids[1][3].List);
    }

    [Fact]
    public void What_is_left_out_has_defaults()
    {
        StudyDefinition study = StudyReader.Read("some/where/rates.json", """{"grid": {"lr": 0.5}}""");
        Assert.Equal("rates", study.Name);
        Assert.Equal("", study.Description);
        Assert.Null(study.DecideAfter);
        Assert.Null(study.Sample);
        Assert.Equal(["x1"], study.Test.Lengths);
        Assert.Equal(10_000, study.Test.Sequences);
        Assert.Equal(new StudySample(2, 1), StudyReader.Read("s.json", """{"grid": {"lr": 0.5}, "sample": 2}""").Sample);
    }

    [Theory]
    [InlineData(Everything)]
    [InlineData("""{"grid": {"lr": 0.5}}""")]
    [InlineData("""{"grid": {"lr": {"from": 1e-7, "to": 0.30000000000000004}}, "sample": 1, "test": {"lengths": []}}""")]
    public void A_study_written_and_read_is_the_same(string text)
    {
        StudyDefinition study = StudyReader.Read("s.json", text), again = StudyReader.Read("elsewhere.json", study.ToJson());
        Assert.Equal(study.ToJson(), again.ToJson());
        Assert.Equal(study.Hash(), again.Hash());
    }

    [Theory]
    [InlineData("\"name\": \"everything\"", "\"name\": \"other\"")]
    [InlineData("0.001", "0.002")]
    [InlineData("\"from\": 0.5", "\"from\": 0.25")]
    [InlineData("\"scale\": \"log\"", "\"scale\": \"linear\"")]
    [InlineData("\"decide_after\": 3", "\"decide_after\": 2")]
    [InlineData("\"sample\": 4", "\"sample\": 5")]
    [InlineData("18446744073709551615", "1")]
    [InlineData("\"x5\"", "\"x6\"")]
    [InlineData("123", "124")]
    public void Another_study_has_another_hash(string old, string other)
    {
        Assert.NotEqual(StudyReader.Read("s.json", Everything).Hash(),
            StudyReader.Read("s.json", Everything.Replace(old, other)).Hash());
    }

    [Fact]
    public void Spaces_do_not_make_another_value()
    {
        StudyDefinition study = StudyReader.Read("s.json", """{"grid": {"curriculum": [" 12, 1.2, 0.5"], "lr": "0.1 "}}""");
        Assert.Equal(["12,1.2,0.5", "0.1"], study.Grids[0].SelectMany(axis => axis.List));
    }

    [Fact]
    public void The_built_in_studies_can_be_read_and_their_trials_resolved()
    {
        StudyDefinition smoke = BuiltInStudies.Get("fig7", "smoke");
        List<Trial> trials = StudyGrid.Trials(smoke);
        Assert.Equal(trials.Count, trials.Select(trial => trial.Hash).Distinct().Count());
        Assert.All(trials, trial => Assert.Equal("temporal-order", trial.Settings.Task));
    }

    [Theory]
    [InlineData("method=sgd", "method=sgd")]
    [InlineData("--method=sgd,sgd-c", "method=sgd sgd-c")]
    [InlineData("lr= 0.1 , 0.2", "lr=0.1 0.2")]
    [InlineData("seed=1..3,9", "seed=1 2 3 9")]
    [InlineData("curriculum=12,1.2,0.5", "curriculum=12,1.2,0.5")]
    [InlineData("no-bias=true,false", "no-bias=true false")]
    [InlineData("data=\"a, b.csv\",c.csv", "data=a, b.csv c.csv")]
    [InlineData("time=\"at \"\"noon\"\", local\"", "time=at \"noon\", local")]
    [InlineData("date-format= dd.MM.yyyy HH:mm ", "date-format=dd.MM.yyyy HH:mm")]
    [InlineData("target=power kW , \"heat, in kW\"", "target=power kW,\"heat, in kW\"")]
    [InlineData("quantiles=0.1, 0.9", "quantiles=0.1,0.9")]
    public void An_axis_is_read_as_on_the_command_line(string text, string expected)
    {
        StudyAxis axis = StudyReader.ReadAxis("--set", text);
        Assert.Equal(expected, $"{axis.Option}={string.Join(' ', axis.List)}");
    }

    [Theory]
    [InlineData("[]", "a study is a JSON object")]
    [InlineData("{}", "there is no \"grid\"")]
    [InlineData("{\"grid\": 3}", "must be an object or a list")]
    [InlineData("{\"grid\": [3]}", "grid 1 must be an object")]
    [InlineData("{\"grid\": []}", "nothing to train")]
    [InlineData("{\"grid\": {}}", "grid is empty")]
    [InlineData("{\"grid\": [{\"lr\": 1}, {}]}", "grid 2 is empty")]
    [InlineData("{\"gird\": {}}", "did you mean 'grid'?")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"grid\": {\"lr\": 2}}", "'grid' stands there twice")]
    [InlineData("{\"grid\": {\"lr\": []}}", "grid, lr: the list is empty")]
    [InlineData("{\"grid\": {\"lr\": [0.1, 0.1]}}", "the value 0.1 stands there twice")]
    [InlineData("{\"grid\": {\"seed\": [\"1..3\", 2]}}", "the value 2 stands there twice")]
    [InlineData("{\"grid\": {\"lr\": 1, \"lr\": 2}}", "'lr' stands there twice")]
    [InlineData("{\"grid\": {\"lr\": \"\"}}", "a value is empty")]
    [InlineData("{\"grid\": {\"lr\": \" \"}}", "a value is empty")]
    [InlineData("{\"grid\": {\"lr\": null}}", "null is neither a text nor a number nor true or false")]
    [InlineData("{\"grid\": {\"lr\": [[1]]}}", "[1] is neither a text")]
    [InlineData("{\"grid\": {\"rl\": 1}}", "there is no option 'rl'; did you mean 'lr'?")]
    [InlineData("{\"grid\": {\"threads\": [1, 2]}}", "'threads' is not an option of a trial, but of the whole run")]
    [InlineData("{\"grid\": {\"jobs\": 2}}", "'jobs' is not an option of a trial")]
    [InlineData("{\"grid\": {\"seed\": \"5..3\"}}", "'5..3' is not a range")]
    [InlineData("{\"grid\": {\"seed\": \"1..1000000\"}}", "at most 100000 seeds")]
    [InlineData("{\"grid\": {\"seed\": \"1..x\"}}", "'x' must be a whole number")]
    [InlineData("{\"grid\": {\"lr\": {\"from\": 1}}}", "needs the number \"to\"")]
    [InlineData("{\"grid\": {\"lr\": {\"from\": 1, \"to\": \"2\"}}}", "needs the number \"to\"")]
    [InlineData("{\"grid\": {\"lr\": {\"from\": 1, \"to\": 1e999}}}", "needs the number \"to\"")]
    [InlineData("{\"grid\": {\"lr\": {\"from\": 1, \"to\": 1}}}", "not beyond its beginning 1")]
    [InlineData("{\"grid\": {\"lr\": {\"from\": 0, \"to\": 1, \"scale\": \"log\"}}}", "must begin above 0, not at 0")]
    [InlineData("{\"grid\": {\"lr\": {\"from\": 1, \"to\": 2, \"scale\": \"lg\"}}}", "did you mean log")]
    [InlineData("{\"grid\": {\"lr\": {\"from\": 1, \"til\": 2}}}", "there is no 'til'; did you mean 'to'?")]
    [InlineData("{\"grid\": {\"lr\": {\"from\": 1, \"to\": 2, \"from\": 0}}}", "'from' stands there twice")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"sample_seed\": 3}", "no effect without \"sample\"")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"sample\": 0}", "1..100000")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"sample\": 1, \"sample_seed\": -1}", "'-1' must be a whole number from 0")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"decide_after\": 0}", "1..100000")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"decide_after\": 1.5}", "'1.5' is not a whole number")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"name\": 3.5, \"test\": 1}", "test must be an object")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"test\": {\"lengths\": 5}}", "lengths must be a list")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"test\": {\"lengths\": [\"x0\"]}}", "1..1000000")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"test\": {\"lengths\": [\"5x\"]}}", "'5x' is not a length")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"test\": {\"sequences\": 0}}", "1..10000000")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"test\": {\"length\": [5]}}", "did you mean 'lengths'?")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"name\": \"\"}", "cannot name a folder")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"name\": \"..\"}", "cannot name a folder")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"name\": \"a/b\"}", "'a/b' cannot name a folder")]
    [InlineData("{\"grid\": {\"lr\": 1}, \"name\": \"a\\nb\"}", "'a\\u000Ab' cannot name a folder")]
    [InlineData("{\"grid\": {\"lr\": \"\\ud800\"}}", "half of a surrogate pair")]
    [InlineData("{\n\"grid\": {\n\"lr\": 1,,\n}}", "line 3: this is not JSON")]
    [InlineData("", "this is not JSON")]
    public void What_is_no_study_is_refused_in_one_sentence_with_the_place(string text, string expected)
    {
        UserError error = Assert.Throws<UserError>(() => StudyReader.Read("s.json", text));
        Assert.StartsWith("s.json", error.Message);
        Assert.Contains(expected, error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.DoesNotContain("LineNumber", error.Message);
    }
}
