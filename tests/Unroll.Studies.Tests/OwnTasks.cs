using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Studies.Tests;

/// <summary>Which of four symbols came first.</summary>
internal record FirstSymbol(int Steps) : ITask
{
    public string Name => "first-symbol";

    public InputEncoding Encoding => InputEncoding.OneHot;

    public int Inputs => 4;

    public OutputHead Head => OutputHead.SoftmaxLast;

    public int Outputs => 4;

    public string LossUnit => "nats";

    public CostReduction Reduction => CostReduction.Sum;

    public virtual bool HasSuccessRule => true;

    public void Fill(Batch batch, int rows, RandomKey key)
    {
        batch.Resize(rows, Steps);
        for (int row = 0; row < rows; row++)
        {
            RandomSource random = key.Row(row);
            for (int step = 0; step < Steps; step++) batch.SetSymbol(step, row, random.NextInt(Inputs));
            batch.SetClass(Steps - 1, row, batch.Symbol(0, row));
        }
    }

    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct)
    {
        for (int row = 0; row < batch.Rows; row++)
            correct[row] = predictions.Argmax(Steps - 1, row) == batch.Class(Steps - 1, row);
    }
}

/// <summary>The same, and tells when it fills a batch.</summary>
internal sealed record FirstSymbolHeard(int Steps, Action Filled) : FirstSymbol(Steps), ITask
{
    void ITask.Fill(Batch batch, int rows, RandomKey key)
    {
        Filled();
        Fill(batch, rows, key);
    }
}

/// <summary>The same without a rule of success.</summary>
internal sealed record FirstSymbolWithoutRule(int Steps) : FirstSymbol(Steps)
{
    public override bool HasSuccessRule => false;
}

/// <summary>The same as a task that can be made at any length.</summary>
internal sealed record FirstSymbolOfLength(LengthRange Length) : FirstSymbol(Length.Maximum), ILengthTask
{
    public int MinimumLength => 2;

    public ILengthTask WithLength(LengthRange length) => length.Minimum < MinimumLength
        ? throw new ArgumentException($"The length {length} is below {MinimumLength}.", nameof(length))
        : new FirstSymbolOfLength(length);
}

/// <summary>Studies of these tasks that end in a second.</summary>
internal static class OwnStudies
{
    public static TrainingOptions Options { get; } = new()
    {
        Hidden = 8,
        BatchSize = 20,
        Optimizer = OptimizerKind.Adam,
        LearningRate = 0.02,
        ClipThreshold = 1,
        Omega = 0,
        CheckEvery = 10,
        ValidationSequences = 50,
        MaximumUpdates = 60,
        Stop = StopRule.Budget,
    };

    public static Study Of(ITask task, params IReadOnlyList<StudyAxis> axes) => Of(_ => task, axes);

    public static Study Steps(params IReadOnlyList<StudyAxis> axes) => Of(at => new FirstSymbol(at.Whole("steps")), axes);

    public static Study Eight() => Steps(StudyAxis.Of("steps", 2, 4), StudyAxis.Of("lr", 0.02, 0.00001), StudyAxis.Seeds(1, 2));

    private static Study Of(Func<StudyPoint, ITask> make, IReadOnlyList<StudyAxis> axes)
    {
        return new Study("own", new StudyTask("first-symbol", make))
        {
            Options = Options,
            Grids = [axes],
            Test = new StudyTest(["x1"], 50),
        };
    }

    /// <summary>What a folder says of its trials, but for what depends on the clock.</summary>
    public static string[] Results(string folder)
    {
        using StudyStore store = StudyStore.OpenToRead(folder);
        return
        [
            .. store.Trials().Select(trial =>
                $"{trial.Position} {trial.Hash} {trial.Name}: {trial.Result?.Numbers() ?? "not finished"}; "
                + string.Join(' ', store.Checks(trial.Hash).Select(check => check with { Seconds = 0 }))),
        ];
    }
}

/// <summary>A folder that is deleted at the end.</summary>
internal sealed class Temporary : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("unroll-studies-").FullName;

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
