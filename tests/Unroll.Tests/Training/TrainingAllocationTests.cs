using Unroll.Remedies;
using Unroll.Tasks;
using Unroll.Tests.Network;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>
/// Training allocates nothing per update once its buffers have grown. Runs apart from the other tests, because their allocations
/// would count.
/// </summary>
[Collection(nameof(AllocationTests))]
public sealed class TrainingAllocationTests
{
    public static TheoryData<string, Precision> Tasks()
    {
        var data = new TheoryData<string, Precision>();
        foreach (TaskDescription task in SyntheticTasks.All)
        {
            foreach (Precision precision in Enum.GetValues<Precision>()) data.Add(task.Name, precision);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public static void Filling_and_updating(string name, Precision precision)
    {
        foreach (OptimizerKind optimizer in Runs.GradientOptimizers)
        {
            bool rich = optimizer is OptimizerKind.Adam or OptimizerKind.Nesterov,
                adapts = optimizer is OptimizerKind.Sutskever or OptimizerKind.Rmsprop;
            TrainingOptions options = Recipes.Get(name, "paper") with
            {
                Hidden = 8,
                Precision = precision,
                Optimizer = optimizer,
                Threads = rich ? 2 : 1,
                Averaging = rich ? 0.9 : 0,
                WeightNoise = rich ? 0.01 : 0,
                Frozen = rich ? [ParameterBlock.OutputBias, ParameterBlock.HiddenBias] : [],
                ClipMode = rich ? ClipMode.Value : ClipMode.Norm,
                OnNonFinite = rich ? NonFinitePolicy.Rescue : NonFinitePolicy.Stop,
                AdaptiveThreshold = !adapts ? null
                    : new(optimizer == OptimizerKind.Sutskever ? ThresholdRule.Percentile : ThresholdRule.ZScore,
                    optimizer == OptimizerKind.Sutskever ? 50 : 2.5),
                StateNoise = adapts ? 0.1 : 0,
                GradientNoise = adapts ? 0.01 : 0,
                L1 = adapts ? [new(ParameterBlock.RecurrentWeights, 0.001)] : [],
                L2 = adapts ? [new(ParameterBlock.InputWeights, 0.001)] : [],
            };
            LengthRange length = name.StartsWith("narma", StringComparison.Ordinal) ? new(50, 60) : new(10, 20);
            ILengthTask task = SyntheticTasks.Create(name, length, rich ? TaskVariant.Text : TaskVariant.Code);
            using ITrainingEngine engine = Replay.Engine(task, options);
            Batch batch = Batch.For(task);
            var predictions = new Predictions();
            var correct = new bool[task.WholeSet ?? 20];
            long update = 0;
            AssertNothing(() =>
            {
                for (int i = 0; i < 10; i++)
                {
                    task.Fill(batch, correct.Length, new RandomKey(1, RandomStream.Training, update % 30));
                    engine.Update(batch, options.Omega, options.LearningRate, ++update);
                    engine.CopyOutputs(predictions);
                    task.MarkCorrect(batch, predictions, correct);
                }
            });
        }
    }

    /// <summary>For every cell and stack, with every draw.</summary>
    [Fact]
    public static void Updates_of_cells_and_stacks()
    {
        foreach ((string name, TrainingOptions network) in CellTrainingTests.Networks)
        {
            TrainingOptions options = CellTrainingTests.Rich(network) with { Threads = name.Length % 2 + 1 };
            using ITrainingEngine engine = Replay.Engine(Runs.Task, options);
            Batch batch = Batch.For(Runs.Task);
            long update = 0;
            AssertNothing(() =>
            {
                for (int i = 0; i < 10; i++)
                {
                    Runs.Task.Fill(batch, 7, new RandomKey(1, RandomStream.Training, update % 30));
                    engine.Update(batch, options.Omega, options.LearningRate, ++update);
                }
            });
        }
    }

    /// <summary>The trainer's own loop, measured from one Fill to the next; the curriculum counts but does not grow.</summary>
    [Fact]
    public static void The_loop_of_the_trainer()
    {
        var least = long.MaxValue;
        long before = 0;
        var task = new ProbeTask(new FirstSymbol(8))
        {
            Filled = (_, _, key) =>
            {
                long now = GC.GetAllocatedBytesForCurrentThread();
                if (key.Index > 100) least = Math.Min(least, now - before);
                before = now;
            },
            Wrong = static (_, _, _) => 4,
        };
        foreach (TrainingOptions options in (TrainingOptions[])
            [
                Runs.Small,
                Runs.Small with
                {
                    Curriculum = new LengthCurriculum(4, 1.5, 0.1, 7), RateSchedule = RateSchedule.Inverse,
                    OmegaSchedule = OmegaSchedule.Inverse,
                },
                Runs.Small with { Frozen = [ParameterBlock.OutputBias], MaximumMinutes = 10 },
            ])
        {
            (least, before) = (long.MaxValue, 0);
            Runs.Result(task, options with { CheckEvery = 100_000, MaximumUpdates = 400 });
            Assert.Equal(0, least);
        }
    }

    /// <summary>
    /// The runtime itself allocates now and then. Code that allocates every time also does so in the best of 40 rounds.
    /// </summary>
    private static void AssertNothing(Action updates)
    {
        for (int i = 0; i < 4; i++) updates();
        long least = long.MaxValue;
        for (int i = 0; i < 40 && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            updates();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
    }
}
