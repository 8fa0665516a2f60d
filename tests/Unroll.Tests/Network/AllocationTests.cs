using Unroll.Kernels;
using Unroll.Remedies;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Network;

/// <summary>
/// An update allocates nothing once its buffers have grown. Runs apart from the other tests, because their allocations would
/// count.
/// </summary>
[Collection(nameof(AllocationTests))]
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTests
{
    public static TheoryData<string, OutputHead> Cases()
    {
        var data = new TheoryData<string, OutputHead>();
        foreach (string kernel in KernelFactory.Available().Remove(KernelFactory.Reference))
        {
            foreach (OutputHead head in Enum.GetValues<OutputHead>()) data.Add(kernel, head);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public static void One_thread(string kernel, OutputHead head) =>
        Check(kernel, head, 1, 1, GC.GetAllocatedBytesForCurrentThread);

    [Theory]
    [MemberData(nameof(Cases))]
    public static void Two_threads_in_all(string kernel, OutputHead head) =>
        Check(kernel, head, 2, 2, () => GC.GetTotalAllocatedBytes(precise: true));

    [Theory]
    [MemberData(nameof(Cases))]
    public static void As_many_threads_as_are_fastest(string kernel, OutputHead head) =>
        Check(kernel, head, 2, null, () => GC.GetTotalAllocatedBytes(precise: true));

    private static void Check(string kernel, OutputHead head, int threads, int? parts, Func<long> allocated)
    {
        var shape = new NetworkShape(70, 50, 6)
        {
            Head = head,
            Encoding = (InputEncoding)((int)head % 3),
            LearnedInitialState = head == OutputHead.LinearLast,
        };
        Network<float> network = Specimen.Network<float>(shape, 3);
        Batch large = Specimen.Batch(shape, 20, 30, 1), small = Specimen.Batch(shape, 7, 11, 2, Specimen.Lengths(7, 11));
        using var unrolled = new UnrolledNetwork<float>(network, threads, kernel);
        unrolled.Team.FixedParts = parts;
        var clipping = new GradientClipping(ClipMode.Norm, 0.1);
        var regularizer = new VanishingGradientRegularizer();
        var paper = new VanishingGradientRegularizer(OmegaForm.Paper);
        var predictions = new Predictions();
        Batch[] batches = [large, small];
        for (int i = 0; i < 3; i++) Updates();

        // The runtime itself allocates now and then (when it recompiles a method). An update that allocates would do so every
        // time.
        long least = long.MaxValue;
        for (int i = 0; i < 40 && least > 0; i++)
        {
            long before = allocated();
            Updates();
            least = Math.Min(least, allocated() - before);
        }

        Assert.Equal(0, least);

        void Updates()
        {
            foreach (Batch batch in batches)
            {
                unrolled.Forward(batch, CostReduction.Sum);
                unrolled.Backward();
                clipping.Apply(unrolled.Gradient);
                unrolled.Forward(batch, CostReduction.Mean);
                unrolled.Backward(regularizer, 2);
                clipping.Apply(unrolled.Gradient);
                paper.AddGradient(unrolled, 1);
                unrolled.Predict(batch, predictions);
                _ = unrolled.FirstNonFiniteStep();
            }
        }
    }
}
