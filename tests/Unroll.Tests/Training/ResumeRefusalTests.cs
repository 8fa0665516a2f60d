using Unroll.Files;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>A checkpoint can only be resumed as the same run; every refusal is one sentence that says what differs.</summary>
public static class ResumeRefusalTests
{
    private static readonly string[] Free =
        [nameof(TrainingOptions.MaximumUpdates), nameof(TrainingOptions.MaximumMinutes), nameof(TrainingOptions.Threads)];
    private static readonly TrainingOptions Options = Runs.Small with
    {
        MaximumUpdates = 15,
        Optimizer = OptimizerKind.Adam,
        Averaging = 0.5,
    };
    private static readonly FirstSymbol Task = new(new LengthRange(10, 12));
    private static readonly Lazy<Checkpoint> Saved = new(() => Runs.Run(Task, Options).End);

    /// <summary>Epochs and patience are options of corpora only.</summary>
    public static TheoryData<string> Properties =>
        [.. OptionChanges.Names.Except([nameof(TrainingOptions.MaximumEpochs), nameof(TrainingOptions.Patience)])];

    [Theory]
    [MemberData(nameof(Properties))]
    public static void Only_the_budget_and_the_threads_may_differ(string property)
    {
        TrainingOptions options = property switch
        {
            nameof(TrainingOptions.Leak) or nameof(TrainingOptions.TrainedLeak) =>
                Options with { Cell = CellKind.Leaky, Leak = 0.5 },
            nameof(TrainingOptions.Dropout) => Options with { Layers = 2 },
            nameof(TrainingOptions.TemporalClip) => Options with { Omega = 0 },
            nameof(TrainingOptions.ForgetBias) or nameof(TrainingOptions.LongestLag) => Options with { Cell = CellKind.Lstm },
            _ => Options,
        };
        if (property == nameof(TrainingOptions.InputNoise)) return; // the symbols of this task have none: see ForecastTaskTests
        if (property == nameof(TrainingOptions.TeacherForcing)) return; // nor outputs to feed back: see TeacherForcingTests
        Checkpoint saved = options == Options ? Saved.Value : Runs.Run(Task, options).End;
        TrainingOptions other = OptionChanges.Change(options, property);
        if (Free.Contains(property))
        {
            using Trainer resumed = Trainer.Resume(Task, other, Saved.Value);
            Assert.Equal(15, resumed.Updates);
            return;
        }

        (string name, string before, string after) = OptionChanges.Text(options, other);
        Refused(Task, other, saved, name, $"'{before}'", $"'{after}'");
    }

    [Fact]
    public static void Another_task_length_or_variant()
    {
        Refused(new TemporalOrder(new LengthRange(10, 12)), Options, Saved.Value, "task", "'first-symbol'", "'temporal-order'");
        Refused(new FirstSymbol(new LengthRange(10, 13)), Options, Saved.Value, "length", "'10..12'", "'10..13'");
        var code = new TemporalOrder(10);
        Checkpoint saved = Runs.Run(code, Options).End;
        Refused(new TemporalOrder(10, TaskVariant.Text), Options, saved, "variant", "'code'", "'text'");
        Trainer.Resume(code, Options, saved).Dispose();
    }

    [Fact]
    public static void Every_property_and_tensor_is_needed()
    {
        Checkpoint whole = Saved.Value;
        foreach (string name in whole.Properties.Keys)
            Refused(Task, Options, whole with { Properties = whole.Properties.Where(p => p.Key != name).ToDictionary() }, name);
        foreach (string name in whole.Tensors.Keys)
        {
            Refused(Task, Options, Without(name, null), name);
            Refused(Task, Options, Without(name, new float[whole.Tensors[name].Length - 1]), name);
            Refused(Task, Options, Without(name, new double[whole.Tensors[name].Length]), name);
        }

        Assert.Equal(["average", "best", "carried", "optimizer.first", "optimizer.second", "parameters"],
            whole.Tensors.Keys.Order());

        Checkpoint Without(string name, Array? instead)
        {
            Dictionary<string, Array> tensors = whole.Tensors.Where(t => t.Key != name).ToDictionary();
            if (instead is not null) tensors[name] = instead;
            return whole with { Tensors = tensors };
        }
    }

    [Theory]
    [InlineData("update", "x")]
    [InlineData("update", "-1")]
    [InlineData("longest", "0")]
    [InlineData("longest", "13")]
    [InlineData("best-error", "x")]
    [InlineData("optimizer-steps", "1.5")]
    public static void A_counter_that_cannot_be(string name, string text)
    {
        Dictionary<string, string> properties = Saved.Value.Properties.ToDictionary();
        properties[name] = text;
        Refused(Task, Options, Saved.Value with { Properties = properties }, name);
    }

    [Fact]
    public static void A_checkpoint_of_something_else() =>
        Refused(
            Task, Options, new Checkpoint(new Dictionary<string, string> { ["epoch"] = "3" }, new Dictionary<string, Array>()),
            "task", "(nothing)");

    private static void Refused(ITask task, TrainingOptions options, Checkpoint checkpoint, params string[] says) =>
        Runs.AssertSentence(Assert.Throws<ArgumentException>(() => Trainer.Resume(task, options, checkpoint)).Message, says);
}
