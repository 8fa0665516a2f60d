using Unroll.Studies;

namespace Unroll.Cli.Paper.Figures;

/// <summary>
/// What tables and figures call the method of a cell. The option <c>method</c> says which remedies are in force; its names
/// are the paper's, whose optimizer is SGD, and would be wrong of another one.
/// </summary>
internal static class MethodLabel
{
    private const string Sgd = "sgd";

    /// <summary>The paper's methods, in the paper's order.</summary>
    public static IReadOnlyList<string> Plain { get; } = ["SGD", "SGD-C", "SGD-R", "SGD-CR"];

    /// <summary>A line for below a table in which an optimizer other than SGD occurs; null where none does.</summary>
    public static string? Note(IEnumerable<CellSummary> cells)
    {
        string[] others = [.. cells.Select(Optimizer).Where(name => name != Sgd).Distinct().Select(Name)];
        return others.Length == 0 ? null
            : $"{string.Join(", ", others)}: the optimizer of the cell's recipe, in place of SGD; "
                + "C and R after it are the remedies, as in SGD-CR. A method of the option --method is the remedies alone.";
    }

    /// <summary>The label, such as <c>SGD-CR</c>, or <c>Adam-CR</c> where the optimizer is Adam.</summary>
    public static string Of(CellSummary cell)
    {
        string method = cell.Options["method"], optimizer = Optimizer(cell);
        bool known = method == Sgd || method.StartsWith(Sgd + "-", StringComparison.Ordinal);
        return optimizer == Sgd || !known ? method.ToUpperInvariant() : Name(optimizer) + method[Sgd.Length..].ToUpperInvariant();
    }

    private static string Optimizer(CellSummary cell) => cell.Options.GetValueOrDefault("optimizer", Sgd);

    private static string Name(string optimizer) => char.ToUpperInvariant(optimizer[0]) + optimizer[1..];
}
