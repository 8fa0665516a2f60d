#:project ../src/Unroll/Unroll.csproj
using Unroll;
using Unroll.Remedies;
using Unroll.Tasks;

// The paper's training step in full: forward pass, backward pass, the gradient of Omega added, the sum clipped, an SGD step.
var task = new TemporalOrder(30);
var network = new Network<float>(new NetworkShape(task.Inputs, Hidden: 50, task.Outputs));
Initializer.Initialize(network, Initialization.SmartTanh, seed: 1);

using var unrolled = new UnrolledNetwork<float>(network);
var regularizer = new VanishingGradientRegularizer(OmegaForm.Code);
var clipping = new GradientClipping(ClipMode.Norm, threshold: 6);
var batch = Batch.For(task);

for (int update = 0; update < 5; update++)
{
    task.Fill(batch, rows: 20, new RandomKey(Seed: 1, RandomStream.Training, update));
    double cost = unrolled.Forward(batch, task.Reduction);
    unrolled.Backward();
    double last = Norm(unrolled.StateGradient(batch.Steps, row: 0)), first = Norm(unrolled.StateGradient(1, row: 0));
    OmegaStatistics omega = regularizer.AddGradient(unrolled, alpha: 2);
    ClipReport clip = clipping.Apply(unrolled.Gradient);
    for (int i = 0; i < network.Parameters.Length; i++) network.Parameters[i] -= 0.001f * unrolled.Gradient[i];
    Console.WriteLine(
        $"cost {cost:F4}, |dE/dh| last {last:E1}, first {first:E1}, Omega {omega.Omega:F3}, norm {clip.NormBefore:F3}");
}

static double Norm(ReadOnlySpan<float> values) => GradientClipping.Norm(values);
