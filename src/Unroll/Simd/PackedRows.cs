using System.Numerics;

namespace Unroll.Kernels;

/// <summary>
/// The right operand of a sum over entries, C += A B with the rows of B entry by entry, as <see cref="Tile{TSimd,TVector,T}"/>
/// reads it fastest. When a product reads rows of several panels, the rows are far apart in memory. Packed rows are read in
/// memory order. Packing changes no bit.
/// </summary>
internal sealed unsafe class PackedRows<TSimd, TVector, T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int MaximumParts = 256;
    private const int SmallBytes = 16 * 1024; // rows that fit the first-level cache without packing
    private readonly AlignedBuffer<T>?[] _packed = new AlignedBuffer<T>?[MaximumParts]; // by part, made when it first runs

    /// <summary>Rows of whole registers as an operand, valid until the part's next call.</summary>
    /// <param name="source">B(0, 0).</param>
    /// <param name="rowStep">Elements from a row to the next.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="registers">The width of the rows in registers.</param>
    /// <param name="part">The part of the job that calls.</param>
    public Operand Take(T* source, nint rowStep, int rows, int registers, int part)
    {
        long length = (long)rows * registers * TSimd.Lanes;
        if (registers <= TSimd.TileColumns || length * sizeof(T) <= SmallBytes)
            return new Operand(source, rowStep, rows, registers);
        T* packed = (_packed[part] ??= new AlignedBuffer<T>()).Ensure(length).Pointer;
        Panels<TSimd, TVector, T>.PackRows(source, rowStep, rows, registers, packed);
        return new Operand(packed, 0, rows, registers);
    }

    /// <param name="b">B(0, 0).</param>
    /// <param name="step">Elements from a row to the next, or 0 for panels.</param>
    /// <param name="count">Rows of B.</param>
    /// <param name="registers">Width of B and C.</param>
    public readonly ref struct Operand(T* b, nint step, int count, int registers)
    {
        private readonly T* _b = b;

        /// <summary>C += A B, A(r, k) at a + r + k * <paramref name="aStep"/>.</summary>
        public void AddTimes(T* a, nint aStep, int rows, T* c, nint cRow)
        {
            if (step == 0) Tile<TSimd, TVector, T>.MultiplyPanels(a, 1, aStep, rows, _b, registers, count, c, cRow);
            else Tile<TSimd, TVector, T>.MultiplyRows(a, 1, aStep, rows, _b, step, registers, count, c, cRow);
        }
    }
}
