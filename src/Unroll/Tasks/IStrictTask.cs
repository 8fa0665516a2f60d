namespace Unroll;

/// <summary>
/// A task whose success rule has a second, stricter reading: the paper's text asks of a regression an "error less than
/// 0.04", which its authors' code takes to mean the squared error. Both shares are reported.
/// </summary>
public interface IStrictTask
{
    /// <summary>Writes, for each row, whether the network got that sequence right by the stricter reading.</summary>
    /// <param name="batch">The batch that was predicted.</param>
    /// <param name="predictions">The outputs.</param>
    /// <param name="correct">(B): receives the verdicts.</param>
    void JudgeStrictly(Batch batch, Predictions predictions, Span<bool> correct);
}
