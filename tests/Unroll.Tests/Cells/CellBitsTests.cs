using System.Numerics;
using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Cells;

/// <summary>
/// What must not change any bit of any cell or stack, with noise and dropout on: threads, padding, windows, repetition,
/// streaming.
/// </summary>
public static class CellBitsTests
{
    public static TheoryData<string> Kernels() => [.. KernelFactory.Available()];

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void Threads_padding_and_repetition_change_no_bit(string kernel)
    {
        ulong seed = 50;
        foreach (LayerList layers in CellShapes.Stacks(9))
        {
            foreach (PassNoise noise in CellShapes.Noises)
            {
                seed++;
                var shape =
                    new NetworkShape(5, layers, 3)
                    {
                        Head = (OutputHead)(seed % 6),
                        Encoding = (InputEncoding)(seed / 2 % 3),
                        LearnedInitialState = seed % 2 == 0,
                    };
                Check<float>(shape, kernel, noise, seed);
                if (seed % 3 == 0) Check<double>(shape, kernel, noise, seed);
            }
        }
    }

    private static void Check<T>(NetworkShape shape, string kernel, PassNoise noise, ulong seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Network<T> network = Specimen.Network<T>(shape, seed);
        Batch batch = CellShapes.Batch(shape, 7, 6, seed, unequal: seed % 2 == 1), padded = Specimen.Padded(batch, 3);
        string what = $"{shape.Layers}, {shape.Head}, {shape.Encoding}, {noise}";
        using var one = new UnrolledNetwork<T>(network, 1, kernel) { Noise = noise };
        T[] expected = Outcome(one, batch);
        Compare.SameBits<T>(Outcome(one, batch), expected, "again, " + what);
        using var three = new UnrolledNetwork<T>(network, 3, kernel) { Noise = noise };
        Compare.SameBits<T>(Outcome(three, batch), expected, "three threads, " + what);
        Compare.SameBits<T>(Outcome(three, padded), expected, "padded, " + what);

        // Another update draws different numbers; and noise of deviation 0 is no noise.
        one.Noise = noise with { Update = noise.Update + 1 };
        bool draws = noise.StateDeviation > 0 || noise.BiasDeviation > 0 || noise.OutputDropout > 0 || noise.InputDropout > 0;
        Assert.Equal(!draws, Outcome(one, batch).AsSpan().SequenceEqual(expected));
        if (!draws) return;
        using var plain = new UnrolledNetwork<T>(network, 1, kernel);
        T[] undisturbed = Outcome(plain, batch);
        Assert.False(undisturbed.AsSpan().SequenceEqual(expected));
        one.Noise = new PassNoise(noise.Seed, noise.Update);
        Compare.SameBits<T>(Outcome(one, batch), undisturbed, "noise of nothing, " + what);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void Windows_and_streams_go_through_the_same_states(string kernel)
    {
        foreach (LayerList layers in CellShapes.Stacks(6))
        {
            var shape = new NetworkShape(4, layers, 3) { Head = OutputHead.SoftmaxEvery, LearnedInitialState = true };
            Network<float> network = Specimen.Network<float>(shape, 8);
            Batch whole = Specimen.Batch(shape, 3, 10, 9);
            using var unrolled = new UnrolledNetwork<float>(network, kernel: kernel);
            using var windowed = new UnrolledNetwork<float>(network, 2, kernel);
            unrolled.Forward(whole, CostReduction.Sum);
            var window = new Batch(shape.Encoding, shape.Inputs, shape.Head, shape.Outputs);
            for (int start = 0; start < 10; start += 4)
            {
                window.TakeWindow(whole, start, 4, carry: true);
                windowed.Forward(window, CostReduction.Sum);
                for (int l = 0; l < layers.Count; l++)
                {
                    for (int r = 0; r < 3; r++)
                    {
                        for (int t = 0; t <= window.Steps; t++)
                        {
                            Compare.SameBits(
                                windowed.State(t, r, l), unrolled.State(start + t, r, l), $"h of layer {l}, {layers}");
                            Compare.SameBits(
                                windowed.CellState(t, r, l), unrolled.CellState(start + t, r, l), $"c of layer {l}, {layers}");
                        }
                    }
                }
            }

            var streaming = new StreamingNetwork<float>(network, kernel);
            float[] state = streaming.Start(), output = new float[3];
            Assert.Equal(shape.StateWidth, state.Length);
            for (int t = 0; t < 10; t++)
            {
                streaming.Step(whole.Symbol(t, 1), state, output);
                Compare.SameBits<float>(output, unrolled.Output(t, 1), $"output {t}, {layers}");
            }

            Compare.SameBits<float>(state, unrolled.CarriedState(1), $"carried state, {layers}");
        }
    }

    private static T[] Outcome<T>(UnrolledNetwork<T> unrolled, Batch batch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CellShapes.Hold(unrolled, batch.Rows);
        List<T> all = [T.CreateTruncating(unrolled.Forward(batch, CostReduction.Sum))];
        foreach (OmegaForm form in Enum.GetValues<OmegaForm>())
        {
            unrolled.Backward(new VanishingGradientRegularizer(form), 0.1);
            all.AddRange(unrolled.Gradient);
        }

        for (int r = 0; r < batch.Rows; r++)
        {
            all.AddRange(unrolled.CarriedState(r));
            for (int l = 0; l < unrolled.Network.Shape.Layers.Count; l++)
            {
                for (int t = 0; t <= batch.Lengths[r]; t++)
                {
                    all.AddRange(unrolled.State(t, r, l));
                    all.AddRange(unrolled.StateGradient(t, r, l));
                    all.AddRange(unrolled.CellStateGradient(t, r, l));
                }
            }
        }

        Assert.All(all, x => Assert.True(T.IsFinite(x)));
        return [.. all];
    }
}
