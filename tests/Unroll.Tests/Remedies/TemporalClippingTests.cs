using Unroll.Kernels;
using Unroll.Numerics;
using Unroll.Remedies;
using Unroll.Tests.Cells;
using Unroll.Tests.Oracles;
using Unroll.Tests.Training;
using Unroll.Training;

namespace Unroll.Tests.Remedies;

/// <summary>Clipping of error signals as they flow back, against backpropagation written out.</summary>
public static class TemporalClippingTests
{
    public static TheoryData<string, ClipMode> Cases()
    {
        var data = new TheoryData<string, ClipMode>();
        foreach (string kernel in KernelFactory.Available())
        {
            data.Add(kernel, ClipMode.Norm);
            data.Add(kernel, ClipMode.Value);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void It_is_what_is_written_out(string kernel, ClipMode mode)
    {
        const int H = 5, I = 3, O = 2, Rows = 3, Steps = 7;
        var shape = new NetworkShape(I, H, O) { Head = OutputHead.LinearEvery, Encoding = InputEncoding.Dense };
        Network<double> network = Specimen.Network<double>(shape, 4, gain: 1.6);
        Batch batch = Specimen.Batch(shape, Rows, Steps, 5, 7, 2, 5);
        foreach (double threshold in (double[])[0.3, 1, 4])
        {
            using var unrolled = new UnrolledNetwork<double>(network, kernel: kernel) { TemporalClip = new(threshold, mode) };
            unrolled.Forward(batch, CostReduction.Sum);
            unrolled.Backward();
            double[] expected = WrittenOut(network, batch, threshold, mode);
            Compare.Close(unrolled.Gradient, expected, 1e-11, $"{kernel}, {mode}, {threshold}");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Every_signal_is_within_the_threshold_whatever_the_cell(string kernel, ClipMode mode)
    {
        const int Rows = 4;
        foreach (LayerList layers in CellShapes.Stacks(6))
        {
            var shape = new NetworkShape(3, layers, 2) { Head = OutputHead.SoftmaxEvery };
            Network<float> network = Specimen.Network<float>(shape, 6, gain: 1.5);
            Batch batch = Specimen.Batch(shape, Rows, 8, 7);
            const double Threshold = 0.05;
            using var unrolled = new UnrolledNetwork<float>(network, kernel: kernel) { TemporalClip = new(Threshold, mode) };
            unrolled.Forward(batch, CostReduction.Sum);
            unrolled.Backward();
            double largest = 0;
            for (int l = 0; l < layers.Count; l++)
            {
                for (int t = 1; t <= 8; t++)
                {
                    for (int r = 0; r < Rows; r++)
                    {
                        double[] signal =
                            [.. Doubles(unrolled.StateGradient(t, r, l)), .. Doubles(unrolled.CellStateGradient(t, r, l))];
                        largest = Math.Max(largest, mode == ClipMode.Norm ? Vectors.Norm(signal) : signal.Max(Math.Abs));
                    }
                }
            }

            Assert.Equal(Threshold / Rows, largest, Threshold * 1e-6);
        }
    }

    /// <summary>Algorithm 1 keeps the direction of the gradient; this does not.</summary>
    [Fact]
    public static void Its_direction_is_another_than_the_gradients()
    {
        var shape = new NetworkShape(3, 8, 2) { Head = OutputHead.SoftmaxEvery };
        Network<double> network = Specimen.Network<double>(shape, 8, gain: 1.8);
        Batch batch = Specimen.Batch(shape, 5, 20, 9);
        double[] gradient = Gradient(null), same = Gradient(new(1e6)), clipped = Gradient(new(0.1)), whole = [.. gradient];
        Compare.SameBits<double>(same, gradient, "a threshold that nothing reaches");
        new GradientClipping(ClipMode.Norm, 0.1).Apply<double>(whole);
        Assert.Equal(1, Cosine(whole, gradient), 1e-12);
        Assert.InRange(Cosine(clipped, gradient), 0.05, 0.98);

        double[] Gradient(TemporalClipping? clip)
        {
            using var unrolled = new UnrolledNetwork<double>(network) { TemporalClip = clip };
            unrolled.Forward(batch, CostReduction.Sum);
            unrolled.Backward();
            return unrolled.Gradient.ToArray();
        }
    }

    /// <summary>The factor of a signal near the end of the range of float is below the normal floats.</summary>
    [Fact]
    public static void A_huge_signal_comes_down_to_the_threshold_with_all_its_digits()
    {
        float[] h = [1e38f, -3e37f, 2e38f], c = [-1e38f];
        new TemporalClipping(0.01).Apply<float>(h, c, default, 20);
        double[] clipped = [.. Doubles(h), .. Doubles(c)], expected = [1, -0.3, 2, -1];
        double size = Vectors.Norm(expected);
        Compare.Close(clipped, [.. expected.Select(x => x / size * 0.01 / 20)], 1e-6, "the clipped signal");
    }

    /// <summary>What is not finite is left for the guard of the gradient to find.</summary>
    [Theory]
    [InlineData(ClipMode.Norm)]
    [InlineData(ClipMode.Value)]
    public static void What_is_not_finite_stays(ClipMode mode)
    {
        double[] h = [double.NaN, 1], c = [double.NegativeInfinity];
        new TemporalClipping(3, mode).Apply<double>(h, c, default, 2);
        Assert.Equal([double.NaN, 1, double.NegativeInfinity], [.. h, .. c]);
    }

    [Fact]
    public static void Runs_repeat_at_any_number_of_threads_and_omega_is_refused()
    {
        TrainingOptions options = Runs.Small with { Omega = 0, TemporalClip = new(0.1) };
        (List<TrainingProgress> checks, Unroll.Files.Checkpoint end) = Runs.Run(Runs.Task, options);
        Runs.AssertSame(end, Runs.Run(Runs.Task, options with { Threads = 3 }).End, "3 threads");
        Assert.NotEqual(checks, Runs.Run(Runs.Task, options with { TemporalClip = null }).Checks);
        Network<double> network = Specimen.Network<double>(new NetworkShape(3, 4, 2), 1);
        using var unrolled = new UnrolledNetwork<double>(network) { TemporalClip = new(1) };
        unrolled.Forward(Specimen.Batch(unrolled.Network.Shape, 2, 3, 4), CostReduction.Sum);
        Assert.Throws<InvalidOperationException>(() => unrolled.Backward(new VanishingGradientRegularizer(), 1));
        var bad = Assert.Throws<ArgumentException>(() => unrolled.TemporalClip = new(0));
        Runs.AssertSentence(bad.Message, "positive and finite");
    }

    private static IEnumerable<double> Doubles(ReadOnlySpan<float> values) => values.ToArray().Select(x => (double)x);

    private static double Cosine(double[] a, double[] b) => Vectors.Dot(a, b) / (Vectors.Norm(a) * Vectors.Norm(b));

    /// <summary>A plain tanh layer under a linear output at every step, a row after another.</summary>
    private static double[] WrittenOut(Network<double> network, Batch batch, double threshold, ClipMode mode)
    {
        NetworkShape shape = network.Shape;
        int h = shape.Hidden, inputs = shape.Inputs, outputs = shape.Outputs;
        var gradient = new Network<double>(shape);
        for (int r = 0; r < batch.Rows; r++)
        {
            int steps = batch.Lengths[r];
            double[][] states = [.. Enumerable.Range(0, steps + 1).Select(_ => new double[h])];
            for (int t = 1; t <= steps; t++)
            {
                for (int j = 0; j < h; j++)
                {
                    double x = network.HiddenBias[j];
                    for (int i = 0; i < h; i++) x += network.RecurrentWeights[(j * h) + i] * states[t - 1][i];
                    for (int i = 0; i < inputs; i++) x += network.InputWeights[(j * inputs) + i] * batch.Dense(t - 1, r)[i];
                    states[t][j] = Math.Tanh(x);
                }
            }

            var signal = new double[h];
            for (int t = steps; t >= 1; t--)
            {
                for (int o = 0; o < outputs && batch.IsPredicted(t - 1, r); o++)
                {
                    double y = network.OutputBias[o];
                    for (int j = 0; j < h; j++) y += network.OutputWeights[(o * h) + j] * states[t][j];
                    double dy = 2 * (y - batch.Values(t - 1, r)[o]);
                    gradient.OutputBias[o] += dy / batch.Rows;
                    for (int j = 0; j < h; j++)
                    {
                        gradient.OutputWeights[(o * h) + j] += dy * states[t][j] / batch.Rows;
                        signal[j] += dy * network.OutputWeights[(o * h) + j];
                    }
                }

                double norm = Math.Sqrt(signal.Sum(a => a * a));
                for (int j = 0; j < h; j++)
                    signal[j] = mode == ClipMode.Value ? Math.Clamp(signal[j], -threshold, threshold)
                        : norm > threshold ? signal[j] * threshold / norm : signal[j];
                var back = new double[h];
                for (int j = 0; j < h; j++)
                {
                    double d = signal[j] * (1 - (states[t][j] * states[t][j]));
                    gradient.HiddenBias[j] += d / batch.Rows;
                    for (int i = 0; i < h; i++)
                    {
                        gradient.RecurrentWeights[(j * h) + i] += d * states[t - 1][i] / batch.Rows;
                        back[i] += d * network.RecurrentWeights[(j * h) + i];
                    }

                    for (int i = 0; i < inputs; i++)
                        gradient.InputWeights[(j * inputs) + i] += d * batch.Dense(t - 1, r)[i] / batch.Rows;
                }

                signal = back;
            }
        }

        return gradient.Parameters.ToArray();
    }
}
