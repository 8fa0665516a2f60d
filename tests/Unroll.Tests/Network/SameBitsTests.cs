using System.Numerics;
using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tests.Kernels;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Network;

/// <summary>
/// What must not change a single bit: padding, windows, threads, the other rows, repetition, the garbage collector.
/// </summary>
public static class SameBitsTests
{
    private static readonly NetworkShape[] Shapes =
    [
        new(6, 17, 4),
        new(5, 33, 19) { Head = OutputHead.SoftmaxEvery, Activation = Activation.Sigmoid },
        new(3, 9, 2) { Head = OutputHead.LinearLast, Encoding = InputEncoding.Dense, LearnedInitialState = true },
        new(3, 70, 5)
        {
            Head = OutputHead.LinearEvery, Encoding = InputEncoding.Dense, Activation = Activation.Relu, Biases = false,
        },
        new(70, 24, 88) { Head = OutputHead.BernoulliEvery, Encoding = InputEncoding.MultiHot, Activation = Activation.Sigmoid },
        new(4, 16, 16) { Head = OutputHead.LinearLast, Activation = Activation.Identity, LearnedInitialState = true },
        new(70, 11, 3) { Encoding = InputEncoding.MultiHot, Activation = Activation.Relu },
    ];

    public static TheoryData<string, int> Cases()
    {
        var data = new TheoryData<string, int>();
        foreach (string kernel in TestedKernels.All)
        {
            for (int i = 0; i < Shapes.Length; i++) data.Add(kernel, i);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Padding_by_any_number_of_steps(string kernel, int shape)
    {
        Padding<float>(kernel, Shapes[shape]);
        Padding<double>(kernel, Shapes[shape]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void A_state_carried_over_windows(string kernel, int shape)
    {
        Windows<float>(kernel, Shapes[shape]);
        Windows<double>(kernel, Shapes[shape]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Any_number_of_threads(string kernel, int shape)
    {
        Threads<float>(kernel, Shapes[shape]);
        Threads<double>(kernel, Shapes[shape]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Whatever_the_other_rows(string kernel, int shape)
    {
        OtherRows<float>(kernel, Shapes[shape]);
        OtherRows<double>(kernel, Shapes[shape]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Repetition_and_garbage_collection(string kernel, int shape)
    {
        Repetition<float>(kernel, Shapes[shape]);
        Repetition<double>(kernel, Shapes[shape]);
    }

    private static void Padding<T>(string kernel, NetworkShape shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Gain 6: sixty more steps would leave the range of float if they were computed.
        Network<T> network = Specimen.Network<T>(shape, 3, gain: 6);
        Batch batch = Specimen.Batch(shape, 7, 6, 5, Specimen.Lengths(7, 6));
        (batch.Carry[2], batch.Carry[3]) = (true, true);
        foreach (CostReduction reduction in Enum.GetValues<CostReduction>())
        {
            Outcome<T> expected = Run(network, batch, kernel, 1, reduction);
            foreach (int extra in (int[])[1, 60])
            {
                Outcome<T> padded = Run(network, Specimen.Padded(batch, extra), kernel, 1, reduction);
                Same(padded, expected, $"padded by {extra}");
                foreach (T h in padded.States) Assert.True(T.IsFinite(h));
            }
        }
    }

    private static void Windows<T>(string kernel, NetworkShape shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Network<T> network = Specimen.Network<T>(shape, 3);
        Batch whole = Specimen.Batch(shape, 5, 9, 5);
        using var atOnce = new UnrolledNetwork<T>(network, kernel: kernel);
        using var windowed = new UnrolledNetwork<T>(network, kernel: kernel);
        atOnce.Forward(whole, CostReduction.Sum);
        for (int from = 0, window = 0; from < 9; from += window)
        {
            window = from == 0 ? 3 : from == 3 ? 1 : 5;
            windowed.Forward(Specimen.Window(whole, from, window), CostReduction.Sum);
            for (int r = 0; r < 5; r++)
            {
                for (int t = 0; t <= window; t++)
                    Compare.SameBits(windowed.State(t, r), atOnce.State(from + t, r), $"state {from + t} of row {r}");
                for (int t = 0; t < window && (shape.PredictsEveryStep || from + window == 9); t++)
                    Compare.SameBits(windowed.Output(t, r), atOnce.Output(from + t, r), $"output {from + t} of row {r}");
                Compare.SameBits<T>(windowed.CarriedState(r), windowed.State(window, r), "carried state");
            }
        }
    }

    private static void Threads<T>(string kernel, NetworkShape shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Network<T> network = Specimen.Network<T>(shape, 3);
        bool single = typeof(T) == typeof(float);
        foreach (int rows in single ? (int[])[1, 2, 7, 20] : [7])
        {
            int[] teams = !single ? [3] : rows switch { 1 => [2], 2 => [3, 5], 7 => [2, 3, 8], _ => [3, 64] };
            Batch batch = Specimen.Batch(shape, rows, 5, 5, Specimen.Lengths(rows, 5));
            Outcome<T> expected = Run(network, batch, kernel, 1, CostReduction.Sum);
            foreach (int threads in teams)
                Same(Run(network, batch, kernel, threads, CostReduction.Sum), expected, $"{threads} threads, {rows} rows");
        }
    }

    private static void OtherRows<T>(string kernel, NetworkShape shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Network<T> network = Specimen.Network<T>(shape, 3);
        Batch batch = Specimen.Batch(shape, 13, 6, 5, Specimen.Lengths(13, 6));
        using var all = new UnrolledNetwork<T>(network, kernel: kernel);
        all.Forward(batch, CostReduction.Sum);
        foreach (int[] some in (int[][])[[0], [12], [3, 1], [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0], [5, 5, 5, 5, 5, 5, 5, 5]])
        {
            using var few = new UnrolledNetwork<T>(network, kernel: kernel);
            few.Forward(Specimen.Rows(batch, some), CostReduction.Sum);
            for (int r = 0; r < some.Length; r++)
            {
                Assert.Equal(all.RowCost(some[r]), few.RowCost(r));
                for (int t = 0; t <= 6; t++)
                    Compare.SameBits(few.State(t, r), all.State(t, some[r]), $"state {t} of row {some[r]} of {some.Length}");
                for (int t = 0; t < 6; t++)
                    Compare.SameBits(few.Output(t, r), all.Output(t, some[r]), $"output {t} of row {some[r]}");
            }
        }
    }

    /// <remarks>
    /// Repetition crosses the runtime's tiers of compilation. A smaller and a larger batch in between leave their numbers in the
    /// buffers.
    /// </remarks>
    private static void Repetition<T>(string kernel, NetworkShape shape)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Network<T> network = Specimen.Network<T>(shape, 3);
        Batch batch = Specimen.Batch(shape, 7, 8, 5, Specimen.Lengths(7, 8));
        Batch[] others = [Specimen.Batch(shape, 2, 3, 6), Specimen.Batch(shape, 20, 12, 7), Specimen.Batch(shape, 7, 9, 8)];
        Outcome<T> expected = Run(network, batch, kernel, 1, CostReduction.Sum);
        using var unrolled = new UnrolledNetwork<T>(network, kernel: kernel);
        var litter = new List<byte[]>();
        int repeats = kernel == KernelFactory.Reference ? 4 : 60;
        for (int i = 0; i < repeats; i++)
        {
            litter.Add(new byte[1000 + i]);
            if (i % 20 == 0) GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            if (i % 4 == 1)
            {
                unrolled.Forward(others[i / 4 % 3], CostReduction.Mean);
                unrolled.Backward(new VanishingGradientRegularizer(OmegaForm.Paper), 1);
            }

            Same(Run(unrolled, batch, CostReduction.Sum), expected, $"repetition {i}");
        }

        Assert.NotEmpty(litter);
    }

    private static Outcome<T> Run<T>(Network<T> network, Batch batch, string kernel, int threads, CostReduction reduction)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var unrolled = new UnrolledNetwork<T>(network, threads, kernel);
        unrolled.Team.FixedParts = threads;
        return Run(unrolled, batch, reduction);
    }

    /// <summary>Forward, backward, both forms of Omega fused and separate, and clipping.</summary>
    private static Outcome<T> Run<T>(UnrolledNetwork<T> unrolled, Batch batch, CostReduction reduction)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        List<T> numbers = [], states = [];
        List<double> doubles = [];
        for (int r = 0; r < batch.Rows; r++) unrolled.CarriedState(r).Fill(T.CreateTruncating(0.1 * (r + 1)));
        doubles.Add(unrolled.Forward(batch, reduction));
        for (int r = 0; r < batch.Rows; r++) numbers.AddRange(unrolled.CarriedState(r));
        unrolled.Backward();
        numbers.AddRange(unrolled.Gradient);
        foreach (OmegaForm form in Enum.GetValues<OmegaForm>())
        {
            var regularizer = new VanishingGradientRegularizer(form);
            OmegaStatistics apart = regularizer.AddGradient(unrolled, 0.7);
            numbers.AddRange(unrolled.Gradient);
            OmegaStatistics fused = unrolled.Backward(regularizer, 0.7);
            Assert.Equal(apart, fused);
            numbers.AddRange(unrolled.Gradient);
            doubles.AddRange([fused.Omega, fused.Kept]);
        }

        ClipReport report = new GradientClipping(ClipMode.Norm, 0.01).Apply(unrolled.Gradient);
        doubles.AddRange([report.NormBefore, report.NormAfter, report.Scale]);
        numbers.AddRange(unrolled.Gradient);
        for (int r = 0; r < batch.Rows; r++)
        {
            doubles.Add(unrolled.RowCost(r));
            numbers.AddRange(unrolled.StateGradient(0, r));
            for (int t = 0; t <= batch.Steps; t++)
            {
                states.AddRange(unrolled.State(t, r));
                if (t <= batch.Lengths[r]) numbers.AddRange(unrolled.State(t, r));
                if (t <= batch.Lengths[r]) numbers.AddRange(unrolled.StateGradient(t, r));
            }
        }

        return new Outcome<T>([.. numbers], [.. doubles], [.. states]);
    }

    private static void Same<T>(Outcome<T> actual, Outcome<T> expected, string what)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Assert.True(double.IsFinite(expected.Doubles[0]), "The case has exploded, so its bits prove little.");
        Compare.SameBits<double>(actual.Doubles, expected.Doubles, $"cost and statistics, {what}");
        Compare.SameBits<T>(actual.Numbers, expected.Numbers, $"gradients and states, {what}");
    }

    private sealed record Outcome<T>(T[] Numbers, double[] Doubles, T[] States);
}
