using System.Numerics;
using System.Runtime.Intrinsics;
using Unroll.Kernels;

namespace Unroll.Tests.Kernels;

/// <summary>The register widths this machine has, and their operations on arrays, for the tests of SimdMath and Tile.</summary>
internal static unsafe class WidthData
{
    public static TheoryData<int> Widths()
    {
        var data = new TheoryData<int> { 128 };
        if (KernelFactory.Available().Contains("vector256")) data.Add(256);
        if (KernelFactory.Available().Contains("vector512")) data.Add(512);
        return data;
    }

    /// <summary>Numbers in a register.</summary>
    public static int Lanes<T>(int width)
        where T : unmanaged => width / 8 / sizeof(T);

    /// <summary>sigma of every element, by the kernels' code for that width.</summary>
    public static T[] Activate<T>(int width, Activation activation, ReadOnlySpan<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] result = new T[(x.Length + 15) / 16 * 16];
        x.CopyTo(result);
        fixed (T* p = result)
        {
            switch (width)
            {
                case 512: SimdMath<Simd512<T>, Vector512<T>, T>.Activate(activation, p, result.Length); break;
                case 256: SimdMath<Simd256<T>, Vector256<T>, T>.Activate(activation, p, result.Length); break;
                default: SimdMath<Simd128<T>, Vector128<T>, T>.Activate(activation, p, result.Length); break;
            }
        }

        return result[..x.Length];
    }

    /// <summary>a * sigma'(x) from h = sigma(x).</summary>
    public static T[] TimesSlope<T>(int width, Activation activation, T[] a, T[] h)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Assert.Equal(0, a.Length % 16);
        T[] result = new T[a.Length];
        fixed (T* pa = a, ph = h, p = result)
        {
            switch (width)
            {
                case 512: SimdMath<Simd512<T>, Vector512<T>, T>.TimesSlope(activation, pa, ph, p, a.Length); break;
                case 256: SimdMath<Simd256<T>, Vector256<T>, T>.TimesSlope(activation, pa, ph, p, a.Length); break;
                default: SimdMath<Simd128<T>, Vector128<T>, T>.TimesSlope(activation, pa, ph, p, a.Length); break;
            }
        }

        return result;
    }

    public static double SumSquares<T>(int width, T[] a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        fixed (T* p = a)
        {
            return width switch
            {
                512 => SimdMath<Simd512<T>, Vector512<T>, T>.SumSquares(p, a.Length),
                256 => SimdMath<Simd256<T>, Vector256<T>, T>.SumSquares(p, a.Length),
                _ => SimdMath<Simd128<T>, Vector128<T>, T>.SumSquares(p, a.Length),
            };
        }
    }

    /// <summary>C += A B with the strides of all matrices given; <paramref name="panels"/> for the packed layout of B.</summary>
    public static void Multiply<T>(
        int width, bool panels, T* a, int aRow, int aStep, int rows, T* b, int bStep, int registers, int count, T* c, int cRow)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (width, panels)
        {
            case (512, true):
                Tile<Simd512<T>, Vector512<T>, T>.MultiplyPanels(a, aRow, aStep, rows, b, registers, count, c, cRow);
                break;
            case (256, true):
                Tile<Simd256<T>, Vector256<T>, T>.MultiplyPanels(a, aRow, aStep, rows, b, registers, count, c, cRow);
                break;
            case (_, true):
                Tile<Simd128<T>, Vector128<T>, T>.MultiplyPanels(a, aRow, aStep, rows, b, registers, count, c, cRow);
                break;
            case (512, _):
                Tile<Simd512<T>, Vector512<T>, T>.MultiplyRows(a, aRow, aStep, rows, b, bStep, registers, count, c, cRow);
                break;
            case (256, _):
                Tile<Simd256<T>, Vector256<T>, T>.MultiplyRows(a, aRow, aStep, rows, b, bStep, registers, count, c, cRow);
                break;
            default:
                Tile<Simd128<T>, Vector128<T>, T>.MultiplyRows(a, aRow, aStep, rows, b, bStep, registers, count, c, cRow);
                break;
        }
    }

    /// <summary>Registers in the next panel of the packed layout.</summary>
    public static int PanelRegisters(int width, int left) =>
        TilePanels.Registers(left, width switch
        {
            512 => Simd512<float>.TileColumns,
            256 => Simd256<float>.TileColumns,
            _ => Simd128<float>.TileColumns,
        });
}
