using System.Text.Json;
using Unroll.Data;
using Unroll.Studies.Statistics;

namespace Unroll.Studies.Tests.Studies;

/// <summary>A program's own tasks as studies: the same store, resume, shards and report as those of the library.</summary>
public static class OwnStudyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public static async Task A_study_runs_and_nothing_is_trained_twice()
    {
        using var folder = new Temporary();
        Study study = OwnStudies.Eight();
        var heard = new List<string>();
        StudyProgress end = await study.RunAsync(folder.At("s"), Hears(trial => heard.Add(trial.Hash)) with { Jobs = 2 }, Stop);
        Assert.True(end.IsComplete);
        Assert.Equal((8, 8), (end.Trials, end.Done));
        Assert.Equal(study.Trials().Select(trial => trial.Hash).Order(), heard.Order());

        heard.Clear();
        string[] before = OwnStudies.Results(folder.At("s"));
        Assert.True(study.Run(folder.At("s"), Hears(trial => heard.Add(trial.Hash)), Stop).IsComplete);
        Assert.Empty(heard);
        Assert.Equal(before, OwnStudies.Results(folder.At("s")));

        // A larger grid trains what is new.
        Study larger = OwnStudies.Steps(StudyAxis.Of("steps", 2, 4), StudyAxis.Of("lr", 0.02, 0.00001), StudyAxis.Seeds(1, 3));
        larger.Run(folder.At("s"), Hears(trial => heard.Add(trial.Name)), Stop);
        Assert.Equal(4, heard.Count);
        Assert.All(heard, name => Assert.EndsWith("seed=3", name));
    }

    [Fact]
    public static void A_store_has_results_cells_and_comparisons()
    {
        using var folder = new Temporary();
        OwnStudies.Eight().Run(folder.At("s"), cancellation: Stop);
        using StudyStore store = StudyStore.OpenToRead(folder.At("s"));
        Assert.Equal("own", store.StudyName);
        string[] cells = ["steps=2 lr=0.02", "steps=2 lr=1E-05", "steps=4 lr=0.02", "steps=4 lr=1E-05"];
        Assert.Equal(cells, store.Cells().Select(cell => cell.Cell));
        CellSummary fast = store.Cells()[0], slow = store.Cells()[1];
        Assert.Equal((new SuccessRate(2, 2), new SuccessRate(0, 2)), (fast.Success, slow.Success));
        TrialTest[] tests = [.. fast.Finished.Select(trial => Assert.Single(trial.Result!.Tests))];
        Assert.All(tests, test => Assert.Equal(("x1", 50L), (test.Length, test.Sequences)));
        Assert.All(slow.Finished, trial => Assert.Empty(trial.Result!.Tests));
        ValueComparison compared = Assert.Single(store.Compare("lr"));
        Assert.Equal(("0.02", "1E-05", 4, true), (compared.First, compared.Second, compared.FirstRate.Runs, compared.Paired));
        Assert.Empty(store.CompareCosts("lr"));
        StoredTrial one = store.Trials()[0];
        string[] named = ["task", "steps", "own", "own-version", "recipe"];
        Assert.Equal(["first-symbol", "2", "steps=2", "1", "own"], named.Select(name => one.Options[name]));
        Assert.Equal([10L, 20, 30, 40, 50, 60], store.Checks(one.Hash).Select(check => check.Update));

        StudyPage.Write(folder.At("report.html"), store);
        string page = File.ReadAllText(folder.At("report.html"));
        Assert.Contains("first-symbol", page, StringComparison.Ordinal);
        Assert.All(store.Trials(), trial => Assert.Contains(trial.Hash, page, StringComparison.Ordinal));
        store.ExportTo(folder.At("copy.db"));
        Assert.Equal(OwnStudies.Results(folder.At("s")), OwnStudies.Results(folder.At("copy.db")));
    }

    /// <summary>
    /// The identity of a program's own trial is what other machines and later versions find it by. Changing it means that every
    /// such study is trained anew.
    /// </summary>
    [Fact]
    public static void Identities_stay_what_they_are()
    {
        Trial trial = OwnStudies.Eight().Trials()[0];
        Assert.Equal("steps=2 lr=0.02 seed=1", trial.Name);
        Assert.Equal("c160963ad3e72edaddafddb1", trial.Hash);
    }

    [Fact]
    public static void Identity_is_name_version_parameters_and_options()
    {
        Trial Only(Study study) => Assert.Single(study.Trials());
        var second = new StudyTask("first-symbol", at => new FirstSymbol(at.Whole("steps"))) { Version = 2 };
        StudyAxis two = StudyAxis.Of("steps", 2), three = StudyAxis.Of("steps", 3);
        string hash = Only(OwnStudies.Steps(two)).Hash;
        Assert.Equal(hash, Only(OwnStudies.Steps(two) with { Description = "another", Test = new StudyTest([], 1) }).Hash);
        Assert.Equal(hash, Only(OwnStudies.Steps(two, StudyAxis.Of("lr", 0.02))).Hash);
        Assert.Equal(hash, Only(OwnStudies.Steps(two) with { Options = OwnStudies.Options with { Threads = 2 } }).Hash);
        string[] others =
        [
            Only(OwnStudies.Steps(three)).Hash,
            Only(OwnStudies.Steps(two, StudyAxis.Of("lr", 0.03))).Hash,
            Only(OwnStudies.Steps(two) with { Options = OwnStudies.Options with { Seed = 2 } }).Hash,
            Only(new Study("own", second) { Options = OwnStudies.Options, Grids = [[two]] }).Hash,
        ];
        Assert.Equal(5, others.Append(hash).Distinct().Count());
    }

    [Fact]
    public static void A_run_that_is_cut_goes_on_with_the_same_bits()
    {
        using var folder = new Temporary();
        CancellationTokenSource? stop = null;
        int filled = 0;
        void Filled()
        {
            if (++filled == 150) stop?.Cancel();
        }

        Study study = new("own", new StudyTask("first-symbol", _ => new FirstSymbolHeard(4, Filled)))
        {
            Options = OwnStudies.Options with { MaximumUpdates = 200 },
            Grids = [[StudyAxis.Seeds(1, 2)]],
            Test = new StudyTest(["x1"], 50),
        };
        study.Run(folder.At("whole"), new StudyRunOptions { Jobs = 1 }, Stop);
        int sessions = 0;
        for (bool complete = false; !complete; sessions++)
        {
            Assert.True(sessions < 20, "The study does not come to its end.");
            (filled, stop) = (0, new CancellationTokenSource());
            complete = study.Run(folder.At("cut"), new StudyRunOptions { Jobs = 1 }, stop.Token).IsComplete;
            stop.Dispose();
        }

        Assert.InRange(sessions, 3, 19);
        Assert.Equal(OwnStudies.Results(folder.At("whole")), OwnStudies.Results(folder.At("cut")));
    }

    [Fact]
    public static void Shards_joined_are_the_whole()
    {
        using var folder = new Temporary();
        Study study = OwnStudies.Eight();
        study.Run(folder.At("whole"), cancellation: Stop);
        for (int k = 1; k <= 3; k++)
            study.Run(folder.At("parts"), new StudyRunOptions { Shard = new Shard(k, 3) }, Stop);
        StudyMerged merged = study.Merge(folder.At("parts"));
        Assert.Equal(new StudyMerged(8, 3, 8, 8, 0), merged);
        Assert.Equal(OwnStudies.Results(folder.At("whole")), OwnStudies.Results(folder.At("parts")));

        Study other = OwnStudies.Steps(StudyAxis.Of("steps", 2));
        Refused("different studies", () => other.Merge(folder.At("parts"), folder.At("whole")));
    }

    [Fact]
    public static void A_task_with_lengths_is_tested_at_others()
    {
        using var folder = new Temporary();
        Study study = new("own", new StudyTask("first-symbol", at => new FirstSymbolOfLength(at.Length("length"))))
        {
            Options = OwnStudies.Options,
            Grids = [[StudyAxis.Of("length", new LengthRange(3, 3)), StudyAxis.Of("lr", 0.05)]],
            Test = new StudyTest(["x1", "x2", "5"], 40),
        };
        study.Run(folder.At("s"), cancellation: Stop);
        using StudyStore store = StudyStore.OpenToRead(folder.At("s"));
        Assert.Equal(["3", "6", "5"], Assert.Single(store.Trials()).Result!.Tests.Select(test => test.Length));
    }

    [Fact]
    public static void A_task_without_a_rule_of_success_is_evaluated_by_costs()
    {
        using var folder = new Temporary();
        Study study = new("own", new StudyTask("first-symbol", at => new FirstSymbolWithoutRule(at.Whole("steps"))))
        {
            Options = OwnStudies.Options,
            Grids = [[StudyAxis.Of("steps", 2, 3), StudyAxis.Of("lr", 0.001, 0.02), StudyAxis.Seeds(1, 3)]],
            Test = new StudyTest(["x1"], 50),
        };
        Assert.Null(study.Run(folder.At("s"), cancellation: Stop).Solved);
        using StudyStore store = StudyStore.OpenToRead(folder.At("s"));
        Assert.Empty(store.Compare("lr"));
        IReadOnlyList<CostComparison> costs = store.CompareCosts("lr");
        Assert.Equal(["steps=2", "steps=3"], costs.Select(one => one.Label)); // costs of other sequences are not compared
        Assert.All(costs, one => Assert.Equal(("0.02", "0.001", 3), (one.First, one.Second, one.Pairs)));
        Assert.All(costs, one => Assert.True(one.Validation!.Difference < 0 && one.Test!.Difference < 0));
        CellSummary cell = store.Cells()[0];
        Assert.True(StudyStore.MedianCost(cell, Fold.Test) > 0 && double.IsNaN(StudyStore.MedianCost(cell, Fold.Train)));
        StudyPage.Write(folder.At("report.html"), store);
        Assert.Contains("\"cost_unit\":\"nats\"", File.ReadAllText(folder.At("report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public static void A_study_of_the_library_s_tasks_is_the_file_s()
    {
        using var folder = new Temporary();
        const string Json = """
            {
              "name": "two",
              "grid": {
                "task": ["addition", "temporal-order"], "length": 10, "hidden": 6, "updates": 20, "check-every": 10,
                "validation": 20, "seed": "1..2"
              }
            }
            """;
        File.WriteAllText(folder.At("two.json"), Json);
        Study read = Study.Read(folder.At("two.json"));
        var made = new Study("two")
        {
            Grids =
            [
                [
                    StudyAxis.Of("task", "addition", "temporal-order"), StudyAxis.Of("length", 10), StudyAxis.Of("hidden", 6),
                    StudyAxis.Of("updates", 20), StudyAxis.Of("check-every", 10), StudyAxis.Of("validation", 20),
                    StudyAxis.Seeds(1, 2),
                ],
            ],
        };
        Assert.Equal(read.ToJson(), made.ToJson());
        Assert.Equal(
            read.Trials().Select(trial => (trial.Hash, trial.Name)), made.Trials().Select(trial => (trial.Hash, trial.Name)));
        Assert.Equal(4, made.Trials().Count);
    }

    [Fact]
    public static void Own_tasks_and_tasks_of_the_library_stand_in_one_study()
    {
        Study study = OwnStudies.Steps() with
        {
            Grids =
            [
                [StudyAxis.Of("task", "first-symbol"), StudyAxis.Of("steps", 3)],
                [StudyAxis.Of("task", "temporal-order"), StudyAxis.Of("length", 20)],
            ],
        };
        Assert.Equal(["first-symbol", "temporal-order"], study.Trials().Select(trial => trial.Settings.Task));
        Study wrong = study with { Grids = [[StudyAxis.Of("task", "first-symbol", "temporal-order"), StudyAxis.Of("steps", 3)]] };
        Refused("there is no option 'steps'", () => wrong.Trials());
    }

    [Fact]
    public static void Random_search_draws_options()
    {
        StudyAxis rates = StudyAxis.Between("lr", 0.001, 0.1, logarithmic: true);
        Study study = OwnStudies.Steps(StudyAxis.Of("steps", 2, 3), rates, StudyAxis.Seeds(1, 2)) with
        {
            Sample = new StudySample(5, 7),
        };
        Assert.Equal(10, study.Trials().Count);
        Assert.All(study.Trials(), trial => Assert.InRange(trial.Options.LearningRate, 0.001, 0.1));
    }

    [Fact]
    public static void Random_search_draws_from_narrow_intervals_and_all_whole_numbers_alike()
    {
        Study study = OwnStudies.Steps(StudyAxis.Of("steps", 2), StudyAxis.Between("averaging", 0.999, 0.9999)) with
        {
            Sample = new StudySample(20, 1),
        };
        double[] drawn = [.. study.Trials().Select(trial => trial.Options.Averaging)];
        Assert.Equal(20, drawn.Distinct().Count());
        Assert.All(drawn, value => Assert.InRange(value, 0.999, 0.9999));
        Study whole = OwnStudies.Steps(StudyAxis.Of("steps", 2), StudyAxis.Between("layers", 1, 3),
            StudyAxis.Between("lr", 0.001, 0.1, logarithmic: true)) with
        {
            Sample = new StudySample(400, 1),
        };
        foreach (IGrouping<int, int> layers in whole.Trials().Select(trial => trial.Options.Layers).GroupBy(one => one))
            Assert.InRange(layers.Count(), 133 - 30, 133 + 30); // three deviations
        Study none = OwnStudies.Steps(StudyAxis.Of("steps", 2), StudyAxis.Between("layers", 1.2, 1.8)) with
        {
            Sample = new StudySample(2, 1),
        };
        Refused("There is no whole number between 1.2 and 1.8 for layers", () => none.Trials());
    }

    [Fact]
    public static void A_file_of_another_program_s_study_is_refused_to_run()
    {
        using var folder = new Temporary();
        File.WriteAllText(folder.At("s.json"), OwnStudies.Eight().ToJson());
        Refused("tasks (first-symbol) are those of a program", () => Study.Read(folder.At("s.json")));
        JsonElement own = JsonDocument.Parse(OwnStudies.Eight().ToJson()).RootElement.GetProperty("own");
        Assert.Equal("""["steps"]""", own.GetProperty("parameters").GetRawText().Replace(" ", "").Replace("\n", ""));
        Assert.False(own.GetProperty("options").TryGetProperty("threads", out _));
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "misspelt", "'stepz' is no option, and the task first-symbol does not read it; did you mean 'steps'?" },
        { "missing", "The task first-symbol asks for 'steps', which no axis of the grid gives." },
        { "no number", "The task first-symbol has steps=two where a whole number is expected." },
        { "own sentence", "The study own: steps are too few" },
        { "other name", "The task other calls itself first-symbol; its Name must be that of the study's task." },
        { "recipe", "'recipe' is for the tasks of the library; the task first-symbol begins with the study's options." },
        { "lengths", "the task first-symbol has no length, so it cannot be tested at x5; test it at x1." },
        { "no method", "method sgd does not clip, which contradicts clip; use method sgd-c or leave clip out." },
        { "twice", "The study own has the task first-symbol twice." },
        { "name", "The study a/b, name: 'a/b' cannot name a folder" },
        { "axis name", "The study own: an axis cannot be called 'Two Words'" },
        { "value twice", "the value 2 stands there twice" },
        { "decide", "has \"decide_after\", by which seeds agree on success; the task first-symbol has none" },
        { "size", "The network would have 4026793988 parameters" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public static void What_cannot_be_run_is_one_sentence(string what, string sentence)
    {
        StudyAxis steps = StudyAxis.Of("steps", 2);
        var task = new StudyTask("first-symbol", _ => new FirstSymbol(2));
        Study Made(string name, Func<StudyPoint, ITask> make) => new("own", new StudyTask(name, make)) { Grids = [[steps]] };
        Study Bad() => what switch
        {
            "misspelt" => OwnStudies.Steps(steps, StudyAxis.Of("stepz", 3)),
            "missing" => OwnStudies.Steps(StudyAxis.Of("lr", 0.1)),
            "no number" => OwnStudies.Steps(StudyAxis.Of("steps", "two")),
            "own sentence" => Made("first-symbol", _ => throw new ArgumentException("steps are too few", "steps")),
            "other name" => Made("other", at => new FirstSymbol(at.Whole("steps"))),
            "recipe" => OwnStudies.Steps(steps, StudyAxis.Of("recipe", "best")),
            "lengths" => OwnStudies.Steps(steps) with { Test = new StudyTest(["x1", "x5"], 10) },
            "no method" => OwnStudies.Steps(steps, StudyAxis.Of("method", "sgd"), StudyAxis.Of("clip", 1)),
            "twice" => new Study("own", task, task),
            "name" => new Study("a/b", task),
            "axis name" => OwnStudies.Steps(steps, StudyAxis.Of("Two Words", 1)),
            "value twice" => OwnStudies.Steps(StudyAxis.Of("steps", 2, 2)),
            "decide" => OwnStudies.Of(new FirstSymbolWithoutRule(2), StudyAxis.Seeds(1, 2)) with { DecideAfter = 1 },
            _ => OwnStudies.Steps(steps, StudyAxis.Of("hidden", 16_384), StudyAxis.Of("layers", 8)),
        };
        string message = Assert.Throws<StudyException>(() => Bad().Trials()).Message;
        Assert.Contains(sentence, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        Assert.DoesNotContain("(Parameter", message, StringComparison.Ordinal);
        Assert.DoesNotContain("--", message, StringComparison.Ordinal); // options of the command, which the library has not
    }

    [Theory]
    [InlineData("temporal-order")]
    [InlineData("music")]
    [InlineData("First")]
    [InlineData("")]
    [InlineData("a b")]
    public static void A_task_needs_a_name_of_its_own(string name) =>
        Assert.Throws<StudyException>(() => new StudyTask(name, _ => new FirstSymbol(2)));

    [Fact]
    public static void What_a_task_throws_ends_the_run_and_keeps_what_was_finished()
    {
        using var folder = new Temporary();
        int made = 0;
        ITask Make(StudyPoint at) => at.Whole("steps") == 3 && Volatile.Read(ref made) > 0
            ? throw new InvalidDataException("the data is gone") : new FirstSymbol(at.Whole("steps"));
        Study study = new("own", new StudyTask("first-symbol", Make))
        {
            Options = OwnStudies.Options,
            Grids = [[StudyAxis.Of("steps", 2, 3)]],
            Test = new StudyTest(["x1"], 50),
        };
        var options = new StudyRunOptions { Jobs = 1, OnFinished = (_, _, _) => Interlocked.Increment(ref made) };
        _ = study.Trials();

        // The longer trial comes first, so that it is the second run in which it fails.
        study.Run(folder.At("s"), options, Stop);
        Study larger = study with { Grids = [[StudyAxis.Of("steps", 2, 3), StudyAxis.Seeds(1, 2)]] };
        Assert.Throws<InvalidDataException>(() => larger.Run(folder.At("s"), options, Stop));
        string[] results = OwnStudies.Results(folder.At("s"));
        Assert.Equal(2, results.Count(line => !line.Contains("not finished", StringComparison.Ordinal)));
    }

    private static StudyRunOptions Hears(Action<Trial> heard) => new() { OnFinished = (trial, _, _) => heard(trial) };

    private static void Refused(string sentence, Action act) =>
        Assert.Contains(sentence, Assert.Throws<StudyException>(act).Message, StringComparison.Ordinal);
}
