namespace Unroll.Tasks;

/// <summary>
/// A task whose sequences are a fixed set of data. An epoch uses each of its training examples once: <see cref="ITask.Fill"/>
/// takes them in turn, and the index of its key is the update, which gives the epoch and the position in it. Checks are exact:
/// they use the whole validation fold.
/// </summary>
public interface IDataTask : ITask
{
    /// <summary>The number of updates that use every training example once.</summary>
    /// <param name="rows">B, the number of sequences in an update.</param>
    long UpdatesPerEpoch(int rows);

    /// <summary>Steps of a training example, at most.</summary>
    int Window { get; }

    /// <summary>What is needed to use a model of this task later, such as an alphabet or the names of columns; it is stored in
    /// model files.</summary>
    IReadOnlyDictionary<string, string> Properties { get; }
}
