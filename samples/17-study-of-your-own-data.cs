#:project ../src/Unroll.Studies/Unroll.Studies.csproj
using Unroll.Data;
using Unroll.Studies;
using Unroll.Tasks;
using Unroll.Training;

// Which window and which decoder forecast half a day of a meter best? Every combination on four seeds, by the cost of the
// validation fold; the test fold chooses nothing. The folder survives a kill: run it again and it goes on.
var random = new Random(1);
SequenceData meter = new SequenceBuilder("power").AddCopy([.. Enumerable.Range(0, 600).Select(hour =>
    (float)(Math.Sin(2 * Math.PI * hour / 24) + (hour / 24 % 7 < 5 ? 1 : 0) + (random.NextDouble() / 2)))]).Build();
SequenceFolds folds = SequenceFolds.ByTime(meter);
var study = new Study("meter", new StudyTask("forecast", at => new ForecastTask(folds,
    SeriesRecipes.Reading(SeriesKind.Forecast, folds, horizon: 12, window: at.Whole("past")) with
    {
        Segment = 6,
        Decoder = at.Text("decoding") == "parallel" ? SeriesDecoder.Parallel : SeriesDecoder.Direct,
    })))
{
    Options = SeriesRecipes.Get(SeriesKind.Forecast, examples: 400) with { Hidden = 16, MaximumEpochs = 20 },
    Grids = [[StudyAxis.Of("past", 24, 48), StudyAxis.Of("decoding", "direct", "parallel"), StudyAxis.Seeds(1, 4)]],
};
await study.RunAsync("runs/meter", new StudyRunOptions());
using StudyStore store = StudyStore.OpenToRead("runs/meter");
foreach (CellSummary cell in store.Cells())
    Console.WriteLine($"{cell.Cell,-28} {cell.Finished.Average(trial => trial.Result!.BestLoss):F4}");
