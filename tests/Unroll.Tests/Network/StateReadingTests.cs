using System.Numerics;
using Unroll.Files;
using Unroll.Geometry;
using Unroll.Kernels;
using Unroll.Tests.Cells;
using Unroll.Tests.Files;
using Unroll.Tests.Kernels;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Network;

/// <summary>A head that reads the mean or the largest of all states: every cell, stack, kernel and pass.</summary>
public static class StateReadingTests
{
    private static readonly StateReading[] s_pooled = [StateReading.Mean, StateReading.Max];

    public static TheoryData<string, StateReading> Cases()
    {
        var data = new TheoryData<string, StateReading>();
        foreach (string kernel in TestedKernels.All)
        {
            foreach (StateReading read in s_pooled) data.Add(kernel, read);
        }

        return data;
    }

    private static NetworkShape Shape(LayerList layers, StateReading read, OutputHead head = OutputHead.LinearLast) =>
        new(3, layers, 2) { Head = head, Read = read, Encoding = InputEncoding.Dense, LearnedInitialState = true };

    [Fact]
    public static void What_is_read_is_the_mean_or_the_largest_by_hand()
    {
        foreach (string kernel in KernelFactory.Available())
        {
            foreach (StateReading read in s_pooled)
            {
                NetworkShape shape = Shape([new LayerShape(5)], read) with { Outputs = 5 };
                Network<double> network = Specimen.Network<double>(shape, 3);
                network.OutputWeights.Clear();
                network.OutputBias.Clear();
                for (int i = 0; i < 5; i++) network.OutputWeights[(i * 5) + i] = 1;
                Batch batch = Specimen.Batch(shape, 3, 6, 4, 6, 1, 4);
                using var unrolled = new UnrolledNetwork<double>(network, kernel: kernel);
                unrolled.Forward(batch, CostReduction.Sum);
                for (int r = 0; r < 3; r++)
                {
                    for (int i = 0; i < 5; i++)
                    {
                        double[] states = [.. Enumerable.Range(1, batch.Lengths[r]).Select(t => unrolled.State(t, r)[i])];
                        double expected = read == StateReading.Mean ? states.Average() : states.Max();
                        Assert.Equal(expected, unrolled.Output(0, r)[i], 1e-14);
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Gradients_are_derivatives_of_the_cost_for_every_cell_and_stack(string kernel, StateReading read)
    {
        ulong seed = 10;
        foreach (LayerList layers in CellShapes.Stacks(4))
        {
            OutputHead head = (++seed % 3) switch
            {
                0 => OutputHead.SoftmaxLast,
                1 => OutputHead.LinearLast,
                _ => OutputHead.BernoulliLast,
            };
            NetworkShape shape = Shape(layers, read, head);
            Network<double> network = Specimen.Network<double>(shape, seed);
            Batch batch = Specimen.Batch(shape, 3, 5, seed, 5, 1, 3);
            using var unrolled = new UnrolledNetwork<double>(network, kernel: kernel);
            unrolled.Noise = seed % 2 == 0 ? default : new PassNoise(3, 1) { OutputDropout = 0.3 };
            unrolled.Forward(batch, CostReduction.Sum);
            unrolled.Backward();
            double[] gradient = unrolled.Gradient.ToArray(), expected = new double[gradient.Length];
            for (int i = 0; i < expected.Length; i++)
            {
                double kept = network.Parameters[i];
                network.Parameters[i] = kept + 1e-6;
                double above = unrolled.Forward(batch, CostReduction.Sum);
                network.Parameters[i] = kept - 1e-6;
                expected[i] = (above - unrolled.Forward(batch, CostReduction.Sum)) / 2e-6;
                network.Parameters[i] = kept;
            }

            Compare.Close(gradient, expected, 1e-7, $"{layers}, {read}, {head}");
            if (unrolled.Noise.OutputDropout > 0) continue;
            Compare.Close(new ErrorGeometry(network, batch, CostReduction.Sum).Gradient.ToArray(), gradient, 1e-10, "scalar");
            using var inFloat = new UnrolledNetwork<float>(network.Convert<float>(), kernel: kernel);
            inFloat.Forward(batch, CostReduction.Sum);
            inFloat.Backward();
            Compare.Close(Compare.Doubles<float>(inFloat.Gradient), gradient, 1e-4, $"{layers}, {read}, float");
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Products_with_curvatures_are_those_of_the_scalar_passes(string kernel, StateReading read)
    {
        ulong seed = 40;
        foreach (LayerList layers in CellShapes.Stacks(5))
        {
            NetworkShape shape = Shape(layers, read);
            Network<double> network = Specimen.Network<double>(shape, ++seed);
            CurvatureProducts.Check(network, Specimen.Batch(shape, 3, 6, seed, 6, 1, 4), kernel, $"{layers}, {read}");
        }
    }

    [Fact]
    public static void Of_equal_values_the_first_step_has_the_slope()
    {
        // Without weights every state is tanh of the bias: all steps tie, and only h_1 may have a signal of its own.
        var network = new Network<double>(new NetworkShape(1, 2, 1) { Head = OutputHead.LinearLast, Read = StateReading.Max });
        network.HiddenBias.Fill(0.3);
        network.OutputWeights.Fill(1);
        Batch batch = Batch.For(network.Shape);
        batch.Resize(1, 4);
        foreach (string kernel in KernelFactory.Available())
        {
            using var unrolled = new UnrolledNetwork<double>(network, kernel: kernel);
            unrolled.Forward(batch, CostReduction.Sum);
            unrolled.Backward();
            Assert.NotEqual(0, unrolled.StateGradient(1, 0)[0]);
            for (int t = 2; t <= 4; t++) Assert.Equal(0, unrolled.StateGradient(t, 0)[0]);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Padding_threads_rows_and_streams_change_no_bit(string kernel, StateReading read)
    {
        Bits<float>(kernel, read);
        Bits<double>(kernel, read);
    }

    private static void Bits<T>(string kernel, StateReading read)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (LayerList layers in CellShapes.Stacks(17))
        {
            NetworkShape shape = Shape(layers, read);
            Network<T> network = Specimen.Network<T>(shape, 3);
            Batch batch = Specimen.Batch(shape, 5, 6, 5, Specimen.Lengths(5, 6));
            (T[] outputs, T[] gradient) = Run(batch, 1);
            foreach (int extra in (int[])[1, 30])
            {
                (T[] padded, T[] paddedGradient) = Run(Specimen.Padded(batch, extra), 1);
                Compare.SameBits<T>(padded, outputs, $"padded by {extra}, {layers}");
                Compare.SameBits<T>(paddedGradient, gradient, $"gradient padded by {extra}, {layers}");
            }

            (T[] threaded, T[] threadedGradient) = Run(batch, 3);
            Compare.SameBits<T>(threaded, outputs, $"threads, {layers}");
            Compare.SameBits<T>(threadedGradient, gradient, $"gradient of threads, {layers}");
            (T[] alone, _) = Run(Specimen.Rows(batch, 3), 1);
            Compare.SameBits<T>(alone, outputs.AsSpan(3 * shape.Outputs, shape.Outputs), $"alone, {layers}");

            var stream = new StreamingNetwork<T>(network, kernel);
            T[] state = stream.Start(), other = stream.Start(), output = new T[shape.Outputs], rubbish = new T[shape.Outputs];
            for (int t = 0; t < batch.Lengths[3]; t++)
            {
                stream.Step(batch.Dense(t, 3), state, output);
                stream.Step(batch.Dense(0, 0), other, rubbish); // another caller's sequence in between
            }

            Compare.SameBits<T>(output, outputs.AsSpan(3 * shape.Outputs, shape.Outputs), $"stream, {layers}");

            (T[] Outputs, T[] Gradient) Run(Batch run, int threads)
            {
                using var unrolled = new UnrolledNetwork<T>(network, threads, kernel);
                unrolled.Team.FixedParts = threads;
                unrolled.Forward(run, CostReduction.Sum);
                unrolled.Backward();
                return ([.. Enumerable.Range(0, run.Rows).SelectMany(r => unrolled.Output(0, r).ToArray())],
                    unrolled.Gradient.ToArray());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void What_is_no_number_is_not_hidden(string kernel, StateReading read)
    {
        NetworkShape shape = Shape([new LayerShape(3) { Activation = Activation.Identity }], read);
        Batch batch = Specimen.Batch(shape, 1, 4, 5);
        batch.Dense(2, 0)[0] = double.NaN;
        using var unrolled = new UnrolledNetwork<double>(Specimen.Network<double>(shape, 3), kernel: kernel);
        Assert.True(double.IsNaN(unrolled.Forward(batch, CostReduction.Sum)));
    }

    [Fact]
    public static void A_file_keeps_it_in_a_format_that_older_versions_refuse_and_other_files_are_what_they_were()
    {
        using var folder = new TempFolder();
        string path = Path.Combine(folder.Path, "model.safetensors");
        foreach (StateReading read in Enum.GetValues<StateReading>())
        {
            NetworkShape shape = Shape([new LayerShape(3)], read);
            ModelFile.Save(path, Specimen.Network<float>(shape, 1), new ModelInfo(shape));
            Assert.Equal(shape, ModelFile.ReadInfo(path).Shape);
            Dictionary<string, string> metadata = new(ModelFile.Metadata(new ModelInfo(shape)));
            Assert.Equal(read == StateReading.Last ? "1" : "3", metadata["unroll.format"]);
            Assert.Equal(read != StateReading.Last, metadata.ContainsKey("unroll.read"));
        }
    }

    [Theory]
    [InlineData(OutputHead.SoftmaxEvery)]
    [InlineData(OutputHead.QuantileEvery)]
    public static void A_head_that_predicts_at_every_step_is_refused(OutputHead head) =>
        Assert.Contains("predicts at every step", Assert.Throws<ArgumentException>(
            () => new Network<float>(new NetworkShape(1, 1, 2) { Head = head, Read = StateReading.Max })).Message);
}
