using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>
/// A task made from a corpus (section 4.2): a fold is one or more streams (pieces of music, or a text). Every step of a stream is
/// predicted from the steps before it, the first from h_0 and no input. <see cref="ITask.Fill"/> takes the windows of the
/// training fold in turn: the index of its key is the update, which gives the epoch and the position in it.
/// </summary>
public interface ICorpusTask : IDataTask
{
    /// <summary>The unit of cost in nats: a cost in nats is divided by it.</summary>
    double NatsPerUnit { get; }

    /// <summary>The number of streams in a fold.</summary>
    int Streams(Fold fold);

    /// <summary>The predicted steps of a stream.</summary>
    int StreamSteps(Fold fold, int stream);

    /// <summary>The name of a stream.</summary>
    string StreamName(Fold fold, int stream);

    /// <summary>
    /// Writes steps <paramref name="start"/> to <paramref name="start"/> + <paramref name="steps"/> - 1 of a stream into the
    /// first steps of a row.
    /// </summary>
    /// <param name="batch">A batch that was resized to at least this many steps.</param>
    /// <param name="row">The row.</param>
    /// <param name="fold">The fold.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="start">The stream's first step to write.</param>
    /// <param name="steps">The number of steps.</param>
    void FillStream(Batch batch, int row, Fold fold, int stream, int start, int steps);
}
