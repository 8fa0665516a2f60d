using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Unroll.Data.Tests;

public sealed class CsvSpeedTests : IDisposable
{
    private const int Rows = 100_000, Columns = 7;
    private readonly string _file = Path.GetTempFileName();

    public CsvSpeedTests()
    {
        var random = new Random(1);
        var text = new StringBuilder("at,a,b,c,d,e,f,g\n");
        var start = new DateTime(2020, 1, 1);
        for (int i = 0; i < Rows; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{start.AddMinutes(i):yyyy-MM-dd HH:mm:ss}");
            for (int c = 0; c < Columns; c++) text.Append(CultureInfo.InvariantCulture,
                $",{(random.NextDouble() * 100) - 20:F4}");
            text.Append('\n');
        }

        File.WriteAllText(_file, text.ToString());
    }

    [Fact]
    public void A_large_table_takes_hardly_more_memory_than_its_numbers()
    {
        SequenceData data = SequenceData.FromCsv(_file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        data = SequenceData.FromCsv(_file);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        long numbers = Rows * ((4L * Columns) + 8); // a float each, and a date
        Assert.Equal(Rows, data.Steps);

        // Whatever the size of the file: the look at its beginning, which is decoded and split into texts.
        Assert.InRange(allocated, numbers, (long)(1.1 * numbers) + 8_000_000);
    }

    [Fact]
    public void A_table_is_read_faster_than_by_splitting_and_parsing()
    {
        double fast = double.PositiveInfinity, slow = double.PositiveInfinity;

        // Other tests run beside this one: a turn in which neither was disturbed may come late.
        for (int i = 0; i < 4 || (fast >= slow && i < 20); i++)
        {
            long start = Stopwatch.GetTimestamp();
            SequenceData data = SequenceData.FromCsv(_file);
            fast = Math.Min(fast, Stopwatch.GetElapsedTime(start).TotalSeconds);
            start = Stopwatch.GetTimestamp();
            double sum = Split();
            slow = Math.Min(slow, Stopwatch.GetElapsedTime(start).TotalSeconds);
            float[] values = data.Values("g");
            Assert.Equal(sum, values.Sum(value => (double)value), 3);
        }

        Assert.True(fast < slow, $"{fast} s against {slow} s");
    }

    public void Dispose() => File.Delete(_file);

    private double Split()
    {
        double sum = 0;
        foreach (string line in File.ReadLines(_file).Skip(1))
        {
            string[] cells = line.Split(',');
            _ = DateTime.Parse(cells[0], CultureInfo.InvariantCulture);
            for (int c = 1; c <= Columns; c++)
            {
                float value = float.Parse(cells[c], CultureInfo.InvariantCulture);
                if (c == Columns) sum += value;
            }
        }

        return sum;
    }
}
