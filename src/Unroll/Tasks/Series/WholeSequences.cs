using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>The examples of tasks that predict something of a whole sequence: the parts of folds.</summary>
internal sealed class WholeSequences(SequenceFolds folds, SeriesRows rows)
{
    private readonly int _longest = rows.Codec.NetworkSteps(folds.Of(Fold.Train).Max(part => part.Steps));

    /// <summary>The steps that the network reads of the longest one to train on.</summary>
    public int Longest => _longest;

    public long Count(Fold fold) => folds.Of(fold).Count;

    public int StepsOf(Fold fold, long example) => rows.Codec.NetworkSteps(folds.Of(fold)[(int)example].Steps);

    /// <summary>Writes the inputs of one, and gives the sequence.</summary>
    public Sequence Fill(Batch batch, int row, Fold fold, long example)
    {
        FoldPart part = folds.Of(fold)[(int)example];
        rows.FillInputs(batch, row, part.Sequence, part.Start, part.Steps, 0);
        return folds.Data.Sequences[part.Sequence];
    }
}
