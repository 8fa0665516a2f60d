using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>
/// For how many epochs to train, found on validation folds, so that a network can then be trained for so many on all data that
/// came before a test (<see cref="SequenceFolds.ForRefit"/>). Several origins (<see cref="SequenceFolds.Origins"/>) are for
/// series that are too short for one validation fold to say much.
/// </summary>
/// <param name="Epochs">The number of epochs, at least 1.</param>
/// <param name="Loss">The cost of the validation fold after them, the mean over origins, in <see cref="ITask.LossUnit"/>.</param>
/// <param name="Origins">What each origin says by itself: the epoch of its least cost, and that cost.</param>
public sealed record EpochChoice(int Epochs, double Loss, IReadOnlyList<(int Epochs, double Loss)> Origins)
{
    /// <summary>Trains a network for each task and chooses the epoch of the least cost, of several the least mean.</summary>
    /// <param name="tasks">One task, or one for each origin, with validation folds.</param>
    /// <param name="options">The options. Of one task <see cref="TrainingOptions.Patience"/> ends the search; of several each is
    /// trained for <see cref="TrainingOptions.MaximumEpochs"/>, because the mean is of all.</param>
    /// <param name="parts">The parts of each trainer, such as weights to start from; null for none.</param>
    /// <param name="onOrigin">Is told of each origin that is done, 0 for the first.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="ArgumentException">There is no task, a task has no validation fold, there is no number of epochs to stay
    /// below, or a cost is never finite.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static EpochChoice Find(IReadOnlyList<SeriesTask> tasks, TrainingOptions options,
        Func<SeriesTask, TrainingParts?>? parts = null, Action<int, (int Epochs, double Loss)>? onOrigin = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(options);
        if (tasks.Count == 0) throw new ArgumentException("There is no task to choose a number of epochs by.");
        if (options.MaximumEpochs is null)
            throw new ArgumentException("A number of epochs can only be chosen below a largest one; give the most epochs.");
        TrainingOptions each = options with { CheckEvery = 0, Patience = tasks.Count == 1 ? options.Patience : null };
        var sums = new List<double>();
        var origins = new List<(int, double)>();
        for (int i = 0; i < tasks.Count; i++)
        {
            using var trainer = new Trainer(tasks[i], each, parts?.Invoke(tasks[i]));
            var costs = new List<double>();
            TrainingResult result = trainer.Run(progress => costs.Add(progress.ValidationLoss), cancellation);
            cancellation.ThrowIfCancellationRequested();
            if (result.Outcome == TrainingOutcome.NonFinite) throw new ArgumentException(result.Message);
            int count = i == 0 ? costs.Count : Math.Min(sums.Count, costs.Count);
            for (int e = 0; e < count; e++)
            {
                if (i == 0) sums.Add(costs[e]);
                else sums[e] += costs[e];
            }

            sums.RemoveRange(count, sums.Count - count);
            origins.Add(Least(costs));
            onOrigin?.Invoke(i, origins[i]);
        }

        (int epochs, double sum) = Least(sums);
        return new EpochChoice(epochs, sum / tasks.Count, origins);
    }

    /// <summary>The first epoch of the least cost, from 1, and the cost.</summary>
    private static (int Epochs, double Cost) Least(List<double> costs)
    {
        int best = -1;
        for (int e = 0; e < costs.Count; e++)
        {
            if (double.IsFinite(costs[e]) && (best < 0 || costs[e] < costs[best])) best = e;
        }

        return best >= 0 ? (best + 1, costs[best])
            : throw new ArgumentException("The validation cost was at no epoch a finite number; take a smaller learning rate.");
    }
}
