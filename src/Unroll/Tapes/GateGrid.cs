using System.Numerics;
using Unroll.Cells;

namespace Unroll.Kernels;

/// <summary>
/// The layout of a layer's gates in a fast kernel's rows: blocks of <see cref="Width"/> numbers (H in whole registers), side by
/// side. It maps the gates of the parameters, in PyTorch's order, to blocks.
/// </summary>
/// <param name="Layout">The cell's layout.</param>
/// <param name="Units">H.</param>
/// <param name="Width">H in whole registers.</param>
/// <param name="StateStride">Elements from a row of states to the next.</param>
/// <param name="PreStride">Elements from a row of pre-activations to the next.</param>
/// <param name="SignalStride">Elements from a row of dE/dx to the next.</param>
internal sealed record GateGrid(CellLayout Layout, int Units, int Width, int StateStride, int PreStride, int SignalStride)
{
    /// <summary>G.</summary>
    public int Gates => Layout.Gates;

    /// <summary>The numbers of a row of pre-activations that a bias or an input fills.</summary>
    public int RowWidth => Layout.InPlace ? StateStride : Layout.Blocks * Width;

    /// <summary>Width of all gates together, in registers of this many lanes.</summary>
    public int Registers(int lanes) => Gates * Width / lanes;

    /// <summary>
    /// For each column of the gates' blocks side by side, where its numbers begin in a parameter matrix (G H,
    /// <paramref name="columns"/>); -1 for padding. <paramref name="blocks"/> says which block, counted from the first, each gate
    /// has.
    /// </summary>
    public int[] ColumnStarts(ReadOnlySpan<int> blocks, int first, int columns)
    {
        var starts = new int[blocks.Length * Width];
        Array.Fill(starts, -1);
        for (int g = 0; g < blocks.Length; g++)
        {
            for (int j = 0; j < Units; j++) starts[((blocks[g] - first) * Width) + j] = ((g * Units) + j) * columns;
        }

        return starts;
    }

    /// <summary>Writes a layer's biases into a row of pre-activations; blocks without a bias get zero.</summary>
    public unsafe void PackBias<T>(ReadOnlySpan<T> bias, ReadOnlySpan<T> vector, T* row)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        new Span<T>(row, RowWidth).Clear();
        for (int g = 0; g < Gates && !bias.IsEmpty; g++)
            bias.Slice(g * Units, Units).CopyTo(new Span<T>(row + (Layout.InputBlocks[g] * Width), Units));
        if (Layout.VectorBlock >= 0 && !vector.IsEmpty) vector.CopyTo(new Span<T>(row + (Layout.VectorBlock * Width), Units));
    }
}
