using System.Diagnostics;
using System.Globalization;
using System.Text;
using Unroll.Numerics;

namespace Unroll.Cli.Bench;

/// <summary>
/// <c>unroll bench --threads</c>: updates a second (SGD-CR) by number of threads. The numbers take turns of a twentieth of a
/// second, so that what else the machine does reaches all of them alike, and the median turn of each is told.
/// </summary>
internal static class BenchThreads
{
    private const string RowFormat = "{0,-10} {1,7} {2,12} {3,10} {4,9} {5,9}";
    private const double TurnSeconds = 0.05;
    private const int FewestTurns = 5;

    /// <summary>1, 2, 4, ... up to four times the cores that this process may use.</summary>
    public static IReadOnlyList<int> Usual { get; } =
        [.. Enumerable.Range(0, 9).Select(power => 1 << power)
            .TakeWhile(count => count <= Math.Min(256, 4 * Environment.ProcessorCount))];

    /// <summary>A list as the user writes it: <c>1,2,8</c>.</summary>
    public static IReadOnlyList<int> Parse(string list) =>
        [.. list.Split(',').Select(text => (int)Values.Whole("--threads", text.Trim(), 1, 256)).Distinct()];

    /// <summary>Times and writes the table.</summary>
    public static void Run(
        CommandHost host, IReadOnlyList<BenchShape> shapes, IReadOnlyList<int> counts, double seconds, string kernel, bool json,
        CancellationToken cancellation)
    {
        if (!json)
        {
            string cores = Counted.Of(Environment.ProcessorCount, "core");
            host.Say($"{kernel} kernel, {cores}, SGD-CR, median of turns of {TurnSeconds * 1000:0} ms");
            Row(host, "shape", "threads", "updates/s", "of one", "loss", "bytes");
        }

        foreach (BenchShape shape in shapes)
        {
            Result[] results = Time(shape, counts, seconds, cancellation);
            double best = results.Max(result => result.Rate);
            double one = results.FirstOrDefault(result => result.Threads == 1)?.Rate ?? double.NaN;
            foreach (Result result in results)
            {
                if (json)
                {
                    host.Out.WriteLine(Line(shape, result, best, kernel));
                    continue;
                }

                string ofOne = double.IsNaN(one) ? "-" : Format.Number(result.Rate / one) + "x",
                    loss = Format.Percent(1 - (result.Rate / best));
                Row(host, shape.Name, $"{result.Threads}", Format.Number(result.Rate), ofOne, loss, Format.Number(result.Bytes));
            }
        }

        if (!json) host.Say("loss: to the best of the shape; threads beyond the free cores should lose none.");
    }

    private static void Row(CommandHost host, params string[] columns) =>
        host.Out.WriteLine(string.Format(CultureInfo.InvariantCulture, RowFormat, columns));

    private static string Line(BenchShape shape, Result result, double best, string kernel) =>
        Encoding.UTF8.GetString(JsonLine.Object(line =>
    {
        line.WriteString("event", "bench-threads");
        line.WriteString("shape", shape.Name);
        shape.WriteNetwork(line);
        line.WriteString("method", "sgd-cr");
        line.WriteString("kernel", kernel);
        line.WriteNumber("cores", Environment.ProcessorCount);
        line.WriteNumber("threads", result.Threads);
        line.WriteNumber("turns", result.Turns);
        line.WriteNumber("updates_per_second", result.Rate);
        line.WriteNumber("best_updates_per_second", result.BestTurn);
        line.WriteNumber("loss", 1 - (result.Rate / best));
        line.WriteNumber("bytes_per_update", result.Bytes);
    }));

    private static Result[] Time(BenchShape shape, IReadOnlyList<int> counts, double seconds, CancellationToken cancellation)
    {
        var subjects = new BenchUpdate[counts.Count];
        try
        {
            for (int i = 0; i < subjects.Length; i++)
            {
                subjects[i] = new BenchUpdate(shape, regularized: true, counts[i]);
                // until the compiler and the choice of parts have settled
                Turn(subjects[i], Math.Min(0.5, seconds / 2), cancellation);
            }

            int turns = Math.Max(FewestTurns, (int)(seconds / TurnSeconds));
            double[][] rates = [.. counts.Select(_ => new double[turns])];
            var bytes = new double[counts.Count];
            var updates = new long[counts.Count];
            for (int turn = 0; turn < turns; turn++)
            {
                for (int i = 0; i < subjects.Length; i++)
                {
                    long allocated = GC.GetTotalAllocatedBytes(precise: true);
                    (rates[i][turn], long made) = Turn(subjects[i], TurnSeconds, cancellation);
                    bytes[i] += GC.GetTotalAllocatedBytes(precise: true) - allocated;
                    updates[i] += made;
                }
            }

            return [.. counts.Select((threads, i) =>
            {
                Array.Sort(rates[i]);
                return new Result(threads, rates[i][turns / 2], rates[i][^1], bytes[i] / updates[i], turns);
            })];
        }
        finally
        {
            foreach (BenchUpdate? subject in subjects) subject?.Dispose();
        }
    }

    /// <summary>Updates for so long; how many a second, and how many.</summary>
    private static (double Rate, long Updates) Turn(BenchUpdate subject, double seconds, CancellationToken cancellation)
    {
        long begun = Stopwatch.GetTimestamp(), updates = 0;
        double passed;
        do
        {
            subject.Run(cancellation);
            updates++;
            passed = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        }
        while (passed < seconds);
        return (updates / passed, updates);
    }

    private sealed record Result(int Threads, double Rate, double BestTurn, double Bytes, int Turns);
}
