namespace Unroll;

/// <summary>
/// A task whose success rule has a second, stricter reading. For a regression the paper's text requires an "error less than
/// 0.04", and the authors' code compares the squared error. Both shares are reported.
/// </summary>
public interface IStrictTask
{
    /// <summary>Writes, for each row, whether the network got that sequence right by the stricter reading.</summary>
    /// <param name="batch">The batch that was predicted.</param>
    /// <param name="predictions">The outputs.</param>
    /// <param name="correct">(B): receives true for each sequence that is right.</param>
    void MarkCorrectStrictly(Batch batch, Predictions predictions, Span<bool> correct);
}
