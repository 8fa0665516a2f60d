using System.Numerics;
using Unroll.Files;
using Unroll.Tests.Files;
using Unroll.Training;

namespace Unroll.Tests.Training;

/// <summary>Optimizers, callbacks and initializers that a user writes.</summary>
public static class OwnPartsTests
{
    private static readonly TrainingOptions Options = Runs.Small with { LearningRate = 0.01 };

    /// <summary>A user's optimizer with the same formula as momentum gives the bits of momentum.</summary>
    [Fact]
    public static void A_copy_of_momentum_gives_the_bits_of_momentum()
    {
        TrainingOptions options = Options with { Optimizer = OptimizerKind.Momentum, Averaging = 0.9 };
        Checkpoint expected = Runs.Run(Runs.Task, options).End;
        using var trainer = new Trainer(Runs.Task, options, Parts<float>());
        List<TrainingProgress> checks = Runs.Checks(trainer);
        Checkpoint actual = trainer.Capture();
        Assert.Equal(expected.Tensors.Keys.Order().Where(name => !name.StartsWith("optimizer", StringComparison.Ordinal)),
            actual.Tensors.Keys.Order().Where(name => !name.StartsWith("optimizer", StringComparison.Ordinal)));
        foreach (string name in (string[])["parameters", "average", "best"])
            Assert.True(Runs.SameBits(expected.Tensors[name], actual.Tensors[name]), name);
        Assert.Equal("heavy-ball", actual.Properties["own-optimizer"]);
        Assert.Equal(4, checks.Count);
    }

    [Theory]
    [InlineData(Precision.Float, 15)]
    [InlineData(Precision.Float, 20)]
    [InlineData(Precision.Double, 17)]
    public static void It_is_checkpointed_and_resumed_bit_for_bit(Precision precision, int cut)
    {
        using var folder = new TempFolder();
        TrainingOptions options = Options with { Precision = precision };
        TrainingParts parts = precision == Precision.Double ? Parts<double>() : Parts<float>();
        using var whole = new Trainer(Runs.Task, options, parts);
        Runs.Checks(whole);
        using var half = new Trainer(Runs.Task, options with { MaximumUpdates = cut }, parts);
        Runs.Checks(half);
        CheckpointFile.Write(folder["checkpoint"], half.Capture());
        Checkpoint read = CheckpointFile.Read(folder["checkpoint"]);
        Assert.Equal(["optimizer.velocity", "optimizer.warm-up"],
            read.Tensors.Keys.Where(name => name.StartsWith("optimizer", StringComparison.Ordinal)).Order());
        using Trainer resumed = Trainer.Resume(Runs.Task, options, read, parts);
        Runs.Checks(resumed);
        Runs.AssertSame(whole.Capture(), resumed.Capture(), $"cut {cut}");
    }

    [Fact]
    public static void A_resume_needs_the_same_parts()
    {
        using var own = new Trainer(Runs.Task, Options, Parts<float>());
        Runs.Checks(own);
        Checkpoint plain = Runs.Run(Runs.Task, Options).End;
        Refused(() => Trainer.Resume(Runs.Task, Options, own.Capture()), "own-optimizer", "'heavy-ball'", "'none'");
        Refused(() => Trainer.Resume(Runs.Task, Options, plain, Parts<float>()), "own-optimizer", "'none'", "'heavy-ball'");
        Refused(() =>
            Trainer.Resume(Runs.Task, Options, plain, new TrainingParts<float> { OnGradient = _ => { } }), "own-gradient");
        Refused(() =>
            Trainer.Resume(Runs.Task, Options, own.Capture(), Parts<float>() with { OnGradient = _ => { } }), "own-gradient");
    }

    [Fact]
    public static void Parts_that_are_not_as_they_must_be()
    {
        Refused(() => new Trainer(Runs.Task, Options, Parts<double>()), "double", "float");
        Refused(() => new Trainer(Runs.Task, Options with { Precision = Precision.Double }, Parts<float>()), "float", "double");
        Refused(() => new Trainer(Runs.Task, Options, new TrainingParts<float> { Optimizer = _ => null! }), "null");
        Refused(() => new Trainer(Runs.Task, Options, Named("Heavy ball")), "'Heavy ball'");
        Refused(() => new Trainer(Runs.Task, Options, Named("")), "name");
        Refused(() => new Trainer(Runs.Task, Options, Named("a", "x", "x")), "'x'", "different");
        Refused(() => new Trainer(Runs.Task, Options, Named("a", "x/y")), "'x/y'");

        static TrainingParts<float> Named(string name, params string[] states) =>
            new() { Optimizer = _ => new Idle(name, states) };
    }

    /// <summary>
    /// A callback gets the gradient before clipping, and the gradient that it writes is clipped and used for the step.
    /// </summary>
    [Fact]
    public static void A_callback_changes_the_gradient()
    {
        TrainingOptions options = Options with { Precision = Precision.Double };
        List<(long Update, double Rate, double Loss, double Norm)> seen = [];
        using var trainer = new Trainer(Runs.Task, options, new TrainingParts<double>
        {
            OnGradient = at =>
            {
                Span<double> g = at.Unrolled.Gradient;
                seen.Add((at.Update, at.Rate, at.Loss, Math.Sqrt(at.Unrolled.Gradient.ToArray().Sum(x => x * x))));
                g.Clear();
                g[0] = 0.25; // shorter than the threshold: the step uses only this
            },
        });
        double[] before = [.. trainer.LastNetwork<double>().Parameters];
        Runs.Checks(trainer);
        double[] after = [.. trainer.LastNetwork<double>().Parameters];
        Assert.Equal(Enumerable.Range(1, 40).Select(n => (long)n), seen.Select(s => s.Update));
        Assert.All(seen, s => Assert.Equal((0.01, true, true), (s.Rate, s.Loss > 0, s.Norm > 0)));
        Assert.Equal(before[0] - (40 * 0.01 * 0.25), after[0], 1e-12);
        Assert.Equal(before[1..], after[1..]);
    }

    [Fact]
    public static void A_callback_that_only_looks_changes_no_bit()
    {
        Checkpoint expected = Runs.Run(Runs.Task, Options).End;
        using var trainer = new Trainer(Runs.Task, Options,
            new TrainingParts<float> { OnGradient = at => Assert.Equal(1, at.Unrolled.Network.Shape.Hidden / 6) });
        Runs.Checks(trainer);
        foreach (string name in expected.Tensors.Keys)
            Assert.True(Runs.SameBits(expected.Tensors[name], trainer.Capture().Tensors[name]), name);
    }

    [Fact]
    public static void An_initializer_sets_what_training_starts_from()
    {
        ulong seen = 0;
        using var trainer = new Trainer(Runs.Task, Options with { Seed = 77 }, new TrainingParts<float>
        {
            Initializer = (network, seed) =>
            {
                seen = seed;
                Assert.All(network.Parameters.ToArray(), p => Assert.Equal(0, p));
                network.RecurrentWeights.Fill(0.125f);
            },
        });
        Assert.Equal(77UL, seen);
        Network<float> start = trainer.LastNetwork<float>();
        Assert.All(start.RecurrentWeights.ToArray(), w => Assert.Equal(0.125f, w));
        Assert.All(start.InputWeights.ToArray(), w => Assert.Equal(0, w));
        Assert.Equal(4, Runs.Checks(trainer).Count);
    }

    /// <summary>An optimizer that moves parameters without a gradient does not move frozen parameters.</summary>
    [Fact]
    public static void Frozen_parameters_stay_whatever_the_optimizer_does()
    {
        TrainingOptions options = Options with { Frozen = [ParameterBlock.RecurrentWeights, ParameterBlock.OutputBias] };
        using var trainer = new Trainer(Runs.Task, options, new TrainingParts<float> { Optimizer = _ => new Drift() });
        Network<float> before = trainer.LastNetwork<float>();
        Runs.Checks(trainer);
        Network<float> after = trainer.LastNetwork<float>();
        foreach (ParameterBlock block in before.Blocks)
        {
            float by = options.Frozen.Contains(block.Name) ? 0 : 40;
            for (int i = 0; i < block.Length; i++) Assert.Equal(before.Parameters[block.Offset + i] + by,
                after.Parameters[block.Offset + i], 1e-3f);
        }
    }

    private static TrainingParts<T> Parts<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            new() { Optimizer = shape => new HeavyBall<T>(shape.ParameterCount) };

    private static void Refused(Func<Trainer> make, params string[] says) =>
        Runs.AssertSentence(Assert.Throws<ArgumentException>(() => make().Dispose()).Message, says);

    /// <summary>Momentum in a loop, and a state of another length that does not begin at 0.</summary>
    private sealed class HeavyBall<T>(int parameters) : IOptimizer<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly T[] _velocity = new T[parameters];
        private readonly T[] _warmUp = [T.One, T.Zero];

        public string Name => "heavy-ball";

        public IReadOnlyList<OptimizerState<T>> State => [new("velocity", _velocity), new("warm-up", _warmUp)];

        public void Step(Span<T> parameters, ReadOnlySpan<T> gradient, OptimizerStep step)
        {
            T mu = T.CreateTruncating(0.9), minusRate = T.CreateTruncating(-step.Rate);
            for (int i = 0; i < parameters.Length; i++)
            {
                _velocity[i] *= mu;
                _velocity[i] = (gradient[i] * minusRate) + _velocity[i];
                parameters[i] += _velocity[i];
            }

            _warmUp[1] += _warmUp[0];
            if (double.CreateTruncating(_warmUp[1]) != step.Number)
                throw new InvalidOperationException("A step was not counted.");
        }
    }

    private sealed class Drift : IOptimizer<float>
    {
        public string Name => "drift";

        public IReadOnlyList<OptimizerState<float>> State => [];

        public void Step(Span<float> parameters, ReadOnlySpan<float> gradient, OptimizerStep step)
        {
            foreach (ref float p in parameters) p += 1;
        }
    }

    private sealed class Idle(string name, string[] states) : IOptimizer<float>
    {
        public string Name => name;

        public IReadOnlyList<OptimizerState<float>> State => [.. states.Select(state => new OptimizerState<float>(state, []))];

        public void Step(Span<float> parameters, ReadOnlySpan<float> gradient, OptimizerStep step)
        {
        }
    }
}
