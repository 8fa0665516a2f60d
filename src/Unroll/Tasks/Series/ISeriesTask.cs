using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>
/// A task made from sequences of somebody's own: a fold is a number of examples, which are windows or whole sequences. Each is
/// read from h_0.
/// </summary>
public interface ISeriesTask : IDataTask
{
    /// <summary>The costs of a pass are divided by it to give costs in <see cref="ITask.LossUnit"/>, such as the number of
    /// outputs whose squared errors are summed.</summary>
    double CostPerUnit { get; }

    /// <summary>The number of examples of a fold; 0 for an empty one.</summary>
    long Examples(Fold fold);

    /// <summary>The steps that a network reads of an example.</summary>
    /// <param name="fold">The fold.</param>
    /// <param name="example">0..<see cref="Examples"/>-1.</param>
    int StepsOf(Fold fold, long example);

    /// <summary>Writes steps of an example, inputs and targets, into the first steps of a row.</summary>
    /// <param name="batch">A batch that was resized to at least this many steps.</param>
    /// <param name="row">The row.</param>
    /// <param name="fold">The fold.</param>
    /// <param name="example">0..<see cref="Examples"/>-1.</param>
    /// <param name="start">The example's first step to write; 0 where the prediction is at the last step.</param>
    /// <param name="steps">The number of steps; all of them where the prediction is at the last step.</param>
    void FillExample(Batch batch, int row, Fold fold, long example, int start, int steps);
}
