using Unroll.Kernels;

namespace Unroll.Tests.Kernels;

public static unsafe class ColumnsTests
{
    [Fact]
    public static void Four_rows_become_columns()
    {
        Turns<float>(i => i);
        Turns<double>(i => i);
    }

    private static void Turns<T>(Func<int, T> of)
        where T : unmanaged
    {
        const int Step = 6, Spare = 99;
        for (int count = 0; count <= 13; count++)
        {
            T[] from = [.. Enumerable.Range(0, 4 * 13).Select(of)], to = [.. Enumerable.Repeat(of(Spare), (Step * count) + 4)];
            fixed (T* row = from, target = to) Columns<T>.Four(row, row + 13, row + 26, row + 39, count, target, Step);
            for (int i = 0; i < to.Length; i++)
            {
                int k = i / Step, n = i % Step;
                Assert.Equal(k < count && n < 4 ? of((n * 13) + k) : of(Spare), to[i]);
            }
        }
    }
}
