using Unroll.Cells;

namespace Unroll.Analysis;

/// <summary>How many bias parameters another library has where a layer here has one bias that is their sum.</summary>
internal static class BiasCopies
{
    /// <summary>
    /// The copies of a gate's bias in a layer whose biases have this many copies. Where a cell uses two biases of a gate
    /// separately, as a GRU does for n, each has one copy.
    /// </summary>
    public static int OfGate(CellLayout layout, int gate, int copies) =>
        layout.RecurrentGates == 0 || layout.InputBlocks[gate] == layout.RecurrentBlocks[gate] ? copies : Math.Min(copies, 1);
}
