using System.Numerics;
using System.Runtime.Intrinsics.X86;
using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Recorded;

/// <summary>
/// Bits of parameters after a few updates by hand (forward, backward, Omega, clipping, step) at 50 units, recorded before the
/// core was divided by layer: every head, encoding and activation, with all forms of Omega, both reductions, unequal lengths and
/// windows with the state carried over.
/// </summary>
public static class RecordedGridTests
{
    private const string File = "grid.txt";

    public static TheoryData<string> Kernels() => [.. KernelFactory.Available()];

    [Theory]
    [MemberData(nameof(Kernels))]
    public static void The_bits_are_those_recorded(string kernel)
    {
        Assert.SkipUnless(Fma.IsSupported, "The bits were recorded with fused multiply-adds.");
        var recorded = new RecordedBits(File);
        int compared = Check<float>(recorded, kernel) + Check<double>(recorded, kernel);
        recorded.Save();
        Assert.SkipWhen(compared == 0, $"There is no record of {kernel} on this platform ({RecordedBits.Platform}).");
        Assert.Equal(2 * 60, compared);
    }

    private static int Check<T>(RecordedBits recorded, string kernel)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int compared = 0, options = 0;
        string name = kernel == KernelFactory.Reference ? $"{kernel}-{RecordedBits.Platform}" : kernel;
        foreach (OutputHead head in Enum.GetValues<OutputHead>().Where(head => head <= OutputHead.BernoulliEvery))
        {
            foreach (InputEncoding encoding in Enum.GetValues<InputEncoding>())
            {
                foreach (Activation activation in Enum.GetValues<Activation>())
                {
                    var shape = new NetworkShape(7, 50, 5)
                    {
                        Head = head,
                        Encoding = encoding,
                        Activation = activation,
                        Biases = options % 3 != 1,
                        LearnedInitialState = options % 2 == 0,
                    };
                    T[] parameters = Train<T>(shape, kernel, options++);
                    Assert.All(parameters, x => Assert.True(T.IsFinite(x)));
                    if (
                        recorded.Check(
                            $"{name} {typeof(T).Name} {head} {encoding} {activation}",
                            RecordedBits.Digest<T>(parameters))) compared++;
                }
            }
        }

        return compared;
    }

    private static T[] Train<T>(NetworkShape shape, string kernel, int options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Network<T> network = Specimen.Network<T>(shape, (ulong)(options + 1));
        using var unrolled = new UnrolledNetwork<T>(network, 1 + (options % 2), kernel);
        var code = new VanishingGradientRegularizer();
        var paper = new VanishingGradientRegularizer(OmegaForm.Paper);
        var clipping = new GradientClipping(ClipMode.Norm, 0.3);
        int updates = kernel == KernelFactory.Reference ? 3 : 12;
        for (int update = 0; update < updates; update++)
        {
            Batch batch = Specimen.Batch(shape, 5, 9, (ulong)(100 + update), update % 2 == 0 ? [] : Specimen.Lengths(5, 9));
            if (update % 3 == 2) batch.Carry.Fill(true);
            unrolled.Forward(batch, (update + options) % 4 == 3 ? CostReduction.Mean : CostReduction.Sum);
            switch ((update + options) % 4)
            {
                case 0: unrolled.Backward(); break;
                case 1: unrolled.Backward(code, 0.5); break;
                case 2: unrolled.Backward(paper, 0.5); break;
                default:
                    unrolled.Backward();
                    code.AddGradient(unrolled, 0.3);
                    paper.AddGradient(unrolled, 0.2);
                    break;
            }

            clipping.Apply(unrolled.Gradient);
            for (int i = 0; i < network.Parameters.Length; i++)
                network.Parameters[i] -= T.CreateTruncating(0.1) * unrolled.Gradient[i];
        }

        return network.Parameters.ToArray();
    }
}
