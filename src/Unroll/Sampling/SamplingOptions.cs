namespace Unroll.Sampling;

/// <summary>How symbols or notes are drawn from what a network predicts.</summary>
public sealed record SamplingOptions
{
    /// <summary>
    /// What the network's outputs are divided by before the softmax or the sigmoid, finite and at least 0: 1 draws from the distribution that was
    /// learned, less makes the likely likelier. 0 draws nothing at random: it takes the likeliest symbol, and each key that is likelier down than up.
    /// </summary>
    public double Temperature { get; init; } = 1;

    /// <summary>How many steps are drawn, at least 0; a prompt does not count.</summary>
    public int Length { get; init; } = 200;

    /// <summary>The seed: the same one draws the same.</summary>
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
    /// The draws of a step. A step's number is its place in the whole, prompt included, so a sample goes on as it would have if the same prompt had
    /// been drawn and not given.
    /// </summary>
    internal RandomSource Draws(int step) => new RandomKey(Seed, RandomStream.Sampling, step).Shared();
}
