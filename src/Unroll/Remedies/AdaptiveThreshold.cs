namespace Unroll.Remedies;

/// <summary>
/// What a clipping threshold that adapts is computed from: the norms of the gradients so far, each before clipping.
/// </summary>
public enum ThresholdRule
{
    /// <summary>
    /// Their running mean times a factor: the heuristic of section 3.2, which says half to ten times the mean, made automatic.
    /// </summary>
    Mean,

    /// <summary>A percentile of the last 1,000 of them (AutoClip; Seetharaman et al., 2020, which takes all of them).</summary>
    Percentile,

    /// <summary>
    /// Clipped is what lies more than so many deviations above the running mean, and the more the farther it lies (ZClip; Kumar
    /// et al., 2025).
    /// </summary>
    ZScore,
}

/// <summary>A clipping threshold that adapts to the norms seen.</summary>
/// <param name="Rule">What it is computed from.</param>
/// <param name="Value">The factor, positive; the percentile, above 0 and at most 100; or the deviations, positive.</param>
public sealed record AdaptiveThreshold(ThresholdRule Rule, double Value)
{
    /// <summary>Norms after which an adaptive threshold takes the place of the fixed one.</summary>
    public const int WarmUp = 25;

    /// <summary>Checks the value.</summary>
    /// <exception cref="ArgumentException">The rule is not a named value, or the value is out of its range.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Rule))
            throw new ArgumentException($"The rule of the clipping threshold {Rule} is not a known value; it must be one of "
            + $"{string.Join(", ", Enum.GetNames<ThresholdRule>())}.");
        if (Rule == ThresholdRule.Percentile ? Value is > 0 and <= 100 : Value > 0 && double.IsFinite(Value)) return;
        throw new ArgumentException(Rule switch
        {
            ThresholdRule.Mean => Invariant($"The factor of the mean norm is {Value}; it must be positive and finite."),
            ThresholdRule.Percentile =>
                Invariant($"The percentile of the norms is {Value}; it must lie above 0 and at most at 100."),
            _ => Invariant($"The deviations above the mean norm are {Value}; they must be positive and finite."),
        });
    }

    internal NormStatistics Begin() => Rule switch
    {
        ThresholdRule.Mean => new NormMean(Value),
        ThresholdRule.Percentile => new NormPercentile(Value),
        _ => new NormDeviation(Value),
    };
}

/// <summary>The norms seen so far, as far as a threshold needs them.</summary>
internal abstract class NormStatistics(int numbers)
{
    /// <summary>Everything kept, for checkpoints; element 0 counts the norms seen.</summary>
    public double[] State { get; } = new double[numbers];

    /// <summary>Norms seen.</summary>
    public long Count => (long)State[0];

    /// <summary>Whether enough norms were seen for a threshold.</summary>
    public bool IsReady => Count >= AdaptiveThreshold.WarmUp;

    /// <summary>The norm above which a gradient is clipped; 0 where the norms give none.</summary>
    public abstract double Threshold { get; }

    /// <summary>The norm that a gradient above the threshold is scaled to.</summary>
    public virtual double Target(double norm) => Threshold;

    /// <summary>Takes the norm of one more gradient, before and after clipping.</summary>
    public void Add(double norm, double clipped)
    {
        Take(norm, clipped);
        State[0]++;
    }

    /// <summary>The state was written from outside.</summary>
    public virtual void Restored()
    {
    }

    protected abstract void Take(double norm, double clipped);
}
