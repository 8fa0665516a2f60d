namespace Unroll.Cli.Paper.Figures;

/// <summary>The figures that <c>unroll reproduce</c> computes. A new one is a class and a line here.</summary>
internal static class FigureList
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<IFigure> All { get; } = [new Figure3(), new Figure4(), new Figure5(), new Figure6(),
        new GeometryFigure()];

    /// <summary>The figure of a name, or null.</summary>
    public static IFigure? Find(string name) => All.FirstOrDefault(figure => figure.Id == name);
}
