#:project ../src/Unroll/Unroll.csproj
using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

// Whether a valve is open, at every step, from the flow so far: it stays as it was at the last pulse up or down.
var random = new Random(1);
var flow = new float[4000];
var open = new int[flow.Length];
for (int t = 0; t < flow.Length; t++)
{
    int pulse = random.Next(12) == 0 ? random.Next(2) == 0 ? -3 : 3 : 0;
    flow[t] = pulse + random.NextSingle();
    open[t] = pulse == 0 ? (t == 0 ? 0 : open[t - 1]) : pulse > 0 ? 1 : 0;
}

var valve = new SequenceBuilder(new SequenceColumn("flow"), new SequenceColumn("valve", ["closed", "open"]));
SequenceFolds folds = SequenceFolds.ByTime(valve.AddColumns([flow], [open]).Build().WithTargets("valve"));
var task = new TagTask(folds, new SeriesOptions { Window = 100 });
TrainingOptions options = SeriesRecipes.Get(SeriesKind.Tag, task.UpdatesPerEpoch(1)) with { Hidden = 20, MaximumEpochs = 30 };
using var trainer = new Trainer(task, options);
trainer.Run();

using var predictor = new SeriesPredictor<float>(trainer.BestNetwork<float>(), task.Rows);
predictor.Run(task.Codec.Windows(folds, Fold.Test), (window, probabilities) =>
{
    int right = 0;
    for (int t = 0; t < window.Steps; t++) right += probabilities[(2 * t) + open[window.Start + t]] > 0.5 ? 1 : 0;
    Console.WriteLine($"{right} of {window.Steps} steps right");
});
