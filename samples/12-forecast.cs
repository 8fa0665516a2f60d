#:project ../src/Unroll.Data/Unroll.Data.csproj
using Unroll;
using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

// The next 24 hours of a table's column, from the 96 before. Give your own file and column as arguments.
string here = Path.GetDirectoryName((string?)AppContext.GetData("EntryPointFilePath")) ?? ".";
string file = args.ElementAtOrDefault(0) ?? Path.Combine(here, "readings.csv");
SequenceData data = SequenceData.FromCsv(file).WithTargets(args.ElementAtOrDefault(1) ?? "power");
SequenceFolds folds = SequenceFolds.ByTime(data); // train before validation before test
SeriesOptions reading = SeriesRecipes.Reading(SeriesKind.Forecast, folds, horizon: 24);
var task = new ForecastTask(folds, reading);
TrainingOptions options = SeriesRecipes.Get(SeriesKind.Forecast, task.UpdatesPerEpoch(1)) with { MaximumEpochs = 10 };
using var trainer = new Trainer(task, options);
trainer.Run(check => Console.WriteLine($"epoch {check.Epoch:0}: validation {check.ValidationLoss:F4}"));

using var predictor = new SeriesPredictor<float>(trainer.BestNetwork<float>(), task.Rows);
double error = 0, naive = 0;
predictor.Run(task.Codec.Windows(folds, Fold.Test), (window, forecast) =>
{
    for (int h = 0; h < forecast.Length; h++)
    {
        double truth = task.Rows.TruthAt(window.Sequence, window.End + h, 0);
        error += Math.Abs(forecast[h] - truth);
        naive += Math.Abs(task.Rows.TruthAt(window.Sequence, window.End - 1, 0) - truth);
    }
});
Console.WriteLine($"error {error / naive:F2} times that of the last value");
