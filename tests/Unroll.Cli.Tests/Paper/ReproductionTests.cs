using System.Text.Json;
using System.Xml.Linq;
using Unroll.Cli.Paper;
using Unroll.Cli.Paper.Figures;
using Unroll.Studies;
using Unroll.Studies.Settings;
using Unroll.Training;

namespace Unroll.Cli.Tests.Paper;

/// <summary>Every figure and table that is made from a study, computed from trials and drawn.</summary>
public class ReproductionTests
{
    public static TheoryData<string> Ids() => [.. FigureList.OfStudies.Select(one => one.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_reproduction_is_computed_and_drawn_from_its_smoke_study(string id)
    {
        IFigure one = Assert.Single(FigureList.Get(id));
        StudyDefinition study = BuiltInStudies.Get(one.Study!, "smoke");
        StoredTrial[] trials = [.. StudyGrid.Trials(study)
            .Select((trial, i) => Finish(trial, solvedAt: i % 3 == 0 ? null : 1000 * (i + 1)))];
        FigureResult artifact = Compute(one, study, trials);
        Assert.All(artifact.Tables, table => Assert.NotEmpty(table.Table.Rows));
        Assert.Contains($"{trials.Length}", artifact.Caption);
        if (artifact.Panels.Count == 0) return;

        string svg = FigureSheet.ToSvg(artifact.Panels, artifact.Caption);
        string text = string.Concat(XDocument.Parse(svg).Descendants().Where(element => element.Name.LocalName == "text")
            .Select(element => element.Value.Trim() + "\n"));
        Assert.All(artifact.Panels, panel => Assert.Contains(panel.Chart?.XLabel ?? ComparisonChart.XLabel, text));
        using var folder = new TempFolder();
        FigureSheet.WritePng(folder.At("figure.png"), artifact.Panels, artifact.Caption);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(folder.At("figure.png"))[..4]);
    }

    [Fact]
    public void A_series_looks_the_same_in_a_panel_that_lacks_others()
    {
        ChartSeries first = new("SGD", []), second = new("SGD-C", [new ChartPoint(1, 2, 2, 2, "")]);
        Chart Of(params ChartSeries[] series) => new("a panel", "x", "y", [(1, "1"), (2, "2")], series) { IsRate = false };
        string svg = FigureSheet.ToSvg(ChartPainter.Panels([Of(first, second), Of(second)]), "");
        Assert.Contains("#E69F00", svg, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("#D55E00", svg, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_method_of_the_paper_looks_the_same_in_every_figure_and_nothing_else_looks_like_it()
    {
        string[] colors = ["#D55E00", "#E69F00", "#009E73", "#0072B2"]; // SGD, SGD-C, SGD-R, SGD-CR
        static string Svg(string[] names)
        {
            ChartSeries[] series = [.. names.Select(name => new ChartSeries(name, [new ChartPoint(1, 2, 2, 2, "")]))];
            Chart chart = new("a panel", "x", "y", [(1, "1"), (2, "2")], series) { IsRate = false };
            return FigureSheet.ToSvg(ChartPainter.Panels([chart]), "").ToUpperInvariant();
        }

        bool[] Used(params string[] names) => [.. colors.Select(Svg(names).Contains)];
        Assert.Equal([true, true, true, true], Used("SGD", "SGD-C", "SGD-R", "SGD-CR"));
        Assert.Equal([true, false, false, true], Used("SGD", "SGD-CR"));
        Assert.Equal([false, true, false, false], Used("best (Adam-C)", "SGD-C", "long (Adam-CR)"));
        Assert.Equal([false, false, false, true], Used("SGD-CR"));
        Assert.Equal([true, true, false, false], Used("norm", "value")); // no method among them: the first looks there are
    }

    [Fact]
    public void Table_1_names_the_optimizer_and_averaging_of_each_recipe()
    {
        StudyDefinition study = BuiltInStudies.Get("table1", "smoke");
        StoredTrial[] trials = [.. StudyGrid.Trials(study).Select(trial => Finish(trial, null)).Select(trial => trial with
        {
            Result = trial.Result! with
            {
                Checks = [new CurvePoint { ValidationLoss = 8 }, new CurvePoint { Update = 100, ValidationLoss = 7 }],
            },
        })];
        FigureResult artifact = Compute(NaturalTable.Music, study, trials);
        TextTable table = Assert.Single(artifact.Tables).Table;
        Assert.Contains(table.Rows, row => row[1] == "paper" && row[2] == "SGD-C");
        Assert.Contains(table.Rows, row => row[1] == "best, averaged" && row[2] == "Adam-C");
        Assert.DoesNotContain(table.Rows, row => row[1].Contains("best") && row[2].Contains("SGD"));
        Assert.Contains("Averaged parameters: best recipe.", artifact.Caption);
        Assert.Contains(artifact.Notes, note => note.StartsWith("Adam: the optimizer", StringComparison.Ordinal));
        Assert.Contains("best (Adam-C)", artifact.Panels[0].Chart!.Series.Select(series => series.Name));

        // Cells of several runs get means, with the side on which the paper's value is.
        StudyDefinition five = BuiltInStudies.Get("table1", "paper");
        FigureResult of = Compute(NaturalTable.Music, five, [.. StudyGrid.Trials(five).Select(trial => Costing(trial))]);
        string[] means = [.. of.Tables[1].Table.Rows.Take(2).Concat(of.Tables[1].Table.Rows.Skip(9).Take(1))
            .Select(row => string.Join(", ", row))];
        Assert.Equal(
            [
                "Piano-midi.de, paper, SGD, 5, 7.543, [7.523, 7.563], 7.56, not told apart",
                "Piano-midi.de, paper, SGD-C, 5, 7.543, [7.523, 7.563], 7.53, not told apart",
                "Piano-midi.de, best, averaged, Adam-C, 5, 7.543, [7.523, 7.563], 7.46, higher",
            ],
            means);

        // The paper's recipe of text averages, so it is not the paper's as it stands.
        StudyDefinition text = BuiltInStudies.Get("table2", "smoke");
        StoredTrial[] made = [.. StudyGrid.Trials(text).Select(trial => Finish(trial, null))];
        FigureResult characters = Compute(NaturalTable.Characters, text, made);
        Assert.Contains(characters.Tables[0].Table.Rows, row => row[1] == "paper, averaged");
        Assert.DoesNotContain(characters.Tables[0].Table.Rows, row => row[1] == "paper");
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_study_of_which_nothing_is_done_makes_a_table_and_no_point(string id)
    {
        IFigure one = Assert.Single(FigureList.Get(id));
        StudyDefinition study = BuiltInStudies.Get(one.Study!, "smoke");
        FigureResult artifact = Compute(one, study,
            [.. StudyGrid.Trials(study).Select(trial => Finish(trial, null) with { Result = null })]);
        Assert.All(artifact.Panels.SelectMany(panel => panel.Chart!.Series), series => Assert.Empty(series.Points));
    }

    [Fact]
    public void The_points_of_figure_7_are_shares_of_solved_runs_with_wilson_intervals_at_log_length()
    {
        StudyDefinition study = StudyReader.Read("s", """
            { "grid": { "task": "temporal-order", "recipe": "paper", "init": "smart-tanh",
              "method": ["sgd-c", "sgd-cr"], "length": [20, 100], "seed": "1..3" } }
            """);

        // SGD-CR solves everything; SGD-C solves 20 with two seeds of three, and 100 with none.
        StoredTrial[] trials = [.. StudyGrid.Trials(study)
            .Select(trial => Finish(trial, Method.Of(trial.Settings.Options).Name == "sgd-cr"
                || (trial.Settings.Length.Maximum == 20 && trial.Settings.Options.Seed < 3) ? 5000 : null))];
        FigureResult figure = Compute(new Figure7(), study, trials);
        Chart panel = Assert.Single(figure.Panels).Chart!;
        Assert.Equal([Math.Log(20), Math.Log(100)], panel.Ticks.Select(tick => tick.X));
        ChartSeries clipped = panel.Series.Single(series => series.Name == "SGD-C"),
            both = panel.Series.Single(series => series.Name == "SGD-CR");
        Assert.Equal(["2/3", "0/3"], clipped.Points.Select(point => point.Label));
        Assert.Equal([2 / 3.0, 0], clipped.Points.Select(point => point.Y));
        Assert.Equal(0.5615, clipped.Points[1].High, 4); // Wilson's interval of 0 of 3
        Assert.Equal(0, clipped.Points[1].Low);
        Assert.Equal(["3/3", "3/3"], both.Points.Select(point => point.Label));
        Assert.Equal(1 - 0.5615, both.Points[0].Low, 4);
        Assert.Contains(figure.Notes, note =>
            note.StartsWith("- sgd-c 2/6 against sgd-cr 6/6: -67 points", StringComparison.Ordinal));
    }

    [Fact]
    public void The_pathological_table_gives_each_tested_length_its_own_column_and_the_papers_claim()
    {
        StudyDefinition study = StudyReader.Read("s", """
            { "grid": { "task": "addition", "length": "50..200", "method": ["sgd-c", "sgd-cr"], "seed": [1, 2] },
              "test": { "lengths": ["x1", "x5", 500] } }
            """);
        StoredTrial[] trials = [.. StudyGrid.Trials(study).Select(trial =>
        {
            bool solved = Method.Of(trial.Settings.Options).Name == "sgd-cr";
            StoredTrial stored = Finish(trial, solved ? 32_000 : null);
            TrialTest At(string length, double error) => new(length, 10_000, error, Math.Min(1, 20 * error), 0.1);
            return stored with
            {
                Result = stored.Result! with
                {
                    Tests = solved ? [At("50..200", 0.005), At("1000", 0.25), At("500", 0.02 * trial.Settings.Options.Seed)] : [],
                },
            };
        })];
        FigureResult artifact = Compute(PathologicalTable.All, study, trials);
        Assert.Equal(3, artifact.Tables.Count);
        TextTable table = artifact.Tables[0].Table;
        Dictionary<string, string> row = table.Headings.Zip(table.Rows[1]).ToDictionary(cell => cell.First, cell => cell.Second);
        Assert.Equal("2/2", row["solved"]);
        Assert.Equal("32,000", row["updates"]);
        Assert.StartsWith("0.50%", row["error"]);
        Assert.StartsWith("25.0%", row["at 5x"]);
        Assert.Equal("3.00% (2.00%..4.00%)", row["at 500"]);
        Assert.Contains("ICML: to 500", table.Rows[0][^1]);
        Assert.Equal("0/2", table.Rows[0][table.Headings.ToList().IndexOf("solved")]);
        Assert.Equal("Adam-CR", row["method"]); // the best recipe of addition is Adam, and no table calls it SGD

        // Of the runs made, not of those that came so far: both hold where they were trained, none at 500.
        TextTable holding = artifact.Tables[1].Table;
        Assert.Equal("Adam-C, 0/2 [0%, 66%], 0/2 [0%, 66%], 0/2 [0%, 66%]", string.Join(", ", holding.Rows[0].Skip(3)));
        Assert.Equal("Adam-CR, 2/2 [34%, 100%], 0/2 [0%, 66%], 0/2 [0%, 66%]", string.Join(", ", holding.Rows[1].Skip(3)));

        // The text's rule beside the code's, for the cells that have it.
        TextTable strict = artifact.Tables[2].Table;
        Assert.Equal(
            "addition, 50..200, best, Adam-CR, 10.0% (10.0%..10.0%), 100.0% (100.0%..100.0%), 60.0% (40.0%..80.0%)",
            string.Join(", ", Assert.Single(strict.Rows)));
    }

    [Fact]
    public void The_pathological_table_says_where_a_model_was_chosen_and_compares_by_both_rules_and_without_temporal_order()
    {
        StudyDefinition study = StudyReader.Read("s", """
            {
              "grid": [
                { "task": ["temporal-order", "permutation"], "recipe": "best", "method": ["sgd", "sgd-cr"], "seed": [1, 2] },
                { "task": "addition", "recipe": "long", "select-by": "cost", "method": ["sgd", "sgd-cr"], "seed": [1, 2] }
              ],
              "test": { "lengths": ["x1"] }
            }
            """);
        StoredTrial[] trials = [.. StudyGrid.Trials(study).Select(trial =>
        {
            StoredTrial stored = Finish(trial, Method.Of(trial.Settings.Options).Name == "sgd-cr" ? 1000 : null);
            bool sustained = trial.Name.Contains("permutation") && trial.Name.Contains("sgd-cr");
            return stored with { Result = stored.Result! with { Sustained = sustained ? 5000 : null } };
        })];
        string[] notes = [.. Compute(PathologicalTable.All, study, trials).Notes];
        string chosen = Assert.Single(notes, note => note.StartsWith("Of ", StringComparison.Ordinal));
        Assert.StartsWith("Of addition by the recipe long the model of all checks was chosen that costs least on", chosen);
        Assert.Contains("sequences of 700, 2000 steps (by the worst of these):", chosen);
        string[] compared = [.. notes.Where(note => note.Contains("- sgd ")).Select(note => note[..note.IndexOf(':')])];
        Assert.Equal(
            "sgd 0/6 against sgd-cr 6/6, sgd 0/6 against sgd-cr 2/6, sgd 0/4 against sgd-cr 4/4, sgd 0/4 against sgd-cr 2/4",
            string.Join(", ", compared.Select(line => line[2..])));
        Assert.Contains("Without temporal-order, by the sustained rule:", notes);
    }

    [Fact]
    public void The_command_runs_the_study_and_leaves_figure_tables_and_report()
    {
        using var folder = new TempFolder();
        string target = folder.At("clip");
        CliResult run = Cli.Run("reproduce", "ablation-clip-mode", "--scale", "smoke", "--out", target, "--jobs", "2");
        Assert.True(run.Code == ExitCode.Success, run.Error);
        Assert.Contains("complete: 20 of 20 trials done", run.Out);
        foreach (string file in (string[])["ablation-clip-mode.json", "ablation-clip-mode.md", "ablation-clip-mode.png",
            "ablation-clip-mode.svg", "report.html", "study.db"])
            Assert.True(File.Exists(Path.Combine(target, file)), file);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(target, "ablation-clip-mode.json")));
        Assert.Equal(2, json.RootElement.GetProperty("panels")[0].GetProperty("series").GetArrayLength());
        Assert.Equal(10, json.RootElement.GetProperty("tables")[0].GetProperty("rows").GetArrayLength());

        // Drawn again from what is done, it runs nothing and gives the same.
        byte[] before = File.ReadAllBytes(Path.Combine(target, "ablation-clip-mode.png"));
        CliResult again = Cli.Run("reproduce", "ablation-clip-mode", "--scale", "smoke", "--out", target, "--draw");
        Assert.Equal(ExitCode.Success, again.Code);
        Assert.DoesNotContain("complete:", again.Out);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(target, "ablation-clip-mode.png")));
    }

    [Theory]
    [InlineData("fig7", "{\"init\": \"smart-tanh\", \"method\": \"sgd\", \"length\": 10, \"lr\": [0.1, 0.2]}",
        "has 2 cells of smart-tanh, sgd at length 10, where the figure has one point")]
    [InlineData("ablation-alpha", "{\"omega\": 0, \"method\": \"sgd-c\"}", null)]
    public void A_built_in_study_whose_options_were_changed_is_drawn_or_refused(string name, string grid, string? refusal)
    {
        using var folder = new TempFolder();
        Report.SyntheticStudy.Make(folder.At("study"),
            $"{{\"name\": \"{BuiltInStudies.Get(name, "smoke").Name}\", \"grid\": {grid}}}", trial =>
            Report.SyntheticStudy.Result(trial.Position, true));
        CliResult drawn = Cli.Run("reproduce", name, "--draw", "--out", folder.At("study"));
        if (refusal is null) Assert.Equal((ExitCode.Success, ""), (drawn.Code, drawn.Error));
        else Assert.Contains(refusal, drawn.RefusedWith());
    }

    [Fact]
    public void A_folder_of_another_study_is_neither_drawn_nor_gone_on_with()
    {
        using var folder = new TempFolder();
        string fig7 = folder.At("fig7");
        Report.SyntheticStudy.Make(fig7, BuiltInStudies.Get("fig7", "smoke").ToJson(),
            trial => Report.SyntheticStudy.Result(trial.Position, true));
        byte[] before = File.ReadAllBytes(Path.Combine(fig7, "study.db"));
        Assert.Equal(
            $"unroll: The folder {fig7} holds the study fig7-smoke, of which table1 cannot be drawn; it needs that of "
                + "table1-smoke or table1 or table1-paper.\n",
            Cli.Run("reproduce", "table1", "--draw", "--out", fig7).RefusedWith());
        Assert.Contains("of which table1 cannot go on", Cli.Run("reproduce", "table1", "--out", fig7).RefusedWith());
        Assert.Contains("fig7 at scale paper cannot be drawn; it needs that of fig7-paper.",
            Cli.Run("reproduce", "fig7", "--scale", "paper", "--draw", "--out", fig7).RefusedWith());
        Assert.Contains("--scale has no value 'huge'",
            Cli.Run("reproduce", "fig7", "--scale", "huge", "--draw", "--out", fig7).RefusedWith());
        Assert.Contains("--jobs has no effect with --draw",
            Cli.Run("reproduce", "fig7", "--jobs", "2", "--draw", "--out", fig7).RefusedWith());
        Assert.Contains("does not exist", Cli.Run("reproduce", "fig7", "--draw", "--out", folder.At("none")).RefusedWith());
        Directory.CreateDirectory(folder.At("empty"));
        Assert.Contains("holds no study: it has no study.db",
            Cli.Run("reproduce", "fig7", "--draw", "--out", folder.At("empty")).RefusedWith());
        Directory.Move(fig7, folder.At("empty/shard-1-of-2"));
        Assert.Contains("join them first with unroll study merge",
            Cli.Run("reproduce", "fig7", "--draw", "--out", folder.At("empty")).RefusedWith());
        Assert.Equal(before, File.ReadAllBytes(folder.At("empty/shard-1-of-2/study.db")));
        Assert.Equal(["shard-1-of-2"], Directory.GetFileSystemEntries(folder.At("empty")).Select(Path.GetFileName));
        Assert.All(Directory.GetFileSystemEntries(folder.At("empty/shard-1-of-2")),
            file => Assert.StartsWith("study.db", Path.GetFileName(file)));
    }

    [Theory]
    [InlineData("reproduce fig77", "did you mean fig7")]
    [InlineData("reproduce fig7 --only lengt=10", "there is no option 'lengt'; did you mean 'length'")]
    [InlineData("reproduce fig7 --only length=11", "no trial with length=11")]
    [InlineData("reproduce fig7 --only hidden=50", "'hidden' does not vary in this study")]
    [InlineData("reproduce fig7 --scale huge", "--scale has no value 'huge'")]
    [InlineData("reproduce fig7 --shard 3/2", "must lie in 1..2")]
    [InlineData("reproduce", "unroll reproduce needs NAME")]
    public void Bad_input_is_one_sentence(string args, string expected) =>
        Assert.Contains(expected, Cli.Run(args.Split(' ')).RefusedWith());

    private static FigureResult Compute(IFigure figure, StudyDefinition study, IReadOnlyList<StoredTrial> trials) =>
        figure.Compute(FigureSource.Of(figure, study, trials,
            new CommandHost(TextReader.Null, TextWriter.Null, TextWriter.Null)));

    /// <summary>A trial whose test fold costs a hundredth more from seed to seed.</summary>
    private static StoredTrial Costing(Trial trial)
    {
        StoredTrial one = Finish(trial, null);
        double cost = 7.513 + (0.01 * trial.Settings.Options.Seed);
        return one with { Result = one.Result! with { Tests = [new TrialTest("test", 1000, null, null, cost)] } };
    }

    private static StoredTrial Finish(Trial trial, long? solvedAt) => new(
        trial.Hash, trial.Position, trial.Name, trial.Cell, trial.Replicate, trial.Cost,
        new Dictionary<string, string>(OptionsText.ToProperties(trial.Settings.Options)
            .Concat(trial.Settings.TaskProperties()))
        {
            ["recipe"] = trial.Settings.Recipe,
            ["method"] = Method.Of(trial.Settings.Options).Name
        },
        new TrialResult
        {
            Outcome = solvedAt is null ? TrainingOutcome.Unsolved : TrainingOutcome.Solved,
            Updates = solvedAt ?? trial.Settings.Options.MaximumUpdates,
            FirstHit = solvedAt,
            FirstHitSeconds = solvedAt / 1000.0,
            BestError = solvedAt is null ? 0.5 : 0.005,
            Version = "0",
            Kernel = "vector",
        });
}
