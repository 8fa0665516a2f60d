#:project ../src/Unroll/Unroll.csproj
using Unroll;
using Unroll.Analysis;
using Unroll.Tasks;

// Three initializations of one network, measured before any training: how much of an error signal reaches earlier steps?
var task = new TemporalOrder(100);
foreach (Initialization start in (Initialization[])[Initialization.Sigmoid, Initialization.SmartTanh, Initialization.Orthogonal])
{
    var network = new Network<double>(new NetworkShape(task.Inputs, Hidden: 50, task.Outputs));
    Initializer.Initialize(network, start, seed: 1);
    GradientDiagnosis d = GradientDiagnosis.Measure(network, task, new DiagnosisOptions { Batches = 5 });
    Console.WriteLine($"{start,-11} {d.Verdict} {(d.Lag is { } lag ? $"beyond lag {lag}" : "")}");
    Console.WriteLine(
        $"            a step: {d.Measured.Rate:F3} measured, {d.Bounds.Eta:F3} at most (section 2.1)\n"
            + $"            from lag {d.LongBorder} on {d.LongTermShare.Median:P2} of the gradient");
    Console.WriteLine($"            clip at {d.Clipping.Threshold} (section 3.2), learning rate below {d.LearningRateBound:G2}");
}
