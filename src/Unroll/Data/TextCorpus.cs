namespace Unroll.Data;

/// <summary>A text in three folds, each a stream of symbols of one alphabet.</summary>
/// <param name="Name">What messages and tables call it.</param>
/// <param name="Alphabet">The symbols.</param>
/// <param name="Train">What is learned from, as indices into the alphabet.</param>
/// <param name="Validation">What choices are made by.</param>
/// <param name="Test">What is reported.</param>
public sealed record TextCorpus(string Name, Alphabet Alphabet, ReadOnlyMemory<ushort> Train, ReadOnlyMemory<ushort> Validation, ReadOnlyMemory<ushort> Test)
{
    /// <summary>How many symbols of a fold are the unknown one; null where the alphabet has none.</summary>
    public int? Unknown(Fold fold) => Alphabet.HasUnknown ? Of(fold).Span.Count((ushort)Alphabet.Unknown) : null;

    /// <summary>The symbols of a fold.</summary>
    public ReadOnlyMemory<ushort> Of(Fold fold) => fold switch
    {
        Fold.Train => Train,
        Fold.Validation => Validation,
        _ => Test,
    };
}
