using System.Numerics;

namespace Unroll.Tests.Kernels;

/// <summary>The one matrix product against three plain loops, in buffers of the exact size between sentinels.</summary>
public static unsafe class TileTests
{
    private const int Guard = 32;

    public static TheoryData<int> Widths() => WidthData.Widths();

    [Theory]
    [MemberData(nameof(Widths))]
    public static void Every_tile_in_float(int width) => EveryTile<float>(width, 1e-6);

    [Theory]
    [MemberData(nameof(Widths))]
    public static void Every_tile_in_double(int width) => EveryTile<double>(width, 1e-14);

    /// <summary>
    /// All row counts to beyond two tiles, all column counts to beyond two panels, with A by rows and transposed.
    /// </summary>
    private static void EveryTile<T>(int width, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (int rows in Enumerable.Range(1, 14).Append(20))
        {
            for (int registers = 1; registers <= 9; registers++)
            {
                foreach (int count in (int[])[0, 1, 2, 7, 33])
                {
                    Check<T>(width, panels: false, transposed: false, rows, registers, count, bound);
                    Check<T>(width, panels: true, transposed: false, rows, registers, count, bound);
                    Check<T>(width, panels: false, transposed: true, rows, registers, count, bound);
                }
            }
        }
    }

    private static void Check<T>(int width, bool panels, bool transposed, int rows, int registers, int count, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int columns = registers * WidthData.Lanes<T>(width), gap = 3;

        // Rows of A and C are apart from one another, with sentinels between and around them.
        int aRow = transposed ? 1 : count + gap, aStep = transposed ? rows + gap : 1, cRow = columns + gap;
        T[] a = Sentinels<T>(transposed ? count * aStep : rows * aRow), b = Sentinels<T>(count * columns),
            c = Sentinels<T>(rows * cRow);
        var expected = new double[rows, columns];
        for (int r = 0; r < rows; r++)
        {
            for (int k = 0; k < count; k++) a[Guard + (r * aRow) + (k * aStep)] = Value<T>(r, k);
            for (int n = 0; n < columns; n++)
            {
                c[Guard + (r * cRow) + n] = Value<T>(n, r + 50);
                expected[r, n] = double.CreateTruncating(Value<T>(n, r + 50));
                for (int k = 0; k < count; k++)
                    expected[r, n] += double.CreateTruncating(Value<T>(r, k)) * double.CreateTruncating(Value<T>(k, n + 7));
            }
        }

        int lanes = WidthData.Lanes<T>(width);
        (int Start, int Width)[] panelOf = new (int, int)[columns]; // the panel of each column
        for (int start = 0, own; start < columns; start += own)
        {
            own = WidthData.PanelRegisters(width, (columns - start) / lanes) * lanes;
            Array.Fill(panelOf, (start, own), start, own);
        }

        for (int k = 0; k < count; k++)
        {
            for (int n = 0; n < columns; n++)
            {
                (int start, int own) = panelOf[n];
                int at = panels ? (start * count) + (k * own) + (n - start) : (k * columns) + n;
                b[Guard + at] = Value<T>(k, n + 7);
            }
        }

        T[] before = [.. c];
        fixed (T* pa = a, pb = b, pc = c)
            WidthData.Multiply(width, panels, pa + Guard, aRow, aStep, rows, pb + Guard, columns, registers, count,
                pc + Guard, cRow);
        string what = $"{typeof(T).Name}, {(panels ? "panels" : "rows")}{(transposed ? ", transposed" : "")}, "
            + $"{rows} x {registers} registers, k to {count}";
        for (int i = 0; i < c.Length; i++)
        {
            int r = (i - Guard) / cRow, n = (i - Guard) % cRow;
            if (i >= Guard && r < rows && n < columns)
            {
                double error = Math.Abs(double.CreateTruncating(c[i]) - expected[r, n]);
                if (!(error <= bound * (count + 1))) Assert.Fail($"{what}: C({r}, {n}) is off by {error:e2}.");
            }
            else if (!T.IsNaN(c[i]))
            {
                Assert.Fail($"{what}: wrote outside C, at {i - Guard}.");
            }
        }

        if (count == 0) Assert.Equal(before, c);
    }

    /// <summary>NaNs: a number read by mistake makes the product NaN, and a number written by mistake is visible.</summary>
    private static T[] Sentinels<T>(int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var array = new T[length + (2 * Guard)];
        Array.Fill(array, T.NaN);
        return array;
    }

    private static T Value<T>(int i, int j)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => T.CreateTruncating((((i * 37) + (j * 17)) % 101 / 101.0) - 0.45);
}
