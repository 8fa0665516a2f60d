using Unroll.Studies;

namespace Unroll.Cli.Paper;

/// <summary>A figure or table of the paper that is made from a study: which study, and what is made of it.</summary>
internal interface IReproduction
{
    /// <summary>Its name on the command line, and of its files.</summary>
    string Id { get; }

    /// <summary>Where the paper has it.</summary>
    string Section { get; }

    /// <summary>One line about it.</summary>
    string Summary { get; }

    /// <summary>The built-in study.</summary>
    string Study { get; }

    /// <summary>Whether it shows the checks along training, which are then with the trials.</summary>
    bool NeedsCurves => false;

    /// <summary>Makes it from the trials that are finished: all numbers, nothing drawn or written.</summary>
    Artifact Compute(StudyDefinition study, IReadOnlyList<StoredTrial> trials);
}

/// <summary>What is made of a study.</summary>
/// <param name="Caption">What it shows, under which budget.</param>
/// <param name="Tables">Tables with a heading each.</param>
/// <param name="Notes">Lines below the tables.</param>
/// <param name="Panels">The panels of its figure; none when it is a table only.</param>
internal sealed record Artifact(
    string Caption, IReadOnlyList<(string Heading, TextTable Table)> Tables, IReadOnlyList<string> Notes,
    IReadOnlyList<Panel> Panels);

/// <summary>One panel of a figure.</summary>
/// <param name="Title">Above it.</param>
/// <param name="XLabel">Below it.</param>
/// <param name="YLabel">Beside it.</param>
/// <param name="Ticks">Where the horizontal axis is marked, and how.</param>
/// <param name="Series">What is drawn.</param>
internal sealed record Panel(string Title, string XLabel, string YLabel, IReadOnlyList<(double X, string Text)> Ticks,
    IReadOnlyList<PanelSeries> Series)
{
    /// <summary>Whether the vertical axis is a success rate from 0 to 1, with the counts below it.</summary>
    public bool IsRate { get; init; } = true;

    /// <summary>
    /// Whether it says itself what its series are called; a rate does so beside its counts, and others beside it need not.
    /// </summary>
    public bool NamesSeries { get; init; }
}

/// <summary>A line with points in a panel.</summary>
internal sealed record PanelSeries(string Name, IReadOnlyList<PanelPoint> Points);

/// <summary>A point with its interval.</summary>
/// <param name="X">Where, in the axis' own measure (a logarithm on a logarithmic axis).</param>
/// <param name="Y">The value.</param>
/// <param name="Low">The lower end of its 95% interval; the value itself when it has none.</param>
/// <param name="High">The upper end.</param>
/// <param name="Label">The counts behind it, such as 3/3.</param>
internal sealed record PanelPoint(double X, double Y, double Low, double High, string Label);
