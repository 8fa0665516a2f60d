namespace Unroll.Data;

/// <summary>A text in three folds, each a stream of symbols of one alphabet.</summary>
/// <param name="Name">What messages and tables call it.</param>
/// <param name="Alphabet">The symbols.</param>
/// <param name="Train">The text to train on, as indices into the alphabet.</param>
/// <param name="Validation">The text by which choices are made.</param>
/// <param name="Test">The text whose cost is reported.</param>
public sealed record TextCorpus(
    string Name, Alphabet Alphabet, ReadOnlyMemory<ushort> Train, ReadOnlyMemory<ushort> Validation, ReadOnlyMemory<ushort> Test)
{
    /// <summary>The number of unknown symbols in a fold; null where the alphabet has no unknown symbol.</summary>
    public int? Unknown(Fold fold) => Alphabet.HasUnknown ? Of(fold).Span.Count((ushort)Alphabet.Unknown) : null;

    /// <summary>The symbols of a fold.</summary>
    public ReadOnlyMemory<ushort> Of(Fold fold) => fold switch
    {
        Fold.Train => Train,
        Fold.Validation => Validation,
        _ => Test,
    };
}
