namespace Unroll.Interop;

/// <summary>How weights are stored in a header of C.</summary>
public enum CWeights
{
    /// <summary>32-bit floats, with the digits that give them back exactly.</summary>
    Float32,

    /// <summary>8 bits, with a scale for each row of a matrix; biases stay 32-bit floats.</summary>
    Int8,
}

/// <summary>How a header of C computes tanh, and the logistic function by it.</summary>
public enum CTanh
{
    /// <summary><c>tanhf</c> and <c>expf</c> of <c>math.h</c>.</summary>
    Library,

    /// <summary>
    /// A ratio of polynomials that compilers make registers of: at most 5e-7 from tanh, 3e-7 from the logistic function.
    /// </summary>
    Rational,
}

/// <summary>What a header of C is to be.</summary>
/// <param name="Name">
/// What its names begin with, such as <c>model</c> for <c>model_step</c>: a letter, then letters, digits and <c>_</c>, at
/// most 40.
/// </param>
public sealed record CHeaderOptions(string Name)
{
    /// <summary>The longest name.</summary>
    public const int LongestName = 40;

    /// <summary>How weights are stored. Default: 32-bit floats.</summary>
    public CWeights Weights { get; init; } = CWeights.Float32;

    /// <summary>How tanh is computed. Default: by the library.</summary>
    public CTanh Tanh { get; init; } = CTanh.Library;

    /// <summary>Whether names in C can begin with a text.</summary>
    public static bool IsName(string? text) => text is { Length: > 0 and <= LongestName } && char.IsAsciiLetter(text[0])
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');

    /// <summary>Checks every option.</summary>
    /// <exception cref="ArgumentException">The name is not one of C, or an option is not a named value.</exception>
    public void Validate()
    {
        if (!IsName(Name))
            throw new ArgumentException(
                Invariant($"The name '{Name}' cannot begin names of C: it must be a letter, then letters, digits and _, ")
                + Invariant($"at most {LongestName} in all."));
        if (!Enum.IsDefined(Weights)) throw new ArgumentException($"The weights {Weights} are not a known value.");
        if (!Enum.IsDefined(Tanh)) throw new ArgumentException($"The tanh {Tanh} is not a known value.");
    }
}
