using System.Globalization;
using System.Text.RegularExpressions;
using Unroll.Cli.Reproduce;
using Unroll.Cli.Tests.Docs;
using Unroll.Cli.Tests.Studies;
using Unroll.Studies.Statistics;
using Unroll.Tests;

namespace Unroll.Cli.Tests.Reproduce;

/// <summary>What is claimed is counted from the stores, and every page that quotes it says the same.</summary>
public sealed partial class ClaimTests : IDisposable
{
    private static readonly string s_results = Path.Combine(RepositoryRoot.Path, "docs", "results");
    private const string Finding = "{\"id\": \"a\", \"text\": \"t\", \"command\": \"c\", \"date\": \"d\", \"budget\": \"1\", "
        + "\"seeds\": \"1\", \"set\": \"s\", \"finding\": {\"file\": ";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_pages_say_what_the_committed_stores_say()
    {
        CliResult run = Cli.Run("reproduce", "--claims", s_results, "--json");
        string[] differences = [.. run.Json.Where(line => line.GetProperty("event").GetString() == "difference")
            .Select(line => $"{line}")];
        Assert.True(differences.Length == 0,
            $"unroll reproduce --claims --draw writes what the stores say:\n{string.Join('\n', differences)}");
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/results/README.md")]
    [InlineData("docs/results/defaults.md")]
    public void A_page_has_no_rate_with_an_interval_that_is_not_quoted(string page)
    {
        string text = Regex.Replace(Pages.Read(page), "<!--claim .*?<!--/claim-->|<!--claims-->.*<!--/claims-->", "",
            RegexOptions.Singleline);
        Assert.DoesNotMatch(Rate(), text);
    }

    [Fact]
    public void Each_interval_on_a_page_is_that_of_its_counts()
    {
        int found = 0;
        foreach (string page in Pages.All.Where(page => page != "CHANGELOG.md"))
        {
            foreach (Match rate in Rate().Matches(Pages.Read(page)))
            {
                int Number(string group) => int.Parse(rate.Groups[group].Value.Replace(",", ""), CultureInfo.InvariantCulture);
                Interval own = new SuccessRate(Number("successes"), Number("runs")).Wilson();
                Assert.True(Is(rate.Groups["low"].Value, own.Low) && Is(rate.Groups["high"].Value, own.High),
                    $"{page}: {rate.Value}");
                found++;
            }
        }

        Assert.InRange(found, 100, 100_000);

        static bool Is(string text, double bound) // as many digits as there are
        {
            double half = 0.5 * Math.Pow(10, -(text + ".").Split('.')[1].Length);
            return Math.Abs((100 * bound) - double.Parse(text, CultureInfo.InvariantCulture)) <= half + 1e-9;
        }
    }

    [Fact]
    public void Each_store_of_the_results_is_counted_by_a_claim()
    {
        ClaimFile file = ClaimFile.Read(s_results);
        string[] stores = [.. Directory.GetFiles(s_results, "*.db").Select(path => Path.GetFileName(path)!).Order()];
        Assert.Equal(stores, file.Claims.SelectMany(claim => claim.Stores).Distinct().Order());
    }

    [Fact]
    public void A_store_is_counted_by_options_and_a_page_that_differs_is_told_and_written()
    {
        Make("""
            {"id": "all", "text": "all of them", "paper": "“words” (section 4)", "stores": ["study/study.db"], "command": "c",
             "date": "2026-01-02"},
            {"id": "large", "text": "the larger rate", "stores": ["study/study.db"], "where": {"lr": ["0.02"]}, "by": "method",
             "command": "c", "date": "2026-01-02"},
            {"id": "other", "text": "the other rate", "stores": ["study/study.db"], "where": {"lr": ["!0.02"]},
             "count": "Sustained", "command": "c", "date": "2026-01-02"},
            {"id": "longer", "text": "tested", "stores": ["study/study.db"], "count": "Tested", "at": ["10", "20"],
             "command": "c", "date": "2026-01-02"},
            {"id": "faultless", "text": "without a fault", "stores": ["study/study.db"], "count": "Faultless", "at": ["10"],
             "command": "c", "date": "2026-01-02"},
            {"id": "any", "text": "by another rule", "stores": ["study/study.db"], "most": 1, "command": "c",
             "date": "2026-01-02"},
            {"id": "two", "text": "compared", "stores": ["study/study.db"], "compare": {"option": "lr", "first": "0.02",
             "second": "0.00001"}, "command": "c", "date": "2026-01-02"},
            {"id": "kept", "text": "stated", "stated": {"successes": 2, "runs": 3, "fields": {"median": "7"}}, "budget": "9",
             "seeds": "1", "set": "none", "command": "c", "date": "2026-01-02"},
            {"id": "seen", "text": "found", "finding": {"file": "figure.json", "name": "b"}, "budget": "9", "seeds": "1",
             "set": "none", "command": "c", "date": "2026-01-02"}
            """);
        File.WriteAllText(_folder.At("figure.json"), """
            {"findings": [{"name": "a", "says": "no", "count": 1, "of": 1},
                {"name": "b", "says": "it holds", "count": 5, "of": 5}]}
            """);
        string page = _folder.At("page.md");
        File.WriteAllText(page, """
            Solved <!--claim all rate-->8 of 8<!--/claim-->, <!--claim large count@sgd-c-->2 of 2<!--/claim-->.
            <!--claim other rate--><!--/claim--> and <!--claim two rate@first-->x<!--/claim-->

            <!--claims-->
            <!--/claims-->
            the end
            """.ReplaceLineEndings("\n"));
        CliResult before = Cli.Run("reproduce", "--claims", _folder.At(""));
        Assert.Equal(ExitCode.Unsolved, before.Code);
        Assert.Contains("page.md, line 1, all rate: it says '8 of 8', the stores '4 of 8 [22%, 78%]'", before.Unfolded);
        Assert.Contains("4 places differ", before.Unfolded);
        Assert.Contains("8 of 8", File.ReadAllText(page)); // as it was

        Assert.Equal(ExitCode.Success, Cli.Run("reproduce", "--claims", _folder.At(""), "--draw").Code);
        string text = File.ReadAllText(page);
        Assert.Contains("Solved <!--claim all rate-->4 of 8 [22%, 78%]<!--/claim-->, ", text);
        Assert.Contains(", <!--claim large count@sgd-c-->2 of 2<!--/claim-->.\n<!--claim other rate-->0 of 4 [0%, 49%]<!", text);
        Assert.Contains(" and <!--claim two rate@first-->4 of 4 [51%, 100%]<!--/claim-->\n", text);
        Assert.Matches(@"\n\| all of them \(\[study\]\(study/study.db\)\) \| “words” \(section 4\) \| .* \| 4 of 8 \[22%, 78%\] "
            + @"\| 65 \| 1 to 2 \| `c` \| 2026-01-02 \| \w+ \|\n", text);
        Assert.Matches(@"\| 10: [0-4] of 8 \[.*; 20: [0-4] of 8 ", text);
        Assert.Matches(@"\| by another rule .* at most [0-9.]+% wrong at some check; median \d+ updates .* \| 8 of 8 ", text);
        Match tested = Regex.Match(text, @"\| tested .*; wrong at 10 ([\d.]+)%.* \| 10: (\d) of 8 ");
        Match faultless = Regex.Match(text, @"\| without a fault .* \| none wrong .* \| 10: (\d) of 8 ");
        Assert.True(int.Parse(faultless.Groups[1].Value, CultureInfo.InvariantCulture)
            <= int.Parse(tested.Groups[2].Value, CultureInfo.InvariantCulture));
        Assert.Equal(tested.Groups[1].Value != "0.0", faultless.Groups[1].Value == "0"); // the least wrong is none or not
        Assert.Contains("| stated |  | at most 1% wrong at some check; median 7 updates; "
            + "no store was kept | 2 of 3 [21%, 94%] | 9 ",
            text);
        Assert.Contains("| found ([figure](figure.json)) |  | it holds | 5 of 5 [57%, 100%] | 9 ", text);
        Assert.EndsWith("<!--/claims-->\nthe end", text);
        Assert.Equal(ExitCode.Success, Cli.Run("reproduce", "--claims", _folder.At("")).Code);
    }

    [Theory]
    [InlineData("<!--claim nil rate-->1<!--/claim-->", "page.md, line 1: there is no claim 'nil'; did you mean 'all'?")]
    [InlineData("<!--claim all more-->1<!--/claim-->", "page.md, line 1: 'all' has no 'more'; it has budget, seeds, set, count")]
    [InlineData("a\n<!--claim all rate-->1", "page.md, line 2: a quote is <!--claim ID FIELD-->text<!--/claim--> on one line")]
    [InlineData("1<!--/claim-->", "page.md, line 1: a quote is")]
    [InlineData("<!--claims-->\n|", "page.md: the table that <!--claims--> begins has no end")]
    public void A_marker_that_means_nothing_is_refused(string text, string says)
    {
        Make("""{"id": "all", "text": "t", "stores": ["study/study.db"], "command": "c", "date": "d"}""");
        File.WriteAllText(_folder.At("page.md"), text);
        Assert.Contains(says, Cli.Run("reproduce", "--claims", _folder.At(""), "--draw").RefusedWith());
        Assert.Equal(text, File.ReadAllText(_folder.At("page.md")));
    }

    [Theory]
    [InlineData("", "claims.json, line 2: this is no list of claims")]
    [InlineData("{\"id\": \"a\"}", "claims.json, line 1: this is no list of claims")]
    [InlineData("{\"id\": \"a\", \"tekst\": \"t\"}", "claims.json, line 1: this is no list of claims")]
    [InlineData("{\"id\": \"a b\", \"text\": \"t\", \"command\": \"c\", \"date\": \"d\"}", "an id has letters, digits and ")]
    [InlineData("{\"id\": \"a\", \"text\": \"t\", \"command\": \"c\", \"date\": \"d\"}", "claim 'a': it needs one of \"stores\"")]
    [InlineData("{\"id\": \"a\", \"text\": \"t\", \"stores\": [\"x.db\"], \"at\": [\"5\"], \"command\": \"c\", \"date\": \"d\"}",
        "only for them")]
    [InlineData("{\"id\": \"a\", \"text\": \"t\", \"stores\": [\"x.db\"], \"most\": 2, \"command\": \"c\", \"date\": \"d\"}",
        "\"most\" is a share from 0 to 1")]
    [InlineData("{\"id\": \"a\", \"text\": \"t\", \"stores\": [\"x.db\"], \"command\": \"c\", \"date\": \"d\"}", "x.db")]
    [InlineData("{\"id\": \"a\", \"text\": \"t\", \"stores\": [\"study/study.db\"], \"where\": {\"lr\": [\"9\"]}, "
        + "\"command\": \"c\", \"date\": \"d\"}", "The claim 'a' counts no run")]
    [InlineData(Finding + "\"gone.json\", \"name\": \"a\"}}", "could not be counted from")]
    [InlineData(Finding + "\"claims.json\", \"name\": \"a\"}}", "it is no figure's file with findings")]
    [InlineData(Finding + "\"figure.json\", \"name\": \"b\"}}", "the finding 'b', which")]
    [InlineData(Finding + "\"figure.json\", \"name\": \"a\"}}", "it is no figure's file with findings")]
    public void A_list_of_claims_that_cannot_be_counted_is_refused(string claim, string says)
    {
        Make(claim.Length == 0 ? "\nx" : claim);
        File.WriteAllText(_folder.At("figure.json"), """{"findings": [{"name": "a", "says": "s", "count": 2, "of": 1}]}""");
        Assert.Contains(says, Cli.Run("reproduce", "--claims", _folder.At("")).RefusedWith());
    }

    /// <summary>The runs of this store had 600 checks, of which it keeps a part.</summary>
    [Fact]
    public void The_first_check_of_a_run_is_not_told_from_some_of_its_checks()
    {
        var claim = new Claim
        {
            Id = "a",
            Text = "t",
            Command = "c",
            Date = "d",
            Stores = ["holds.db"],
            Most = 0,
            Where = new Dictionary<string, string[]> { ["recipe"] = ["long"] },
        };
        UserError error = Assert.Throws<UserError>(() => new ClaimCounter(s_results, 1).Count(claim));
        Assert.StartsWith("The claim 'a' needs every check of ", error.Message);
    }

    [Fact]
    public void A_folder_without_claims_is_refused() =>
        Assert.Contains("has no claims.json", Cli.Run("reproduce", "--claims", _folder.At("")).RefusedWith());

    [Theory]
    [InlineData("1", "1")]
    [InlineData("1 to 3", "3", "1", "2", "2")]
    [InlineData("1 to 2, 5, 7 to 9", "5", "1", "2", "9", "8", "7")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    public void Seeds_are_shown_as_ranges(string expected, params string[] seeds) =>
        Assert.Equal(expected, ClaimCounter.Ranges(seeds));

    private void Make(string claims)
    {
        Assert.Equal(ExitCode.Success, TestStudies.Run(_folder.Write(TestStudies.Eight()), _folder.At("study")).Code);
        File.WriteAllText(_folder.At("claims.json"), $$"""{"pages": ["page.md"], "claims": [{{claims}}]}""");
        File.WriteAllText(_folder.At("page.md"), "");
    }

    [GeneratedRegex(@"\b(?<successes>[\d,]+) of (?<runs>[\d,]+) \[(?<low>[\d.]+)%, (?<high>[\d.]+)%\]")]
    private static partial Regex Rate();
}
