using System.Text.RegularExpressions;
using Unroll.Cli.Tests.Report;
using Unroll.Cli.Tests.Watch;

namespace Unroll.Cli.Tests.Diagnosis;

/// <summary>The page of <c>unroll diagnose --html</c>, and what a browser makes of it.</summary>
[Collection(BrowserCollection.Name)]
public partial class DiagnosisPageTests(Browser browser)
{
    [Theory]
    [InlineData("temporal-order", 0.8, "vanishing")]
    [InlineData("memorization", 1.0, "healthy")]
    [InlineData("temporal-order", 1e300, "exploding")] // every curve is empty
    public async Task A_browser_shows_the_verdict_the_advice_the_curves_and_the_heat_map(
        string task, double factor, string verdict)
    {
        using var folder = new TempFolder();
        string page = folder.At("page.html");
        CliResult run = Cli.Run("diagnose", Models.Rotation(folder, Math.Min(factor, 1e30), task), "--batches", "3", "--batch",
            "4", "--html", page);
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        Assert.EndsWith($"written: {page}\n", run.Out);
        string text = File.ReadAllText(page);
        foreach (string load in (string[])["http://", "https://", "<link", "<img", "<iframe", "src=", "@import", "url(", "{{"])
            Assert.DoesNotContain(load, text, StringComparison.OrdinalIgnoreCase);

        Chromium.SkipWithout();
        string shown = await BrowserTests.Shown(browser, page);
        Assert.Contains($"class=\"verdict {verdict}\"", shown);
        Assert.Matches("<tr data-about=\"(clip|omega)\">", shown);
        if (verdict == "exploding") return;
        foreach (string fact in (string[])["largest Lyapunov exponent, a step", "a step back scales the error by",
            "singular values below that"])
            Assert.Matches($"<dt>{fact}</dt><dd>-?[0-9]", shown);
        string[] series = [.. Series().Matches(shown).Select(match => match.Groups[2].Value)];
        Assert.Equal(["median", "first decile", "ninth decile", "median", "first decile", "ninth decile", "ratio", "term",
            "norm"], series);
        Assert.All(Series().Matches(shown).Take(8), match =>
            Assert.True(match.Groups[1].Value.Count(letter => letter == ',') > 50, match.Value));
        int cells = int.Parse(Cells().Match(shown).Groups[1].Value, null);
        Assert.Equal(task == "memorization" ? 70 * 71 / 2 : 60 * 12, cells); // 60 steps and 10 of the pattern, or 12 sequences
    }

    [Fact]
    public async Task A_browser_shows_the_layers_of_a_stack()
    {
        using var folder = new TempFolder();
        string page = folder.At("page.html");
        string model = CellDiagnosisTests.Make(folder, "lstm:5,gru:4", "initialized");
        Assert.Equal(ExitCode.Success, Cli.Run("diagnose", model, "--batches", "2", "--batch", "4", "--html", page).Code);
        Chromium.SkipWithout();
        string shown = await BrowserTests.Shown(browser, page);
        Assert.Contains("2 layers, from the input up 5 LSTM units, 4 GRU units on temporal-order 60", shown);
        Assert.Contains("<dt>bounds of section 2.1</dt><dd>for one plain layer only</dd>", shown);
        Assert.Contains("data-series=\"layer 2\"", shown);
        Assert.Matches("<td>1</td><td>5 LSTM units</td><td>[0-9.e−-]+</td>", shown);
        Assert.Matches("f 0.0% shut, 0.0% open, mean 0", shown);
        Assert.DoesNotContain("NaN", Facts().Match(shown).Value);
    }

    [Fact]
    public async Task The_pointer_reads_a_curve_and_a_cell()
    {
        Chromium.SkipWithout();
        using var folder = new TempFolder();
        string page = folder.At("page.html");
        Assert.Equal(ExitCode.Success, Cli.Run("diagnose", Models.Rotation(folder, 0.9), "--batches", "2", "--batch", "4",
            "--html", page).Code);

        // The page admits its own script only, so this one is appended to it, and the hash is left out.
        const string Play = """
            ;(() => {
              const move = (svg, x, y) => {
                const box = svg.getBoundingClientRect();
                const place = { clientX: box.left + x, clientY: box.top + y };
                svg.dispatchEvent(new PointerEvent("pointermove", { ...place, bubbles: true }));
              };
              const curve = document.querySelector("#curves svg.plot");
              move(curve, MARGIN.left, 50);
              page.dataset.curve = document.querySelector("#curves figcaption .now").textContent;
              const heat = document.querySelector("#heat svg");
              move(heat, heat.clientWidth - MARGIN.right - 1, 20);
              page.dataset.cell = find("tip").hidden ? "hidden" : find("tip").textContent;
            })();
            </script>
            """;
        string text = File.ReadAllText(page);
        int end = text.LastIndexOf("</script>", StringComparison.Ordinal);
        File.WriteAllText(page, Policy().Replace(text[..end] + Play + text[(end + "</script>".Length)..], "'unsafe-inline'"));
        string html = Html().Match(await BrowserTests.Shown(browser, page)).Value;
        Assert.Contains("data-curve=\"lag 0: ", html);
        Assert.Contains("data-cell=\"t 60, k 60, lag 0: ", html);
    }

    [Fact]
    public async Task A_hostile_name_is_text()
    {
        Chromium.SkipWithout();
        using var folder = new TempFolder();
        string model = Models.Rotation(folder, 0.9), hostile = folder.At("<script>fail('out')<!--.safetensors");
        File.Move(model, hostile);
        string page = folder.At("page.html");
        Assert.Equal(ExitCode.Success, Cli.Run("diagnose", hostile, "--batches", "1", "--html", page).Code);
        Assert.Contains("&lt;script&gt;fail('out')", await BrowserTests.Shown(browser, page));
    }

    [GeneratedRegex("<path class=\"curve [^\"]*\" d=\"([^\"]*)\"[^>]*data-series=\"([^\"]*)\"")]
    private static partial Regex Series();

    [GeneratedRegex("data-cells=\"([0-9]+)\"")]
    private static partial Regex Cells();

    [GeneratedRegex("<html[^>]*>")]
    private static partial Regex Html();

    [GeneratedRegex("'sha256-[^']*'")]
    private static partial Regex Policy();

    [GeneratedRegex("<dl id=\"facts\".*</dl>", RegexOptions.Singleline)]
    private static partial Regex Facts();
}
