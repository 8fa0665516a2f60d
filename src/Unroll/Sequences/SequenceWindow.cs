namespace Unroll.Data;

/// <summary>
/// Some steps of one sequence, and the steps after them that are to be forecast: a view, named by its place.
/// </summary>
/// <param name="Sequence">Which sequence of the data.</param>
/// <param name="Start">The first step that is read.</param>
/// <param name="Steps">How many are read, at least 1.</param>
/// <param name="Horizon">How many behind them are forecast; 0 for none.</param>
public readonly record struct SequenceWindow(int Sequence, int Start, int Steps, int Horizon)
{
    /// <summary>The step behind the last that is read: the first that is forecast.</summary>
    public int End => Start + Steps;
}
