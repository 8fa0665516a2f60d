using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Unroll.Cli.Study;
using Unroll.Studies;
using Unroll.Studies.Statistics;
using Unroll.Training;

namespace Unroll.Cli.Tests.Report;

/// <summary>What the page holds, without a browser.</summary>
public class StudyPageTests
{
    [Fact]
    public void The_command_writes_one_page_that_loads_nothing()
    {
        using var folder = new TempFolder();
        string study = folder.At("study");
        SyntheticStudy.Make(study, SyntheticStudy.Small, trial =>
            SyntheticStudy.Result(trial.Position, trial.Name.Contains("sgd-c", StringComparison.Ordinal)));
        CliResult run = Cli.Run("study", "report", study);
        Assert.Equal((ExitCode.Success, $"{Path.Combine(study, "report.html")}\n"), (run.Code, run.Out));
        string page = File.ReadAllText(Path.Combine(study, "report.html"));
        foreach (string load in (string[])["http://", "https://", "<link", "<img", "<iframe", "src=", "@import", "url(", "{{"])
            Assert.DoesNotContain(load, page, StringComparison.OrdinalIgnoreCase);
        string script = Assert.Single(PageText.Scripts(page), script => !script.Attributes.Contains("json")).Text;
        Assert.Contains($"script-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}'", page);

        Assert.Equal(ExitCode.Success, Cli.Run("study", "report", study, "--out", folder.At("page.html")).Code);
        Assert.Equal(page, File.ReadAllText(folder.At("page.html")));
        Assert.Contains("--out needs", Cli.Run("study", "report", study, "--out", "").RefusedWith());
        Assert.Contains("could not be written", Cli.Run("study", "report", study, "--out", folder.At("none/page.html"))
            .RefusedWith());
    }

    [Fact]
    public void The_data_are_those_of_the_store()
    {
        using var folder = new TempFolder();
        List<Trial> trials = SyntheticStudy.Make(folder.At("study"), SyntheticStudy.Small,
            trial => SyntheticStudy.Result(trial.Position, trial.Position % 3 == 0));
        string page = Page(folder.At("study"), null);
        JsonElement data = PageText.Study(page);
        Assert.Equal("small", data.GetProperty("name").GetString());
        Assert.Equal("small", JsonDocument.Parse(data.GetProperty("definition").GetString()!).RootElement.GetProperty("name")
            .GetString());
        JsonElement[] varied = [.. data.GetProperty("varied").EnumerateArray()];
        Assert.Equal(["init", "activation", "method", "length", "seed"],
            varied.Select(one => one.GetProperty("option").GetString()));
        Assert.Equal(trials.Select(trial => trial.Hash),
            data.GetProperty("trials").GetProperty("hash").EnumerateArray().Select(hash => hash.GetString()));
        for (int i = 0; i < trials.Count; i++)
        {
            Assert.Equal(trials[i].Name,
                string.Join(' ', varied.Select(one =>
                    $"{one.GetProperty("option")}={one.GetProperty("values")[one.GetProperty("of")[i].GetInt32()]}")));
        }

        using StudyStore store = StudyStore.OpenToRead(folder.At("study"));
        List<CellSummary> cells = StudySummary.Cells(store.Trials());
        Assert.Equal(cells.Count, data.GetProperty("cells").GetArrayLength());
        foreach ((CellSummary cell, JsonElement shown) in cells.Zip(data.GetProperty("cells").EnumerateArray()))
        {
            Interval interval = cell.Success.Wilson();
            Assert.Equal((cell.Success.Successes, cell.Success.Runs),
                (shown.GetProperty("solved").GetInt32(), shown.GetProperty("runs").GetInt32()));
            Assert.Equal((interval.Low, interval.High),
                (shown.GetProperty("low").GetDouble(), shown.GetProperty("high").GetDouble()));
            JsonElement drawn = data.GetProperty("intervals").GetProperty($"{cell.Success.Successes}/{cell.Success.Runs}");
            Assert.Equal(interval.Low, drawn[0].GetDouble(), 1e-6);
            Assert.Equal(interval.High, drawn[1].GetDouble(), 1e-6);
            if (!double.IsNaN(cell.FirstHit)) Assert.Equal(cell.FirstHit, shown.GetProperty("first_hit").GetDouble());
            else Assert.Equal(JsonValueKind.Null, shown.GetProperty("first_hit").ValueKind);
        }

        JsonElement[] curves = [.. PageText.Curves(page).EnumerateArray()];
        Assert.Equal(trials.Count, curves.Length);
        foreach (JsonElement curve in curves)
            Assert.Equal(store.Checks(trials[curve[0].GetInt32()].Hash),
                Curve.Unpack(curve[2].GetBytesFromBase64(), curve[1].GetInt32()));
    }

    [Fact]
    public void The_data_of_music_have_the_unit_and_the_median_costs_of_the_cells()
    {
        using var folder = new TempFolder();
        SyntheticStudy.Make(folder.At("study"), SyntheticStudy.Music, SyntheticStudy.Costs);
        JsonElement data = PageText.Study(Page(folder.At("study"), null));
        Assert.Equal("nats a step", data.GetProperty("cost_unit").GetString());
        JsonElement cell = data.GetProperty("cells")[0];
        double middle = 7 + (0.5 / 64);
        Assert.Equal([middle, middle + 0.5, middle + 0.25],
            cell.GetProperty("costs").EnumerateArray().Select(cost => cost.GetDouble()));
        Assert.False(cell.TryGetProperty("solved", out _));
        Assert.False(PageText.Study(Page(SmallStudy(folder), null)).TryGetProperty("cost_unit", out _));

        static string SmallStudy(TempFolder folder)
        {
            SyntheticStudy.Make(folder.At("small"), SyntheticStudy.Small, trial => SyntheticStudy.Result(trial.Position, true));
            return folder.At("small");
        }
    }

    [Fact]
    public void No_name_or_message_breaks_out_of_the_data()
    {
        // a slash names no folder, so no study
        const string HostileName = "<script><img src=x onerror=alert(1)><!-- {{study}} \u2028 \" ' &";
        const string Hostile = "</script><img src=x onerror=alert(1)><!-- <script> {{study}} \u2028 \" ' & \\";
        using var folder = new TempFolder();
        string definition = JsonSerializer.Serialize(new
        {
            name = HostileName,
            description = Hostile,
            grid = new { task = "addition", seed = new[] { "1" } }
        });
        SyntheticStudy.Make(folder.At("study"), definition,
            trial => SyntheticStudy.Result(0, false) with
            {
                Outcome = TrainingOutcome.NonFinite,
                Message = Hostile,
                Version = Hostile,
                Kernel = Hostile,
            });
        string page = Page(folder.At("study"), null);
        Assert.DoesNotContain("<img", page);
        Assert.Equal(3, PageText.Scripts(page).Length);
        JsonElement data = PageText.Study(page);
        Assert.Equal(HostileName, data.GetProperty("name").GetString());
        Assert.Equal(Hostile, data.GetProperty("description").GetString());
        Assert.Equal(Hostile.Replace("\u2028", "\\u2028"), data.GetProperty("messages").GetProperty("0").GetString());
        Assert.Equal(Hostile.Replace("\u2028", "\\u2028"), data.GetProperty("made")[0].GetProperty("kernel").GetString());
    }

    [Fact]
    public void A_study_without_trials_and_one_at_its_beginning_have_a_page()
    {
        using var folder = new TempFolder();
        StudyDefinition study = StudyReader.Read("the test", SyntheticStudy.Small);
        Directory.CreateDirectory(folder.At("empty"));
        using (StudyStore store = StudyStore.OpenToWrite(folder.At("empty"))) store.SetTrials(study, []);
        JsonElement empty = PageText.Study(Page(folder.At("empty"), null));
        Assert.Equal(0, empty.GetProperty("trials").GetProperty("hash").GetArrayLength());

        SyntheticStudy.Make(folder.At("begun"), SyntheticStudy.Small,
            trial => trial.Position == 1 ? SyntheticStudy.Result(1, true) : null);
        string page = Page(folder.At("begun"), null);
        JsonElement trials = PageText.Study(page).GetProperty("trials");
        Assert.Equal([-1, 0, -1], trials.GetProperty("outcome").EnumerateArray().Take(3).Select(outcome => outcome.GetInt32()));
        Assert.Equal(JsonValueKind.Null, trials.GetProperty("updates")[0].ValueKind);
        Assert.Equal(1, Assert.Single(PageText.Curves(page).EnumerateArray())[0].GetInt32());
    }

    [Fact]
    public void A_folder_without_a_study_is_refused_in_a_sentence()
    {
        using var folder = new TempFolder();
        Assert.Contains("holds no study", Cli.Run("study", "report", folder.At("none")).RefusedWith());
        Assert.False(File.Exists(folder.At("none/report.html")));
    }

    [Fact]
    public void A_given_figure_stands_at_the_top_without_its_prologue()
    {
        using var folder = new TempFolder();
        SyntheticStudy.Make(folder.At("study"), SyntheticStudy.Small, _ => null);
        string page = Page(folder.At("study"),
            "<?xml version=\"1.0\"?>\n<!DOCTYPE svg>\n<svg width=\"10\" height=\"5\"><rect/></svg>\n");
        Assert.Contains(
            "<h2 id=\"figure-heading\">Figure</h2><div class=\"given\"><svg width=\"10\" height=\"5\"><rect/></svg></div>", page);
        Assert.DoesNotContain("<?xml", page);
        Assert.True(page.IndexOf("figure-heading", StringComparison.Ordinal) < page.IndexOf("success-heading",
            StringComparison.Ordinal));
    }

    [Fact]
    public void A_damaged_curve_does_not_spoil_the_page_of_the_others()
    {
        using var folder = new TempFolder();
        List<Trial> trials = SyntheticStudy.Make(folder.At("study"), SyntheticStudy.Small,
            trial => SyntheticStudy.Result(trial.Position, true));
        using (StudyStore store = StudyStore.OpenToWrite(folder.At("study")))
        {
            store.Finish([(trials[0].Hash, SyntheticStudy.Result(0, true), new PackedCurve(200, [1, 2, 3]))]);
            Assert.Contains("is damaged", Assert.Throws<UserError>(() => store.PackedChecks(trials[0].Hash)).Message);
        }

        Assert.Equal(trials.Count, PageText.Curves(Page(folder.At("study"), null)).GetArrayLength());
    }

    private static string Page(string folder, string? figure)
    {
        using StudyStore store = StudyStore.OpenToRead(folder);
        string path = Path.Combine(folder, "page.html");
        PageFile.Write(path, store, figure, new CommandHost(TextReader.Null, TextWriter.Null, TextWriter.Null));
        return File.ReadAllText(path);
    }
}
