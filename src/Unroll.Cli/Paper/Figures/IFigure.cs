using System.Text.Json.Serialization;
using ScottPlot;
using Unroll.Studies;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// Something that the paper shows: a figure, a table, a choice that is varied. It is computed at once, or made from the trials of
/// a study. Another one is a class and its place in <see cref="FigureList"/>.
/// </summary>
internal interface IFigure
{
    /// <summary>Its name on the command line, and of its files.</summary>
    string Id { get; }

    /// <summary>Where the paper has it.</summary>
    string Section { get; }

    /// <summary>One line about it.</summary>
    string Summary { get; }

    /// <summary>What <c>--set</c> can change, beside <c>sigma</c>.</summary>
    IReadOnlyList<FigureParameter> Parameters => [];

    /// <summary>Whether <c>--set sigma=</c> is among them.</summary>
    bool HasSigma => false;

    /// <summary>The built-in study whose trials it is made from; null where it is computed at once.</summary>
    string? Study => null;

    /// <summary>Whether it shows the checks along training, which are then with the trials.</summary>
    bool NeedsCurves => false;

    /// <summary>Makes it: all numbers, nothing drawn or written.</summary>
    /// <exception cref="UserError">With these parameters there is nothing of the kind to show.</exception>
    FigureResult Compute(FigureSource source);
}

/// <summary>What a figure is made from.</summary>
/// <param name="Settings">Its parameters.</param>
/// <param name="Host">The command, for notices and signals.</param>
internal sealed record FigureSource(FigureSettings Settings, CommandHost Host)
{
    private StudyDefinition? _study;

    /// <summary>The study that it is made from.</summary>
    public StudyDefinition Study => _study ?? throw new InvalidOperationException("There is no study.");

    /// <summary>The trials of the study.</summary>
    public IReadOnlyList<StoredTrial> Trials { get; private init; } = [];

    /// <summary>The source of a figure that is made from a study.</summary>
    public static FigureSource Of(IFigure figure, StudyDefinition study, IReadOnlyList<StoredTrial> trials, CommandHost host) =>
        new(new FigureSettings(figure, [], smoke: false), host) { _study = study, Trials = trials };
}

/// <summary>A number that <c>--set</c> can change.</summary>
/// <param name="Name">Its name, the paper's symbol where it has one.</param>
/// <param name="Summary">What it is.</param>
/// <param name="Default">Its value with the logistic function; null when it follows from the others.</param>
/// <param name="Minimum">The least value.</param>
/// <param name="Maximum">The greatest.</param>
internal sealed record FigureParameter(string Name, string Summary, double? Default, double Minimum, double Maximum)
{
    /// <summary>Its value with tanh when that differs.</summary>
    public double? WithTanh { get; init; }

    /// <summary>Its value at smoke scale when that differs.</summary>
    public double? AtSmoke { get; init; }

    /// <summary>Whether it is a whole number.</summary>
    public bool IsWhole { get; init; }
}

/// <summary>What a figure shows.</summary>
/// <param name="Caption">What is seen, with the parameters.</param>
/// <param name="Tables">Tables with a heading each; the heading is empty where the figure's summary says it.</param>
/// <param name="Notes">Lines below the tables.</param>
/// <param name="Panels">What is drawn; none where it is tables only.</param>
internal sealed record FigureResult(
    string Caption, IReadOnlyList<(string Heading, TextTable Table)> Tables, IReadOnlyList<string> Notes,
    IReadOnlyList<FigurePanel> Panels)
{
    /// <summary>
    /// The exact values of a figure that is computed at once: an object that becomes the file's JSON under the paper's symbols.
    /// Of a figure from a study the charts and tables are the values.
    /// </summary>
    public object? Record { get; init; }

    /// <summary>What it found in so many of so many runs; <c>claims.json</c> quotes one by its name.</summary>
    public IReadOnlyList<FigureFinding> Findings { get; init; } = [];

    /// <summary>The context that declares the record's type for JSON; null is <see cref="FigureJson"/>.</summary>
    public JsonSerializerContext? Json { get; init; }
}

/// <summary>Something that holds in some of the runs behind a figure.</summary>
/// <param name="Name">Its name within the figure.</param>
/// <param name="Says">What holds.</param>
/// <param name="Count">The runs in which it holds.</param>
/// <param name="Of">The runs in which it was asked.</param>
internal sealed record FigureFinding(string Name, string Says, int Count, int Of);

/// <summary>A drawing and its size in points.</summary>
/// <param name="Width">Its width.</param>
/// <param name="Height">Its height.</param>
/// <param name="Draw">Draws it.</param>
internal sealed record FigurePanel(int Width, int Height, Func<Plot> Draw)
{
    /// <summary>The values of a chart; null for another drawing.</summary>
    public Chart? Chart { get; init; }

    /// <summary>Whether there is something in it.</summary>
    public bool HasPoints => Chart is null || Chart.Series.Any(series => series.Points.Count > 0);
}
