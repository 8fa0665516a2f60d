using Unroll.Numerics;

namespace Unroll.Data;

/// <summary>
/// All windows of a fold, in order of sequence and time. They are counted, not listed: a hundred million windows take no memory.
/// </summary>
public sealed class WindowSet
{
    private readonly (int Sequence, int Start)[] _parts;
    private readonly long[] _before;

    /// <summary>The windows of a fold to forecast from.</summary>
    /// <param name="folds">The folds.</param>
    /// <param name="fold">Which of them.</param>
    /// <param name="window">Steps that a window reads, at least 1.</param>
    /// <param name="horizon">Steps behind them that it forecasts, at least 1.</param>
    /// <param name="stride">Steps from a window to the next, at least 1.</param>
    /// <param name="looksBack">Whether a window may read steps of the fold before, as in the benchmarks of the literature;
    /// what it forecasts is in its own fold always. Otherwise no window reaches across.</param>
    /// <exception cref="ArgumentException">A size is out of its range, or no sequence of the fold has as many steps.</exception>
    public WindowSet(SequenceFolds folds, Fold fold, int window, int horizon, int stride = 1, bool looksBack = false)
        : this(folds, fold, window, horizon, 1, stride, looksBack)
    {
    }

    private WindowSet(SequenceFolds folds, Fold fold, int window, int horizon, int leastHorizon, int stride, bool looksBack)
    {
        ArgumentNullException.ThrowIfNull(folds);
        if (window < 1) throw new ArgumentException(Invariant($"The window has {window} steps; it must have at least 1."));
        if (horizon < leastHorizon) throw new ArgumentException(
            Invariant($"The horizon is {horizon} steps; it must be at least 1."));
        if (stride < 1) throw new ArgumentException(Invariant($"The stride is {stride} steps; it must be at least 1."));
        (Window, Horizon, Stride) = (window, horizon, stride);
        var parts = new List<(int, int)>();
        var before = new List<long> { 0 };
        int longest = 0;
        foreach (FoldPart part in folds.Of(fold))
        {
            int start = looksBack ? Math.Max(0, part.Start - window) : part.Start;
            longest = Math.Max(longest, part.End - start);
            long room = part.End - start - (long)window - horizon;
            if (room < 0)
            {
                Skipped++;
                continue;
            }

            parts.Add((part.Sequence, start));
            before.Add(before[^1] + (room / stride) + 1);
        }

        (_parts, _before) = ([.. parts], [.. before]);
        if (parts.Count > 0) return;
        string name = SequenceFolds.NameOf(fold);
        throw new ArgumentException(longest == 0
            ? $"The {name} fold is empty; give it a share of the data."
            : Invariant($"The {name} fold has no sequence of {Counted.Of((long)window + horizon, "step")}, which a ")
                + Invariant($"window of {window} and ")
                + Invariant($"a horizon of {horizon} need (its longest has {longest}); take a smaller window or horizon, or ")
                + "more data.");
    }

    /// <summary>The windows of a fold that forecast nothing behind them: for targets at the steps that are read.</summary>
    /// <inheritdoc cref="WindowSet(SequenceFolds, Fold, int, int, int, bool)"/>
    public static WindowSet OfSteps(SequenceFolds folds, Fold fold, int window, int stride = 1) =>
        new(folds, fold, window, 0, 0, stride, false);

    /// <summary>Steps that a window reads.</summary>
    public int Window { get; }

    /// <summary>Steps that it forecasts.</summary>
    public int Horizon { get; }

    /// <summary>Steps from a window to the next.</summary>
    public int Stride { get; }

    /// <summary>Parts of sequences that are too short for one window.</summary>
    public int Skipped { get; }

    /// <summary>The number of windows, at least 1.</summary>
    public long Count => _before[^1];

    /// <summary>A window.</summary>
    /// <param name="index">0..<see cref="Count"/>-1.</param>
    public SequenceWindow this[long index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            int part = Array.BinarySearch(_before, index);
            if (part < 0) part = ~part - 1; // parts have at least one window each, so no two begin at one index
            (int sequence, int start) = _parts[part];
            return new SequenceWindow(sequence, (int)(start + ((index - _before[part]) * Stride)), Window, Horizon);
        }
    }
}
