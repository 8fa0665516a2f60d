using System.CommandLine;
using System.Diagnostics;
using Unroll.Numerics;
using Unroll.Studies.Runs;

namespace Unroll.Cli.Bench;

/// <summary><c>unroll bench</c>: times one update at the standard shapes.</summary>
internal static class BenchCommand
{
    private const string RowFormat = "{0,-10} {1,-7} {2,10} {3,9} {4,8} {5,12} {6,9}";
    private const double PeakSeconds = 0.3;
    private static readonly DeclaredOption<string?> Threads = new("--threads")
    {
        HelpName = "N|LIST",
        Arity = ArgumentArity.ZeroOrOne,
        Description = "Worker threads. Default: 1. Of several numbers (1,2,8), or without any, the updates a second of each, "
            + "timed in turns.",
    };

    private static readonly DeclaredOption<string?> Seconds = new("--seconds")
    {
        HelpName = "S",
        Description = "Seconds to time each line. Default: 2.",
    };
    private static readonly DeclaredOption<string?> Shape = new("--shape")
    {
        HelpName = "NAME",
        Description = $"One of {string.Join(", ", BenchShape.All.Select(shape => shape.Name))}. Default: all.",
        Completions = () => BenchShape.All.Select(shape => shape.Name),
    };
    private static readonly DeclaredOption<string?> Cell = new("--cell")
    {
        HelpName = string.Join('|', Values.Named<CellKind>().Select(cell => cell.Name)),
        Description = "What the units of the shapes compute. Default: plain.",
    };

    private static readonly DeclaredOption<string?> Layers = new("--layers")
    {
        HelpName = "N",
        Description = "Layers of such units, 1 to 8. Default: 1.",
    };

    private static readonly DeclaredOption<bool> Json = new("--json")
    {
        Description = "One JSON object a line on standard output.",
    };

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new VerbCommand("bench", "Times one update (forward, backward, Omega, clip, step) at the standard shapes.")
        {
            Examples = ["unroll bench --shape h50", "unroll bench --threads 1,2"],
        };
        command.AddAll([Threads, Seconds, Shape, Cell, Layers, Json]);
        command.SetAction(parsed => Execute(parsed, host));
        return command;
    }

    private static int Execute(ParseResult parsed, CommandHost host)
    {
        double seconds = parsed.GetValue(Seconds) is { } s ? Values.Number("--seconds", s, maximum: 3600) : 2;
        IReadOnlyList<BenchShape> shapes = parsed.GetValue(Shape) is { } name
            ? [Values.Choice("--shape", name, [.. BenchShape.All.Select(shape => (shape.Name, shape))])]
            : BenchShape.All;
        CellKind cell = parsed.GetValue(Cell) is { } kind
            ? Values.Choice("--cell", kind, Values.Named<CellKind>()) : CellKind.Plain;
        int layers = parsed.GetValue(Layers) is { } count
            ? (int)Values.Whole("--layers", count, 1, NetworkShape.MaximumLayers) : 1;
        shapes = [.. shapes.Select(shape => shape with { Cell = cell, Layers = layers })];
        bool json = parsed.GetValue(Json);

        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);
        string kernel = RunRecord.PresentKernel();
        string? counts = parsed.GetValue(Threads);
        if (counts is null ? parsed.IsGiven(Threads) : counts.Contains(','))
        {
            IReadOnlyList<int> list = counts is null ? BenchThreads.Usual : BenchThreads.Parse(counts);
            BenchThreads.Run(host, shapes, list, seconds, kernel, json, cancel.Token);
            return ExitCode.Success;
        }

        int threads = counts is null ? 1 : (int)Values.Whole("--threads", counts, 1, 256);
        double peak = PeakMeter.MeasureGigaflops(PeakSeconds, threads);
        if (!json)
        {
            host.Say($"{kernel} kernel, {Counted.Of(threads, "thread")}, measured peak {Format.Number(peak)} GFLOP/s "
                + "of multiply-adds in float");
            host.Out.WriteLine(string.Format(null, RowFormat, "shape", "method", "ms/update", "GFLOP/s", "of peak",
                "sequences/s", "bytes"));
        }

        foreach (BenchShape shape in shapes)
        {
            foreach (bool regularized in (bool[])[false, true])
            {
                BenchResult result = Time(shape, regularized, threads, seconds, cancel.Token);
                string method = regularized ? "SGD-CR" : "SGD-C";
                double gigaflops = shape.Flops / result.Seconds * 1e-9;
                if (!json)
                {
                    host.Out.WriteLine(string.Format(
                        null, RowFormat, shape.Name, method, Format.Number(result.Seconds * 1000), Format.Number(gigaflops),
                        Format.Percent(gigaflops / peak),
                        Format.Count(shape.Rows / result.Seconds), Format.Number(result.BytesAllocated)));
                    continue;
                }

                JsonLine.Write(host.Out, line =>
                {
                    line.WriteString("event", "bench");
                    line.WriteString("shape", shape.Name);
                    shape.WriteNetwork(line);
                    line.WriteString("method", method.ToLowerInvariant());
                    line.WriteString("kernel", kernel);
                    line.WriteNumber("threads", threads);
                    line.WriteNumber("rounds", result.Rounds);
                    line.WriteNumber("ms_per_update", result.Seconds * 1000);
                    line.WriteNumber("gflops", gigaflops);
                    line.WriteNumber("peak_gflops", peak);
                    line.WriteNumber("fraction_of_peak", gigaflops / peak);
                    line.WriteNumber("sequences_per_second", shape.Rows / result.Seconds);
                    line.WriteNumber("bytes_per_update", result.BytesAllocated);
                });
            }
        }

        if (!json)
        {
            host.Out.WriteLine();
            foreach (BenchShape shape in shapes) host.Say($"{shape.Name,-10} {shape.Description}", 11);
        }

        return ExitCode.Success;
    }

    /// <summary>
    /// The median time of an update over rounds of several updates on one given batch (its generation is not timed).
    /// </summary>
    private static BenchResult Time(BenchShape shape, bool regularized, int threads, double seconds,
        CancellationToken cancellation)
    {
        using var subject = new BenchUpdate(shape, regularized, threads);

        // Warm up until the compiler has settled, and refuse to time numbers that mean nothing.
        long started = Stopwatch.GetTimestamp();
        long warm = 0;
        for (; warm < 3 || (warm < 300 && Stopwatch.GetElapsedTime(started).TotalSeconds < seconds / 2); warm++)
            subject.Run(cancellation);
        double one = Stopwatch.GetElapsedTime(started).TotalSeconds / warm;

        int updates = (int)Math.Clamp(0.01 / one, 1, 1000);
        var rounds = new double[Math.Clamp((int)(seconds / (one * updates)), 5, 10_000)];
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        for (int round = 0; round < rounds.Length; round++)
        {
            long begun = Stopwatch.GetTimestamp();
            for (int i = 0; i < updates; i++) subject.Run(cancellation);
            rounds[round] = Stopwatch.GetElapsedTime(begun).TotalSeconds / updates;
        }

        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        Array.Sort(rounds);
        return new BenchResult(rounds[rounds.Length / 2], (double)allocated / ((long)rounds.Length * updates), rounds.Length);
    }

    private sealed record BenchResult(double Seconds, double BytesAllocated, int Rounds);
}
