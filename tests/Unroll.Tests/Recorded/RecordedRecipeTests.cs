using System.Runtime.Intrinsics.X86;
using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tasks;
using Unroll.Tests.Tasks.Natural;
using Unroll.Training;

namespace Unroll.Tests.Recorded;

/// <summary>
/// Bits of parameters after updates of every recipe by every method, with the kernel that this process chooses, recorded before
/// the core was divided by layer. UNROLL_RECORDED_UPDATES=300 runs as many updates as the stores of docs/reproducing.md were made
/// with; the suite runs a few.
/// </summary>
public static class RecordedRecipeTests
{
    private const string File = "recipes.txt", Variable = "UNROLL_RECORDED_UPDATES";
    private const int Few = 4;

    private static readonly (string Name, bool Clips, bool Regularizes)[] s_methods =
        [("sgd", false, false), ("sgd-c", true, false), ("sgd-cr", true, true)];

    [Fact]
    public static void The_bits_are_those_recorded()
    {
        Assert.SkipUnless(Fma.IsSupported, "The bits were recorded with fused multiply-adds.");
        bool many = int.TryParse(Environment.GetEnvironmentVariable(Variable), out int updates);
        if (!many) updates = Few;
        string kernel = KernelFactory.Choose(null);
        string name = kernel == KernelFactory.Reference ? $"{kernel}-{RecordedBits.Platform}" : kernel;
        var recorded = new RecordedBits(File);
        int compared = 0;
        foreach (Precision precision in many ? Enum.GetValues<Precision>() : [Precision.Float])
        {
            foreach ((string what, ITask task, TrainingOptions options) in Cases())
            {
                using var trainer = new Trainer(task, options with
                {
                    Precision = precision,
                    MaximumUpdates = updates,
                    MaximumEpochs = null,
                    CheckEvery = 1_000_000,
                    ValidationSequences = 5,
                    SelectionLengths = [],
                    OnNonFinite = NonFinitePolicy.Skip,
                });
                trainer.Run(cancellation: TestContext.Current.CancellationToken);
                string digest = RecordedBits.Digest(trainer.Capture().Tensors["parameters"]);
                if (recorded.Check($"{name} {precision} {what} {updates}", digest)) compared++;
            }
        }

        recorded.Save();
        Assert.SkipWhen(compared == 0, $"There is no record of {name} at {updates} updates.");
        Assert.True(compared >= 60, $"Only {compared} recipes were compared.");
    }

    private static IEnumerable<(string What, ITask Task, TrainingOptions Options)> Cases()
    {
        foreach (TaskDescription task in SyntheticTasks.All)
        {
            foreach (string recipe in Recipes.NamesFor(task.Name))
            {
                foreach ((string method, bool clips, bool regularizes) in s_methods)
                {
                    TrainingOptions options = Recipes.Get(task.Name, recipe);
                    LengthRange length = task.Name == "permutation" ? new(40, 60) : new(50, 60);
                    yield return (
                        $"{task.Name} {recipe} {method}", SyntheticTasks.Create(task.Name, length),
                        Remedied(options, clips, regularizes));
                }
            }
        }

        foreach (string recipe in CorpusRecipes.Names)
        {
            foreach ((string method, bool clips, bool regularizes) in s_methods)
            {
                TrainingOptions music = CorpusRecipes.Get(MusicTask.TaskName, "jsb", 1, clips, regularizes, recipe);
                yield return (
                    $"music {recipe} {method}", new MusicTask(Corpora.Music(40, 30, 25), window: 25), music with { Hidden = 60 });
                TrainingOptions text = CorpusRecipes.Get(TextTask.TaskName, "ptb", 1, clips, regularizes, recipe);
                yield return (
                    $"text {recipe} {method}", new TextTask(Corpora.Text(3000, 100), window: 25), text with { Hidden = 60 });
            }
        }
    }

    /// <summary>
    /// With the remedies of a method, and without noise and rescue, which a recipe got after the bits were recorded.
    /// </summary>
    private static TrainingOptions Remedied(TrainingOptions options, bool clips, bool regularizes) => options with
    {
        ClipMode = clips ? ClipMode.Norm : ClipMode.None,
        Omega = regularizes ? options.Omega : 0,
        StateNoise = 0,
        Rescue = null,
    };
}
