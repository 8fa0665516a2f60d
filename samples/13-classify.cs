#:project ../src/Unroll/Unroll.csproj
using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

// Which of two machines a recording of 20 to 39 steps is from: one hums at a period of 5 steps, the other at 6.
var random = new Random(1);
var recordings = new SequenceBuilder("vibration");
for (int i = 0; i < 300; i++)
{
    double period = 5 + (i % 2), start = random.NextDouble() * period;
    recordings.AddCopy(
        [.. Enumerable.Range(0, random.Next(20, 40))
            .Select(t => (float)(Math.Sin(2 * Math.PI * (t + start) / period) + (random.NextDouble() / 2)))],
        new SequenceInfo { Label = i % 2 == 0 ? "press" : "pump" });
}

SequenceFolds folds = SequenceFolds.BySequence(recordings.Build()); // whole sequences, a share of each class in every fold
var task = new ClassifyTask(folds);
TrainingOptions options = SeriesRecipes.Get(SeriesKind.Classify, folds.Of(Fold.Train).Count) with
{
    Hidden = 30,
    MaximumEpochs = 20,
};
using var trainer = new Trainer(task, options);
trainer.Run();

using var predictor = new SeriesPredictor<float>(trainer.BestNetwork<float>(), task.Rows);
int right = 0;
predictor.Run(task.Codec.Windows(folds, Fold.Test), (window, probabilities) =>
    right += probabilities[folds.Data.Sequences[window.Sequence].Class] > 0.5 ? 1 : 0);
Console.WriteLine($"{right} of {folds.Of(Fold.Test).Count} right");
