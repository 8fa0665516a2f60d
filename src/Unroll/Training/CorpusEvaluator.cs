using System.Numerics;
using Unroll.Data;
using Unroll.Heads;
using Unroll.Tasks;

namespace Unroll.Training;

/// <summary>The cost of one stream of a fold.</summary>
/// <param name="Name">The name of the stream.</param>
/// <param name="Steps">Its predicted steps.</param>
/// <param name="Cost">Its total cost, in <see cref="ITask.LossUnit"/> without the "a step".</param>
public sealed record StreamCost(string Name, long Steps, double Cost);

/// <summary>The cost of a fold.</summary>
/// <param name="Fold">Which one.</param>
/// <param name="Streams">Every stream that has a step to predict, in the corpus's order.</param>
/// <param name="LossUnit">The unit of <see cref="Loss"/>.</param>
public sealed record FoldCost(Fold Fold, IReadOnlyList<StreamCost> Streams, string LossUnit)
{
    /// <summary>Predicted steps.</summary>
    public long Steps => Streams.Sum(stream => stream.Steps);

    /// <summary>The total cost of every predicted step divided by their number: not a mean of means.</summary>
    public double Loss => Streams.Sum(stream => stream.Cost) / Steps;
}

/// <summary>
/// The exact cost of a fold: each stream is read from its first step to its last with the state carried over all the way; it
/// starts from h_0 only at the beginning of the stream.
/// </summary>
/// <remarks>
/// A long stream is not read by one row alone. It is cut into segments that are read side by side, each from a guess of the state
/// at its first step: the state after reading the steps just before the segment from h_0. Trained networks forget, so the guess
/// is usually the true state up to rounding. Where it differs by more than a millionth (float) in some unit from the state at the
/// end of the segment before, the segment is read again from that state. So the result is that of a single reading, as exact as
/// the arithmetic, and most of the time is saved. Segments depend on the fold alone, so the bits do not depend on a batch, a
/// window or a thread.
/// </remarks>
public static class CorpusEvaluator
{
    private const int RowsAtOnce = 64, WindowSteps = 128;

    /// <summary>
    /// The length of the shortest segment, and the number of steps that are read to guess the state before a segment.
    /// </summary>
    private const int SegmentSteps = 4_096, GuessSteps = 512;

    /// <summary>
    /// The number of rounds in which all segments with a wrong guess are read again at once; after that they are read one after
    /// the other.
    /// </summary>
    private const int RoundsAtOnce = 3;

    /// <summary>The cost of a fold under a network.</summary>
    /// <param name="network">The network; its shape must fit the task.</param>
    /// <param name="task">The task.</param>
    /// <param name="fold">The fold.</param>
    /// <param name="threads">Worker threads, 1..256; their number changes no bit.</param>
    /// <param name="cancellation">Ends the evaluation early.</param>
    /// <param name="onRead">Called on the calling thread with the number of steps read so far, which may exceed the
    /// fold's.</param>
    /// <param name="onStepCosts">Called at the end of every stream with a step to predict, in order, with the cost of each of its
    /// steps. Their sum is the stream's cost up to rounding. This takes 8 bytes a step.</param>
    /// <exception cref="ArgumentException">The network does not fit the task, or the fold has no step to predict.</exception>
    /// <exception cref="ArithmeticException">An input or a target of the task is not finite; the message has its row, step and
    /// column.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static FoldCost Evaluate<T>(
        Network<T> network, ICorpusTask task, Fold fold, int threads = 1, CancellationToken cancellation = default,
        Action<long>? onRead = null, StepCostsHandler? onStepCosts = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(task);
        using var unrolled = new UnrolledNetwork<T>(network, threads);
        return new Reader<T>(unrolled, task).Run(fold, cancellation, onRead, onStepCosts);
    }

    /// <summary>The buffers of an evaluation, kept from one check to the next.</summary>
    internal sealed class Reader<T>(UnrolledNetwork<T> unrolled, ICorpusTask task)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly Batch _batch = Batch.For(task);
        private readonly IHeadCost _cost = HeadTable.Of(unrolled.Network.Shape);
        private long _read;

        public FoldCost Run(
            Fold fold, CancellationToken cancellation, Action<long>? onRead = null, StepCostsHandler? onStepCosts = null)
        {
            _read = 0;
            var segments = new List<Segment>();
            for (int s = 0; s < task.Streams(fold); s++) Cut(segments, s, task.StreamSteps(fold, s));
            if (segments.Count == 0) throw new ArgumentException($"The {Name(fold)} fold has no step to predict.");
            foreach (Segment segment in segments) segment.StepCosts = onStepCosts is null ? null : new double[segment.Steps];
            Read(segments, fold, guess: true, cancellation, onRead);
            for (int round = 1; ; round++)
            {
                List<Segment> wrong = [.. Wrong(segments, onlyFirst: round > RoundsAtOnce)];
                if (wrong.Count == 0) break;
                Read(wrong, fold, guess: false, cancellation, onRead);
            }

            var streams = new List<StreamCost>();
            foreach (IGrouping<int, Segment> stream in segments.GroupBy(segment => segment.Stream))
            {
                long count = stream.Sum(segment => (long)segment.Steps);
                double cost = stream.Sum(segment => segment.Cost) / task.NatsPerUnit;
                streams.Add(new StreamCost(task.StreamName(fold, stream.Key), count, cost));
                onStepCosts?.Invoke(stream.Key, stream.SelectMany(segment => segment.StepCosts!).ToArray());
            }

            return new FoldCost(fold, streams, task.LossUnit);
        }

        private static string Name(Fold fold) =>
            fold switch { Fold.Train => "training", Fold.Validation => "validation", _ => "test" };

        private static void Cut(List<Segment> segments, int stream, int steps)
        {
            int count = Math.Clamp(steps / SegmentSteps, 1, RowsAtOnce);
            for (int i = 0; i < count && steps > 0; i++)
            {
                int start = (int)((long)steps * i / count), end = (int)((long)steps * (i + 1) / count);
                segments.Add(new Segment(stream, start, end - start));
            }
        }

        /// <summary>
        /// The segments that did not begin with the final state of the segment before; their first state is set to it.
        /// </summary>
        private static IEnumerable<Segment> Wrong(List<Segment> segments, bool onlyFirst)
        {
            int stream = -1;
            for (int i = 1; i < segments.Count; i++)
            {
                if (segments[i].Start == 0 || segments[i].Stream == stream || Same(segments[i].Begin, segments[i - 1].End))
                    continue;
                segments[i].Begin = segments[i - 1].End;
                if (onlyFirst) stream = segments[i].Stream;
                yield return segments[i];
            }
        }

        /// <summary>Whether two states agree within rounding; two values that are both not finite also agree.</summary>
        private static bool Same(T[] one, T[] other)
        {
            double tolerance = typeof(T) == typeof(double) ? 1e-13 : 1e-6;
            for (int i = 0; i < one.Length; i++)
            {
                double difference = double.CreateTruncating(one[i]) - double.CreateTruncating(other[i]);
                if (Math.Abs(difference) > tolerance * Math.Max(1, Math.Abs(double.CreateTruncating(other[i])))
                    || T.IsFinite(one[i]) != T.IsFinite(other[i]))
                    return false;
            }

            return one.Length == other.Length;
        }

        /// <summary>Reads segments in groups of rows, longest first so that a group's rows end together.</summary>
        private void Read(List<Segment> segments, Fold fold, bool guess, CancellationToken cancellation, Action<long>? onRead)
        {
            foreach (Segment[] group in segments.OrderByDescending(segment => segment.Steps).Chunk(RowsAtOnce))
            {
                if (guess && group.Any(segment => segment.Start > 0)) Guess(group, fold);
                else
                    for (int row = 0; row < group.Length; row++) group[row].Begin.CopyTo(unrolled.CarriedState(row));
                foreach (Segment segment in group) segment.Cost = 0;

                // Segments are sorted by length, so the rows that have ended are the last ones.
                int rows = group.Length;
                for (int at = 0; at < group[0].Steps; at += WindowSteps)
                {
                    cancellation.ThrowIfCancellationRequested();
                    while (group[rows - 1].Steps <= at) rows--;
                    _batch.Resize(rows, Math.Min(WindowSteps, group[0].Steps - at));
                    for (int row = 0; row < rows; row++)
                    {
                        Segment segment = group[row];
                        _batch.Lengths[row] = Math.Min(_batch.Steps, segment.Steps - at);
                        _batch.Carry[row] = at > 0 || segment.Start > 0;
                        task.FillStream(_batch, row, fold, segment.Stream, segment.Start + at, _batch.Lengths[row]);
                        _read += _batch.Lengths[row];
                    }

                    NonFiniteData.Check(unrolled.Forward(_batch, CostReduction.Sum), _batch, typeof(T) == typeof(float));
                    for (int row = 0; row < rows; row++)
                    {
                        group[row].Cost += unrolled.RowCost(row);
                        if (group[row].StepCosts is { } costs)
                        {
                            for (int t = 0; t < _batch.Lengths[row]; t++)
                                costs[at + t] = StepCosts.Of(_cost, unrolled.Output(t, row), _batch, t, row) / task.NatsPerUnit;
                        }

                        if (at + _batch.Lengths[row] == group[row].Steps) group[row].End = unrolled.CarriedState(row).ToArray();
                    }

                    onRead?.Invoke(_read);
                }
            }
        }

        /// <summary>
        /// Sets the state of each row to the state after the steps before its segment, read from h_0. A stream's first segment
        /// begins from h_0 itself.
        /// </summary>
        private void Guess(Segment[] group, Fold fold)
        {
            int steps = Math.Min(GuessSteps, group.Max(segment => segment.Start));
            _batch.Resize(group.Length, steps);
            for (int row = 0; row < group.Length; row++)
            {
                int length = Math.Min(steps, group[row].Start);
                _batch.Lengths[row] = Math.Max(1, length);
                if (length > 0) task.FillStream(_batch, row, fold, group[row].Stream, group[row].Start - length, length);
            }

            unrolled.Forward(_batch, CostReduction.Sum);
            for (int row = 0; row < group.Length; row++)
            {
                if (group[row].Start > 0) group[row].Begin = unrolled.CarriedState(row).ToArray();
            }
        }

        private sealed class Segment(int stream, int start, int steps)
        {
            public int Stream { get; } = stream;

            public int Start { get; } = start;

            public int Steps { get; } = steps;

            public T[] Begin { get; set; } = [];

            public T[] End { get; set; } = [];

            public double Cost { get; set; }

            /// <summary>The cost of each step, in the task's unit; null when it is not requested.</summary>
            public double[]? StepCosts { get; set; }
        }
    }
}
