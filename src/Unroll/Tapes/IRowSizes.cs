namespace Unroll.Kernels;

/// <summary>The memory layout of rows that a kernel needs.</summary>
internal interface IRowSizes
{
    /// <summary>Elements from one row to the next in a tape array of this width.</summary>
    int Stride(int width);

    /// <summary>H as a block of a row of gates.</summary>
    int BlockWidth(int units);
}
