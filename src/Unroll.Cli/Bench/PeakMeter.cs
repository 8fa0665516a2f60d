using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Unroll.Cli.Bench;

/// <summary>
/// Measures this machine's own peak of multiply-adds in 32-bit floats: a loop of fused multiply-adds of the widest vectors
/// that the hardware has, on registers only, so that neither memory nor the length of a dependency chain limits it. What a
/// kernel reaches is told as a fraction of it.
/// </summary>
internal static class PeakMeter
{
    private const int Accumulators = 12; // 4 cycles of latency x 2 units need 8; 16 registers leave no room for more than 14
    private const int Iterations = 100_000;

    /// <summary>The best of several rounds, in 10^9 floating-point operations a second, a multiply-add being two.</summary>
    /// <param name="seconds">How long to measure, positive.</param>
    /// <param name="threads">How many threads run the loop at once, at least 1; the sum of their speeds is returned.</param>
    public static double MeasureGigaflops(double seconds, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(seconds);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (threads == 1) return Measure(seconds);
        var speeds = new double[threads];
        using var start = new Barrier(threads);
        Thread[] team = [.. Enumerable.Range(0, threads).Select(i => new Thread(() =>
        {
            start.SignalAndWait();
            speeds[i] = Measure(seconds);
        })
        { IsBackground = true })];
        foreach (Thread thread in team) thread.Start();
        foreach (Thread thread in team) thread.Join();
        return speeds.Sum();
    }

    private static double Measure(double seconds)
    {
        int lanes = Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector256.IsHardwareAccelerated
            ? Vector256<float>.Count : Vector128<float>.Count;
        double flops = 2.0 * lanes * Accumulators * Iterations, best = 0;
        long started = Stopwatch.GetTimestamp();
        float sink = 0;
        do
        {
            long round = Stopwatch.GetTimestamp();
            sink += Vector512.IsHardwareAccelerated ? Run512() : Vector256.IsHardwareAccelerated ? Run256() : Run128();
            best = Math.Max(best, flops / Stopwatch.GetElapsedTime(round).TotalSeconds);
        }
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds);

        GC.KeepAlive(sink);
        return best * 1e-9;
    }

    // The three loops differ in nothing but the width. The values stay near 1: x = 0.5 x + 0.5.
    // Three loops, not one for every width: in a generic body the accumulators leave the registers, and a quarter is measured.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static float Run512()
    {
        Vector512<float> m = Vector512.Create(0.5f), a0 = m, a1 = m, a2 = m, a3 = m, a4 = m, a5 = m, a6 = m, a7 = m, a8 = m,
            a9 = m, a10 = m, a11 = m;
        for (int i = 0; i < Iterations; i++)
        {
            a0 = Vector512.MultiplyAddEstimate(a0, m, m);
            a1 = Vector512.MultiplyAddEstimate(a1, m, m);
            a2 = Vector512.MultiplyAddEstimate(a2, m, m);
            a3 = Vector512.MultiplyAddEstimate(a3, m, m);
            a4 = Vector512.MultiplyAddEstimate(a4, m, m);
            a5 = Vector512.MultiplyAddEstimate(a5, m, m);
            a6 = Vector512.MultiplyAddEstimate(a6, m, m);
            a7 = Vector512.MultiplyAddEstimate(a7, m, m);
            a8 = Vector512.MultiplyAddEstimate(a8, m, m);
            a9 = Vector512.MultiplyAddEstimate(a9, m, m);
            a10 = Vector512.MultiplyAddEstimate(a10, m, m);
            a11 = Vector512.MultiplyAddEstimate(a11, m, m);
        }

        return Vector512.Sum(a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static float Run256()
    {
        Vector256<float> m = Vector256.Create(0.5f), a0 = m, a1 = m, a2 = m, a3 = m, a4 = m, a5 = m, a6 = m, a7 = m, a8 = m,
            a9 = m, a10 = m, a11 = m;
        for (int i = 0; i < Iterations; i++)
        {
            a0 = Vector256.MultiplyAddEstimate(a0, m, m);
            a1 = Vector256.MultiplyAddEstimate(a1, m, m);
            a2 = Vector256.MultiplyAddEstimate(a2, m, m);
            a3 = Vector256.MultiplyAddEstimate(a3, m, m);
            a4 = Vector256.MultiplyAddEstimate(a4, m, m);
            a5 = Vector256.MultiplyAddEstimate(a5, m, m);
            a6 = Vector256.MultiplyAddEstimate(a6, m, m);
            a7 = Vector256.MultiplyAddEstimate(a7, m, m);
            a8 = Vector256.MultiplyAddEstimate(a8, m, m);
            a9 = Vector256.MultiplyAddEstimate(a9, m, m);
            a10 = Vector256.MultiplyAddEstimate(a10, m, m);
            a11 = Vector256.MultiplyAddEstimate(a11, m, m);
        }

        return Vector256.Sum(a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static float Run128()
    {
        Vector128<float> m = Vector128.Create(0.5f), a0 = m, a1 = m, a2 = m, a3 = m, a4 = m, a5 = m, a6 = m, a7 = m, a8 = m,
            a9 = m, a10 = m, a11 = m;
        for (int i = 0; i < Iterations; i++)
        {
            a0 = Vector128.MultiplyAddEstimate(a0, m, m);
            a1 = Vector128.MultiplyAddEstimate(a1, m, m);
            a2 = Vector128.MultiplyAddEstimate(a2, m, m);
            a3 = Vector128.MultiplyAddEstimate(a3, m, m);
            a4 = Vector128.MultiplyAddEstimate(a4, m, m);
            a5 = Vector128.MultiplyAddEstimate(a5, m, m);
            a6 = Vector128.MultiplyAddEstimate(a6, m, m);
            a7 = Vector128.MultiplyAddEstimate(a7, m, m);
            a8 = Vector128.MultiplyAddEstimate(a8, m, m);
            a9 = Vector128.MultiplyAddEstimate(a9, m, m);
            a10 = Vector128.MultiplyAddEstimate(a10, m, m);
            a11 = Vector128.MultiplyAddEstimate(a11, m, m);
        }

        return Vector128.Sum(a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11);
    }
}
