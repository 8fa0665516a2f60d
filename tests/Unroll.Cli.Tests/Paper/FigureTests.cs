using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Unroll.Cli.Paper;
using Unroll.Cli.Paper.Figures;
using Unroll.Cli.Reproduce;

namespace Unroll.Cli.Tests.Paper;

/// <summary>Every figure that is computed, at smoke scale, and drawn.</summary>
public class FigureTests
{
    public static TheoryData<string, string> All()
    {
        var data = new TheoryData<string, string>();
        foreach (IFigure figure in FigureList.Computed)
        {
            data.Add(figure.Id, "");
            if (figure.HasSigma) data.Add(figure.Id, "sigma=tanh");
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_figure_is_computed_and_drawn_at_smoke_scale(string id, string set)
    {
        (IFigure figure, FigureSettings settings, FigureResult result) = Compute(id, set);
        JsonObject json = FigureReports.ToJson(figure, settings, result);
        Assert.Equal(id, (string?)json["id"]);
        Assert.NotEmpty(Assert.Single(result.Tables).Table.Rows);
        string svg = FigureSheet.ToSvg(result.Panels, result.Caption);
        string text = string.Concat(XDocument.Parse(svg).Descendants().Where(element => element.Name.LocalName == "text")
            .Select(element => element.Value.Trim() + " "));
        Assert.Contains(result.Caption[..20], text);
        Assert.DoesNotContain("NaN", svg);
        // the same numbers again
        Assert.Equal(json.ToJsonString(), FigureReports.ToJson(figure, settings, Compute(id, set).Result).ToJsonString());
        using var folder = new TempFolder();
        FigureSheet.WritePng(folder.At("figure.png"), result.Panels, result.Caption);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], File.ReadAllBytes(folder.At("figure.png"))[..4]);
    }

    [Fact]
    public void Figure_3_has_the_papers_bifurcations_in_the_papers_order()
    {
        var record = (Figure3Record)Compute("fig3").Result.Record!;

        // F(x) = x and F'(x) = 1 with w = 5: 5 s (1 - s) = 1, x = log(s / (1 - s)), b = x - 5 s.
        double low = (1 - Math.Sqrt(0.2)) / 2, high = (1 + Math.Sqrt(0.2)) / 2;
        Assert.Equal(Math.Log(low / (1 - low)) - (5 * low), record.B1!.Value, 1e-12);
        Assert.Equal(Math.Log(high / (1 - high)) - (5 * high), record.B2!.Value, 1e-12);
        Assert.True(record.B1 > record.B2);
        Assert.All(record.Crossings, one => Assert.Equal(one.X, (5 / (1 + Math.Exp(-one.X))) + one.B, 1e-12));
        Assert.All(record.Field, arrow => Assert.Equal((5 / (1 + Math.Exp(-arrow.X))) + arrow.B, arrow.Fx, 1e-12));
    }

    [Theory]
    [InlineData("w=3.5", 0)]
    [InlineData("w=-9", 2)]
    [InlineData("w=0", 0)]
    [InlineData("w=4", 0)]
    [InlineData("w=100", 2)]
    public void Figure_3_of_other_weights_has_as_many_bifurcations_as_there_are(string set, int count)
    {
        FigureResult result = Compute("fig3", set).Result;
        Assert.Equal(count, ((Figure3Record)result.Record!).Bifurcations.Count);
        FigureSheet.ToSvg(result.Panels, result.Caption);
    }

    [Theory]
    [InlineData("fig4", "")]
    [InlineData("fig4", "w=7 b=-3.5 input=0.4 steps=40 dx0=0.001")]
    [InlineData("fig5", "sigma=tanh")]
    public void Two_trajectories_follow_the_same_maps_and_part_at_the_boundary(string id, string set)
    {
        (_, FigureSettings settings, FigureResult result) = Compute(id, set);
        DrivenUnit unit = result.Record is Figure5Record five ? five.Unit : (DrivenUnit)result.Record!;
        double Sigma(double x) => settings.Activation == Activation.Tanh ? Math.Tanh(x) : 1 / (1 + Math.Exp(-x));
        foreach (IReadOnlyList<double> states in (IReadOnlyList<double>[])[unit.Above.States, unit.Below.States,
            unit.DrivenBoundary])
        {
            for (int t = 1; t < states.Count; t++)
                Assert.Equal((settings["w"] * Sigma(states[t - 1])) + settings["b"]
                    + (settings["input"] * Math.Sin(2 * Math.PI * t / settings["period"])), states[t], 1e-9);
        }

        for (int t = 0; t < unit.DrivenBoundary.Count; t++)
            Assert.True(unit.Below.States[t] < unit.DrivenBoundary[t] && unit.DrivenBoundary[t] < unit.Above.States[t]);
        Assert.Equal(settings["dx0"], unit.Separation[0], 1e-12);
        Assert.True(unit.Separation[^1] > 20 * unit.Separation[0]);

        // A crossing changes the side of the boundary between two halves of a step; nothing else does.
        foreach (DrivenPath path in (DrivenPath[])[unit.Above, unit.Below])
            Assert.Equal(Enumerable.Range(1, path.AfterAutonomous.Count)
                .Where(t => path.AfterAutonomous[t - 1] > unit.Boundary != path.States[t] > unit.Boundary), path.Crossings);
    }

    [Fact]
    public void In_figure_6_the_wall_throws_the_plain_descent_out_and_the_clipped_one_stays()
    {
        var record = (Figure6Record)Compute("fig6").Result.Record!;
        Assert.All(record.Wall, point => Assert.Equal(0.5, (point.W / (1 + Math.Exp(-0.5))) + point.B, 1e-12));
        DescentPoint[] plain = [.. record.Plain.Points], clipped = [.. record.Clipped.Points];
        Assert.True(record.Plain.LargestNorm > 20);
        double Off(DescentPoint point) => point.B - (0.5 - (point.W / (1 + Math.Exp(-0.5))));
        Assert.True(Off(plain[record.Plain.LargestAt + 1]) > 1); // one step, far from the wall
        Assert.True(plain[^1].Error > 0.05);
        Assert.All(clipped.Skip(200), point => Assert.InRange(Off(point), -0.1, 0.1));
        Assert.True(clipped[^1].Error < 0.01);
        for (int i = 1; i < clipped.Length; i++)
            Assert.True(Math.Sqrt(Math.Pow(clipped[i].W - clipped[i - 1].W, 2)
                + Math.Pow(clipped[i].B - clipped[i - 1].B, 2)) <= 0.05 * 0.3 * (1 + 1e-12));
    }

    [Theory]
    [InlineData("fig6", "rate=1000 clip=1e9 updates=50")]
    [InlineData("fig6", "wmin=-100 wmax=100 bmin=-100 bmax=100 steps=1")]
    [InlineData("fig6", "x0=100 updates=1")]
    [InlineData("fig4", "input=0 dx0=10 steps=2")]
    [InlineData("geometry", "rate=1000 updates=30 T=100")]
    [InlineData("geometry", "updates=1 hidden=1 products=2")]
    [InlineData("walls", "hidden=1 products=2 T=10 updates=60")]
    [InlineData("walls", "rate=1000 gatedrate=1000")]
    [InlineData("clipped", "hidden=1 updates=20 every=20 seeds=1")]
    [InlineData("holds", "hidden=1 updates=20 every=20 seeds=1 far=10")]
    [InlineData("bifurcations", "hidden=1 updates=20 every=20 sequences=1")]
    [InlineData("teacher-forcing", "hidden=2 updates=20 every=20 margin=-0.5 period=3")]
    [InlineData("teacher-forcing", "rate=1000 margin=10")]
    public void Odd_parameters_are_computed_and_drawn(string id, string set)
    {
        (IFigure figure, FigureSettings settings, FigureResult result) = Compute(id, set);
        Assert.DoesNotContain("NaN", FigureReports.ToJson(figure, settings, result).ToJsonString());
        FigureSheet.ToSvg(result.Panels, result.Caption);
    }

    [Fact]
    public void The_command_writes_several_figures_at_once_and_json_has_the_exact_values()
    {
        using var folder = new TempFolder();
        CliResult run = Cli.Run("reproduce", "fig3", "fig4", "fig5", "--scale", "smoke", "--out", folder.At("f"), "--set", "w=6",
            "--set", "b=-3");
        Assert.True(run.Code == ExitCode.Success, run.Error);
        Assert.Contains("Figure 4, section 2.2", run.Out);
        foreach (string name in (string[])["fig3", "fig4", "fig5"])
        {
            foreach (string ending in (string[])["json", "png", "svg"])
                Assert.True(File.Exists(Path.Combine(folder.At("f"), $"{name}.{ending}")));
        }

        CliResult json = Cli.Run("reproduce", "fig3", "fig6", "--scale", "smoke", "--out", folder.At("g"), "--set",
            "w=6", "--json");
        Assert.Equal(["fig3", "fig6"], json.Json.Select(one => one.GetProperty("id").GetString()));
        Assert.Equal(6, json.Json[0].GetProperty("parameters").GetProperty("w").GetDouble());
        double b1 = json.Json[0].GetProperty("b1").GetDouble(),
            x = json.Json[0].GetProperty("bifurcations")[0].GetProperty("x").GetDouble();
        Assert.Equal(x, (6 / (1 + Math.Exp(-x))) + b1, 1e-12);
        using JsonDocument file = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder.At("g"), "fig6.json")));
        Assert.Equal(401, file.RootElement.GetProperty("plain").GetProperty("points").GetArrayLength());
    }

    [Theory]
    [InlineData("reproduce fig2", "did you mean fig3")]
    [InlineData("reproduce fig3 fig7", "'fig7' runs a study, which is made alone")]
    [InlineData("reproduce fig7 --set w=5", "--set is for computed figures")]
    [InlineData("reproduce fig3 --set v=5", "fig3 has no parameter 'v'; did you mean w")]
    [InlineData("reproduce fig3 --set w", "--set 'w' is not NAME=VALUE")]
    [InlineData("reproduce fig3 --set w=nan", "--set w=nan of fig3 must be a number in -100..100")]
    [InlineData("reproduce fig4 --set steps=2.5", "must be a whole number in 2..200")]
    [InlineData("reproduce fig3 --set sigma=relu", "--set sigma has no value 'relu'")]
    [InlineData("reproduce fig3 --set bmin=1 --set bmax=0 --out NEW", "bmin 1 must be below bmax 0")]
    [InlineData("reproduce fig4 --set w=3 --out NEW", "two only for w above 4")]
    [InlineData("reproduce fig4 --set b=-1 --out NEW", "for b between -2.6556 and -2.3444")]
    [InlineData("reproduce fig5 --set input=3 --out NEW", "every state ends on the same side")]
    [InlineData("reproduce fig3 --jobs 2", "--jobs is for what a study is run for")]
    [InlineData("reproduce fig3 --draw", "--draw is for what a study is run for")]
    [InlineData("reproduce fig3 --scale huge", "--scale has no value 'huge'")]
    [InlineData("reproduce fig3 --out FILE/x", "could not be made")]
    public void Bad_input_is_one_sentence(string args, string expected)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.At("file"), "");
        string[] words = [.. args.Split(' ').Select(word => word.Replace("FILE", folder.At("file"), StringComparison.Ordinal)
            .Replace("NEW", folder.At("new"), StringComparison.Ordinal))];
        Assert.Contains(expected, Cli.Run(words).RefusedWith());
    }

    [Fact]
    public void Help_lists_figures_beside_studies_with_their_parameters()
    {
        string help = Cli.Run("reproduce", "--help").Out;
        foreach (IFigure figure in FigureList.All) Assert.Contains($"  {figure.Id} ", help);
        Assert.Contains("fig7", help);
        Assert.Contains("w=5", help);
    }

    private static (IFigure Figure, FigureSettings Settings, FigureResult Result) Compute(string id, string set = "")
    {
        IFigure figure = Assert.Single(FigureList.Get(id));
        var settings = new FigureSettings(figure,
            FigureSettings.Split(set.Split(' ', StringSplitOptions.RemoveEmptyEntries), [figure]), smoke: true);
        var host = new CommandHost(TextReader.Null, TextWriter.Null, TextWriter.Null);
        return (figure, settings, figure.Compute(new FigureSource(settings, host)));
    }
}
