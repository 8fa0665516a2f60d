using Unroll.Data;
using Unroll.Numerics;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>
/// For how many epochs to train, found on validation folds, so that a network can then be trained for so many on all data that
/// came before a test (<see cref="SequenceFolds.ForRefit"/>). Several origins (<see cref="SequenceFolds.Origins"/>) are for
/// series that are too short for one validation fold to say much, the parts of a cross-validation
/// (<see cref="SequenceFolds.CrossValidation"/>) for few sequences.
/// </summary>
/// <param name="Epochs">The number of epochs, at least 1.</param>
/// <param name="Loss">The cost of the validation fold after them, the mean over origins, in <see cref="ITask.LossUnit"/> where no
/// other cost was given.</param>
/// <param name="Origins">What each origin says by itself: the epoch of its least cost, and that cost.</param>
public sealed record EpochChoice(int Epochs, double Loss, IReadOnlyList<(int Epochs, double Loss)> Origins)
{
    /// <summary>Trains a network for each task and chooses the epoch of the least cost, of several the least mean.</summary>
    /// <param name="tasks">One task, or one for each origin, with validation folds.</param>
    /// <param name="options">The options. So many epochs as <see cref="TrainingOptions.Patience"/> without a better cost, of
    /// several tasks a better mean, end the search; else <see cref="TrainingOptions.MaximumEpochs"/>.</param>
    /// <param name="parts">The parts of each trainer, such as weights to start from; null for none.</param>
    /// <param name="onOrigin">Is told of each origin that is done, 0 for the first.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <param name="cost">The cost of a trainer's last network on the validation fold of its task, at the end of each epoch; null
    /// for that of its checks. Choices between tasks whose scales or losses differ need one that they have in common, such as
    /// <see cref="ForecastErrors"/>.</param>
    /// <exception cref="ArgumentException">There is no task, a task has no validation fold, there is no number of epochs to stay
    /// below, or a cost is never finite.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static EpochChoice Find(IReadOnlyList<SeriesTask> tasks, TrainingOptions options,
        Func<SeriesTask, TrainingParts?>? parts = null, Action<int, (int Epochs, double Loss)>? onOrigin = null,
        CancellationToken cancellation = default, Func<Trainer, SeriesTask, double>? cost = null)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        ArgumentNullException.ThrowIfNull(options);
        if (tasks.Count == 0) throw new ArgumentException("There is no task to choose a number of epochs by.");
        if (options.MaximumEpochs is null)
            throw new ArgumentException("A number of epochs can only be chosen below a largest one; give the most epochs.");
        TrainingOptions each = options with { CheckEvery = 0, Patience = null };
        var trainers = new List<Trainer>();
        try
        {
            foreach (SeriesTask task in tasks) trainers.Add(new Trainer(task, each, parts?.Invoke(task)));
            return Find(trainers, options, onOrigin, cost is null ? null : i => cost(trainers[i], tasks[i]), cancellation);
        }
        finally
        {
            foreach (Trainer trainer in trainers) trainer.Dispose();
        }
    }

    /// <summary>All go on by an epoch each in turn, so that the mean is known as they go.</summary>
    private static EpochChoice Find(List<Trainer> trainers, TrainingOptions options,
        Action<int, (int Epochs, double Loss)>? onOrigin, Func<int, double>? cost, CancellationToken cancellation)
    {
        List<double>[] costs = [.. trainers.Select(_ => new List<double>())];
        var means = new List<double>();
        int best = 0;
        for (int e = 0; e < options.MaximumEpochs && e - best <= (options.Patience ?? int.MaxValue); e++)
        {
            bool ended = false;
            for (int i = 0; i < trainers.Count && !ended; i++)
            {
                ended = !Epoch(trainers[i], costs[i], cancellation);
                if (!ended && cost is not null) costs[i][^1] = cost(i);
            }

            if (ended) break;
            means.Add(costs.Average(some => some[e]));
            if (double.IsFinite(means[e]) && !(means[best] <= means[e])) best = e;
        }

        for (int i = 0; i < costs.Length; i++)
        {
            if (costs[i].Count > 0) onOrigin?.Invoke(i, Least(costs[i]));
        }

        if (means.Count == 0) throw new ArgumentException(
            Invariant($"The budget ends within the first epoch, of {Counted.Of(trainers[0].CheckEvery, "update")}, and ")
                + "the number of epochs is chosen by the costs at their ends; give more updates or minutes.");
        (int epochs, double mean) = Least(means);
        return new EpochChoice(epochs, mean, [.. costs.Select(Least)]);
    }

    /// <summary>Trains until the next check; false where the budget or the time ended it before.</summary>
    private static bool Epoch(Trainer trainer, List<double> costs, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var one = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        long due = trainer.Updates + trainer.CheckEvery;
        TrainingResult result = trainer.Run(
            progress =>
            {
                if (progress.Update == due) costs.Add(progress.ValidationLoss);
                one.Cancel();
            },
            one.Token);
        if (result.Outcome == TrainingOutcome.NonFinite) throw new ArgumentException(result.Message);
        cancellation.ThrowIfCancellationRequested();
        return trainer.Updates == due;
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
