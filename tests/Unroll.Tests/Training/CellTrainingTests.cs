using Unroll.Files;
using Unroll.Tests.Files;
using Unroll.Tests.Oracles;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>
/// Every cell, two layers of each and a mixed stack through the trainer: they learn, and every bit is as expected.
/// </summary>
public static class CellTrainingTests
{
    private static readonly LayerList s_mixed =
    [
        new LayerShape(5) { Cell = CellKind.Gru },
        new LayerShape(4) { Cell = CellKind.Leaky, Leak = 0.4, TrainedLeak = true },
        new LayerShape(6) { Cell = CellKind.Lstm },
    ];

    private static readonly TrainingOptions s_small = Runs.Small with { Optimizer = OptimizerKind.Adam, LearningRate = 0.02 };

    internal static Dictionary<string, TrainingOptions> Networks { get; } = new()
    {
        ["two plain"] = s_small with { Layers = 2 },
        ["leaky"] = s_small with { Cell = CellKind.Leaky, Leak = 0.3 },
        ["trained leak"] = s_small with
        {
            Cell = CellKind.Leaky,
            Leak = 0.3,
            TrainedLeak = true,
            Activation = Activation.Sigmoid
        },
        ["lstm"] = s_small with { Cell = CellKind.Lstm },
        ["two lstm"] = s_small with { Cell = CellKind.Lstm, Layers = 2, ForgetBias = 2 },
        ["gru"] = s_small with { Cell = CellKind.Gru, LongestLag = 8 },
        ["mixed"] = s_small with { Stack = s_mixed },
        ["normalized"] = s_small with { LayerNorm = true, LearningRate = 0.005 },
        ["normalized gru, lstm"] = s_small with
        {
            Stack = [new LayerShape(6) { Cell = CellKind.Gru, LayerNorm = true },
                new LayerShape(6) { Cell = CellKind.Lstm, LayerNorm = true }],
        },
    };

    public static TheoryData<string> Names => [.. Networks.Keys];

    /// <summary>Everything that has its own draws or state, at once.</summary>
    internal static TrainingOptions Rich(TrainingOptions o) => o with
    {
        LearnedInitialState = true,
        Dropout = o.Layers > 1 || o.Stack is not null ? 0.3 : 0,
        InputDropout = 0.1,
        OutputDropout = 0.2,
        StateNoise = 0.05,
        BiasNoise = 0.03,
        WeightNoise = 0.02,
        Averaging = 0.8,
        BatchSize = 7,
    };

    [Theory]
    [MemberData(nameof(Names))]
    public static void It_learns(string name)
    {
        TrainingOptions options = Networks[name] with
        {
            MaximumUpdates = 3_000,
            CheckEvery = 50,
            Stop = StopRule.First,
            BatchSize = 10,
            ValidationSequences = 200
        };
        using var trainer = new Trainer(Runs.Task, options);
        List<TrainingProgress> checks = Runs.Checks(trainer);
        Assert.True(trainer.LastResult!.Outcome == TrainingOutcome.Solved,
            $"{name}: {checks[^1].Error} wrong after {checks[^1].Update}");
        Assert.True(checks[^1].Loss < 0.5 * checks[0].Loss || checks.Count == 1);
        Assert.All(checks, check => Assert.True(check.SpectralRadius > 0 && check.LargestSingularValue > 0 && check.Omega >= 0));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public static void Threads_change_no_bit(string name)
    {
        foreach (Precision precision in Enum.GetValues<Precision>())
        {
            TrainingOptions options = Rich(Networks[name]) with { Precision = precision, MaximumUpdates = 15 };
            Checkpoint one = Runs.Run(ResumeTests.Carrying(), options).End;
            for (int threads = 2; threads <= 3; threads++)
                Runs.AssertSame(one, Runs.Run(ResumeTests.Carrying(), options with { Threads = threads }).End,
                    $"{threads} threads");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public static void A_resume_changes_no_bit(string name)
    {
        using var folder = new TempFolder();
        for (int cut = 0; cut < 3; cut++)
        {
            TrainingOptions options = (cut == 0 ? Networks[name] : Rich(Networks[name])) with
            {
                Precision = cut == 1 ? Precision.Double : Precision.Float,
                Threads = 1 + (cut % 2),
            };
            ResumeTests.CheckCut(options, cut, folder["checkpoint"], $"{name} cut {cut}", ResumeTests.Carrying());
        }
    }

    /// <summary>The saved network is the trained one, and a stream of single steps gives the same outputs as a batch.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public static void The_model_file_is_the_network(string name)
    {
        using var folder = new TempFolder();
        using var trainer = new Trainer(Runs.Task, Rich(Networks[name]));
        trainer.Run(cancellation: TestContext.Current.CancellationToken);
        trainer.SaveLast(folder["model"]);
        Network<float> network = trainer.LastNetwork<float>(),
            loaded = ModelFile.Load<float>(folder["model"], out ModelInfo info);
        Assert.Equal(trainer.Shape, info.Shape);
        Assert.Equal(network.Parameters, loaded.Parameters);
        Batch batch = Batch.For(Runs.Task);
        Runs.Task.Fill(batch, 3, new RandomKey(4, RandomStream.Test, 0));
        using var unrolled = new UnrolledNetwork<float>(network);
        unrolled.Forward(batch, CostReduction.Sum);
        var streaming = new StreamingNetwork<float>(loaded);
        for (int row = 0; row < 3; row++)
        {
            float[] state = streaming.Start(), output = new float[2];
            for (int t = 0; t < batch.Lengths[row]; t++) streaming.Step(batch.Symbol(t, row), state, output);
            Assert.Equal(unrolled.Output(0, row), output);
            Assert.True(unrolled.CarriedState(row).SequenceEqual(state));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public static void What_is_frozen_stays(string name)
    {
        TrainingOptions options = Rich(Networks[name]);
        NetworkShape shape = OptionsRules.ShapeOf(Runs.Task, options);
        foreach (string frozen in shape.Blocks().Select(block => block.Name))
        {
            using ITrainingEngine engine = Replay.Engine(Runs.Task, options with { Frozen = [frozen] });
            double[] before = Replay.Parameters(engine);
            Batch batch = Batch.For(Runs.Task);
            for (int n = 1; n <= 3; n++)
            {
                Runs.Task.Fill(batch, 4, new RandomKey(1, RandomStream.Training, n));
                engine.Update(batch, 1, 0.1, n);
            }

            double[] after = Replay.Parameters(engine);
            foreach (ParameterBlock block in shape.Blocks())
            {
                bool same = before.AsSpan(block.Offset, block.Length).SequenceEqual(after.AsSpan(block.Offset, block.Length));
                Assert.True(same == (block.Name == frozen), $"{frozen}: {block.Name}");
            }
        }
    }

    /// <summary>
    /// An update with every draw at once, compared with the same update written out: masks by seed and update, Omega of each
    /// layer, clipping.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public static void An_update_is_the_update_by_hand(string name)
    {
        TrainingOptions options = Rich(Networks[name]) with
        {
            Precision = Precision.Double,
            Optimizer = OptimizerKind.Sgd,
            WeightNoise = 0,
            ClipThreshold = 0.2
        };
        NetworkShape shape = OptionsRules.Check(Runs.Task, options);
        using var engine = (TrainingEngine<double>)Replay.Engine(Runs.Task, options, shape);
        double[] theta = [.. engine.Network.Parameters];
        for (int n = 1; n <= 3; n++)
        {
            Batch batch = Batch.For(Runs.Task);
            Runs.Task.Fill(batch, 7, new RandomKey(1, RandomStream.Training, n));
            var network = new Network<double>(shape);
            theta.CopyTo(network.Parameters);
            using var unrolled = new UnrolledNetwork<double>(network, kernel: "reference");
            unrolled.Noise = new PassNoise(options.Seed, n)
            {
                StateDeviation = 0.05,
                BiasDeviation = 0.03,
                InputDropout = 0.1,
                LayerDropout = options.Dropout,
                OutputDropout = 0.2,
            };
            double loss = unrolled.Forward(batch, CostReduction.Sum);
            var omega = unrolled.Backward(new Unroll.Remedies.VanishingGradientRegularizer(), 0.7);
            double[] g = [.. unrolled.Gradient];
            double norm = Math.Sqrt(g.Sum(x => x * x));
            for (int i = 0; i < g.Length; i++) theta[i] -= 0.3 * g[i] * (norm >= 0.2 ? 0.2 / norm : 1);
            UpdateReport report = engine.Update(batch, 0.7, 0.3, n);
            Assert.Equal(loss, report.Loss, Math.Abs(loss) * 1e-10);
            Assert.Equal(omega.Omega, report.Omega.Omega, omega.Omega * 1e-9);
            Assert.Equal(norm, report.Clip.NormBefore, norm * 1e-9);
            Compare.Close(engine.Network.Parameters, theta, 1e-9, $"{name}, update {n}");
        }
    }

    /// <summary>Dropout changes training but never a check.</summary>
    [Fact]
    public static void A_check_drops_nothing()
    {
        TrainingOptions options = Networks["two lstm"] with
        {
            Dropout = 0.6,
            InputDropout = 0.5,
            OutputDropout = 0.4,
            MaximumUpdates = 10,
            Precision = Precision.Double
        };
        using var trainer = new Trainer(Runs.Task, options);
        TrainingProgress check = Assert.Single(Runs.Checks(trainer));
        using var unrolled = new UnrolledNetwork<double>(trainer.LastNetwork<double>());
        EvaluationResult evaluated = new Evaluator.OfTask<double>(unrolled, Runs.Task, Runs.Task.Reduction).Run(
            new RandomKey(options.Seed, RandomStream.Validation, 10L << 17), 40, CancellationToken.None);
        Assert.Equal((evaluated.Error, evaluated.Loss), (check.Error, check.ValidationLoss));
        Checkpoint with = trainer.Capture();
        TrainingOptions[] others =
            [options with { Dropout = 0.5 }, options with { InputDropout = 0 }, options with { OutputDropout = 0 }];
        foreach (TrainingOptions other in others)
            Assert.False(Runs.SameBits(with.Tensors["parameters"], Runs.Run(Runs.Task, other).End.Tensors["parameters"]));
    }

    [Fact]
    public static void A_checkpoint_of_another_cell_is_refused()
    {
        Checkpoint saved = Runs.Run(Runs.Task, Networks["lstm"]).End;
        Refused(Networks["gru"] with { LongestLag = null }, saved, "The checkpoint was made with cell 'lstm', not 'gru'");
        Refused(Networks["lstm"] with { Layers = 2 }, saved, "layers '1', not '2'");
        Refused(s_small, saved, "cell 'lstm', not 'plain'");
        Refused(Networks["lstm"], Runs.Run(Runs.Task, s_small).End, "cell 'plain', not 'lstm'");
        Refused(Networks["mixed"], saved, "cell 'lstm', not 'plain'");
        Refused(Networks["two lstm"] with { ForgetBias = 1 }, Runs.Run(Runs.Task, Networks["two lstm"]).End,
            "forget-bias '2', not '1'");

        static void Refused(TrainingOptions options, Checkpoint checkpoint, string says) =>
            Runs.AssertSentence(Assert.Throws<ArgumentException>(
                () => Trainer.Resume(Runs.Task, options, checkpoint)).Message, says);
    }

    [Fact]
    public static void A_network_starts_where_the_options_say()
    {
        TrainingOptions options = s_small with
        {
            Cell = CellKind.Lstm,
            Layers = 2,
            ForgetBias = 2.5,
            Initialization = Initialization.Uniform,
            InitializationByBlock = [new("weight_hh_l1", Initialization.Identity)],
            Precision = Precision.Double,
            Seed = 5,
        };
        using var engine = (TrainingEngine<double>)Replay.Engine(Runs.Task, options);
        var expected = new Network<double>(engine.Network.Shape);
        Initializer.Initialize(expected, new InitializerOptions
        {
            Kind = Initialization.Uniform,
            ForgetBias = 2.5,
            ByBlock = new Dictionary<string, Initialization> { ["weight_hh_l1"] = Initialization.Identity },
        }, 5);
        Assert.Equal(expected.Parameters, engine.Network.Parameters);
        ReadOnlySpan<double> upper = engine.Network.Parameter("weight_hh_l1");
        for (int row = 0; row < 24; row++) Assert.Equal(1, upper[(row * 6) + (row % 6)]);

        using var chrono = (TrainingEngine<double>)Replay.Engine(
            Runs.Task, options with { ForgetBias = 1, LongestLag = 100, Initialization = Initialization.BasicTanh });
        ReadOnlySpan<double> bias = chrono.Network.Parameter("bias_l0");
        for (int j = 0; j < 6; j++)
        {
            Assert.InRange(bias[6 + j], 0, Math.Log(99)); // f, for memories of 2 to 100 steps
            Assert.Equal(-bias[6 + j], bias[j], 1e-12);
        }
    }
}
