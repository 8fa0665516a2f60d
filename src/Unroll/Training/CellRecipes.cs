using Unroll.Cells;

namespace Unroll.Training;

/// <summary>
/// What recipes say of cells that are not the paper's plain units. Where nothing was measured a recipe's own values hold, with the
/// cell in the place of its plain units.
/// </summary>
internal static class CellRecipes
{
    /// <summary>
    /// The leak that a recipe for leaky units starts from: a plain unit's is 1, and half of it keeps a state twice as long.
    /// </summary>
    private const double Leak = 0.5;

    /// <summary>A recipe's values with another cell in the place of its plain units.</summary>
    public static TrainingOptions With(TrainingOptions plain, CellKind cell)
    {
        if (!Enum.IsDefined(cell)) throw new ArgumentException($"The cell {cell} is not a known value.");
        return plain with
        {
            Cell = cell,
            Leak = cell == CellKind.Leaky ? Leak : 1,
            Activation = CellTable.Of(cell).HasActivation ? plain.Activation : Activation.Tanh,
        };
    }
}
