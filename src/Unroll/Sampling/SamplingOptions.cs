namespace Unroll.Sampling;

/// <summary>How symbols or notes are drawn from what a network predicts.</summary>
public sealed record SamplingOptions
{
    /// <summary>
    /// The divisor of the network's outputs before the softmax or the sigmoid, finite and at least 0: 1 draws from the learned
    /// distribution, a lower temperature makes likely symbols likelier. At 0 nothing is random: the likeliest symbol is taken,
    /// and each key that is likelier down than up.
    /// </summary>
    public double Temperature { get; init; } = 1;

    /// <summary>The number of steps to draw, at least 0, without the prompt.</summary>
    public int Length { get; init; } = 200;

    /// <summary>The seed: the same seed gives the same sample.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">One is out of range.</exception>
    internal SamplingOptions Checked()
    {
        if (!(Temperature >= 0) || double.IsInfinity(Temperature)) throw new ArgumentException(
            Invariant($"The temperature is {Temperature}; it must be a finite number of at least 0."));
        if (Length < 0) throw new ArgumentException($"The length of a sample is {Length}; it must be at least 0.");
        return this;
    }

    /// <summary>
    /// The draws of a step. A step's number counts from the beginning of the prompt, so a sample continues as it would have if
    /// the prompt had been drawn and not given.
    /// </summary>
    internal RandomSource Draws(int step) => new RandomKey(Seed, RandomStream.Sampling, step).Shared();
}
