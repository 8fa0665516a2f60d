namespace Unroll.Data;

/// <summary>The steps of one sequence that are in a fold.</summary>
/// <param name="Sequence">Which sequence of the data.</param>
/// <param name="Start">The first step.</param>
/// <param name="End">The step after the last, above <paramref name="Start"/>.</param>
public readonly record struct FoldPart(int Sequence, int Start, int End)
{
    /// <summary>The number of steps.</summary>
    public int Steps => End - Start;
}
