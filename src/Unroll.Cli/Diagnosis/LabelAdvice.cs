using Unroll.Data;
using Unroll.Scores;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// Whether labels of somebody's own sequences have anything to do with them. Two measurements must both find nothing: the
/// network's predictions of the validation fold are no better than for the same labels in another order, and a linear refit on
/// summaries of the sequences, cross-validated, is no better than refits on permuted labels.
/// </summary>
internal static class LabelAdvice
{
    /// <summary>With fewer examples chance is too wide to tell.</summary>
    public const int LeastExamples = 40;

    private const int LeastValidation = 20, Permutations = 199, Refits = 39, Folds = 5;

    /// <summary>The network's share of permutations that are as good: below it the network has learned something.</summary>
    private const double Significant = 0.02;

    /// <summary>Deviations of the permuted refits by which the refit must stand out to have found something.</summary>
    private const double Outstanding = 3;

    private const double Penalty = 0.1; // by example, of standardized features

    /// <summary>The advice; null where labels say something about sequences, or nothing can be said.</summary>
    /// <param name="task">The task.</param>
    /// <param name="network">The network that is diagnosed.</param>
    /// <param name="seed">The seed of the permutations.</param>
    public static Advice? Of(SeriesTask task, Network<double> network, ulong seed)
    {
        if (task.Codec.Kind == SeriesKind.Forecast || !task.Rows.HasTruth) return null;
        RandomSource random = new RandomKey(seed, RandomStream.Study, 0).Shared();
        if (task.Codec.Kind == SeriesKind.Tag) return TagAdvice.Of(task, network, ref random);
        IReadOnlyList<FoldPart> held = task.Folds.Of(Fold.Validation);
        if (task.Folds.Of(Fold.Train).Count + held.Count < LeastExamples || held.Count < LeastValidation) return null;
        Agreement validation = Predicted(task, network, Fold.Validation);
        (double own, double[] chance) = validation.AgainstPermuted(Permutations, ref random);
        if ((chance.Count(value => value >= own) + 1.0) / (Permutations + 1) <= Significant) return null;
        (double refit, double[] permuted) = Refit(task, ref random);
        double mean = permuted.Average(), deviation = Math.Sqrt(permuted.Average(value => (value - mean) * (value - mean)));
        if (refit > mean + (Outstanding * deviation)) return null;
        double learned = Predicted(task, network, Fold.Train).Score();
        bool classes = task.Codec.Labels.Count > 0;
        string heart = learned > Math.Max(own, chance.Max()) ? $"; of the training fold it has {Score(learned, classes)}" : "";
        return new Advice(
            "labels", "check that each label is beside its own sequence (a sort, a join or a shuffle of one of the two)",
            $"on the {held.Count} validation sequences the network has {Score(own, classes)}, and with their labels permuted "
                + $"{Score(chance.Min(), classes)} to {Score(chance.Max(), classes)}{heart}; a linear refit on summaries of the "
                + $"sequences has {Score(refit, classes)}, on permuted labels {Score(permuted.Min(), classes)} to "
                + Score(permuted.Max(), classes), "the data");
    }

    private static string Score(double score, bool classes) =>
        classes ? $"{Format.Percent(score)} right" : $"a correlation of {Format.Number(score)}";

    private static Agreement Predicted(SeriesTask task, Network<double> network, Fold fold)
    {
        List<double> said = [], truth = [];
        using var predictor = new SeriesPredictor<double>(network, task.Rows);
        predictor.Run(task.Codec.Windows(task.Folds, fold), (window, values) =>
        {
            said.Add(task.Codec.Labels.Count > 0 ? Largest(values) : values[task.Codec.PointLevel]);
            truth.Add(Truth(task, window.Sequence));
        });
        return new Agreement([.. said], [.. truth], task.Codec.Labels.Count > 0);
    }

    /// <summary>The class as the codec counts it, or the number.</summary>
    private static double Truth(SeriesTask task, int sequence)
    {
        Sequence one = task.Folds.Data.Sequences[sequence];
        if (task.Codec.Labels.Count == 0) return one.Number;
        string label = one.Class < 0 ? "" : task.Folds.Data.Classes[one.Class];
        for (int k = 0; k < task.Codec.Labels.Count; k++)
        {
            if (task.Codec.Labels[k] == label) return k;
        }

        return -1;
    }

    /// <summary>How well a linear refit agrees with labels that it was not fitted to, and how well refits on permuted
    /// ones.</summary>
    private static (double Score, double[] Permuted) Refit(SeriesTask task, ref RandomSource random)
    {
        (double[][] features, int[] sequences) = SequenceSummaries.Of(task, [Fold.Train, Fold.Validation]);
        bool classes = task.Codec.Labels.Count > 0;
        double[] truth = [.. sequences.Select(sequence => Truth(task, sequence))];
        int count = truth.Length, outputs = classes ? task.Codec.Labels.Count : 1, width = features[0].Length;
        var labels = new double[Refits + 1][];
        labels[0] = truth;
        for (int p = 1; p <= Refits; p++) labels[p] = Agreement.Permuted(truth, ref random);
        int[] place = [.. Agreement.Permuted([.. Enumerable.Range(0, count).Select(i => (double)i)], ref random)
            .Select(i => (int)i)];
        double[][] said = [.. labels.Select(_ => new double[count])];
        var targets = new double[labels.Length * outputs];
        for (int fold = 0; fold < Folds; fold++)
        {
            var sums = new RidgeSums(width, targets.Length);
            for (int i = 0; i < count; i++)
            {
                if (place[i] % Folds == fold) continue;
                for (int p = 0; p < labels.Length; p++)
                {
                    for (int k = 0; k < outputs; k++)
                        targets[(p * outputs) + k] = classes ? (labels[p][i] == k ? 1 : 0) : labels[p][i];
                }

                sums.Add(features[i], targets);
            }

            RidgeSolution solution = RidgeSolution.Solve(sums, null, Penalty, width, targets.Length);
            for (int i = 0; i < count; i++)
            {
                if (place[i] % Folds != fold) continue;
                for (int p = 0; p < labels.Length; p++) said[p][i] = Say(solution, features[i], p * outputs, outputs, classes);
            }
        }

        double[] scores = [.. labels.Select((own, p) => new Agreement(said[p], own, classes).Score())];
        return (scores[0], scores[1..]);
    }

    private static double Say(RidgeSolution solution, double[] features, int first, int outputs, bool classes)
    {
        int width = features.Length;
        double best = double.NegativeInfinity;
        int largest = 0;
        for (int k = 0; k < outputs; k++)
        {
            double value = solution.TargetMean[first + k];
            for (int j = 0; j < width; j++)
                value += solution.Weights[((first + k) * width) + j] * (features[j] - solution.InputMean[j]);
            if (!classes) return value;
            if (value > best) (best, largest) = (value, k);
        }

        return largest;
    }

    private static int Largest(ReadOnlySpan<double> values)
    {
        int largest = 0;
        for (int k = 1; k < values.Length; k++) largest = values[k] > values[largest] ? k : largest;
        return largest;
    }

    /// <summary>What was said, what is true, and how well the two agree: the share of classes that are right, or the correlation
    /// of numbers.</summary>
    private sealed record Agreement(double[] Said, double[] Truth, bool AreClasses)
    {
        public double Score() => Score(Truth);

        /// <summary>The score, and the scores against the same truth in another order.</summary>
        public (double Own, double[] Permuted) AgainstPermuted(int times, ref RandomSource random)
        {
            var permuted = new double[times];
            for (int p = 0; p < times; p++) permuted[p] = Score(Permuted(Truth, ref random));
            return (Score(), permuted);
        }

        public static double[] Permuted(double[] values, ref RandomSource random)
        {
            double[] order = [.. values];
            for (int i = order.Length - 1; i > 0; i--)
            {
                int j = random.NextInt(i + 1);
                (order[i], order[j]) = (order[j], order[i]);
            }

            return order;
        }

        private double Score(double[] truth)
        {
            if (!AreClasses) return DataAdvice.Correlation(Said, truth);
            int right = 0;
            for (int i = 0; i < truth.Length; i++) right += Said[i] == truth[i] ? 1 : 0;
            return (double)right / truth.Length;
        }
    }
}
