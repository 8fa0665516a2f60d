#:project ../src/Unroll/Unroll.csproj
#:property AssemblyName=Unroll.Benchmarks
#:property AllowUnsafeBlocks=true
using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.Intrinsics;
using Unroll;
using Unroll.Kernels;
using Unroll.Scores;
using Unroll.Tasks;

// What an echo state network of 1,000 leaky units over 100,000 steps (50 sequences of 2,000 of NARMA, float, one thread) costs
// beside the matrix products that it cannot do without: W_hh h of every step, and the sums of h h' (its lower triangle, in
// double) that the readout is solved from. In turns, so that a busy machine slows both alike; medians.
const int Units = 1000, Rows = 50, Steps = 2000;
int turns = args.Length > 0 ? int.Parse(args[0], null) : 5;
ITask task = new Narma(Steps);
var shape = new NetworkShape(task.Inputs, Units, task.Outputs)
{
    Encoding = task.Encoding,
    Head = task.Head,
    Layers = [new LayerShape(Units) { Cell = CellKind.Leaky, Leak = 0.3 }],
};
var network = new Network<float>(shape);
Initializer.Initialize(network, Initialization.Uniform, seed: 1);
using var unrolled = new UnrolledNetwork<float>(network);
Batch batch = Batch.For(task);
task.Fill(batch, Rows, new RandomKey(1, RandomStream.Test, 0));

Action products = Vector512.IsHardwareAccelerated ? Recurrent<Simd512<float>, Vector512<float>>()
    : Vector256.IsHardwareAccelerated ? Recurrent<Simd256<float>, Vector256<float>>()
    : Recurrent<Simd128<float>, Vector128<float>>();
var block = new double[Units * 128];
var triangle = new double[Units * Units];
block.AsSpan().Fill(0.1);

(string Name, Action Work)[] works =
[
    ("driving", () => unrolled.Forward(batch, task.Reduction)), ("its products", products),
    ("sums and solution", Readout), ("their products", Sums),
];
double[][] times = [.. works.Select(_ => new double[turns])];
for (int turn = -1; turn < turns; turn++) // the first warms up
{
    for (int i = 0; i < works.Length; i++)
    {
        long start = Stopwatch.GetTimestamp();
        works[i].Work();
        if (turn >= 0) times[i][turn] = Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}

double[] seconds = [.. times.Select(Median)];
for (int i = 0; i < works.Length; i++) Console.WriteLine($"{works[i].Name}: {seconds[i]:F2} s");
double all = Median([.. Enumerable.Range(0, turns).Select(t => (times[0][t] + times[2][t]) / (times[1][t] + times[3][t]))]);
Console.WriteLine($"driving over its products {Ratio(0, 1):F2}, sums and solution over theirs {Ratio(2, 3):F2}, all {all:F2}");

double Ratio(int i, int j) => Median([.. times[i].Zip(times[j], (a, b) => a / b)]);

static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

unsafe Action Recurrent<TSimd, TVector>()
    where TSimd : ISimd<TVector, float>
    where TVector : struct
{
    int width = Panels<TSimd, TVector, float>.Width(Units), stride = Panels<TSimd, TVector, float>.Stride(Units);
    AlignedBuffer<float> weights = new AlignedBuffer<float>().Ensure((long)Units * width);
    AlignedBuffer<float> states = new AlignedBuffer<float>().Ensure((long)Rows * stride);
    AlignedBuffer<float> sums = new AlignedBuffer<float>().Ensure((long)Rows * stride);
    weights.Span.Fill(0.01f);
    states.Span.Fill(0.1f);
    return () =>
    {
        for (int t = 0; t < Steps; t++)
        {
            sums.Span.Clear();
            Tile<TSimd, TVector, float>.MultiplyPanels(
                states.Pointer, stride, 1, Rows, weights.Pointer, width / TSimd.Lanes, Units, sums.Pointer, stride);
        }
    };
}

void Sums()
{
    for (int begun = 0; begun < Rows * Steps; begun += 128)
    {
        for (int i = 0; i < Units; i++)
        {
            ReadOnlySpan<double> x = block.AsSpan(i * 128, 128);
            for (int j = 0; j <= i; j++) triangle[(i * Units) + j] += TensorPrimitives.Dot(x, block.AsSpan(j * 128, 128));
        }
    }
}

void Readout()
{
    var sums = new RidgeSums(Units, 1);
    double[] h = new double[Units], y = new double[1];
    for (int row = 0; row < Rows; row++)
    {
        for (int t = 0; t < Steps; t++)
        {
            ReadOnlySpan<float> state = unrolled.HeadInput(t + 1, row);
            for (int i = 0; i < Units; i++) h[i] = state[i];
            y[0] = state[0];
            sums.Add(h, y);
        }
    }

    sums.Flush();
    RidgeSolution.Solve(sums, null, 1e-6, Units, 1);
}
