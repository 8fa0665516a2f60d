using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>A number known to the compiler, so that one body of code serves every tile size.</summary>
internal interface ISize
{
    static abstract int Value { get; }
}

/// <summary>How the columns of a product are cut into panels.</summary>
internal static class TilePanels
{
    /// <summary>
    /// The number of registers of the next panel: as many as a tile has. When only one register more is left, two panels of half
    /// the width are used, because the few chains of multiply-adds of a thin panel would wait for one another.
    /// </summary>
    public static int Registers(int left, int most) => left == most + 1 ? (left + 1) / 2 : Math.Min(left, most);
}

/// <summary>
/// The only matrix product of the library: C += A B, with C and B in rows of whole registers. C(r, :) += sum_k A(r, k) B(k, :),
/// where A(r, k) lies at a + r * aRow + k * aStep, so that the same code serves the forward pass (A = h_{t-1}, rows are
/// sequences), the backward pass (A = dE/dx) and the weight gradients (A = dE/dx transposed, k runs over all T x B entries).
/// Every element of C is one chain of multiply-adds in the order of k, whatever the tile it falls into: splitting rows, columns
/// or k over calls changes no bit.
/// </summary>
/// <remarks>
/// A tile is up to 6 rows by 4 registers of C, held in registers while k runs: 24 accumulators, 4 registers of B and one
/// broadcast element of A (29 of 32 registers of AVX-512); 4 by 3, or 6 by 2, where there are 16 registers. Each step of k is
/// 24 multiply-adds for 10 loads, or 12 for 7.
/// </remarks>
internal static unsafe class Tile<TSimd, TVector, T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged
{
    private const int MaximumRows = 6;

    /// <summary>C += A B, B in panels as the kernels pack them.</summary>
    /// <param name="a">A(0, 0).</param>
    /// <param name="aRow">Elements from a row of A to the next.</param>
    /// <param name="aStep">Elements from k to k + 1 in A.</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="b">B(0, 0).</param>
    /// <param name="registers">Width of B and C in registers.</param>
    /// <param name="count">Length of k.</param>
    /// <param name="c">C(0, 0).</param>
    /// <param name="cRow">Elements from a row of C to the next.</param>
    public static void MultiplyPanels(
        T* a, nint aRow, nint aStep, int rows, T* b, int registers, nint count, T* c, nint cRow) =>
        MultiplyPanels(a, aRow, aStep, 0, 1, rows, b, registers, count, c, cRow);

    /// <summary>
    /// As the other overload, with k over several stretches of A. Each stretch has <paramref name="count"/> elements, and the
    /// stretches begin <paramref name="aStretch"/> elements apart; in B they follow one another.
    /// </summary>
    public static void MultiplyPanels(
        T* a, nint aRow, nint aStep, nint aStretch, int stretches, int rows, T* b, int registers, nint count, T* c, nint cRow)
    {
        var k = new Steps(aRow, aStep, count, stretches, aStretch - (count * aStep));
        for (int done = 0; done < registers;)
        {
            int columns = TilePanels.Registers(registers - done, TSimd.TileColumns);
            nint bStep = columns * TSimd.Lanes;
            Columns(a, k, rows, b, bStep, columns, c, cRow);
            done += columns;
            b += bStep * count * stretches;
            c += bStep;
        }
    }

    /// <summary>
    /// C += A B, B stored in rows of <paramref name="bStep"/> elements; the other parameters as for panels.
    /// </summary>
    public static void MultiplyRows(
        T* a, nint aRow, nint aStep, int rows, T* b, nint bStep, int registers, nint count, T* c, nint cRow)
    {
        var k = new Steps(aRow, aStep, count, 1, 0);
        for (int done = 0; done < registers;)
        {
            int columns = TilePanels.Registers(registers - done, TSimd.TileColumns);
            Columns(a, k, rows, b, bStep, columns, c, cRow);
            done += columns;
            b += columns * TSimd.Lanes;
            c += columns * TSimd.Lanes;
        }
    }

    private static void Columns(T* a, in Steps k, int rows, T* b, nint bStep, int columns, T* c, nint cRow)
    {
        switch (columns)
        {
            case 1: Rows<N1>(a, k, rows, b, bStep, c, cRow); break;
            case 2: Rows<N2>(a, k, rows, b, bStep, c, cRow); break;
            case 3: Rows<N3>(a, k, rows, b, bStep, c, cRow); break;
            default: Rows<N4>(a, k, rows, b, bStep, c, cRow); break;
        }
    }

    private static void Rows<TColumns>(T* a, in Steps k, int rows, T* b, nint bStep, T* c, nint cRow)
        where TColumns : struct, ISize
    {
        // Rows are divided evenly (20 as 5+5+5+5, not 6+6+6+2), because a thin tile waits for its own multiply-adds. The tiles
        // with one row more come first.
        if (rows == 0) return;
        int most = TColumns.Value > 2 ? TSimd.WideTileRows : MaximumRows;
        int tiles = (rows + most - 1) / most, n = (rows + tiles - 1) / tiles, larger = rows - ((n - 1) * tiles);
        Equal<TColumns>(a, k, n, larger, b, bStep, c, cRow);
        if (larger < tiles)
            Equal<TColumns>(a + (larger * n * k.Row), k, n - 1, tiles - larger, b, bStep, c + (larger * n * cRow), cRow);
    }

    private static void Equal<TColumns>(T* a, in Steps k, int rows, int tiles, T* b, nint bStep, T* c, nint cRow)
        where TColumns : struct, ISize
    {
        switch (rows)
        {
            case 1: Run<N1, TColumns>(a, k, tiles, b, bStep, c, cRow); break;
            case 2: Run<N2, TColumns>(a, k, tiles, b, bStep, c, cRow); break;
            case 3: Run<N3, TColumns>(a, k, tiles, b, bStep, c, cRow); break;
            case 4: Run<N4, TColumns>(a, k, tiles, b, bStep, c, cRow); break;
            case 5: Run<N5, TColumns>(a, k, tiles, b, bStep, c, cRow); break;
            default: Run<N6, TColumns>(a, k, tiles, b, bStep, c, cRow); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TRows, TColumns>(T* a, in Steps steps, int tiles, T* panel, nint bStep, T* c, nint cRow)
        where TRows : struct, ISize
        where TColumns : struct, ISize
    {
        int lanes = TSimd.Lanes;
        nint aRow = steps.Row, aStep = steps.Step, count = steps.Count;
        for (; tiles > 0; tiles--, a += TRows.Value * aRow, c += TRows.Value * cRow)
        {
            T* b = panel;
            T* c0 = c;
            T* c1 = c + (1 * cRow);
            T* c2 = c + (2 * cRow);
            T* c3 = c + (3 * cRow);
            T* c4 = c + (4 * cRow);
            T* c5 = c + (5 * cRow);
            TVector s00 = default, s01 = default, s02 = default, s03 = default;
            TVector s10 = default, s11 = default, s12 = default, s13 = default;
            TVector s20 = default, s21 = default, s22 = default, s23 = default;
            TVector s30 = default, s31 = default, s32 = default, s33 = default;
            TVector s40 = default, s41 = default, s42 = default, s43 = default;
            TVector s50 = default, s51 = default, s52 = default, s53 = default;
            s00 = TSimd.Load(c0);
            if (TColumns.Value > 1) s01 = TSimd.Load(c0 + lanes);
            if (TColumns.Value > 2) s02 = TSimd.Load(c0 + (2 * lanes));
            if (TColumns.Value > 3) s03 = TSimd.Load(c0 + (3 * lanes));
            if (TRows.Value > 1) s10 = TSimd.Load(c1);
            if (TRows.Value > 1 && TColumns.Value > 1) s11 = TSimd.Load(c1 + lanes);
            if (TRows.Value > 1 && TColumns.Value > 2) s12 = TSimd.Load(c1 + (2 * lanes));
            if (TRows.Value > 1 && TColumns.Value > 3) s13 = TSimd.Load(c1 + (3 * lanes));
            if (TRows.Value > 2) s20 = TSimd.Load(c2);
            if (TRows.Value > 2 && TColumns.Value > 1) s21 = TSimd.Load(c2 + lanes);
            if (TRows.Value > 2 && TColumns.Value > 2) s22 = TSimd.Load(c2 + (2 * lanes));
            if (TRows.Value > 2 && TColumns.Value > 3) s23 = TSimd.Load(c2 + (3 * lanes));
            if (TRows.Value > 3) s30 = TSimd.Load(c3);
            if (TRows.Value > 3 && TColumns.Value > 1) s31 = TSimd.Load(c3 + lanes);
            if (TRows.Value > 3 && TColumns.Value > 2) s32 = TSimd.Load(c3 + (2 * lanes));
            if (TRows.Value > 3 && TColumns.Value > 3) s33 = TSimd.Load(c3 + (3 * lanes));
            if (TRows.Value > 4) s40 = TSimd.Load(c4);
            if (TRows.Value > 4 && TColumns.Value > 1) s41 = TSimd.Load(c4 + lanes);
            if (TRows.Value > 4 && TColumns.Value > 2) s42 = TSimd.Load(c4 + (2 * lanes));
            if (TRows.Value > 4 && TColumns.Value > 3) s43 = TSimd.Load(c4 + (3 * lanes));
            if (TRows.Value > 5) s50 = TSimd.Load(c5);
            if (TRows.Value > 5 && TColumns.Value > 1) s51 = TSimd.Load(c5 + lanes);
            if (TRows.Value > 5 && TColumns.Value > 2) s52 = TSimd.Load(c5 + (2 * lanes));
            if (TRows.Value > 5 && TColumns.Value > 3) s53 = TSimd.Load(c5 + (3 * lanes));

            T* a0 = a;
            T* a1 = a + (1 * aRow);
            T* a2 = a + (2 * aRow);
            T* a3 = a + (3 * aRow);
            T* a4 = a + (4 * aRow);
            T* a5 = a + (5 * aRow);
            nint at = 0;
            for (int stretch = steps.Stretches; stretch > 0; stretch--, at += steps.Skip)
            {
                for (nint k = 0; k < count; k++, at += aStep)
                {
                    TVector b0 = TSimd.Load(b), b1 = default, b2 = default, b3 = default;
                    if (TColumns.Value > 1) b1 = TSimd.Load(b + lanes);
                    if (TColumns.Value > 2) b2 = TSimd.Load(b + (2 * lanes));
                    if (TColumns.Value > 3) b3 = TSimd.Load(b + (3 * lanes));
                    b += bStep;
                    TVector x = TSimd.Broadcast(a0[at]);
                    s00 = TSimd.MultiplyAdd(x, b0, s00);
                    if (TColumns.Value > 1) s01 = TSimd.MultiplyAdd(x, b1, s01);
                    if (TColumns.Value > 2) s02 = TSimd.MultiplyAdd(x, b2, s02);
                    if (TColumns.Value > 3) s03 = TSimd.MultiplyAdd(x, b3, s03);
                    if (TRows.Value > 1)
                    {
                        x = TSimd.Broadcast(a1[at]);
                        s10 = TSimd.MultiplyAdd(x, b0, s10);
                        if (TColumns.Value > 1) s11 = TSimd.MultiplyAdd(x, b1, s11);
                        if (TColumns.Value > 2) s12 = TSimd.MultiplyAdd(x, b2, s12);
                        if (TColumns.Value > 3) s13 = TSimd.MultiplyAdd(x, b3, s13);
                    }

                    if (TRows.Value > 2)
                    {
                        x = TSimd.Broadcast(a2[at]);
                        s20 = TSimd.MultiplyAdd(x, b0, s20);
                        if (TColumns.Value > 1) s21 = TSimd.MultiplyAdd(x, b1, s21);
                        if (TColumns.Value > 2) s22 = TSimd.MultiplyAdd(x, b2, s22);
                        if (TColumns.Value > 3) s23 = TSimd.MultiplyAdd(x, b3, s23);
                    }

                    if (TRows.Value > 3)
                    {
                        x = TSimd.Broadcast(a3[at]);
                        s30 = TSimd.MultiplyAdd(x, b0, s30);
                        if (TColumns.Value > 1) s31 = TSimd.MultiplyAdd(x, b1, s31);
                        if (TColumns.Value > 2) s32 = TSimd.MultiplyAdd(x, b2, s32);
                        if (TColumns.Value > 3) s33 = TSimd.MultiplyAdd(x, b3, s33);
                    }

                    if (TRows.Value > 4)
                    {
                        x = TSimd.Broadcast(a4[at]);
                        s40 = TSimd.MultiplyAdd(x, b0, s40);
                        if (TColumns.Value > 1) s41 = TSimd.MultiplyAdd(x, b1, s41);
                        if (TColumns.Value > 2) s42 = TSimd.MultiplyAdd(x, b2, s42);
                        if (TColumns.Value > 3) s43 = TSimd.MultiplyAdd(x, b3, s43);
                    }

                    if (TRows.Value > 5)
                    {
                        x = TSimd.Broadcast(a5[at]);
                        s50 = TSimd.MultiplyAdd(x, b0, s50);
                        if (TColumns.Value > 1) s51 = TSimd.MultiplyAdd(x, b1, s51);
                        if (TColumns.Value > 2) s52 = TSimd.MultiplyAdd(x, b2, s52);
                        if (TColumns.Value > 3) s53 = TSimd.MultiplyAdd(x, b3, s53);
                    }
                }
            }

            TSimd.Store(c0, s00);
            if (TColumns.Value > 1) TSimd.Store(c0 + lanes, s01);
            if (TColumns.Value > 2) TSimd.Store(c0 + (2 * lanes), s02);
            if (TColumns.Value > 3) TSimd.Store(c0 + (3 * lanes), s03);
            if (TRows.Value > 1) TSimd.Store(c1, s10);
            if (TRows.Value > 1 && TColumns.Value > 1) TSimd.Store(c1 + lanes, s11);
            if (TRows.Value > 1 && TColumns.Value > 2) TSimd.Store(c1 + (2 * lanes), s12);
            if (TRows.Value > 1 && TColumns.Value > 3) TSimd.Store(c1 + (3 * lanes), s13);
            if (TRows.Value > 2) TSimd.Store(c2, s20);
            if (TRows.Value > 2 && TColumns.Value > 1) TSimd.Store(c2 + lanes, s21);
            if (TRows.Value > 2 && TColumns.Value > 2) TSimd.Store(c2 + (2 * lanes), s22);
            if (TRows.Value > 2 && TColumns.Value > 3) TSimd.Store(c2 + (3 * lanes), s23);
            if (TRows.Value > 3) TSimd.Store(c3, s30);
            if (TRows.Value > 3 && TColumns.Value > 1) TSimd.Store(c3 + lanes, s31);
            if (TRows.Value > 3 && TColumns.Value > 2) TSimd.Store(c3 + (2 * lanes), s32);
            if (TRows.Value > 3 && TColumns.Value > 3) TSimd.Store(c3 + (3 * lanes), s33);
            if (TRows.Value > 4) TSimd.Store(c4, s40);
            if (TRows.Value > 4 && TColumns.Value > 1) TSimd.Store(c4 + lanes, s41);
            if (TRows.Value > 4 && TColumns.Value > 2) TSimd.Store(c4 + (2 * lanes), s42);
            if (TRows.Value > 4 && TColumns.Value > 3) TSimd.Store(c4 + (3 * lanes), s43);
            if (TRows.Value > 5) TSimd.Store(c5, s50);
            if (TRows.Value > 5 && TColumns.Value > 1) TSimd.Store(c5 + lanes, s51);
            if (TRows.Value > 5 && TColumns.Value > 2) TSimd.Store(c5 + (2 * lanes), s52);
            if (TRows.Value > 5 && TColumns.Value > 3) TSimd.Store(c5 + (3 * lanes), s53);
        }
    }

    /// <summary>How k runs through A.</summary>
    /// <param name="Row">Elements from a row of A to the next.</param>
    /// <param name="Step">Elements from k to k + 1.</param>
    /// <param name="Count">Steps of a stretch.</param>
    /// <param name="Stretches">How many stretches.</param>
    /// <param name="Skip">Elements from the end of a stretch to the next one.</param>
    private readonly record struct Steps(nint Row, nint Step, nint Count, int Stretches, nint Skip);

    private readonly struct N1 : ISize
    {
        public static int Value => 1;
    }

    private readonly struct N2 : ISize
    {
        public static int Value => 2;
    }

    private readonly struct N3 : ISize
    {
        public static int Value => 3;
    }

    private readonly struct N4 : ISize
    {
        public static int Value => 4;
    }

    private readonly struct N5 : ISize
    {
        public static int Value => 5;
    }

    private readonly struct N6 : ISize
    {
        public static int Value => 6;
    }
}
