#:project ../src/Unroll/Unroll.csproj
using System.Diagnostics;
using System.Numerics.Tensors;
using Unroll;
using Unroll.Analysis;
using Unroll.Remedies;
using Unroll.Tasks;

// What the temporal components cost beside one training update of SGD-CR: 50 units, 20 sequences of 200 steps, float, one thread.
foreach ((string cost, ITask task, CostSteps sample) in ((string, ITask, CostSteps)[])
    [("at the last step", new TemporalOrder(200), CostSteps.Every),
        ("at every step", SyntheticTasks.Create("memorization-20bit", 180), CostSteps.Spread(8))])
{
    var network = new Network<float>(new NetworkShape(task.Inputs, Hidden: 50, task.Outputs)
    {
        Encoding = task.Encoding,
        Head = task.Head
    });
    Initializer.Initialize(network, Initialization.Orthogonal, seed: 1);
    using var unrolled = new UnrolledNetwork<float>(network);
    Batch batch = Batch.For(task);
    task.Fill(batch, 20, new RandomKey(1, RandomStream.Test, 0));
    var regularizer = new VanishingGradientRegularizer(OmegaForm.Code);
    var clipping = new GradientClipping(ClipMode.Norm, 1);

    double update = Median(() =>
    {
        unrolled.Forward(batch, task.Reduction);
        unrolled.Backward(regularizer, 2);
        clipping.Apply(unrolled.Gradient);
        TensorPrimitives.MultiplyAdd(unrolled.Gradient, -1e-9f, network.Parameters, network.Parameters);
    });
    double curve = Median(() => Measure(sample).ByLag());
    Console.WriteLine(
        $"cost {cost}, {batch.Steps} steps: update {update:F2} ms; curve by lag {curve:F2} ms, {curve / update:F1} times "
            + "an update");
    if (sample == CostSteps.Every) continue;
    double table = Median(() => Measure(CostSteps.Every));
    Console.WriteLine(
        $"cost {cost}, {batch.Steps} steps: the whole (t, k) table {table:F1} ms, {table / update:F0} times an update");

    TemporalComponents Measure(CostSteps which)
    {
        unrolled.Forward(batch, task.Reduction);
        unrolled.Backward();
        return TemporalComponents.Measure(unrolled, which);
    }
}

static double Median(Action work)
{
    var times = new List<double>();
    for (long begun = Stopwatch.GetTimestamp();
        times.Count < 15 || (times.Count < 200 && Stopwatch.GetElapsedTime(begun).TotalSeconds < 3);)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    return times.Skip(times.Count / 3).Order().ElementAt(times.Count / 3); // the first third warms up
}
