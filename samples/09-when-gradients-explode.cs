#:project ../src/Unroll/Unroll.csproj
using Unroll;
using Unroll.Analysis;
using Unroll.Remedies;
using Unroll.Tasks;
using Unroll.Training;

// Section 4.1.1: in training the weights pass the bound at which gradients may explode, and then gradients
// explode. When does each happen?
const long Updates = 12_000;
var task = new TemporalOrder(50);
TrainingOptions plain = Recipes.Get(task.Name, "best") with
{
    Omega = 0,
    LearningRate = 0.05,
    Curriculum = null,
    CheckEvery = 100,
    ValidationSequences = 100,
    MaximumUpdates = Updates,
};
foreach (ulong seed in (ulong[])[1, 2])
{
    await Say("clipped, from smart tanh",
        plain with { Seed = seed, Initialization = Initialization.SmartTanh, ClipThreshold = 1 });
    await Say("not clipped, from orthogonal",
        plain with { Seed = seed, Initialization = Initialization.Orthogonal, ClipMode = ClipMode.None });
}

async Task Say(string what, TrainingOptions options)
{
    using var trainer = new Trainer(task, options);
    var checks = new List<TrainingProgress>();
    await foreach (TrainingProgress check in trainer.RunAsync()) checks.Add(check);
    BoundCrossings when = BoundCrossings.Of(checks, trainer.Shape);
    Console.WriteLine(
        $"{what}, seed {options.Seed}: {trainer.LastResult!.Outcome}, {checks.Min(check => check.Error):P0} wrong at best");
    Console.WriteLine(
        $"  sigma_max above 1 at {At(when.SingularValueAbove)} ({checks[0].LargestSingularValue:F1}), "
            + $"spectral radius at {At(when.RadiusAbove)}\n  norm tenfold at {At(when.Exploded)}");
}

static string At(long? update) => update is { } at ? $"update {at}" : "no check";
