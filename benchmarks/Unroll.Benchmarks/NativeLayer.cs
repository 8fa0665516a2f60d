using System.Diagnostics;
using System.Globalization;

namespace Unroll.Benchmarks;

/// <summary>
/// oneDNN's own primitive of a shape's layer, in a process of its own that takes its turns when asked. See ../onednn.
/// </summary>
internal sealed class NativeLayer : IDisposable
{
    private readonly Process _process;

    public NativeLayer(string program, BenchmarkShape shape, int threads)
    {
        int[] sizes = [shape.Hidden, shape.Rows, shape.Steps, shape.Inputs];
        string[] arguments =
            [shape.Cell.ToString().ToLowerInvariant(), .. sizes.Select(n => n.ToString(CultureInfo.InvariantCulture))];
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["OMP_NUM_THREADS"] = threads.ToString(CultureInfo.InvariantCulture);
        _process = Process.Start(start)!;
    }

    /// <summary>The times of so many updates, in milliseconds.</summary>
    public double[] Run(int updates)
    {
        _process.StandardInput.WriteLine(updates.ToString(CultureInfo.InvariantCulture));
        _process.StandardInput.Flush();
        string line = _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException("The program of oneDNN's layer has ended.");
        string[] times = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return [.. times.Select(ms => double.Parse(ms, CultureInfo.InvariantCulture))];
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
