using System.Numerics;
using Unroll.Kernels;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Network;

/// <summary>One step at a time gives the bits of the unrolled network, for every kind of network and every kernel.</summary>
public static class StreamingNetworkTests
{
    private const int Steps = 6;

    public static TheoryData<string, InputEncoding> Cases()
    {
        var data = new TheoryData<string, InputEncoding>();
        foreach (string kernel in KernelFactory.Available())
        {
            foreach (InputEncoding encoding in Enum.GetValues<InputEncoding>()) data.Add(kernel, encoding);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Same_bits_step_by_step(string kernel, InputEncoding encoding)
    {
        foreach (OutputHead head in Enum.GetValues<OutputHead>())
        {
            foreach (Activation activation in Enum.GetValues<Activation>())
            {
                foreach (bool learned in (bool[])[false, true])
                {
                    var shape = new NetworkShape(70, 9, 5)
                    {
                        Encoding = encoding,
                        Head = head,
                        Activation = activation,
                        LearnedInitialState = learned,
                        Biases = !learned || activation != Activation.Tanh,
                    };
                    Check<float>(kernel, shape);
                    Check<double>(kernel, shape);
                }
            }
        }
    }

    [Fact]
    public static void States_are_independent_and_begin_at_h0()
    {
        var shape = new NetworkShape(4, 3, 2) { LearnedInitialState = true };
        Network<double> network = Specimen.Network<double>(shape, 5);
        var streaming = new StreamingNetwork<double>(network);
        double[] first = streaming.Start(), second = streaming.Start(), output = new double[2], again = new double[2];
        Assert.Equal(network.InitialState.ToArray(), first);
        Assert.NotSame(first, second);
        streaming.Step(1, first, output);
        Assert.Equal(network.InitialState.ToArray(), second);
        streaming.Step(2, second, again); // a step of another sequence in between
        streaming.Step(1, second = streaming.Start(), again);
        Assert.Equal(output, again);
        Assert.Equal(first, second);
        Assert.All(new StreamingNetwork<float>(new Network<float>(new NetworkShape(4, 3, 2))).Start(), h => Assert.Equal(0, h));

        // The parameters are those at the time of construction.
        network.Parameters.Clear();
        streaming.Step(1, second = streaming.Start(), again);
        Assert.Equal(output, again);
    }

    [Fact]
    public static void What_was_active_before_is_forgotten()
    {
        var shape = new NetworkShape(70, 3, 2) { Encoding = InputEncoding.MultiHot };
        var streaming = new StreamingNetwork<double>(Specimen.Network<double>(shape, 5));
        double[] state = streaming.Start(), output = new double[2], other = new double[2];
        streaming.StepActive([3, 69], state, output);
        streaming.StepActive([0, 1, 2, 68], streaming.Start(), other);
        state = streaming.Start();
        Assert.Throws<ArgumentOutOfRangeException>(() => streaming.StepActive([5, 70], state, other));
        streaming.StepActive([69, 3, 3], state, other); // in any order and repeated
        Assert.Equal(output, other);
    }

    [Fact]
    public static void Wrong_widths_and_encodings_are_refused()
    {
        foreach (InputEncoding encoding in Enum.GetValues<InputEncoding>())
        {
            var shape = new NetworkShape(4, 3, 2) { Encoding = encoding };
            var streaming = new StreamingNetwork<float>(Specimen.Network<float>(shape, 1));
            float[] state = streaming.Start(), before = streaming.Start(), output = [7, 7];
            (InputEncoding, Action<float[], float[]>)[] steps =
            [
                (InputEncoding.OneHot, (s, o) => streaming.Step(1, s, o)),
                (InputEncoding.Dense, (s, o) => streaming.Step([0.1, 0.2, 0.3, 0.4], s, o)),
                (InputEncoding.MultiHot, (s, o) => streaming.StepActive([1], s, o)),
            ];
            foreach ((InputEncoding given, Action<float[], float[]> step) in steps)
            {
                if (given != encoding)
                {
                    string message = Assert.Throws<InvalidOperationException>(() => step(state, output)).Message;
                    Assert.Equal($"The network takes {encoding} inputs, not {given}.", message);
                    continue;
                }

                Assert.Equal("The state has length 2; it must be 3.",
                    Assert.Throws<ArgumentException>(() => step(new float[2], output)).Message);
                Assert.Equal("The state has length 4; it must be 3.",
                    Assert.Throws<ArgumentException>(() => step(new float[4], output)).Message);
                Assert.Equal("The output has length 3; it must be 2.",
                    Assert.Throws<ArgumentException>(() => step(state, new float[3])).Message);
            }

            if (encoding == InputEncoding.Dense)
            {
                Assert.Equal("The input has length 3; it must be 4.",
                    Assert.Throws<ArgumentException>(() => streaming.Step([1.0, 2, 3], state, output)).Message);
                Assert.Equal("The input in column 2 (counted from 0) is NaN; it must be a finite number.",
                    Assert.Throws<ArgumentException>(() => streaming.Step([1.0, 2, double.NaN, 3], state, output)).Message);
                Assert.Equal(
                "The input in column 0 (counted from 0) is 1E+39, which is too large for 32 bits; it must be a finite number.",
                    Assert.Throws<ArgumentException>(() => streaming.Step([1e39, 2, 3, 4], state, output)).Message);
            }

            if (encoding == InputEncoding.OneHot)
            {
                Assert.Throws<ArgumentOutOfRangeException>(() => streaming.Step(4, state, output));
                Assert.Throws<ArgumentOutOfRangeException>(() => streaming.Step(-2, state, output));
            }

            if (encoding == InputEncoding.MultiHot)
                Assert.Throws<ArgumentOutOfRangeException>(() => streaming.StepActive([-1], state, output));
            Assert.Equal(before, state); // refused before anything was changed
            Assert.Equal([7, 7], output);
        }

        Assert.Throws<ArgumentException>(
            () => new StreamingNetwork<float>(new Network<float>(new NetworkShape(4, 3, 2)), "abacus"));
    }

    private static void Check<T>(string kernel, NetworkShape shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Network<T> network = Specimen.Network<T>(shape, 3);
        Batch one = Specimen.Batch(shape, 1, Steps, 5);

        // Row r holds the first r + 1 steps, so that a last-step head shows its output at every step.
        Batch batch = Specimen.Rows(one, new int[Steps]);
        for (int r = 0; r < Steps; r++) batch.Lengths[r] = r + 1;
        using var unrolled = new UnrolledNetwork<T>(network, 1, kernel);
        unrolled.Predict(batch, new Predictions());

        var streaming = new StreamingNetwork<T>(network, kernel);
        T[] state = streaming.Start(), output = new T[shape.Outputs];
        Compare.SameBits<T>(state, unrolled.State(0, 0), "h_0");
        for (int t = 0; t < Steps; t++)
        {
            switch (shape.Encoding)
            {
                case InputEncoding.OneHot: streaming.Step(one.Symbol(t, 0), state, output); break;
                case InputEncoding.Dense: streaming.Step(one.Dense(t, 0), state, output); break;
                default:
                    Batch source = one;
                    streaming.StepActive([.. Enumerable.Range(0, shape.Inputs).Where(
                        i => ((source.Bits(t, 0)[i / 64] >> (i % 64)) & 1) == 1)], state, output);
                    break;
            }

            string what = $"{typeof(T).Name} {kernel} {shape} step {t + 1}";
            Compare.SameBits<T>(state, unrolled.State(t + 1, Steps - 1), what);
            Compare.SameBits<T>(output, unrolled.Output(t, t), what);
        }
    }
}

/// <summary>A step allocates nothing. Runs apart from the other tests, because their allocations would count.</summary>
[Collection(nameof(AllocationTests))]
public sealed class StreamingAllocationTests
{
    [Theory]
    [InlineData(InputEncoding.OneHot)]
    [InlineData(InputEncoding.Dense)]
    [InlineData(InputEncoding.MultiHot)]
    public static void No_allocation_per_step(InputEncoding encoding)
    {
        foreach (OutputHead head in Enum.GetValues<OutputHead>())
        {
            Check<float>(new NetworkShape(70, 9, 5) { Encoding = encoding, Head = head });
            Check<double>(new NetworkShape(70, 9, 5) { Encoding = encoding, Head = head, LearnedInitialState = true });
        }
    }

    private static void Check<T>(NetworkShape shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var streaming = new StreamingNetwork<T>(Specimen.Network<T>(shape, 3));
        T[] state = streaming.Start(), output = new T[shape.Outputs];
        double[] dense = new double[shape.Inputs];
        int[] active = [1, 5, 69];
        for (int i = 0; i < 3; i++) Run();
        long least = long.MaxValue;
        for (int i = 0; i < 20 && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);

        void Run()
        {
            for (int t = 0; t < 20; t++)
            {
                if (shape.Encoding == InputEncoding.OneHot) streaming.Step(t, state, output);
                else if (shape.Encoding == InputEncoding.Dense) streaming.Step(dense, state, output);
                else streaming.StepActive(active, state, output);
            }
        }
    }
}
