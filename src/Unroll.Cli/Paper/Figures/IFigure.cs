using System.Text.Json.Serialization;

namespace Unroll.Cli.Paper.Figures;

/// <summary>A figure of the paper that is computed, not trained by a study: records out, then drawn.</summary>
internal interface IFigure
{
    /// <summary>Its name on the command line, and of its files.</summary>
    string Id { get; }

    /// <summary>Where the paper has it.</summary>
    string Section { get; }

    /// <summary>One line about it.</summary>
    string Summary { get; }

    /// <summary>What <c>--set</c> can change, beside <c>sigma</c>.</summary>
    IReadOnlyList<FigureParameter> Parameters { get; }

    /// <summary>Whether <c>--set sigma=</c> is among them.</summary>
    bool HasSigma { get; }

    /// <summary>Computes it: all numbers, nothing written.</summary>
    /// <exception cref="UserError">With these parameters there is nothing of the kind to show.</exception>
    FigureResult Compute(FigureSettings settings, CommandHost host);
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

/// <summary>What a figure is made of.</summary>
/// <param name="Record">The exact values, an object that becomes the file's JSON under the paper's symbols.</param>
/// <param name="Table">The few numbers that matter.</param>
/// <param name="Notes">Lines below it.</param>
/// <param name="Caption">What is seen, with the parameters.</param>
/// <param name="Panels">What is drawn.</param>
internal sealed record FigureResult(object Record, TextTable Table, IReadOnlyList<string> Notes, string Caption, IReadOnlyList<PlotPanel> Panels)
{
    /// <summary>The context that declares the record's type; null is <see cref="FigureJson"/>.</summary>
    public JsonSerializerContext? Json { get; init; }
}
