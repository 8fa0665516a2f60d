using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>
/// The minibatches of an update of Hessian-Free: fresh ones beside the trainer's own, by counter, so that nothing has to be
/// saved. A task that is one whole set gives that each time.
/// </summary>
/// <param name="task">The task, for the kinds of its batches.</param>
/// <param name="rows">B.</param>
/// <param name="seed">The run's seed.</param>
internal sealed class Minibatches(ITask task, int rows, ulong seed)
{
    private const int Shift = 10; // more than the minibatches of an update

    /// <summary>The place of what an update draws; those of the gradient are from <see cref="Gradient"/> on.</summary>
    public const int Curvature = 0, Comparison = 1, LineSearch = 2, Gradient = 3;

    /// <summary>A batch to fill.</summary>
    public Batch NewBatch() => Batch.For(task);

    /// <summary>Fills a batch with sequences as the update trains on.</summary>
    /// <param name="batch">Receives them.</param>
    /// <param name="training">The task at the lengths of this update.</param>
    /// <param name="update">The update, from 1.</param>
    /// <param name="place">Which of its minibatches.</param>
    public void Fill(Batch batch, ITask training, long update, int place)
    {
        training.Fill(batch, rows, new RandomKey(seed, RandomStream.Minibatch, ((update - 1) << Shift) + place));
        CheckWhole(batch);
    }

    /// <exception cref="ArgumentException">A row carries a state on.</exception>
    public static void CheckWhole(Batch batch)
    {
        if (batch.Carry.Contains(true))
            throw new ArgumentException(
                "A sequence carries on the state of the one before; Hessian-Free needs whole sequences, as its minibatches are "
                + "drawn anew.");
    }
}
