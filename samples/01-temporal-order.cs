#:project ../src/Unroll/Unroll.csproj
using Unroll;
using Unroll.Tasks;
using Unroll.Training;

// A or B appears twice among distractors, within 50 to 200 steps. At the end the network says which came first and which second.
var task = new TemporalOrder(new LengthRange(50, 200));
TrainingOptions options = Recipes.Get(task.Name, "best") with { Seed = 1, MaximumUpdates = 200_000 };

using var trainer = new Trainer(task, options);
await foreach (TrainingProgress check in trainer.RunAsync())
    Console.WriteLine($"update {check.Update,6}: {check.Error,7:P2} wrong, {check.UpdatesPerSecond:F0} updates a second");

Network<float> network = trainer.BestNetwork<float>();
EvaluationResult result = Evaluator.Evaluate(network, task.WithLength(150), sequences: 10_000, seed: 2);
Console.WriteLine($"{trainer.LastResult!.Outcome}: {result.Error:P2} wrong on {result.Sequences} fresh sequences of 150 steps");
