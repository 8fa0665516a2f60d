using System.Text.RegularExpressions;
using Unroll.Cli.Tests.Watch;
using Unroll.Studies;
using Unroll.Studies.Statistics;

namespace Unroll.Cli.Tests.Report;

/// <summary>What a browser makes of the page.</summary>
[Collection(BrowserCollection.Name)]
public sealed partial class BrowserTests(Browser browser)
{
    [Fact]
    public async Task The_page_shows_success_rates_with_intervals_and_every_cell_and_trial()
    {
        Chromium.SkipWithout();
        using var folder = new TempFolder();
        string page = Made(folder, SyntheticStudy.Small, trial =>
            SyntheticStudy.Result(trial.Position, trial.Name.Contains("sgd-c", StringComparison.Ordinal)));
        string shown = await Shown(browser, page);
        Assert.Contains("<title>small - Unroll study</title>", shown);
        Assert.Equal(24, Rows(shown, "trials"));
        Assert.Equal(12, Rows(shown, "cells"));

        // Three initializations are panels, the methods lines over two lengths; the activation follows from the initialization.
        Assert.Equal(["init=sigmoid", "init=basic-tanh", "init=smart-tanh"],
            Panel().Matches(shown).Select(match => match.Groups[1].Value));
        MatchCollection marks = Mark().Matches(shown);
        Assert.Equal(12, marks.Count);
        foreach (Match mark in marks)
        {
            int solved = int.Parse(mark.Groups[1].Value, null);
            Interval interval = new SuccessRate(solved, 2).Wilson();
            Assert.True(solved is 0 or 2);
            Assert.Equal($"{100 * interval.Low:F0}% to {100 * interval.High:F0}%", mark.Groups[2].Value);
        }
    }

    [Fact]
    public async Task An_address_filters_and_opens_a_trial_with_its_curves()
    {
        Chromium.SkipWithout();
        using var folder = new TempFolder();
        string page = Made(folder, SyntheticStudy.Small, trial => SyntheticStudy.Result(trial.Position, trial.Position % 2 == 0),
            out List<Trial> trials);
        Trial trial = trials[9];
        string shown = await Shown(browser, page, $"#method=sgd-c&length=100&outcome=solved&q=tanh&trial={trial.Hash}");
        Assert.Equal(2, Rows(shown, "trials"));
        Assert.Contains("2 of 24 trials, 2 of 2 finished ones solved", shown);

        string dialog = Dialog().Match(shown).Value;
        Assert.Contains($"data-trial=\"{trial.Hash}\"", dialog);
        Assert.Contains($">{trial.Name}</h2>", dialog);
        Assert.Equal(
            ["error", "training", "validation", "gradient norm", "clip rate", "Omega", "spectral radius"],
            Series().Matches(dialog).Select(match => match.Groups[2].Value));
        Assert.All(Series().Matches(dialog), match =>
            Assert.True(match.Groups[1].Value.Count(letter => letter == ',') > 150, match.Value));
        Assert.Contains("update 20,000", dialog);
        Assert.Contains("gradient norm (log)", dialog);
        foreach (string option in (string[])["lr", "hidden", "momentum"]) Assert.Contains($"<dt>{option}</dt>", dialog);
    }

    [Fact]
    public async Task Rows_open_by_Enter_headings_sort_and_Escape_comes_back()
    {
        Chromium.SkipWithout();
        using var folder = new TempFolder();
        string page = Made(folder, SyntheticStudy.Small, trial => SyntheticStudy.Result(trial.Position, trial.Position < 4));

        // The page admits its own script only, so this one is appended to it, and the hash is left out.
        const string Play = """
            ;(async () => {
              const press = (node, key) =>
                node.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
              const heading = [...document.querySelectorAll("#trials thead th")].find(th => th.textContent === "first hit");
              heading.firstChild.click();
              const firsts = [...document.querySelectorAll("#trials tbody tr")]
                .map(row => row.children[heading.cellIndex].textContent.replace(",", ""));
              page.dataset.sorted = firsts.slice(0, 5).join(" ");
              const row = document.querySelector("#trials tbody tr");
              row.focus();
              press(row, "ArrowDown");
              page.dataset.focused = document.activeElement.dataset.row;
              press(document.activeElement, "Enter");
              page.dataset.opened = find("trial").open && location.hash.startsWith("#trial=");
              find("trial").close();
              await new Promise(resolve => setTimeout(resolve, 100));
              page.dataset.closed = !find("trial").open && location.hash === "";
              const select = document.querySelector("#filters select[name=method]");
              select.value = "sgd-c";
              select.dispatchEvent(new Event("change"));
              page.dataset.filtered = `${document.querySelectorAll("#trials tbody tr").length} ${location.hash}`;
            })();
            </script>
            """;
        string text = File.ReadAllText(page);
        int end = text.LastIndexOf("</script>", StringComparison.Ordinal);
        File.WriteAllText(page, Policy().Replace(text[..end] + Play + text[(end + "</script>".Length)..], "'unsafe-inline'"));
        string shown = await Shown(browser, page, until: "document.documentElement.dataset.filtered !== undefined");
        string[] sorted = Attribute(shown, "sorted").Split(' ');
        Assert.Equal(sorted[..4].Select(int.Parse).Order(), sorted[..4].Select(int.Parse));
        Assert.Equal("", sorted[4]);
        Assert.Equal(("1", "true", "true"),
            (Attribute(shown, "focused"), Attribute(shown, "opened"), Attribute(shown, "closed")));
        Assert.Equal("12 #method=sgd-c", Attribute(shown, "filtered"));
    }

    [Theory]
    [InlineData("</script><img src=x onerror=fail('broke-out')>")]
    [InlineData("<!--<script>fail('broke-out')</script>")]
    public async Task Hostile_names_are_text(string name)
    {
        Chromium.SkipWithout();
        using var folder = new TempFolder();
        string folderName = name.Replace("/", "", StringComparison.Ordinal); // a slash names no folder, and so no study
        string definition = System.Text.Json.JsonSerializer.Serialize(
            new { name = folderName, description = name, grid = new { task = "addition", seed = new[] { "1", "2" } } });
        string page = Made(folder, definition, trial =>
            SyntheticStudy.Result(trial.Position, false) with { Message = name, Kernel = name }, out List<Trial> trials);
        string shown = await Shown(browser, page, $"#trial={trials[1].Hash}&q={Uri.EscapeDataString(name)}");
        Assert.DoesNotContain("<img", shown);
        Assert.Contains(System.Net.WebUtility.HtmlEncode(name).Replace("&#39;", "'", StringComparison.Ordinal), shown);
    }

    [Theory]
    [InlineData("""{"name": "one", "grid": {"task": "addition"}}""", 1)]
    [InlineData("""{"name": "seeds", "grid": {"task": "addition", "seed": "1..70"}}""", 70)]
    [InlineData("""{"name": "random", "sample": 30, "grid": {"task": "addition", "lr": {"from": 0.001, "to": 0.1,"""
        + """ "scale": "log"}, "omega": {"from": 0.1, "to": 4}, "method": ["sgd-r", "sgd-cr"]}}""", 30)]
    [InlineData("""{"name": "words", "grid": {"task": "addition", "method": ["sgd", "sgd-c"], "length": ["10..20","""
        + """ "50..60"]}}""", 4)]
    public async Task Studies_of_other_shapes_are_shown_without_an_error(string definition, int trials)
    {
        Chromium.SkipWithout();
        using var folder = new TempFolder();
        string begun = Made(folder, definition, trial => trial.Position % 4 == 3 ? null
            : SyntheticStudy.Result(trial.Position, trial.Position % 2 == 0));
        string shown = await Shown(browser, begun);
        Assert.Equal(trials, Rows(shown, "trials"));
        Assert.Matches(Mark(), shown);
    }

    [Fact]
    public async Task A_study_of_which_nothing_is_done_says_so()
    {
        Chromium.SkipWithout();
        using var folder = new TempFolder();
        string page = Made(folder, SyntheticStudy.Small, _ => null, out List<Trial> trials);
        string shown = await Shown(browser, page, $"#trial={trials[0].Hash}");
        Assert.Contains("No trial is finished yet.", shown);
        Assert.Contains("This trial is not finished", Dialog().Match(shown).Value);
    }

    [Fact]
    public async Task Music_is_shown_by_the_costs_of_its_folds_and_says_nothing_of_success()
    {
        Chromium.SkipWithout();
        using var folder = new TempFolder();
        string page = Made(folder, SyntheticStudy.Music, SyntheticStudy.Costs, out List<Trial> trials);
        string shown = await Shown(browser, page, $"#trial={trials[0].Hash}");
        Assert.Equal((12, 6), (Rows(shown, "trials"), Rows(shown, "cells")));
        Assert.Contains(">Cost</h2>", shown);
        Assert.Contains("Cost of the validation fold, nats a step", shown);
        Assert.DoesNotMatch(@"\b(solved|Success|first hit|least error|Wilson)\b", shown);

        // A panel for each data, the two methods and a recipe without one in each.
        Assert.Equal(["data=piano-midi", "data=nottingham"], CostPanel().Matches(shown).Select(match => match.Groups[1].Value));
        Assert.Equal(6, Regex.Count(shown, "data-cost=\"[0-9.]+\""));
        string dialog = Dialog().Match(shown).Value;
        Assert.Equal(["validation", "training", "gradient norm", "clip rate", "Omega", "spectral radius"],
            Series().Matches(dialog).Select(match => match.Groups[2].Value));
        foreach (string text in (string[])["<dt>train</dt><dd>7.000</dd>", "<dt>validation</dt><dd>7.500</dd>",
            "<dt>test</dt><dd>7.250</dd>", "2 pieces of the test fold"])
            Assert.Contains(text, dialog);
    }

    private static string Made(TempFolder folder, string definition, Func<Trial, TrialResult?> result) =>
        Made(folder, definition, result, out _);

    private static string Made(TempFolder folder, string definition, Func<Trial, TrialResult?> result, out List<Trial> trials)
    {
        trials = SyntheticStudy.Make(folder.At("study"), definition, result);
        string page = folder.At("page.html");
        Assert.Equal(ExitCode.Success, Cli.Run("study", "report", folder.At("study"), "--out", page).Code);
        return page;
    }

    /// <summary>The page in a browser, without the data and scripts that it was made of; no script may have failed.</summary>
    internal static async Task<string> Shown(Browser browser, string page, string address = "", string? until = null)
    {
        Browser.Page opened = await browser.OpenAsync($"{new Uri(page).AbsoluteUri}{address}");
        await opened.ReadyAsync();
        if (address.Contains("trial=", StringComparison.Ordinal))
        {
            await opened.AwaitAsync(
                "'trial' in find('trial').dataset && find('trial').dataset.shown === find('trial').dataset.trial");
        }

        if (until is not null) await opened.AwaitAsync(until);
        string shown = Data().Replace(await opened.ElementsAsync(), "");
        await opened.NoErrorAsync();
        await opened.CloseAsync();
        return shown;
    }

    internal static int Rows(string shown, string table) =>
        Row().Count(shown[shown.IndexOf($"<div id=\"{table}\">", StringComparison.Ordinal)..].Split("</tbody>")[0]);

    private static string Attribute(string shown, string name) =>
        Regex.Match(Html().Match(shown).Value, $"data-{name}=\"([^\"]*)\"").Groups[1].Value;

    [GeneratedRegex("<script.*?</script>", RegexOptions.Singleline)]
    private static partial Regex Data();

    [GeneratedRegex("<html[^>]*>")]
    private static partial Regex Html();

    [GeneratedRegex("<tr [^>]*data-row=")]
    private static partial Regex Row();

    [GeneratedRegex("<figcaption>(init=[^<]*)</figcaption>")]
    private static partial Regex Panel();

    [GeneratedRegex("<figcaption>(data=[^<]*)</figcaption>")]
    private static partial Regex CostPanel();

    [GeneratedRegex("data-solved=\"(\\d+)/\\d+\" data-interval=\"([^\"]*)\"")]
    private static partial Regex Mark();

    [GeneratedRegex("<dialog.*?</dialog>", RegexOptions.Singleline)]
    private static partial Regex Dialog();

    [GeneratedRegex("<path class=\"curve [^\"]*\" d=\"([^\"]*)\"[^>]*data-series=\"([^\"]*)\"")]
    private static partial Regex Series();

    [GeneratedRegex("'sha256-[^']*'")]
    private static partial Regex Policy();
}
