#:project ../src/Unroll/Unroll.csproj
using Unroll;
using Unroll.Tasks;
using Unroll.Training;

// Two symbols, A or B, appear among distractors; name them, in order, at the end of 50 to 200 steps (section 4.1.1).
var task = new TemporalOrder(new LengthRange(50, 200));
TrainingOptions options = Recipes.Get(task.Name, "best") with { Seed = 1, MaximumUpdates = Updates() };

using var trainer = new Trainer(task, options);
await foreach (TrainingProgress check in trainer.RunAsync())
    Console.WriteLine($"update {check.Update,7}: {check.Error,7:P2} wrong, {check.UpdatesPerSecond:F0} updates a second");

trainer.SaveBest("temporal-order.safetensors");
var network = Unroll.Files.ModelFile.Load<float>("temporal-order.safetensors");
EvaluationResult result = Evaluator.Evaluate(network, task.WithLength(150), sequences: 10_000, seed: 2);
Console.WriteLine($"{trainer.LastResult!.Outcome}; {result.Error:P2} wrong on {result.Sequences} fresh sequences of 150 steps");

// A test of this program sets a small budget.
static long Updates() => long.TryParse(Environment.GetEnvironmentVariable("UNROLL_SAMPLE_UPDATES"), out long n) ? n : 200_000;
