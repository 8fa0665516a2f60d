using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics;
using System.Text.Json;
using TorchSharp;
using Unroll;
using Unroll.Benchmarks;

const string Usage = """
    Times one training update (forward, backward, Omega, clip, SGD step) of Unroll against TorchSharp.
      --shape NAME[,NAME]   which shapes (default all): {0}
      --threads N           threads on either side (default 1)
      --repetitions N       timed updates a side (default 101)
      --side both|unroll|torch
      --onednn PROGRAM      oneDNN's layer takes turns too, by the program of benchmarks/onednn/build
      --text FILE           shapes with a symbol to predict at every step take their windows from this text
      --json                one JSON object a line
    """;

if (args is ["--epochs-of", string work]) // of own-data-epoch.sh
{
    TorchEpochs.Run(work);
    return 0;
}

string[] names = [.. BenchmarkShape.All.Select(shape => shape.Name)];
const int UpdatesPerTurn = 10;
int threads = 1, repetitions = 101;
string side = "both";
bool json = false;
string? text = null, native = null;
IEnumerable<BenchmarkShape> shapes = BenchmarkShape.All;
for (int i = 0; i < args.Length; i++)
{
    string Value() => i + 1 < args.Length ? args[++i] : Fail($"{args[i]} needs a value.");
    int Count(string name)
    {
        if (int.TryParse(Value(), NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n is >= 1 and <= 100_000)
            return n;
        Fail($"{name} takes a number in 1..100000.");
        return 0;
    }

    switch (args[i])
    {
        case "--shape":
            string[] wanted = Value().Split(',');
            if (wanted.Except(names).FirstOrDefault() is string unknown)
                Fail($"There is no shape {unknown}; there are {string.Join(", ", names)}.");
            shapes = BenchmarkShape.All.Where(shape => wanted.Contains(shape.Name));
            break;
        case "--threads": threads = Count("--threads"); break;
        case "--repetitions": repetitions = Count("--repetitions"); break;
        case "--side":
            side = Value();
            if (side is not ("both" or "unroll" or "torch")) Fail("--side is both, unroll or torch.");
            break;
        case "--onednn":
            native = Value();
            if (!File.Exists(native)) Fail($"There is no program {native}; benchmarks/onednn/build makes it.");
            break;
        case "--json": json = true; break;
        case "--text": text = File.ReadAllText(Value()); break;
        default: Fail(string.Format(CultureInfo.InvariantCulture, Usage, string.Join(", ", names))); break;
    }
}

if (side != "unroll") torch.set_num_threads(threads);
if (!json)
{
    Console.WriteLine(
        $"{Processor()}, {threads} thread{(threads == 1 ? "" : "s")}, median (fastest quarter) of {repetitions} updates a side, "
            + $"in turns of {UpdatesPerTurn}"
        + $"{(Vector512.IsHardwareAccelerated ? ", AVX-512" : Vector256.IsHardwareAccelerated ? ", AVX2" : "")}");
    Console.WriteLine(
        $"{"shape",-12}{"method",-8}{"unroll ms",11}{"GFLOP/s",9}{"torch ms",11}{"GFLOP/s",9}{"ratio",8}"
        + $"{"chars/s",10}{"torch",10}{"oneDNN ms",11}{"ratio",7}  TorchSharp's fastest way");
}

foreach (BenchmarkShape shape in shapes)
{
    Batch batch = text is not null && shape.Head == OutputHead.SoftmaxEvery ? shape.CreateBatch(text)
        : shape.CreateBatch(seed: 1);
    Network<float> network = shape.CreateNetwork(seed: 2);
    using TorchBatch? tensors = side == "unroll" ? null : new TorchBatch(shape, batch);
    using UnrollUpdate? ours = side == "torch" ? null : new UnrollUpdate(shape, network, batch, threads);
    using IUpdate? theirs = tensors is null ? null : Fastest(shape, network, tensors);
    if (ours is not null && theirs is not null) RequireEqual(ours, theirs);

    IUpdate[] sides = [.. new IUpdate?[] { ours, theirs }.OfType<IUpdate>()];
    double[][] times = [.. sides.Select(_ => new double[repetitions])];
    using NativeLayer? layer = native is null || shape.Depth > 1 || shape.Omega ? null : new NativeLayer(native, shape, threads);
    List<double> layerTimes = [];
    layer?.Run(shape.Hidden > 200 ? 5 : 20);
    foreach (IUpdate update in sides) WarmUp(update);
    // Ten updates a turn: each side then runs in its own warm caches, as training does, and drifts of the machine hit both.
    for (int r = 0; r < repetitions; r += UpdatesPerTurn)
    {
        for (int s = 0; s < sides.Length; s++)
        {
            for (int i = r; i < Math.Min(r + UpdatesPerTurn, repetitions); i++) times[s][i] = Time(sides[s]);
        }

        if (layer is not null) layerTimes.AddRange(layer.Run(UpdatesPerTurn));
    }

    foreach (double[] list in times) Array.Sort(list);
    double? Median(IUpdate? update) => update is null ? null : times[Array.IndexOf(sides, update)][repetitions / 2];
    double? Quarter(IUpdate? update) => update is null ? null : times[Array.IndexOf(sides, update)][repetitions / 4];
    double? Rate(double? milliseconds) => milliseconds is null ? null : shape.Operations / milliseconds.Value / 1e6;
    double? StepRate(double? milliseconds) => shape.Rows * shape.Steps * 1000.0 / milliseconds;
    layerTimes.Sort();
    double? nativeMedian = layerTimes.Count == 0 ? null : layerTimes[layerTimes.Count / 2];
    double? nativeQuarter = layerTimes.Count == 0 ? null : layerTimes[layerTimes.Count / 4];
    (double? mine, double? other) = (Median(ours), Median(theirs));
    if (json)
    {
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["shape"] = shape.Name,
            ["hidden"] = shape.Hidden,
            ["batch"] = shape.Rows,
            ["steps"] = shape.Steps,
            ["method"] = shape.Method,
            ["threads"] = threads,
            ["repetitions"] = repetitions,
            ["unroll_ms"] = mine,
            ["unroll_gflops"] = Rate(mine),
            ["unroll"] = ours?.Name,
            ["torch_ms"] = other,
            ["torch_gflops"] = Rate(other),
            ["torch"] = theirs?.Name,
            ["ratio"] = other / mine,
            ["onednn_layer_ms"] = nativeMedian,
            ["onednn_ratio"] = nativeMedian / mine,
            ["unroll_steps_per_second"] = StepRate(mine),
            ["torch_steps_per_second"] = StepRate(other),
            ["unroll_ms_quarter"] = Quarter(ours),
            ["torch_ms_quarter"] = Quarter(theirs),
            ["onednn_ms_quarter"] = nativeQuarter,
            ["processor"] = Processor(),
        }));
    }
    else
    {
        Console.WriteLine(
            $"{shape.Name,-12}{shape.Method,-8}{mine,11:0.000}{Rate(mine),9:0.0}"
            + $"{other,11:0.000}{Rate(other),9:0.0}{other / mine,8:0.00}"
            + $"{StepRate(mine),10:0}{StepRate(other),10:0}{nativeMedian,11:0.000}{nativeMedian / mine,7:0.00}  {theirs?.Name}"
            + $"  ({Quarter(ours):0.000}, {Quarter(theirs):0.000}, {nativeQuarter:0.000})");
    }
}

return 0;

static double Time(IUpdate update)
{
    update.Restore();
    long start = Stopwatch.GetTimestamp();
    update.Run();
    return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
}

// Long enough for the runtime to compile every method for good: it does so in the background, after 30 calls and a pause.
static void WarmUp(IUpdate update)
{
    for (int round = 0; round < 4; round++)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 3 || (i < 40 && Stopwatch.GetElapsedTime(start).TotalSeconds < 0.5); i++) Time(update);
        Thread.Sleep(150);
    }
}

// TorchSharp is given the best of the ways a careful user would try, chosen by a short timing of each.
static IUpdate Fastest(BenchmarkShape shape, Network<float> network, TorchBatch batch)
{
    List<IUpdate> ways = [];
    if (!shape.Omega) ways.Add(new TorchModuleUpdate(shape, network, batch));
    foreach (bool functional in shape.HasLoop ? new[] { false, true } : [])
    {
        ways.Add(new TorchLoopUpdate(shape, network, batch, gather: false, functional));
        if (shape.Encoding == InputEncoding.OneHot)
            ways.Add(new TorchLoopUpdate(shape, network, batch, gather: true, functional));
    }

    IUpdate best = ways.MinBy(way =>
    {
        way.Restore();
        if (way != ways[0]) RequireEqual(ways[0], way);
        WarmUp(way);
        double[] times = [.. Enumerable.Range(0, 15).Select(_ => Time(way)).Order()];
        if (Environment.GetEnvironmentVariable("UNROLL_BENCH_VERBOSE") == "1")
            Console.Error.WriteLine($"{shape.Name}: {way.Name} {times[7]:0.000} ms");
        return times[7];
    })!;
    foreach (IUpdate way in ways.Where(way => way != best)) way.Dispose();
    return best;
}

static void RequireEqual(IUpdate left, IUpdate right)
{
    left.Restore();
    right.Restore();
    for (int update = 0; update < 2; update++)   // the second sees the first one's step
    {
        (UpdateReport a, UpdateReport b) = (left.Run(), right.Run());
        if (!(Math.Abs(a.Cost - b.Cost) <= 1e-3 * Math.Abs(b.Cost))
            || !(Math.Abs(a.GradientNorm - b.GradientNorm) <= 1e-3 * b.GradientNorm))
            Fail($"The two sides disagree at update {update + 1}: {left.Name} {a}, {right.Name} {b}.");
    }
}

static string Processor()
{
    string? model = File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
    return model?.Split(':', 2)[1].Trim() ?? Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown processor";
}

static string Fail(string message)
{
    Console.Error.WriteLine(message);
    Environment.Exit(2);
    return "";
}
