namespace Unroll.Data;

/// <summary>Pieces of music in three folds.</summary>
/// <param name="Name">What messages and tables call it.</param>
/// <param name="Train">The pieces to train on.</param>
/// <param name="Validation">The pieces by which choices are made.</param>
/// <param name="Test">The pieces whose cost is reported.</param>
public sealed record MusicCorpus(
    string Name, IReadOnlyList<PianoRoll> Train, IReadOnlyList<PianoRoll> Validation, IReadOnlyList<PianoRoll> Test)
{
    /// <summary>The pieces of a fold.</summary>
    public IReadOnlyList<PianoRoll> Of(Fold fold) => fold switch
    {
        Fold.Train => Train,
        Fold.Validation => Validation,
        _ => Test,
    };
}
