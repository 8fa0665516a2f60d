namespace Unroll;

/// <summary>A task that can show one of its sequences to a person.</summary>
public interface IDescribeExamples
{
    /// <summary>
    /// The sequence, its target and the reason for it, as a few lines of text (separated by line feeds, none at the end).
    /// </summary>
    /// <param name="batch">A batch that this task filled.</param>
    /// <param name="row">Which of its sequences.</param>
    string Describe(Batch batch, int row);
}
