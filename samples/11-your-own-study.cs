#:project ../src/Unroll.Studies/Unroll.Studies.csproj
using Unroll;
using Unroll.Studies;
using Unroll.Training;

// From which start is the first symbol remembered, and how far? A grid over a task of your own, with a store that survives a kill
// at any instant: run it again and it goes on. `unroll study show runs/first-symbol` and other verbs read the same folder.
var study = new Study("first-symbol", new StudyTask("first-symbol", at => new FirstSymbol(at.Whole("steps"))))
{
    Options = new TrainingOptions
    {
        Hidden = 20,
        Optimizer = OptimizerKind.Adam,
        LearningRate = 0.003,
        ClipThreshold = 1,
        Omega = 0,
        CheckEvery = 100,
        ValidationSequences = 500,
        MaximumUpdates = 2_000,
    },
    Grids = [[StudyAxis.Of("steps", 10, 30), StudyAxis.Of("init", "smart-tanh", "orthogonal"), StudyAxis.Seeds(1, 6)]],
    Test = new StudyTest(["x1"], 1000),
};
const string Folder = "runs/first-symbol";
StudyProgress end = await study.RunAsync(Folder, new StudyRunOptions
{
    OnFinished = (trial, result, progress) =>
        Console.WriteLine($"[{progress.Done}/{progress.Trials}] {trial.Name}: {result.Outcome} after {result.Updates} updates"),
});

using StudyStore store = StudyStore.OpenToRead(Folder);
foreach (CellSummary cell in store.Cells())
    Console.WriteLine($"{cell.Cell,-26} {cell.Success}, 95% interval {cell.Success.Wilson()}");
foreach (ValueComparison compared in store.Compare("init")) Console.WriteLine(compared.ToText());
StudyPage.Write($"{Folder}/report.html", store);
Console.WriteLine($"{(end.IsComplete ? "complete" : "stopped")}: {Folder}/report.html");

/// <summary>Random symbols, one-hot; the class at the last step is the first of them.</summary>
internal sealed record FirstSymbol(int Length) : ITask
{
    public string Name => "first-symbol";

    public InputEncoding Encoding => InputEncoding.OneHot;

    public int Inputs => 8;

    public OutputHead Head => OutputHead.SoftmaxLast;

    public int Outputs => 8;

    public string LossUnit => "nats";

    public CostReduction Reduction => CostReduction.Sum;

    public void Fill(Batch batch, int rows, RandomKey key)
    {
        batch.Resize(rows, Length);
        for (int row = 0; row < rows; row++)
        {
            RandomSource random = key.Row(row);
            for (int step = 0; step < Length; step++) batch.SetSymbol(step, row, random.NextInt(Inputs));
            batch.SetClass(Length - 1, row, batch.Symbol(0, row));
        }
    }

    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct)
    {
        for (int row = 0; row < batch.Rows; row++)
            correct[row] = predictions.Argmax(Length - 1, row) == batch.Class(Length - 1, row);
    }
}
