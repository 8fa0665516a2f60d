using ScottPlot;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// Figure 4: two trajectories of the same maps F_1, F_2, ... from states a small distance apart, on either side of a boundary
/// between basins of attraction: the distance becomes large.
/// </summary>
internal sealed class Figure4 : IFigure
{
    public string Id => "fig4";

    public string Section => "Figure 4, section 2.2";

    public string Summary =>
        "two states a small distance apart on either side of a boundary, and how they part under the same maps";

    public bool HasSigma => true;

    public IReadOnlyList<FigureParameter> Parameters => DrivenUnit.Parameters;

    public FigureResult Compute(FigureSource source)
    {
        FigureSettings settings = source.Settings;
        DrivenUnit unit = DrivenUnit.Compute(Id, settings);
        double first = unit.Separation[0], last = unit.Separation[^1], largest = unit.Separation.Max();
        var table = new TextTable("quantity", "value");
        table.Add("c~, the boundary without input", Format.Exact(unit.Boundary));
        table.Add("c_0, the boundary under the input", Format.Exact(unit.DrivenBoundary[0]));
        table.Add("Δx_0", Format.Exact(first));
        table.Add("Δx_T", Format.Exact(last));
        table.Add("Δx_T / Δx_0", Format.Number(last / first));
        table.Add("the largest Δx_t / Δx_0", Format.Number(largest / first));
        table.Add("product of F'(x_t) along the upper path, the largest", Format.Number(Running(unit.Above.Slopes).Max()));
        string caption = $"xₜ = w σ(xₜ₋₁) + b + uₜ, w = {FigureStyle.Short(settings["w"])}, b = "
            + $"{FigureStyle.Short(settings["b"])}, σ {FigureStyle.Name(settings.Activation)}, "
            + $"uₜ = {FigureStyle.Short(settings["input"])} sin(2πt/{FigureStyle.Short(settings["period"])}). Two states "
                + $"{FigureStyle.Short(settings["dx0"])} apart, on either side of the boundary (dotted; dashed: without input).";
        return new FigureResult(caption, [("", table)], [],
        [
            new FigurePanel(500, 430, () => DrawPaths(unit)),
            new FigurePanel(400, 430, () => DrawDistance(unit)),
        ])
        {
            Record = unit,
        };
    }

    private static List<double> Running(IReadOnlyList<double> factors)
    {
        var products = new List<double>();
        foreach (double factor in factors) products.Add((products.Count > 0 ? products[^1] : 1) * factor);
        return products;
    }

    private static Plot DrawPaths(DrivenUnit unit)
    {
        Plot plot = FigureStyle.NewPlot("the same maps F₁, F₂, … from two states", "t", "xₜ");
        int steps = unit.Inputs.Count;
        FigureStyle.Dashed(plot, [(0, unit.Boundary), (steps, unit.Boundary)], FigureStyle.Faint, 1.4f);
        FigureStyle.Dotted(plot, unit.DrivenBoundary.Select((c, t) => ((double)t, c)), FigureStyle.Ink, 2.4f);
        foreach ((DrivenPath path, Color color, MarkerShape mark) in ((DrivenPath, Color, MarkerShape)[])[(unit.Below,
            FigureStyle.Blue, MarkerShape.FilledCircle), (unit.Above, FigureStyle.Red, MarkerShape.FilledSquare)])
        {
            for (int t = 1; t <= steps; t++)
                FigureStyle.Arrow(plot, t - 1, path.States[t - 1], t, path.States[t], color, 1.6f, 7);
            FigureStyle.Marks(plot, path.States.Select((x, t) => ((double)t, x)), mark, 5, color);
        }

        double last = unit.Above.States[^1], other = unit.Below.States[^1];
        Bracket(plot, steps + (0.03 * steps), last, other);
        FigureStyle.Text(plot, "Δxₜ", steps * 1.045, (last + other) / 2, Alignment.MiddleLeft, size: 15, dx: 3);
        FigureStyle.Text(plot, "Δx₀", 0, unit.DrivenBoundary[0], Alignment.MiddleRight, size: 15, dx: -9);
        plot.Axes.Margins(0, 0.07);
        plot.Axes.AutoScale();
        plot.Axes.SetLimitsX(-0.17 * steps, 1.18 * steps);
        return plot;
    }

    private static Plot DrawDistance(DrivenUnit unit)
    {
        Plot plot = FigureStyle.NewPlot("their distance", "t", "|Δxₜ|");
        FigureStyle.Line(plot, unit.Separation.Select((d, t) => ((double)t, Math.Log10(d))), FigureStyle.Purple, 2.4f);
        FigureStyle.Marks(plot, unit.Separation.Select((d, t) => ((double)t, Math.Log10(d))), MarkerShape.FilledDiamond, 7,
            FigureStyle.Purple);
        plot.Axes.Margins(0.05, 0.05);
        FigureStyle.LogTicks(plot, unit.Separation.Min(), unit.Separation.Max());
        return plot;
    }

    private static void Bracket(Plot plot, double x, double from, double to)
    {
        FigureStyle.Arrow(plot, x, (from + to) / 2, x, from, FigureStyle.Ink, 1.2f, 7);
        FigureStyle.Arrow(plot, x, (from + to) / 2, x, to, FigureStyle.Ink, 1.2f, 7);
    }
}
