#:project ../src/Unroll/Unroll.csproj
using Unroll;
using Unroll.Files;
using Unroll.Tasks;
using Unroll.Training;

// An optimizer of your own is one small class. Here: Lion (Chen et al., 2023), on temporal order, interrupted by a checkpoint.
var task = new TemporalOrder(30);
var options = new TrainingOptions
{
    Initialization = Initialization.Orthogonal,
    LearningRate = 0.0001,
    ClipThreshold = 1,
    CheckEvery = 500,
    ValidationSequences = 1000,
    MaximumUpdates = 10_000,
    Stop = StopRule.Budget,
};
double longest = 0; // the callback below sees every gradient, and may change it
var parts = new TrainingParts<float>
{
    Optimizer = shape => new Lion(shape.ParameterCount),
    OnGradient = at => longest = Math.Max(longest, Unroll.Remedies.GradientClipping.Norm<float>(at.Unrolled.Gradient)),
};

using var whole = new Trainer(task, options, parts);
TrainingResult result = whole.Run();
Console.WriteLine($"Lion: {result.BestError:P2} wrong at best, {result.Updates} updates, longest gradient {longest:F2}");

using var half = new Trainer(task, options with { MaximumUpdates = options.MaximumUpdates / 2 }, parts);
half.Run();
CheckpointFile.Write("lion.checkpoint", half.Capture());
using Trainer resumed = Trainer.Resume(task, options, CheckpointFile.Read("lion.checkpoint"), parts);
resumed.Run();
File.Delete("lion.checkpoint");
bool same = whole.LastNetwork<float>().Parameters.SequenceEqual(resumed.LastNetwork<float>().Parameters);
Console.WriteLine($"cut in two and resumed: {(same ? "the same bits" : "other bits")}");

/// <summary>theta -= rate sign(0.9 m + 0.1 g); m = 0.99 m + 0.01 g.</summary>
internal sealed class Lion(int parameters) : IOptimizer<float>
{
    private readonly float[] _mean = new float[parameters];

    public string Name => "lion";

    public IReadOnlyList<OptimizerState<float>> State => [new("mean", _mean)]; // saved in checkpoints

    public void Step(Span<float> parameters, ReadOnlySpan<float> gradient, OptimizerStep step)
    {
        float rate = (float)step.Rate;
        for (int i = 0; i < parameters.Length; i++)
        {
            parameters[i] -= rate * MathF.Sign((0.9f * _mean[i]) + (0.1f * gradient[i]));
            _mean[i] = (0.99f * _mean[i]) + (0.01f * gradient[i]);
        }
    }
}
