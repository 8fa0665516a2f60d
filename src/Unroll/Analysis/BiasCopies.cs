using Unroll.Cells;

namespace Unroll.Analysis;

/// <summary>Of how many parameters of another library a number of a layer's bias is the sum.</summary>
internal static class BiasCopies
{
    /// <summary>
    /// The copies of a gate's bias in a layer whose biases have so many: where a cell uses two biases of a gate apart, as a
    /// GRU's n, each is one
    /// of its own.
    /// </summary>
    public static int OfGate(CellLayout layout, int gate, int copies) =>
        layout.InputBlocks[gate] == layout.RecurrentBlocks[gate] ? copies : Math.Min(copies, 1);
}
