namespace Unroll.Cli.Paper.Figures;

/// <summary>Lines and points over an axis, of a figure that is made from a study.</summary>
/// <param name="Title">Above it.</param>
/// <param name="XLabel">Below it.</param>
/// <param name="YLabel">Beside it.</param>
/// <param name="Ticks">Where the horizontal axis is marked, and how.</param>
/// <param name="Series">What is drawn.</param>
internal sealed record Chart(
    string Title, string XLabel, string YLabel, IReadOnlyList<(double X, string Text)> Ticks, IReadOnlyList<ChartSeries> Series)
{
    /// <summary>Whether the vertical axis is a success rate from 0 to 1, with the counts below it.</summary>
    public bool IsRate { get; init; } = true;

    /// <summary>
    /// Whether it has a legend. A rate names its series beside their counts, and charts beside it need no legend.
    /// </summary>
    public bool NamesSeries { get; init; }
}

/// <summary>A line with points in a chart.</summary>
internal sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points);

/// <summary>A point with its interval.</summary>
/// <param name="X">Where, in the axis' own measure (a logarithm on a logarithmic axis).</param>
/// <param name="Y">The value.</param>
/// <param name="Low">The lower end of its 95% interval; the value itself when it has none.</param>
/// <param name="High">The upper end.</param>
/// <param name="Label">The counts behind it, such as 3/3.</param>
internal sealed record ChartPoint(double X, double Y, double Low, double High, string Label);
