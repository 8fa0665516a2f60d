using System.Xml.Linq;
using Unroll.Cli.Tests.Sequences;

namespace Unroll.Cli.Tests.Evaluate;

/// <summary><c>unroll evaluate --html</c>: one page with what is printed, and the pictures.</summary>
public class EvaluationPageTests
{
    private static readonly string[] Small = ["--hidden", "5", "--epochs", "1"];

    [Fact]
    public void A_page_has_the_tables_the_sentence_and_the_pictures_and_loads_nothing()
    {
        using var folder = new TempFolder();
        string machines = SeriesFiles.Machines(folder), page = folder.At("page.html");
        (string[] Train, int Pictures)[] runs =
        [
            (["forecast", "--data", SeriesFiles.Readings(folder, name: "a&b <c>.csv"), "--quantiles", "0.1,0.9"], 1),
            (["classify", "--data", machines, "--group", "machine", "--label", "state", "--ignore", "alarm,life"], 1),
            (["regress", "--data", machines, "--group", "machine", "--target", "life", "--ignore", "alarm,state"], 0),
        ];
        foreach ((string[] train, int pictures) in runs)
        {
            string run = folder.At(train[0]);
            Assert.Equal(0, Cli.Run(["train", .. train, .. Small, "--out", run]).Code);
            CliResult plain = Cli.RunWide("evaluate", run), shown = Cli.RunWide("evaluate", run, "--html", page);
            Assert.Equal((0, plain.Out + $"\nwritten: {page}\n"), (shown.Code, shown.Out));
            string text = File.ReadAllText(page);
            foreach (string loads in (string[])["src=", "href=\"http", "@import", "url(http", "<script"])
                Assert.DoesNotContain(loads, text, StringComparison.OrdinalIgnoreCase);

            // It is well-formed, and has every cell of the tables.
            int at = text.IndexOf("<body>", StringComparison.Ordinal), to = text.IndexOf("</body>", StringComparison.Ordinal);
            var body = XElement.Parse(text[at..to] + "</body>");
            Assert.Equal(pictures, body.Descendants("figure").Count());
            string[] cells = [.. body.Descendants().Where(one => one.Name == "td" || one.Name == "th").Select(one => one.Value)];
            foreach (string row in plain.OutLines.Where(line => line.StartsWith("test ", StringComparison.Ordinal)))
                Assert.All(row.Split("  ", StringSplitOptions.RemoveEmptyEntries), cell => Assert.Contains(cell.Trim(), cells));
            Assert.StartsWith("<!doctype html>", Cli.Run("evaluate", run, "--html", "-").Out);
        }
    }

    [Fact]
    public void A_page_that_cannot_be_is_refused()
    {
        using var folder = new TempFolder();
        string run = folder.At("run");
        Assert.Equal(0, Cli.Run(["train", "forecast", "--data", SeriesFiles.Readings(folder), "--out", run, .. Small]).Code);
        Assert.Contains("--html", Cli.Run("evaluate", run, "--html", "").RefusedWith());
        Assert.Contains("--html", Cli.Run("evaluate", run, "--html", "-", "--json").RefusedWith());
        string model = Path.Combine(Unroll.Tests.RepositoryRoot.Path, "samples", "temporal-order.safetensors");
        Assert.Contains("--html is for models of your own data",
            Cli.Run("evaluate", model, "--html", folder.At("p.html")).RefusedWith());
    }
}
