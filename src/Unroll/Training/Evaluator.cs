using System.Numerics;
using Unroll.Numerics;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>The performance of a network on fresh sequences.</summary>
/// <param name="Length">The lengths that were drawn; null for a task without lengths.</param>
/// <param name="Sequences">The number of sequences evaluated.</param>
/// <param name="Error">Share of wrong sequences, 0..1; null for a task without a success rule.</param>
/// <param name="StrictError">Share of wrong sequences by the stricter reading of the text (|e| above 0.04), for squared-error
/// tasks; otherwise null.</param>
/// <param name="Loss">Mean cost a sequence, in <paramref name="LossUnit"/>.</param>
/// <param name="LossUnit">The task's unit.</param>
public sealed record EvaluationResult(
    LengthRange? Length, long Sequences, double? Error, double? StrictError, double Loss, string LossUnit);

/// <summary>Evaluates networks on fresh sequences.</summary>
public static class Evaluator
{
    private const int RowsAtOnce = 100;

    /// <summary>
    /// Evaluates <paramref name="network"/> on <paramref name="sequences"/> fresh sequences of a task (or on its whole set, when
    /// it has one), drawn from the seed's test stream; of a task that runs free (<see cref="IFeedbackTask"/>) the network reads
    /// its own outputs. For data (<see cref="ICorpusTask"/>, <see cref="ISeriesTask"/>) the result
    /// is the exact cost of the test fold.
    /// </summary>
    /// <param name="network">The network; its shape must fit the task.</param>
    /// <param name="task">The task.</param>
    /// <param name="sequences">How many sequences, at least 1.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="threads">Worker threads, at least 1.</param>
    /// <param name="cancellation">Ends the evaluation early.</param>
    /// <param name="onEvaluated">Called on the calling thread after every batch with the number of sequences evaluated so
    /// far.</param>
    /// <exception cref="ArgumentException">The network does not fit the task.</exception>
    /// <exception cref="ArithmeticException">An input or a target of the task is not finite; the message has its row, step and
    /// column.</exception>
    /// <exception cref="InvalidOperationException">The task filled other rows than asked for, or set no target.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static EvaluationResult Evaluate<T>(
        Network<T> network, ITask task, long sequences = 10_000, ulong seed = 1, int threads = 1,
        CancellationToken cancellation = default, Action<long>? onEvaluated = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(task);
        if (task is ICorpusTask corpus)
        {
            FoldCost cost = CorpusEvaluator.Evaluate(network, corpus, Data.Fold.Test, threads, cancellation, onEvaluated);
            return new EvaluationResult(null, cost.Streams.Count, null, null, cost.Loss, cost.LossUnit);
        }

        using var unrolled = new UnrolledNetwork<T>(network, threads);
        if (task is ISeriesTask series)
        {
            return SeriesEvaluator.Evaluate(
                unrolled, series, Batch.For(task), Data.Fold.Test, task.Reduction, cancellation, onEvaluated);
        }

        var ofTask = new OfTask<T>(unrolled, task, task.Reduction);
        return ofTask.Run(new RandomKey(seed, RandomStream.Test, 0), sequences, cancellation, onEvaluated);
    }

    /// <summary>The buffers of an evaluation, kept from one check to the next.</summary>
    internal sealed class OfTask<T>(UnrolledNetwork<T> unrolled, ITask task, CostReduction reduction)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly Batch _batch = Batch.For(task);
        private readonly Predictions _predictions = new();
        private readonly bool[] _correct = new bool[task.WholeSet ?? RowsAtOnce];
        private readonly OutputFeedback<T>? _feedback = task is IFeedbackTask { RunsFree: true } one
            ? new OutputFeedback<T>(unrolled.Network, one.FeedbackColumn) : null;

        /// <summary>Evaluates sequences drawn from the key's index and the indices after it, one index a batch.</summary>
        public EvaluationResult Run(
            RandomKey key, long sequences, CancellationToken cancellation, Action<long>? onEvaluated = null)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(sequences, 1);
            long total = task.WholeSet ?? sequences, done = 0, wrong = 0, strictlyWrong = 0;
            double loss = 0;
            for (long index = key.Index; done < total; index++)
            {
                cancellation.ThrowIfCancellationRequested();
                int rows = (int)Math.Min(task.WholeSet ?? RowsAtOnce, total - done);
                task.Fill(_batch, rows, key with { Index = index });
                if (_batch.Rows != rows) throw new InvalidOperationException(
                    Invariant($"The task {task.Name} filled {Counted.Of(_batch.Rows, "row")} where {rows} were asked for."));
                if (done == 0 && !HasTarget()) throw new InvalidOperationException(
                    $"The task {task.Name} set no target in a whole batch, so there is nothing to predict.");
                if (done == 0) _batch.Carry.Clear(); // otherwise the result would depend on earlier passes of this network
                _feedback?.Run(_batch);
                double cost = unrolled.Forward(_batch, reduction);
                NonFiniteData.Check(cost, _batch, typeof(T) == typeof(float));
                loss += cost * rows;
                done += rows;
                onEvaluated?.Invoke(done);
                if (!task.HasSuccessRule) continue;
                unrolled.CopyOutputs(_predictions);
                Array.Clear(_correct);
                task.MarkCorrect(_batch, _predictions, _correct.AsSpan(0, rows));
                wrong += Wrong(rows);
                if (task is not IStrictTask strict) continue;
                strict.MarkCorrectStrictly(_batch, _predictions, _correct.AsSpan(0, rows));
                strictlyWrong += Wrong(rows);
            }

            return new EvaluationResult(
                (task as ILengthTask)?.Length,
                total,
                task.HasSuccessRule ? (double)wrong / total : null,
                task is IStrictTask ? (double)strictlyWrong / total : null,
                loss / total,
                task.LossUnit);
        }

        private bool HasTarget()
        {
            for (int row = 0; row < _batch.Rows; row++)
            {
                for (int step = 0; step < _batch.Lengths[row]; step++)
                {
                    if (_batch.IsPredicted(step, row)) return true;
                }
            }

            return false;
        }

        private int Wrong(int rows)
        {
            int wrong = 0;
            for (int r = 0; r < rows; r++) wrong += _correct[r] ? 0 : 1;
            return wrong;
        }
    }
}
