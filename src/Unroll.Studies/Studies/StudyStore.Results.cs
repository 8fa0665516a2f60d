using Unroll.Data;

namespace Unroll.Studies;

/// <summary>What the results of a store amount to.</summary>
public sealed partial class StudyStore
{
    /// <summary>The study's name.</summary>
    /// <exception cref="StudyException">The store is damaged.</exception>
    public string StudyName => Definition().Name;

    /// <summary>The study as JSON.</summary>
    /// <exception cref="StudyException">The store is damaged.</exception>
    public string StudyJson => Definition().ToJson();

    /// <summary>Finished trials by cells, which are trials that differ in the seed alone, in the grid's order.</summary>
    /// <exception cref="StudyException">The store is damaged.</exception>
    public IReadOnlyList<CellSummary> Cells() => StudySummary.Cells(Trials());

    /// <summary>
    /// Every two values of an axis compared by success, over pairs of finished trials that differ in nothing else: same
    /// seed, so the same sequences and first weights. Where no seed is shared, over the cells that are otherwise the same.
    /// Trials of tasks without a rule of success are left out.
    /// </summary>
    /// <param name="option">The axis.</param>
    /// <exception cref="StudyException">The store is damaged, or the axis has too many values.</exception>
    public IReadOnlyList<ValueComparison> Compare(string option)
    {
        ArgumentException.ThrowIfNullOrEmpty(option);
        return StudySummary.Compare([.. Trials().Where(trial => !FoldCosts.Has(trial))], option);
    }

    /// <summary>
    /// Every two values of an axis compared by the costs of the best models, the later against the earlier one, over the same
    /// kind of pairs: trials of music, text, and tasks of your own without a rule of success.
    /// </summary>
    /// <param name="option">The axis.</param>
    /// <exception cref="StudyException">The store is damaged, or the axis has too many values.</exception>
    public IReadOnlyList<CostComparison> CompareCosts(string option)
    {
        ArgumentException.ThrowIfNullOrEmpty(option);
        return FoldCosts.Compare(Trials(), option);
    }

    /// <summary>
    /// The median cost of a fold over a cell's finished trials, in the unit of its task; not a number without one.
    /// </summary>
    /// <param name="cell">The cell, of a task without a rule of success.</param>
    /// <param name="fold">The fold.</param>
    public static double MedianCost(CellSummary cell, Fold fold)
    {
        ArgumentNullException.ThrowIfNull(cell);
        return FoldCosts.Median(cell, fold);
    }
}
