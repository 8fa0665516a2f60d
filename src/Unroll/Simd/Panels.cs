using System.Numerics;
using System.Runtime.CompilerServices;

namespace Unroll.Kernels;

/// <summary>Packing of matrices for <see cref="Tile{TSimd,TVector,T}"/>, and rows of whole registers.</summary>
internal static unsafe class Panels<TSimd, TVector, T>
    where TSimd : ISimd<TVector, T>
    where TVector : struct
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int CacheLine = 64;

    /// <summary>
    /// Whole cache lines, and above four lines an odd number: rows at distances of a power of two would all map to the same few
    /// sets of the first-level cache.
    /// </summary>
    public static int Stride(int width)
    {
        int lines = ((width * sizeof(T)) + CacheLine - 1) / CacheLine;
        if (lines > 4 && lines % 2 == 0) lines++;
        return lines * CacheLine / sizeof(T);
    }

    /// <summary>A width rounded up to whole registers.</summary>
    public static int Width(int width) => Registers(width) * TSimd.Lanes;

    public static int Registers(int width) => (width + TSimd.Lanes - 1) / TSimd.Lanes;

    /// <summary>Packs B(k, n) = source[n * columnStep + k * rowStep] into panels of at most a tile's registers.</summary>
    /// <param name="source">The matrix.</param>
    /// <param name="columnStep">Elements from n to n + 1.</param>
    /// <param name="rowStep">Elements from k to k + 1.</param>
    /// <param name="rows">The number of k.</param>
    /// <param name="columns">The number of n.</param>
    /// <param name="registers">Width of the panels together.</param>
    /// <param name="target">The panels.</param>
    /// <param name="before">Rows of the panels before these.</param>
    /// <param name="all">All rows of the panels, or 0 when there are no others.</param>
    public static void Pack(
        Span<T> source, int columnStep, int rowStep, int rows, int columns, int registers, T* target, int before = 0, int all = 0)
    {
        for (int done = 0; done < registers;)
        {
            int width = TilePanels.Registers(registers - done, TSimd.TileColumns) * TSimd.Lanes;
            int first = done * TSimd.Lanes;
            int used = Math.Min(width, columns - first);
            T* panel = target + ((nint)before * width);
            if (columnStep == 1)
            {
                for (int k = 0; k < rows; k++, panel += width)
                    source.Slice(first + (k * rowStep), used).CopyTo(new Span<T>(panel, used));
            }
            else
            {
                for (int n = 0; n < used; n++, panel++)
                {
                    int at = (first + n) * columnStep;
                    for (int k = 0; k < rows; k++) panel[(nint)k * width] = source[at + (k * rowStep)];
                }
            }

            target += (nint)width * Math.Max(rows, all);
            done += width / TSimd.Lanes;
        }
    }

    /// <summary>Packs B(k, n) = source[starts[n] + k] in the same way; columns that start at -1 stay zero.</summary>
    public static void Pack(ReadOnlySpan<T> source, ReadOnlySpan<int> starts, int rows, T* target)
    {
        int registers = starts.Length / TSimd.Lanes;
        for (int done = 0; done < registers;)
        {
            int width = TilePanels.Registers(registers - done, TSimd.TileColumns) * TSimd.Lanes;
            ReadOnlySpan<int> begin = starts.Slice(done * TSimd.Lanes, width);
            for (int n = 0; n < width;)
            {
                if (n + 4 <= width && begin[n] >= 0 && begin[n + 1] >= 0 && begin[n + 2] >= 0 && begin[n + 3] >= 0)
                {
                    fixed (T* a = source.Slice(begin[n], rows), b = source.Slice(begin[n + 1], rows))
                    fixed (T* c = source.Slice(begin[n + 2], rows), d = source.Slice(begin[n + 3], rows))
                        Columns<T>.Four(a, b, c, d, rows, target + n, width);
                    n += 4;
                    continue;
                }

                int at = begin[n];
                ReadOnlySpan<T> from = at < 0 ? default : source.Slice(at, rows);
                T* column = target + n++;
                for (int k = 0; k < from.Length; k++) column[(nint)k * width] = from[k];
            }

            target += (nint)width * rows;
            done += width / TSimd.Lanes;
        }
    }

    /// <summary>Packs B(k, n) = source[k * rowStep + n] in the same way, with n over whole registers.</summary>
    public static void PackRows(T* source, nint rowStep, int rows, int registers, T* target)
    {
        for (int k = 0; k < rows; k++, source += rowStep)
        {
            T* from = source, panel = target;
            for (int done = 0, columns; done < registers; done += columns)
            {
                columns = TilePanels.Registers(registers - done, TSimd.TileColumns);
                int width = columns * TSimd.Lanes;
                Copy(from, panel + ((nint)k * width), width);
                from += width;
                panel += (nint)rows * width;
            }
        }
    }

    public static void Clear(T* start, nint count) => new Span<T>(start, (int)count).Clear();

    /// <summary>Copies a row, whose length is a multiple of every register's width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(T* source, T* target, nint count)
    {
        for (nint i = 0; i < count; i += TSimd.Lanes) TSimd.Store(target + i, TSimd.Load(source + i));
    }

    /// <summary>
    /// target = a * b + 0 element by element: a masked number is 0 and never -0, whatever is added to it later.
    /// </summary>
    public static void Multiply(T* a, T* b, T* target, nint count)
    {
        for (nint i = 0; i < count; i += TSimd.Lanes)
            TSimd.Store(target + i, TSimd.Add(TSimd.Multiply(TSimd.Load(a + i), TSimd.Load(b + i)), default));
    }

    /// <summary>The part's half-open share of <paramref name="count"/> rows.</summary>
    public static (int Start, int End) Share(int count, int part, int parts) =>
        ((int)((long)count * part / parts), (int)((long)count * (part + 1) / parts));
}
