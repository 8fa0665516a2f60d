using Unroll.Files;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Training on targets and on outputs as inputs.</summary>
public static class TeacherForcingTests
{
    private static readonly ILengthTask s_task = new Sine(new LengthRange(12, 20), 8);

    private static TrainingOptions Options { get; } = Runs.Small with
    {
        Omega = 0,
        Initialization = Initialization.Cycle,
        Boundary = new BoundaryStart(8),
        TeacherForcing = new TeacherForcing(1, 0, 30),
    };

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0.75)]
    [InlineData(4, 0.25)]
    [InlineData(5, 0)]
    [InlineData(1_000_000, 0)]
    public static void The_share_goes_linearly_from_start_to_end(long update, double share)
    {
        Assert.Equal(share, new TeacherForcing(1, 0, 4).At(update), 1e-12);
        Assert.Equal(0.5 + (share / 2), new TeacherForcing(1, 0.5, 4).At(update), 1e-12);
        Assert.Equal(0.3, new TeacherForcing(0.3).At(update));
    }

    [Fact]
    public static void A_share_of_one_is_the_run_without_the_option_and_other_shares_are_others()
    {
        Checkpoint plain = Runs.Run(s_task, Options with { TeacherForcing = TeacherForcing.Full }).End;
        Checkpoint full = Runs.Run(s_task, Options with { TeacherForcing = new TeacherForcing(1, 1, 7) }).End;
        Assert.Equal(Runs.Parameters(plain), Runs.Parameters(full));
        Assert.NotEqual(Runs.Parameters(plain), Runs.Parameters(Runs.Run(s_task, Options).End));
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd)]
    [InlineData(OptimizerKind.Sutskever)]
    public static void A_resume_within_the_schedule_and_other_threads_give_the_same_bits(OptimizerKind optimizer)
    {
        TrainingOptions options = Options with
        {
            Optimizer = optimizer,
            StateNoise = 0.05,
            InputNoise = 0.02,
            WeightNoise = 0.01,
            Dropout = 0.1,
            Layers = 2,
        };
        Checkpoint whole = Runs.Run(s_task, options).End;
        Runs.AssertSame(whole, Runs.Run(s_task, options with { Threads = 3 }).End, "3 threads");
        Checkpoint half = Runs.Run(s_task, options with { MaximumUpdates = 17 }).End;
        using var resumed = Trainer.Resume(s_task, options, half);
        Runs.End(resumed);
        Runs.AssertSame(whole, resumed.Capture(), "resumed");
        string message = Assert.Throws<ArgumentException>(() =>
            Trainer.Resume(s_task, options with { TeacherForcing = new TeacherForcing(0.5) }, half)).Message;
        Runs.AssertSentence(message, "teacher-forcing '1,0,30', not '0.5'");
    }

    /// <summary>The gradient of an update is that of the batch which a pass over the outputs has mixed.</summary>
    [Fact]
    public static void An_update_mixes_its_batch_by_the_seed_and_its_number()
    {
        TrainingOptions options = Options with
        {
            ClipMode = Unroll.Remedies.ClipMode.None,
            TeacherForcing = new TeacherForcing(0.4),
            MaximumUpdates = 3,
            Precision = Precision.Double,
        };
        var network = new Network<double>(OptionsRules.Check(s_task, options));
        Initializer.Initialize(network, OptionsRules.StartOf(options), options.Seed);
        using var unrolled = new UnrolledNetwork<double>(network);
        var feedback = new OutputFeedback<double>(network);
        var batch = Batch.For(s_task);
        for (int update = 1; update <= 3; update++)
        {
            s_task.Fill(batch, options.BatchSize, new RandomKey(options.Seed, RandomStream.Training, update - 1));
            feedback.Mix(batch, 0.4, new RandomKey(options.Seed, RandomStream.TeacherForcing, update));
            unrolled.Forward(batch, s_task.Reduction);
            unrolled.Backward();
            for (int p = 0; p < network.Parameters.Length; p++)
                network.Parameters[p] -= options.LearningRate * unrolled.Gradient[p];
        }

        Assert.Equal(network.Parameters.ToArray(), Runs.Parameters(Runs.Run(s_task, options).End));
    }

    [Fact]
    public static void Checks_evaluate_the_network_on_its_own_outputs()
    {
        using var trainer = new Trainer(s_task, Options with { MaximumUpdates = 10, ValidationSequences = 7 });
        TrainingProgress check = Assert.Single(Runs.Checks(trainer));
        Network<float> network = trainer.BestNetwork<float>();
        using var unrolled = new UnrolledNetwork<float>(network);
        var batch = Batch.For(s_task);
        s_task.Fill(batch, 7, new RandomKey(Options.Seed, RandomStream.Validation, 10L << 17));
        double ahead = unrolled.Forward(batch, s_task.Reduction);
        new OutputFeedback<float>(network).Run(batch);
        Assert.Equal(unrolled.Forward(batch, s_task.Reduction), check.ValidationLoss, 1e-12);
        Assert.NotEqual(ahead, check.ValidationLoss, 1e-6);
    }

    [Fact]
    public static void A_sine_is_learned_and_goes_on_far_beyond_the_trained_length()
    {
        var task = new Sine(60, 12);
        TrainingOptions options = Recipes.Get(task.Name, "best") with
        {
            Hidden = 12,
            Initialization = Initialization.Cycle,
            Boundary = new BoundaryStart(12),
            LearningRate = 0.003,
            BatchSize = 10,
            CheckEvery = 100,
            ValidationSequences = 50,
            MaximumUpdates = 1_000,
            Stop = StopRule.First,
        };
        using var trainer = new Trainer(task, options);
        TrainingResult result = trainer.Run(cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(TrainingOutcome.Solved, result.Outcome);

        // 40 cycles without input: the amplitude neither dies out nor grows.
        Network<double> network = trainer.BestNetwork<double>();
        var batch = Batch.For(task);
        task.WithLength(600).Fill(batch, 3, new RandomKey(9, RandomStream.Test, 0));
        new OutputFeedback<double>(network).Run(batch);
        for (int r = 0; r < 3; r++)
            Assert.InRange(Enumerable.Range(588, 12).Max(t => batch.Dense(t, r)[0]), 0.7, 1.3);
    }

    public static TheoryData<string, ITask, TrainingOptions> Bad => new()
    {
        { "no output that can be fed back", new TemporalOrder(20), Options with { Initialization = Initialization.BasicTanh } },
        { "no output that can be fed back", new Addition(20), Options },
        { "no output that can be fed back", new Narma(50), Options },
        { "within 0 and 1", s_task, Options with { TeacherForcing = new TeacherForcing(1.5) } },
        { "within 0 and 1", s_task, Options with { TeacherForcing = new TeacherForcing(double.NaN) } },
        { "within 0 and 1", s_task, Options with { TeacherForcing = new TeacherForcing(1, -0.1, 5) } },
        { "over 0 updates", s_task, Options with { TeacherForcing = new TeacherForcing(1, 0, 0) } },
        { "it must have more than 2 and at most 1000000", s_task, Options with { Boundary = new BoundaryStart(2) } },
        { "it must have more than 2 and at most 1000000", s_task, Options with { Boundary = new BoundaryStart(1e300) } },
        { "it must be above -1 and at most 10", s_task, Options with { Boundary = new BoundaryStart(8, -1) } },
        { "it must be above -1 and at most 10", s_task, Options with { Boundary = new BoundaryStart(8, 1e30) } },
        { "it must be above -1 and at most 10", s_task, Options with { Boundary = new BoundaryStart(8, double.NaN) } },
        { "Hessian-Free", s_task, HessianFreeRecipe.Of(Options) },
        { "Ridge regression", s_task, ReservoirRecipe.Of(Options) },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public static void What_has_no_sense_is_refused(string says, ITask task, TrainingOptions options) =>
        Runs.AssertSentence(Assert.Throws<ArgumentException>(() => new Trainer(task, options)).Message, says);

    [Theory]
    [InlineData("1")]
    [InlineData("0.30000000000000004")]
    [InlineData("1,0.25,5000")]
    public static void Its_text_reads_back(string text) => Assert.Equal(text, TeacherForcing.Read(text)!.ToText());

    [Theory]
    [InlineData("")]
    [InlineData("1.5")]
    [InlineData("-0.1")]
    [InlineData("NaN")]
    [InlineData("1,0")]
    [InlineData("1,0,0")]
    [InlineData("1,0,-5")]
    [InlineData("1,2,5")]
    [InlineData("1,0,5,6")]
    public static void Other_texts_are_none(string text) => Assert.Null(TeacherForcing.Read(text));
}
