namespace Unroll.Data;

/// <summary>The shares of the data in which choices are made and results are reported; training has the rest.</summary>
public sealed record FoldShares
{
    /// <summary>The share of the validation fold, 0 to below 1. Default: 0.15.</summary>
    public double Validation { get; init; } = 0.15;

    /// <summary>The share of the test fold, 0 to below 1. Default: 0.15.</summary>
    public double Test { get; init; } = 0.15;

    /// <summary>Checks the shares.</summary>
    /// <exception cref="ArgumentException">One is outside 0..1, or nothing is left to train on.</exception>
    public void Validate()
    {
        foreach ((string name, double share) in (ReadOnlySpan<(string, double)>)[("validation", Validation), ("test", Test)])
        {
            if (!(share is >= 0 and < 1)) throw new ArgumentException(
                Invariant($"The share of the {name} fold is {share}; it must be 0 or more and below 1."));
        }

        if (!(Validation + Test < 1)) throw new ArgumentException(
            Invariant($"The validation fold ({Validation}) and the test fold ({Test}) leave nothing to train on; their shares ")
                + "must add up to less than 1.");
    }
}
