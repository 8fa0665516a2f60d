namespace Unroll.Remedies;

/// <summary>A percentile of the last thousand norms, interpolated between the two nearest.</summary>
/// <param name="percent">The percentile, above 0 and at most 100.</param>
internal sealed class NormPercentile(double percent) : NormStatistics(1 + Window)
{
    private const int Window = 1_000;

    // Ascending; the state holds them in the order of their coming.
    private readonly double[] _sorted = new double[Window];

    public override double Threshold
    {
        get
        {
            int kept = Kept;
            if (kept == 0) return 0;
            double at = percent / 100 * (kept - 1);
            int below = (int)at;
            double lower = _sorted[below], upper = _sorted[Math.Min(below + 1, kept - 1)];
            return lower + ((at - below) * (upper - lower));
        }
    }

    private int Kept => (int)Math.Min(Count, Window);

    public override void Restored()
    {
        State.AsSpan(1, Kept).CopyTo(_sorted);
        _sorted.AsSpan(0, Kept).Sort();
    }

    protected override void Take(double norm, double clipped)
    {
        int kept = Kept;
        ref double slot = ref State[1 + (int)(Count % Window)];
        if (kept == Window)
        {
            int old = Array.BinarySearch(_sorted, 0, kept, slot);
            Array.Copy(_sorted, old + 1, _sorted, old, kept - old - 1);
            kept--;
        }

        slot = norm;
        int at = Array.BinarySearch(_sorted, 0, kept, norm);
        if (at < 0) at = ~at;
        Array.Copy(_sorted, at, _sorted, at + 1, kept - at);
        _sorted[at] = norm;
    }
}
