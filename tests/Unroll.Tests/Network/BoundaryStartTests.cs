using System.Numerics;
using Unroll.Dynamics;
using Unroll.Training;

namespace Unroll.Tests.Network;

/// <summary>Starts near a bifurcation, looked at with the instruments of the dynamics.</summary>
public static class BoundaryStartTests
{
    [Theory]
    [InlineData(2, 25, 0.1)]
    [InlineData(13, 8.5, -0.02)]
    [InlineData(50, 40, 0.05)]
    public static void The_state_at_rest_turns_with_the_period_and_grows_by_the_margin(int hidden, double period, double margin)
    {
        AutonomousNetwork map = Made(Initialization.Cycle, hidden, new BoundaryStart(period, margin));
        Complex[] eigenvalues = map.Eigenvalues(new double[hidden]);
        Assert.Equal(1 + margin, eigenvalues[0].Magnitude, 1e-9);
        Assert.Equal(2 * Math.PI / period, Math.Abs(eigenvalues[0].Phase), 1e-9);
        Assert.Equal(eigenvalues[0], Complex.Conjugate(eigenvalues[1]));
        if (hidden > 2) Assert.Equal(BoundaryStart.OtherRadius, eigenvalues[2].Magnitude, 1e-9);
    }

    [Theory]
    [InlineData(0.05, true)]
    [InlineData(-0.05, false)]
    public static void Beyond_the_boundary_there_is_a_cycle_of_the_period_and_before_it_all_dies_out(double margin, bool lives)
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            AutonomousNetwork map = Made(Initialization.Cycle, 30, new BoundaryStart(25, margin), seed);
            double[] state = Settled(map, 30, 2_000, seed);
            double size = Math.Sqrt(state.Sum(x => x * x));
            if (!lives)
            {
                Assert.InRange(size, 0, 1e-10);
                continue;
            }

            Assert.True(size > 0.1, $"{size}");
            Assert.InRange(Period(map, state), 24, 27);
        }
    }

    [Theory]
    [InlineData(0.05, true)]
    [InlineData(-0.05, false)]
    public static void Beyond_the_boundary_there_are_two_states_and_before_it_one(double margin, bool two)
    {
        for (ulong seed = 1; seed <= 5; seed++)
        {
            AutonomousNetwork map = Made(Initialization.Bistable, 20, new BoundaryStart(25, margin), seed);
            Assert.Equal(1 + margin, map.Eigenvalues(new double[20])[0].Real, 1e-9);
            double[] up = Settled(map, 20, 2_000, seed), down = Settled(map, 20, 2_000, seed, sign: -1);
            for (int i = 0; i < 20; i++) Assert.Equal(up[i], -down[i], 1e-9);
            IReadOnlyList<NetworkFixedPoint> points = FixedPointSearch.Find(map, [new double[20], up, down]);
            Assert.Equal(two ? 3 : 1, points.Count(point => point.IsFixed));
            Assert.Equal(two ? 2 : 1, points.Count(point => point.Stability == Stability.Stable));
        }
    }

    [Fact]
    public static void Each_plain_layer_of_a_stack_starts_so_and_other_weights_are_small()
    {
        var network = new Network<double>(new NetworkShape(3, [new LayerShape(6), new LayerShape(5)], 2));
        Initializer.Initialize(
            network, new InitializerOptions { Kind = Initialization.Cycle, Boundary = new BoundaryStart(10, 0.2) }, 1);
        for (int layer = 0; layer < 2; layer++)
        {
            int n = network.Shape.Layers[layer].Hidden;
            double[] weights = network.Parameter(ParameterBlock.Of("weight_hh", layer)).ToArray();
            Assert.Equal(1.2, Unroll.Analysis.Spectrum.SpectralRadius(weights, n), 1e-9);
        }

        Assert.All(network.Parameter("weight").ToArray(), w => Assert.InRange(w, -0.06, 0.06));
        Assert.Contains(network.InputWeights.ToArray(), w => Math.Abs(w) > 0.06);
    }

    [Fact]
    public static void Both_precisions_start_from_the_same_numbers_and_seeds_differ()
    {
        float[] single = Weights<float>(1);
        double[] exact = Weights<double>(1);
        Assert.Equal(exact.Select(w => (float)w), single);
        Assert.NotEqual(exact, Weights<double>(2));

        static T[] Weights<T>(ulong seed)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            var network = new Network<T>(new NetworkShape(1, 7, 1));
            Initializer.Initialize(network, new InitializerOptions { Kind = Initialization.Bistable }, seed);
            return network.RecurrentWeights.ToArray();
        }
    }

    public static TheoryData<string, TrainingOptions> Bad => new()
    {
        { "more than 2", Cycle with { Boundary = new BoundaryStart(2) } },
        { "more than 2", Cycle with { Boundary = new BoundaryStart(double.NaN) } },
        { "above -1", Cycle with { Boundary = new BoundaryStart(25, -1) } },
        { "above -1", Cycle with { Boundary = new BoundaryStart(25, double.PositiveInfinity) } },
        { "plain tanh units", Cycle with { Cell = CellKind.Lstm } },
        { "plain tanh units", Cycle with { Activation = Activation.Relu } },
        { "two hidden units", Cycle with { Hidden = 1 } },
        { "plain tanh units", new TrainingOptions
            {
                Activation = Activation.Sigmoid,
                InitializationByBlock = [new(ParameterBlock.RecurrentWeights, Initialization.Bistable)],
            } },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public static void What_cannot_start_so_is_refused(string says, TrainingOptions options)
    {
        string message = Assert.Throws<ArgumentException>(() =>
            new Trainer(new Unroll.Tasks.TemporalOrder(20), options)).Message;
        Unroll.Tests.Training.Runs.AssertSentence(message, says);
    }

    private static TrainingOptions Cycle { get; } = new() { Initialization = Initialization.Cycle, Omega = 0 };

    private static AutonomousNetwork Made(Initialization kind, int hidden, BoundaryStart start, ulong seed = 1)
    {
        var network = new Network<double>(new NetworkShape(1, hidden, 1));
        Initializer.Initialize(network, new InitializerOptions { Kind = kind, Boundary = start }, seed);
        return new AutonomousNetwork(network);
    }

    private static double[] Settled(AutonomousNetwork map, int hidden, int steps, ulong seed, double sign = 1)
    {
        RandomSource random = new RandomKey(seed, RandomStream.Test, 0).Shared();
        double[] state = [.. Enumerable.Range(0, hidden).Select(_ => sign * 0.01 * random.NextNormal())];
        var next = new double[hidden];
        for (int t = 0; t < steps; t++, (state, next) = (next, state)) map.Apply(state, next);
        return state;
    }

    /// <summary>The mean time between upward crossings of 0 of the unit that swings most.</summary>
    private static double Period(AutonomousNetwork map, double[] state)
    {
        var run = new List<double[]> { state };
        for (int t = 0; t < 1_000; t++)
        {
            var next = new double[state.Length];
            map.Apply(run[^1], next);
            run.Add(next);
        }

        int unit = Enumerable.Range(0, state.Length).MaxBy(i => run.Max(h => h[i]));
        int[] crossings = [.. Enumerable.Range(1, 1_000).Where(t => run[t - 1][unit] < 0 && run[t][unit] >= 0)];
        return (double)(crossings[^1] - crossings[0]) / (crossings.Length - 1);
    }
}
