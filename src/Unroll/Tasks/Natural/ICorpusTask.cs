using Unroll.Data;

namespace Unroll.Tasks;

/// <summary>
/// A task made of a corpus (section 4.2): a fold is one or more streams (pieces of music, or a text), every step of which is
/// predicted from those before it, the first from h_0 and no input. <see cref="ITask.Fill"/> takes the windows of the training
/// fold in turn: its key's index is the update, which says the epoch and the place in it.
/// </summary>
public interface ICorpusTask : ITask
{
    /// <summary>Updates that see every predicted step of the training fold once.</summary>
    /// <param name="rows">B, the number of sequences in an update.</param>
    long UpdatesPerEpoch(int rows);

    /// <summary>Steps in a training window, at most.</summary>
    int Window { get; }

    /// <summary>The unit of cost in nats: a cost in nats is divided by it.</summary>
    double NatsPerUnit { get; }

    /// <summary>What must be known to use a model of this task again, such as its alphabet; it goes into model files.</summary>
    IReadOnlyDictionary<string, string> Properties { get; }

    /// <summary>The number of streams in a fold.</summary>
    int Streams(Fold fold);

    /// <summary>The predicted steps of a stream.</summary>
    int StreamSteps(Fold fold, int stream);

    /// <summary>What a stream is called.</summary>
    string StreamName(Fold fold, int stream);

    /// <summary>Writes steps <paramref name="start"/> to <paramref name="start"/> + <paramref name="steps"/> - 1 of a stream into the first steps of a row.</summary>
    /// <param name="batch">A batch that was resized to at least so many steps.</param>
    /// <param name="row">The row.</param>
    /// <param name="fold">The fold.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="start">The stream's first step to write.</param>
    /// <param name="steps">How many.</param>
    void FillStream(Batch batch, int row, Fold fold, int stream, int start, int steps);
}
