using Unroll.Tasks;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Network;

/// <summary>Outputs as inputs: against a stream that is stepped by hand, and against finite differences.</summary>
public static class OutputFeedbackTests
{
    private static readonly int[] s_lengths = [9, 4, 1, 9];

    public static MatrixTheoryData<CellKind, double> Cases =>
        new([CellKind.Plain, CellKind.Leaky, CellKind.Lstm, CellKind.Gru, CellKind.Lru], [0, 0.3, 0.7]);

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Mixed_inputs_are_those_of_a_stream_that_reads_its_own_outputs(CellKind cell, double share)
    {
        // Input 0 is given, inputs 1 and 2 are fed back.
        NetworkShape shape = Shape(3, [new LayerShape(5) { Cell = cell }, new LayerShape(4)], 2);
        Network<double> network = Specimen.Network<double>(shape, 7);
        Batch mixed = Made(shape, 3), given = Made(shape, 3);
        var key = new RandomKey(11, RandomStream.TeacherForcing, 5);
        new OutputFeedback<double>(network, 1).Mix(mixed, share, key);
        int own = 0, kept = 0;
        for (int r = 0; r < given.Rows; r++)
        {
            RandomSource random = key.Row(r);
            var stream = new StreamingNetwork<double>(network);
            double[] state = stream.Start(), y = new double[2];
            for (int t = 0; t < given.Lengths[r]; t++)
            {
                double[] u = given.Dense(t, r).ToArray();
                if (t > 0 && given.IsPredicted(t - 1, r))
                {
                    bool isGiven = random.NextDouble() < share;
                    if (!isGiven) (u[1], u[2]) = (y[0], y[1]);
                    (own, kept) = (own + (isGiven ? 0 : 1), kept + (isGiven ? 1 : 0));
                }

                Assert.Equal(u, mixed.Dense(t, r).ToArray());
                stream.Step(u, state, y);
            }

            for (int t = given.Lengths[r]; t < given.Steps; t++)
                Assert.Equal(given.Dense(t, r).ToArray(), mixed.Dense(t, r).ToArray());
        }

        Assert.True(own > 0 && (share == 0) == (kept == 0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    public static void The_gradient_takes_inputs_that_were_fed_back_as_constants(double share)
    {
        NetworkShape shape = Shape(2, [new LayerShape(4)], 2);
        Network<double> network = Specimen.Network<double>(shape, 3);
        Batch batch = Made(shape, 2);
        var key = new RandomKey(2, RandomStream.TeacherForcing, 1);
        new OutputFeedback<double>(network).Mix(batch, share, key);
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, CostReduction.Mean);
        unrolled.Backward();
        double[] gradient = unrolled.Gradient.ToArray();
        double furthest = 0;
        for (int p = 0; p < gradient.Length; p++)
        {
            double held = Difference(p, again: false), full = Difference(p, again: true);
            Assert.Equal(held, gradient[p], 1e-8);
            furthest = Math.Max(furthest, Math.Abs(full - gradient[p]));
        }

        // The whole derivative, with inputs that move with the parameters, is another one.
        Assert.True(furthest > 1e-3, $"{furthest}");

        double Difference(int p, bool again)
        {
            const double H = 1e-6;
            double at = network.Parameters[p];
            double up = Cost(at + H), down = Cost(at - H);
            network.Parameters[p] = at;
            return (up - down) / (2 * H);

            double Cost(double value)
            {
                network.Parameters[p] = value;
                Batch one = batch;
                if (again)
                {
                    one = Made(shape, 2);
                    new OutputFeedback<double>(network).Mix(one, share, key);
                }

                return unrolled.Forward(one, CostReduction.Mean);
            }
        }
    }

    [Fact]
    public static void A_share_of_one_changes_nothing_and_draws_are_of_the_key_alone()
    {
        NetworkShape shape = Shape(2, [new LayerShape(3)], 2);
        Network<float> network = Specimen.Network<float>(shape, 1);
        var feedback = new OutputFeedback<float>(network);
        Batch given = Made(shape, 4), whole = Made(shape, 4);
        feedback.Mix(whole, 1, default);
        Assert.Equal(Inputs(given), Inputs(whole));
        double[] once = Mixed(1), other = Mixed(2);
        Assert.Equal(once, Mixed(1));
        Assert.NotEqual(once, other);

        double[] Mixed(long index)
        {
            Batch batch = Made(shape, 4);
            feedback.Mix(batch, 0.5, new RandomKey(1, RandomStream.TeacherForcing, index));
            return Inputs(batch);
        }
    }

    [Fact]
    public static void A_network_that_explodes_feeds_back_finite_numbers()
    {
        NetworkShape shape = Shape(1, [new LayerShape(1) { Activation = Activation.Identity }], 1);
        var network = new Network<float>(shape);
        network.Parameters.Fill(1e20f);
        Batch batch = Made(shape, 1);
        new OutputFeedback<float>(network).Run(batch);
        Assert.All(Inputs(batch), value => Assert.InRange(value, -1e10, 1e10));
    }

    [Fact]
    public static void What_cannot_be_fed_back_is_refused()
    {
        foreach ((NetworkShape shape, int column) in ((NetworkShape, int)[])
            [
                (Shape(2, [new LayerShape(3)], 2) with { Head = OutputHead.LinearLast }, 0),
                (Shape(2, [new LayerShape(3)], 2) with { Head = OutputHead.SoftmaxEvery }, 0),
                (Shape(2, [new LayerShape(3)], 2) with { Head = OutputHead.BernoulliEvery }, 0),
                (Shape(2, [new LayerShape(3)], 2) with { Encoding = InputEncoding.OneHot }, 0),
                (Shape(2, [new LayerShape(3)], 2), 1),
                (Shape(2, [new LayerShape(3)], 2), -1),
                (Shape(2, [new LayerShape(3)], 3), 0),
            ])
        {
            string message =
                Assert.Throws<ArgumentException>(() => new OutputFeedback<float>(new Network<float>(shape), column)).Message;
            Assert.Contains("fed back", message);
            Assert.EndsWith(".", message);
        }

        NetworkShape fit = Shape(2, [new LayerShape(3)], 2);
        var feedback = new OutputFeedback<double>(new Network<double>(fit));
        Batch carried = Made(fit, 1);
        carried.Carry[0] = true;
        Assert.Contains("whole sequences", Assert.Throws<ArgumentException>(() => feedback.Run(carried)).Message);
        Assert.Throws<ArgumentException>(() => feedback.Run(Made(Shape(3, [new LayerShape(3)], 2), 1)));
        foreach (double share in (double[])[-0.1, 1.1, double.NaN])
            Assert.Throws<ArgumentOutOfRangeException>(() => feedback.Mix(Made(fit, 1), share, default));
    }

    private static NetworkShape Shape(int inputs, LayerList layers, int outputs) =>
        new(inputs, layers, outputs) { Encoding = InputEncoding.Dense, Head = OutputHead.LinearEvery };

    /// <summary>Four rows of different lengths; the first two steps of row 0 and step 2 of row 3 are not predicted.</summary>
    private static Batch Made(NetworkShape shape, ulong seed)
    {
        var batch = Batch.For(shape);
        batch.Resize(s_lengths.Length, 9);
        RandomSource random = new RandomKey(seed, RandomStream.Test, 0).Shared();
        for (int r = 0; r < batch.Rows; r++)
        {
            batch.Lengths[r] = s_lengths[r];
            for (int t = 0; t < 9; t++)
            {
                foreach (ref double u in batch.Dense(t, r)) u = random.NextNormal();
                foreach (ref double y in batch.Values(t, r)) y = random.NextNormal();
            }
        }

        foreach ((int step, int row) in ((int, int)[])[(0, 0), (1, 0), (2, 3)]) batch.SkipTarget(step, row);
        return batch;
    }

    private static double[] Inputs(Batch batch) =>
        [.. from t in Enumerable.Range(0, batch.Steps) from r in Enumerable.Range(0, batch.Rows)
            from u in batch.Dense(t, r).ToArray() select u];
}
