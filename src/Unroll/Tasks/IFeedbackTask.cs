namespace Unroll.Tasks;

/// <summary>
/// A task whose dense inputs hold, in O columns, what was to be predicted at the step before, so that the outputs of a network
/// can take the place of those inputs: the outputs feed back. The head predicts real numbers at every step.
/// </summary>
/// <remarks>
/// Inputs as <see cref="ITask.Fill"/> writes them are teacher forcing (Doya and Yoshizawa, 1991): the targets in the place of the
/// network's own outputs. <see cref="OutputFeedback{T}"/> puts the outputs there.
/// </remarks>
public interface IFeedbackTask : ITask
{
    /// <summary>The first of the columns: input column FeedbackColumn + o at step t is target o of step t - 1.</summary>
    int FeedbackColumn { get; }

    /// <summary>
    /// Whether checks and evaluations evaluate the network as it runs on its own outputs, from the first predicted step of each
    /// sequence on; otherwise one step ahead of the true inputs.
    /// </summary>
    bool RunsFree { get; }
}
