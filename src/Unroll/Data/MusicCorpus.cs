namespace Unroll.Data;

/// <summary>Pieces of music in three folds.</summary>
/// <param name="Name">What messages and tables call it.</param>
/// <param name="Train">Pieces to learn from.</param>
/// <param name="Validation">Pieces to choose by.</param>
/// <param name="Test">Pieces to report.</param>
public sealed record MusicCorpus(string Name, IReadOnlyList<PianoRoll> Train, IReadOnlyList<PianoRoll> Validation, IReadOnlyList<PianoRoll> Test)
{
    /// <summary>The pieces of a fold.</summary>
    public IReadOnlyList<PianoRoll> Of(Fold fold) => fold switch
    {
        Fold.Train => Train,
        Fold.Validation => Validation,
        _ => Test,
    };
}
