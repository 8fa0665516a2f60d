using System.Text.Json;
using Unroll.Cli.Paper.Figures;
using Unroll.Cli.Reproduce;
using Unroll.Tests;

namespace Unroll.Cli.Tests.Paper;

/// <summary>
/// The figure of docs/extending.md, compiled from samples/extending/figures: one file, and the command has all of it.
/// </summary>
public class ExtendingFigureTests
{
    [Theory]
    [InlineData("")]
    [InlineData("sigma=tanh")]
    [InlineData("smax=0.01 T=30")]
    [InlineData("smax=10 sigma=tanh hidden=1 T=10")]
    public void A_new_figure_is_computed_drawn_and_written(string set)
    {
        using var folder = new TempFolder();
        using var output = new StringWriter();
        string[] given = set.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(ExitCode.Success, FigureReports.Make([new BoundFigure()], given, smoke: true,
            folder.At("figures"), json: false,
            new CommandHost(TextReader.Null, output, TextWriter.Null)));
        Assert.Contains("eta = gamma sigma_max, at most a step", output.ToString());
        Assert.Contains("written: bound.json, bound.png, bound.svg", output.ToString());
        foreach (string ending in (string[])["png", "svg"])
            Assert.True(new FileInfo(folder.At($"figures/bound.{ending}")).Length > 1000);
        JsonElement json = JsonDocument.Parse(File.ReadAllText(folder.At("figures/bound.json"))).RootElement;
        double[] left = Numbers("left"), bound = Numbers("bound");
        Assert.Equal((1.0, bound.Length), (left[0], left.Length));
        Assert.All(left.Zip(bound), pair => Assert.True(pair.First <= pair.Second * (1 + 1e-9)));

        double[] Numbers(string name) => [.. json.GetProperty(name).EnumerateArray().Select(x => x.GetDouble())];
    }

    [Fact]
    public void Its_parameters_are_refused_as_those_of_other_figures_are()
    {
        FigureSettings Read(string set) => new(new BoundFigure(), FigureSettings.Split([set], [new BoundFigure()]), smoke: false);
        Assert.Contains("--set T=5 of bound must be a whole number in 10..1000",
            Assert.Throws<UserError>(() => Read("T=5")).Message);
        Assert.Contains("did you mean smax", Assert.Throws<UserError>(() => Read("smx=1")).Message);
    }

    /// <summary>The line of the page's diff stands after one that there is.</summary>
    [Fact]
    public void The_page_shows_it_and_the_line_that_names_the_figures()
    {
        string page = Read("docs/extending.md"), list = Read("src/Unroll.Cli/Paper/Figures/FigureList.cs");
        const string Line = "new BoundFigure(),", Before = "        new GeometryFigure(),\n";
        Assert.Contains($" {Before}+        {Line}\n", page);
        Assert.Contains(Before, list);
        foreach (string file in Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "samples", "extending", "figures")))
            Assert.Contains($"samples/extending/figures/{Path.GetFileName(file)}", page, StringComparison.Ordinal);

        static string Read(string file) => File.ReadAllText(Path.Combine(RepositoryRoot.Path, file)).ReplaceLineEndings("\n");
    }
}
