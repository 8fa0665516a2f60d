using System.Text.RegularExpressions;
using Unroll.Cli.Tests.Report;

namespace Unroll.Cli.Tests.Watch;

/// <summary>The page of finished runs.</summary>
[Collection(BrowserCollection.Name)]
public sealed partial class ReportCommandTests(Browser browser) : IAsyncDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public async Task The_page_of_a_run_has_its_curves_words_and_options_and_asks_for_nothing()
    {
        string run = Runs.Trained(_folder, "run");
        CliResult result = Cli.Run("report", run);
        string page = Path.Combine(run, "report.html");
        Assert.Equal((ExitCode.Success, $"written: {page}\n", ""), (result.Code, result.Out, result.Error));
        string text = File.ReadAllText(page);
        foreach (string load in (string[])["http://", "https://", "<link", "<img", "<iframe", "src=", "@import", "{{"])
            Assert.DoesNotContain(load, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("connect-src", text);

        Chromium.SkipWithout();
        string shown = await Shown(page);
        Assert.Contains("data-rows=\"5\"", shown);
        Assert.Equal(
            ["error", "least so far", "validation", "training", "least so far", "before clipping", "clip rate", "Omega", "kept",
                "spectral radius", "largest singular value", "rate", "length", "speed"],
            Series().Matches(shown).Select(match => match.Groups[2].Value));
        Assert.Contains("The last check was at update 100 of at most 100", shown);
        Assert.Matches("<tr class=\"given\"><td>hidden</td><td>10</td><td>given</td></tr>", shown);
        Assert.Matches("<dt>recipe</dt><dd>best</dd>", shown);
    }

    [Fact]
    public async Task Runs_lie_over_each_other_and_options_that_differ_are_bold()
    {
        string a = Runs.Trained(_folder, "a"), b = Runs.Trained(_folder, "b", "--seed", "2");
        string page = _folder.At("both.html");
        Assert.Contains("--out", Cli.Run("report", a, b).RefusedWith());
        Assert.Equal(ExitCode.Success, Cli.Run("report", a, b, "--out", page).Code);
        Chromium.SkipWithout();
        string shown = await Shown(page);
        string[] names = [.. Series().Matches(shown).Select(match => match.Groups[2].Value)];
        Assert.Contains("a: error", names);
        Assert.Contains("b: error", names);
        Assert.Matches("<tr class=\"given\"><td>seed</td><td>1</td><td>2</td>", shown);
        Assert.Matches("<button type=\"button\" aria-pressed=\"true\"", shown);
    }

    [Fact]
    public async Task A_folder_of_an_earlier_version_has_fewer_columns_and_still_a_page()
    {
        string run = _folder.At("old");
        Directory.CreateDirectory(run);
        File.WriteAllText(Path.Combine(run, "metrics.jsonl"), "{\"update\":10,\"loss\":2}\n{\"update\":20,\"loss\":1}\n");
        Assert.Equal(ExitCode.Success, Cli.Run("report", run).Code);
        Chromium.SkipWithout();
        string shown = await Shown(Path.Combine(run, "report.html"));
        Assert.Equal(["training"], Series().Matches(shown).Select(match => match.Groups[2].Value));
        Assert.Contains("There is no run.json that can be read.", shown);
    }

    [Fact]
    public async Task What_was_recorded_while_it_was_watched_is_shown()
    {
        string run = Runs.Synthetic(_folder, "run", 30);
        for (int i = 1; i <= 30; i++) Runs.Append(run, "watch.jsonl", Runs.Moment(i * 10) + "\n");
        Assert.Equal(ExitCode.Success, Cli.Run("report", run).Code);
        Chromium.SkipWithout();
        string shown = await Shown(Path.Combine(run, "report.html"));
        Assert.Contains("data-columns=\"30\"", shown);
        Assert.Contains("Gradients vanish beyond lag 40", shown);
        Assert.Contains("<pre>abc</pre>", shown);
        Assert.Contains("after clipping", Series().Matches(shown).Select(match => match.Groups[2].Value));
    }

    [Theory]
    [InlineData("""{"kind":"labels","title":"T","rows":[["s","A","B",false],["t","A","A",true]]}""",
        "<td class=\"bad\">wrong</td>")]
    [InlineData("""{"kind":"series","title":"T","label":"kW","history":[1,2,null],"truth":[3,4],"forecast":[3.5,4.5]}""",
        "data-series=\"forecast\"")]
    [InlineData("""{"kind":"roll","title":"T","steps":20,"notes":[[0,60],[3,64]]}""", "id=\"roll\"")]
    [InlineData("""{"kind":"text","title":"T","text":"<b>x</b>"}""", "<pre>&lt;b&gt;x&lt;/b&gt;</pre>")]
    [InlineData("""{"kind":"hologram","title":"T"}""", "An example of a later version")]
    [InlineData("""{"kind":"labels","rows":"x"}""", "<tbody></tbody>")]
    [InlineData("""{"kind":"roll","notes":[["a",2],3]}""", "Silence")]
    public async Task Every_kind_of_example_is_drawn(string example, string expected)
    {
        string run = Runs.Synthetic(_folder, "run", 3);
        Runs.Append(run, "watch.jsonl", Runs.Moment(10, example) + "\n");
        Assert.Equal(ExitCode.Success, Cli.Run("report", run).Code);
        Chromium.SkipWithout();
        Assert.Contains(expected, await Shown(Path.Combine(run, "report.html")));
    }

    [Theory]
    [InlineData("</script><img src=x onerror=fail('out')>")]
    [InlineData("<!--<script>fail('out')</script>")]
    public async Task Hostile_text_in_a_folder_is_text(string text)
    {
        string json = System.Text.Json.JsonSerializer.Serialize(text);
        string run = _folder.At("<script>fail('out')<!--");
        Directory.CreateDirectory(run);
        File.WriteAllText(Path.Combine(run, "run.json"),
            $$"""{"task":{{json}},"recipe":{{json}},"options":{ {{json}}: {{json}} },"network":{"hidden":{{json}} } }""");
        string line = $$"""{"update":10,"loss":2,"loss_unit":{{json}}}""";
        File.WriteAllText(Path.Combine(run, "metrics.jsonl"), $"{line}\nnot JSON\n");
        string raw = text.Replace("\"", "\\\"", StringComparison.Ordinal);
        Runs.Append(run, "watch.jsonl", Runs.Moment(10, $$"""{"kind":"text","title":"{{raw}}","text":"{{raw}}"}""") + "\n");
        string page = _folder.At("page.html");
        Assert.Equal(ExitCode.Success, Cli.Run("report", run, "--out", page).Code);
        Chromium.SkipWithout();
        string shown = await Shown(page);
        Assert.DoesNotContain("<img", shown);
        Assert.Contains("1 line of the metrics is no check and is left out.", shown);
    }

    [Fact]
    public void A_page_of_a_hundred_thousand_checks_is_below_a_megabyte_and_keeps_ends_and_extremes()
    {
        string run = Runs.Synthetic(_folder, "long", 100_000, i => i == 54_321 ? 0.001 : 0.5);
        for (int i = 1; i <= 5_000; i++) Runs.Append(run, "watch.jsonl", Runs.Moment(i * 200) + "\n");
        CliResult result = Cli.Run("report", run);
        Assert.Equal(ExitCode.Success, result.Code);
        string page = Path.Combine(run, "report.html"), text = File.ReadAllText(page);
        Assert.InRange(new FileInfo(page).Length, 100_000, 1_000_000);
        Assert.Contains("[10,", text);
        Assert.Contains(",543210,", text);
        Assert.Contains(",1000000]", text);
    }

    [Fact]
    public void What_is_no_run_is_refused_and_nothing_is_written()
    {
        Directory.CreateDirectory(_folder.At("empty"));
        File.WriteAllText(_folder.At("file"), "");
        Assert.Contains("holds no run", Cli.Run("report", _folder.At("empty")).RefusedWith());
        Assert.Contains("is a file", Cli.Run("report", _folder.At("file")).RefusedWith());
        Assert.Contains("does not exist", Cli.Run("report", _folder.At("none")).RefusedWith());
        Assert.Contains("needs RUN_FOLDER", Cli.Run("report").RefusedWith());
        string run = Runs.Synthetic(_folder, "run", 2);
        Assert.Contains("at most 16 runs", Cli.Run(["report", .. Enumerable.Repeat(run, 17), "--out", _folder.At("x")])
            .RefusedWith());
        Assert.Empty(Directory.GetFiles(_folder.At("empty")));
        CliResult piped = Cli.Run("report", run, "--out", "-");
        Assert.StartsWith("<!DOCTYPE html>", piped.Out);
        Assert.False(File.Exists(Path.Combine(run, "report.html")));
    }

    public async ValueTask DisposeAsync()
    {
        await browser.ClosePagesAsync();
        _folder.Dispose();
    }

    /// <summary>The page in a browser, without the data and scripts that it was made of; it asked for nothing else.</summary>
    private async Task<string> Shown(string file)
    {
        Browser.Page page = await browser.OpenAsync(new Uri(file).AbsoluteUri);
        await page.ReadyAsync();
        Assert.Equal([new Uri(file).AbsoluteUri], page.Requests);
        return Data().Replace(await page.ElementsAsync(), "");
    }

    [GeneratedRegex("<script.*?</script>", RegexOptions.Singleline)]
    private static partial Regex Data();

    [GeneratedRegex("<path class=\"curve [^\"]*\" d=\"([^\"]*)\"[^>]*data-series=\"([^\"]*)\"")]
    private static partial Regex Series();
}
