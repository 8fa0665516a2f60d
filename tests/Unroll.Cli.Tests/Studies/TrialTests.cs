using Unroll.Remedies;
using Unroll.Studies;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Tests.Studies;

public class TrialTests
{
    private static readonly TrainSettings Settings = new("temporal-order", 20, TaskVariant.Code, "best", new TrainingOptions());

    /// <summary>One changed value of every option.</summary>
    internal static readonly Dictionary<string, TrainingOptions> Changed = new()
    {
        ["hidden"] = new() { Hidden = 51 },
        ["cell"] = new() { Cell = CellKind.Gru },
        ["layers"] = new() { Layers = 2 },
        ["stack"] = new() { Stack = [new LayerShape(5), new LayerShape(6)] },
        ["leak"] = new() { Leak = 0.5 },
        ["train-leak"] = new() { TrainedLeak = true },
        ["layer-norm"] = new() { LayerNorm = true },
        ["dropout"] = new() { Dropout = 0.5 },
        ["input-dropout"] = new() { InputDropout = 0.5 },
        ["output-dropout"] = new() { OutputDropout = 0.5 },
        ["read"] = new() { Read = StateReading.Max },
        ["forget-bias"] = new() { ForgetBias = 2 },
        ["chrono"] = new() { LongestLag = 70 },
        ["ring"] = new() { Ring = new(0.5, 0.75) },
        ["start-period"] = new() { Boundary = new(12.5) },
        ["start-margin"] = new() { Boundary = new(25, -0.01) },
        ["teacher-forcing"] = new() { TeacherForcing = new(0.5) },
        ["init-block"] = new() { InitializationByBlock = [new("weight_hh_l0", Initialization.Identity)] },
        ["activation"] = new() { Activation = Activation.Sigmoid },
        ["biases"] = new() { Biases = false },
        ["learned-initial-state"] = new() { LearnedInitialState = true },
        ["init"] = new() { Initialization = Initialization.BasicTanh },
        ["optimizer"] = new() { Optimizer = OptimizerKind.Adam },
        ["lr"] = new() { LearningRate = 0.0010000000000000002 },
        ["lr-schedule"] = new() { RateSchedule = RateSchedule.Inverse },
        ["momentum"] = new() { Momentum = 0.5 },
        ["averaging"] = new() { Averaging = 0.5 },
        ["weight-noise"] = new() { WeightNoise = 0.5 },
        ["weight-decay"] = new() { WeightDecay = 0.5 },
        ["input-noise"] = new() { InputNoise = 0.1 },
        ["state-noise"] = new() { StateNoise = 0.1 },
        ["bias-noise"] = new() { BiasNoise = 0.1 },
        ["warmup"] = new() { Warmup = 100 },
        ["spectral-radius"] = new() { Reservoir = new() { SpectralRadius = 1.1 } },
        ["density"] = new() { Reservoir = new() { Density = 0.5 } },
        ["input-scale"] = new() { Reservoir = new() { InputScales = [0.5, 2] } },
        ["input-density"] = new() { Reservoir = new() { InputDensity = 0.5 } },
        ["bias-scale"] = new() { Reservoir = new() { BiasScale = 0.5 } },
        ["ridge"] = new() { RidgePenalty = 0.5 },
        ["washout"] = new() { Washout = 7 },
        ["plateau-checks"] = new() { PlateauChecks = 11 },
        ["l1"] = new() { L1 = [new("weight_hh_l0", 0.1)] },
        ["l2"] = new() { L2 = [new("weight_hh_l0", 0.1)] },
        ["gradient-noise"] = new() { GradientNoise = 0.1 },
        ["damping"] = new() { HessianFree = new() { Damping = 1 } },
        ["structural-damping"] = new() { HessianFree = new() { StructuralDamping = 0 } },
        ["cg-iterations"] = new() { HessianFree = new() { Iterations = 7 } },
        ["gradient-batches"] = new() { HessianFree = new() { GradientBatches = 7 } },
        ["clip-temporal"] = new() { TemporalClip = new(1) },
        ["gradient-noise-decay"] = new() { GradientNoiseDecay = 0.5 },
        ["clip-rule"] = new() { AdaptiveThreshold = new(ThresholdRule.Mean, 1) },
        ["rescue"] = new() { Rescue = new() },
        ["clip-mode"] = new() { ClipMode = ClipMode.Value },
        ["clip"] = new() { ClipThreshold = 7 },
        ["omega"] = new() { Omega = 3 },
        ["omega-form"] = new() { OmegaForm = OmegaForm.Paper },
        ["omega-schedule"] = new() { OmegaSchedule = OmegaSchedule.Inverse },
        ["on-nonfinite"] = new() { OnNonFinite = NonFinitePolicy.Skip },
        ["cost"] = new() { Reduction = CostReduction.Sum },
        ["batch"] = new() { BatchSize = 21 },
        ["curriculum"] = new() { Curriculum = new LengthCurriculum(12, 1.5, 0.5) },
        ["frozen"] = new() { Frozen = ["weight_hh_l0"] },
        ["seed"] = new() { Seed = 2 },
        ["updates"] = new() { MaximumUpdates = 7 },
        ["epochs"] = new() { MaximumEpochs = 7 },
        ["minutes"] = new() { MaximumMinutes = 5 },
        ["check-every"] = new() { CheckEvery = 7 },
        ["validation"] = new() { ValidationSequences = 7 },
        ["select-length"] = new() { SelectionLengths = [70] },
        ["select-by"] = new() { SelectionMeasure = SelectionMeasure.Cost },
        ["patience"] = new() { Patience = 7 },
        ["stop"] = new() { Stop = StopRule.Budget },
        ["precision"] = new() { Precision = Precision.Double },
        ["threads"] = new() { Threads = 2 },
    };

    [Fact]
    public void Every_option_that_can_change_a_bit_changes_the_identity_and_threads_do_not()
    {
        string before = Hash(Settings);
        var hashes = new HashSet<string> { before };
        foreach ((string name, string value) in OptionsText.ToProperties(Settings.Options))
        {
            TrainingOptions changed = Changed[name]; // an option that is new needs a line above
            Assert.NotEqual(value, OptionsText.ToProperties(changed).Single(option => option.Key == name).Value);
            if (name == "threads") Assert.Equal(before, Hash(Settings with { Options = changed }));
            else Assert.True(hashes.Add(Hash(Settings with { Options = changed })), name);
        }

        Assert.True(hashes.Add(Hash(Settings with { Task = "addition" })));
        Assert.True(hashes.Add(Hash(Settings with { Length = 21 })));
        Assert.True(hashes.Add(Hash(Settings with { Length = new LengthRange(20, 21) })));
        Assert.True(hashes.Add(Hash(Settings with { Variant = TaskVariant.Text })));
    }

    [Fact]
    public void The_identity_is_that_of_the_values_however_they_were_given()
    {
        string best = Hash(TrialOptions.Resolve(new Dictionary<string, string> { ["recipe"] = "best", ["length"] = "20" }));
        TrainSettings settings = TrialOptions.Resolve(new Dictionary<string, string> { ["length"] = "20" });
        Assert.Equal(best, Hash(settings));
        Assert.Equal(best, Hash(settings with { Recipe = "paper" }));
        Assert.Equal(best, Hash(TrialOptions.Resolve(new Dictionary<string,
            string>
        { ["length"] = "20..20", ["task"] = "Temporal-Order", ["method"] = "SGD-CR" })));
        string lr = OptionsText.ToProperties(settings.Options).Single(option => option.Key == "lr").Value;
        Assert.Equal(best, Hash(TrialOptions.Resolve(new Dictionary<string, string> { ["length"] = "20", ["lr"] = lr + "0" })));
        Assert.Equal(
            Hash(TrialOptions.Resolve(new Dictionary<string, string> { ["frozen"] = "weight_hh_l0,bias_l0" })),
            Hash(TrialOptions.Resolve(new Dictionary<string, string> { ["frozen"] = "bias_l0, weight_hh_l0" })));
    }

    [Fact]
    public void The_identity_of_a_trial_is_what_it_was()
    {
        // Frozen: with another value every result that anybody has is run again. When that is meant (the same options come to
        // mean other bits), Trial.Semantics is increased and this value changed.
        Assert.Equal("4af787ec53dfe331032b2cf1", Hash(Settings));
    }

    [Fact]
    public void The_expected_cost_follows_the_work()
    {
        double Cost(TrainSettings settings) => new Trial(0, [], settings).Cost;
        double cost = Cost(Settings);
        Assert.True(Cost(Settings with { Length = 40 }) > 1.9 * cost);
        Assert.Equal(2 * cost,
            Cost(Settings with { Options = Settings.Options with { MaximumUpdates = 10_000_000 } }), 1e-6 * cost);
        Assert.True(Cost(Settings with { Options = Settings.Options with { Hidden = 100 } }) > cost);
        Assert.Equal(60, Cost(Settings with { Options = Settings.Options with { MaximumMinutes = 1 } }));
    }

    private static string Hash(TrainSettings settings) => new Trial(0, [], settings).Hash;
}
