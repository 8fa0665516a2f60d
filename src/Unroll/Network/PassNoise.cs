using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Unroll;

/// <summary>
/// What a training pass draws at random: noise on pre-activations, and dropout of what layers read. The draws are
/// counter-based, by (seed, update, row, step, layer), so they are the same at any thread count and after a resume. The default
/// is none: evaluation has none.
/// </summary>
/// <remarks>
/// A dropped element counts as zero and kept elements are divided by 1 - rate. Every step has a new mask. Noise and masks are
/// constants of the pass, so its gradients are exact.
/// </remarks>
/// <param name="Seed">The run's seed.</param>
/// <param name="Update">The number of the update.</param>
public readonly record struct PassNoise(ulong Seed, long Update)
{
    private const int Group = RandomSource.NumbersInGroup;

    /// <summary>
    /// The standard deviation of the normal noise on every pre-activation (every gate's), finite and at least 0.
    /// </summary>
    /// <remarks>
    /// A pass draws some 2,000 normal numbers. The noise of a step is the sum of two runs of them, at random places and with
    /// random signs: normal, and uncorrelated between units, steps and rows, at a small part of the cost of separate draws.
    /// </remarks>
    public double StateDeviation { get; init; }

    /// <summary>
    /// The standard deviation of the normal noise on every bias (every gate's), finite and at least 0. A row has the same noise
    /// at every step of a pass, and other rows have other noise. A network without biases has it too.
    /// </summary>
    public double BiasDeviation { get; init; }

    /// <summary>The share of the network's inputs that is dropped, at least 0 and below 1.</summary>
    public double InputDropout { get; init; }

    /// <summary>
    /// The share of a layer's h that the layer above does not see, at least 0 and below 1; the layer's own next step sees all of
    /// it.
    /// </summary>
    public double LayerDropout { get; init; }

    /// <summary>The share of the last layer's h that the head does not see, at least 0 and below 1.</summary>
    public double OutputDropout { get; init; }

    /// <summary>Checks every number.</summary>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public void Validate()
    {
        if (!(StateDeviation >= 0 && double.IsFinite(StateDeviation)))
            throw new ArgumentException(
                Invariant($"The deviation of the state noise is {StateDeviation}; it must be finite and at least 0."));
        if (!(BiasDeviation >= 0 && double.IsFinite(BiasDeviation)))
            throw new ArgumentException(
                Invariant($"The deviation of the bias noise is {BiasDeviation}; it must be finite and at least 0."));
        Check(InputDropout, "inputs");
        Check(LayerDropout, "layers");
        Check(OutputDropout, "outputs");

        static void Check(double rate, string what)
        {
            if (!(rate is >= 0 and < 1))
                throw new ArgumentException(Invariant($"The dropout of {what} is {rate}; it must be at least 0 and below 1."));
        }
    }

    /// <summary>The dropout of what a layer reads.</summary>
    internal double RateInto(int layer) => layer == 0 ? InputDropout : LayerDropout;

    /// <summary>
    /// The dropout factors at a step of an edge (into layer <paramref name="edge"/>, or from the last layer into the head): 0 or
    /// 1 / (1 - rate).
    /// </summary>
    internal void FillMask<T>(double rate, int edge, int row, int step, Span<T> mask)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Span<uint> words = stackalloc uint[Group];
        T kept = T.CreateTruncating(1 / (1 - rate));
        uint bound = Bound(rate);
        RandomSource source = Masks(edge, row).At((uint)((long)step * Groups(mask.Length) * RandomSource.BlocksInGroup));
        for (int from = 0; from < mask.Length; from += Group)
        {
            source.FillWordGroup(words);
            Span<T> to = mask[from..Math.Min(from + Group, mask.Length)];
            int i = typeof(T) == typeof(float) && Vector256.IsHardwareAccelerated
                ? Keep(words, bound, float.CreateTruncating(kept), MemoryMarshal.Cast<T, float>(to)) : 0;
            for (; i < to.Length; i++) to[i] = words[i] >= bound ? kept : T.Zero;
        }
    }

    /// <summary>The factors by eights, and how many there are of those.</summary>
    private static int Keep(ReadOnlySpan<uint> words, uint bound, float kept, Span<float> to)
    {
        Vector256<uint> least = Vector256.Create(bound), bits = Vector256.Create(kept).AsUInt32();
        int i = 0;
        for (; i + 8 <= to.Length; i += 8)
            (Vector256.GreaterThanOrEqual(Vector256.Create(words.Slice(i, 8)), least) & bits).AsSingle().CopyTo(to[i..]);
        return i;
    }

    /// <summary>One element of the mask on the network's inputs.</summary>
    internal double InputScale(int row, int step, int inputs, int index)
    {
        Span<uint> words = stackalloc uint[Group];
        long block = (((long)step * Groups(inputs)) + (index / Group)) * RandomSource.BlocksInGroup;
        RandomSource source = Masks(0, row).At((uint)block);
        source.FillWordGroup(words);
        return words[index % Group] >= Bound(InputDropout) ? 1 / (1 - InputDropout) : 0;
    }

    private static int Groups(int width) => (width + Group - 1) / Group;

    private static uint Bound(double rate) => (uint)Math.Min(uint.MaxValue, rate * (1L << 32));

    private static int RowOf(int row, int layer) => row | (layer << 24);

    private RandomSource Masks(int edge, int row) => new RandomKey(Seed, RandomStream.Dropout, Update).Row(RowOf(row, edge));
}
