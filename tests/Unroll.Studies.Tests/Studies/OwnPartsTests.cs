using Unroll.Training;

namespace Unroll.Studies.Tests.Studies;

/// <summary>An optimizer, a gradient callback and an initializer of a program's own in a study over its own task.</summary>
public static class OwnPartsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public static void A_trial_is_the_run_of_a_trainer_with_the_same_parts()
    {
        using var folder = new Temporary();
        Study study = With(Task(at => Parts(at.Number("factor"))), StudyAxis.Of("factor", 0.5, 2), StudyAxis.Seeds(1, 2));
        Assert.True(study.Run(folder.At("s"), cancellation: Stop).IsComplete);
        using StudyStore store = StudyStore.OpenToRead(folder.At("s"));
        foreach (Trial trial in study.Trials())
        {
            double factor = double.Parse(trial.Choices[0].Value, System.Globalization.CultureInfo.InvariantCulture);
            using var trainer = new Trainer(new FirstSymbol(3), trial.Options, Parts(factor));
            var losses = new List<double>();
            trainer.Run(check => losses.Add(check.ValidationLoss), Stop);
            Assert.Equal(losses.Select(loss => (float)loss),
                store.Checks(trial.Hash).Select(check => (float)check.ValidationLoss));
        }

        string[] results = [.. store.Trials().Select(trial => $"{trial.Result!.BestLoss}")];
        Assert.Equal(4, results.Distinct().Count());
    }

    [Fact]
    public static void A_run_that_is_cut_goes_on_with_the_state_of_the_optimizer()
    {
        using var folder = new Temporary();
        CancellationTokenSource? stop = null;
        int updates = 0;
        TrainingParts<float> Counted() => Parts(1) with
        {
            OnGradient = _ =>
            {
                if (++updates == 25) stop?.Cancel();
            },
        };
        Study study = With(Task(_ => Counted()), StudyAxis.Seeds(1, 2));
        study.Run(folder.At("whole"), new StudyRunOptions { Jobs = 1 }, Stop);
        int sessions = 0;
        for (bool complete = false; !complete; sessions++)
        {
            Assert.True(sessions < 20, "The study does not come to its end.");
            (updates, stop) = (0, new CancellationTokenSource());
            complete = study.Run(folder.At("cut"), new StudyRunOptions { Jobs = 1 }, stop.Token).IsComplete;
            stop.Dispose();
        }

        Assert.InRange(sessions, 3, 19);
        Assert.Equal(OwnStudies.Results(folder.At("whole")), OwnStudies.Results(folder.At("cut")));
    }

    /// <summary>Trials with parts are no trials without, and those without keep their identity.</summary>
    [Fact]
    public static void That_there_are_parts_is_in_the_identity()
    {
        string plain = Assert.Single(With(Task(null)).Trials()).Hash,
            own = Assert.Single(With(Task(_ => Parts(1))).Trials()).Hash;
        Assert.NotEqual(plain, own);
        Assert.Equal(own, Assert.Single(With(Task(_ => null)).Trials()).Hash);
        var second = new StudyTask("first-symbol", _ => new FirstSymbol(3)) { Version = 2, Parts = _ => Parts(1) };
        Assert.NotEqual(own, Assert.Single(With(second).Trials()).Hash);
    }

    public static TheoryData<string, string> Refusals => new()
    {
        { "unread", "'factor' is no option, and the task first-symbol does not read it" },
        { "missing", "The task first-symbol asks for 'factor', which no axis of the grid gives." },
        { "refused", "The study own, at factor=0: the factor must be above 0" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public static void Parts_that_do_not_fit_are_one_sentence(string what, string sentence)
    {
        StudyAxis factors = StudyAxis.Of("factor", 0, 1);
        TrainingParts Positive(StudyPoint at) => at.Number("factor") > 0 ? Parts(1)
            : throw new ArgumentException("the factor must be above 0", nameof(at));
        Study study = what switch
        {
            "unread" => With(Task(_ => Parts(1)), factors),
            "missing" => With(Task(at => Parts(at.Number("factor")))),
            _ => With(Task(Positive), factors),
        };
        Assert.Contains(sentence, Assert.Throws<StudyException>(() => study.Trials()).Message, StringComparison.Ordinal);
    }

    private static StudyTask Task(Func<StudyPoint, TrainingParts?>? parts) =>
        new("first-symbol", _ => new FirstSymbol(3)) { Parts = parts };

    private static Study With(StudyTask task, params IReadOnlyList<StudyAxis> axes) => new("own", task)
    {
        Options = OwnStudies.Options with { LearningRate = 0.1 },
        Grids = [axes],
        Test = new StudyTest(["x1"], 50),
    };

    /// <summary>Heavy-ball momentum from small random weights, with the gradient scaled.</summary>
    private static TrainingParts<float> Parts(double factor) => new()
    {
        Optimizer = shape => new HeavyBall(shape.ParameterCount),
        OnGradient = at =>
        {
            foreach (ref float g in at.Unrolled.Gradient) g *= (float)factor;
        },
        Initializer = (network, seed) =>
        {
            RandomSource random = new RandomKey(seed, RandomStream.Initialization, 0).Shared();
            foreach (ref float weight in network.Parameters) weight = (float)(random.NextDouble() - 0.5);
        },
    };

    private sealed class HeavyBall(int parameters) : IOptimizer<float>
    {
        private readonly float[] _velocity = new float[parameters];

        public string Name => "heavy-ball";

        public IReadOnlyList<OptimizerState<float>> State => [new("velocity", _velocity)];

        public void Step(Span<float> parameters, ReadOnlySpan<float> gradient, OptimizerStep step)
        {
            for (int i = 0; i < parameters.Length; i++)
            {
                _velocity[i] = (0.9f * _velocity[i]) - ((float)step.Rate * gradient[i]);
                parameters[i] += _velocity[i];
            }
        }
    }
}
