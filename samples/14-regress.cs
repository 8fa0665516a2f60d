#:project ../src/Unroll/Unroll.csproj
using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

// How fast a tank fills, from 30 noisy readings of its level.
var random = new Random(1);
var tanks = new SequenceBuilder("level");
for (int i = 0; i < 300; i++)
{
    float speed = (float)(1 + (random.NextDouble() * 9)), start = random.Next(100);
    tanks.AddCopy([.. Enumerable.Range(0, 30).Select(t => start + (speed * t) + (random.NextSingle() * 20))],
        new SequenceInfo { Number = speed });
}

SequenceFolds folds = SequenceFolds.BySequence(tanks.Build());
var task = new RegressTask(folds, new SeriesOptions { Encoder = new EncoderOptions { Window = WindowScaling.Mean } });
TrainingOptions options = SeriesRecipes.Get(SeriesKind.Regress, folds.Of(Fold.Train).Count) with
{
    Hidden = 30,
    MaximumEpochs = 20,
};
using var trainer = new Trainer(task, options);
trainer.Run();

using var predictor = new SeriesPredictor<float>(trainer.BestNetwork<float>(), task.Rows);
double error = 0;
predictor.Run(task.Codec.Windows(folds, Fold.Test), (window, number) =>
    error += Math.Abs(number[0] - folds.Data.Sequences[window.Sequence].Number));
Console.WriteLine($"wrong by {error / folds.Of(Fold.Test).Count:F2} where speeds differ by 2.25 from their mean");
