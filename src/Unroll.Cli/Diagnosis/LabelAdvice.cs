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

    private const int LeastValidation = 20, Permutations = 199;

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
        TruthAgreement validation = Predicted(task, network, Fold.Validation);
        double own = validation.Moved(0);
        double[] chance = new double[Permutations];
        for (int p = 0; p < Permutations; p++) chance[p] = validation.Permuted(Order(held.Count, ref random));
        if (LabelRefits.HasLearned(own, chance)) return null;
        (double refit, double[] permuted) = Refit(task, ref random);
        if (LabelRefits.StandsOut(refit, permuted)) return null;
        double learned = Predicted(task, network, Fold.Train).Moved(0);
        string heart = learned > Math.Max(own, chance.Max()) ? $"; on the training fold it has {Format.Number(learned)}" : "";
        return new Advice(
            "labels", "check that each label is beside its own sequence (a sort, a join or a shuffle of one of the two)",
            $"on the {held.Count} validation sequences the network has a correlation with the labels of {Format.Number(own)}, "
                + $"and with permuted labels {Format.Number(chance.Min())} to {Format.Number(chance.Max())}{heart}; a linear "
                + $"refit on summaries of the sequences has {Format.Number(refit)}, on permuted labels "
                + $"{Format.Number(permuted.Min())} to {Format.Number(permuted.Max())}", "the data");
    }

    private static TruthAgreement Predicted(SeriesTask task, Network<double> network, Fold fold)
    {
        List<double> said = [], truth = [];
        int classes = task.Codec.Labels.Count;
        using var predictor = new SeriesPredictor<double>(network, task.Rows);
        predictor.Run(task.Codec.Windows(task.Folds, fold), (window, values) =>
        {
            if (classes == 0) said.Add(values[task.Codec.PointLevel]);
            for (int k = 0; k < classes; k++) said.Add(values[k]);
            truth.Add(Truth(task, window.Sequence));
        });
        return new TruthAgreement([.. said], [.. truth], Math.Max(1, classes), classes > 0);
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
        int count = truth.Length;
        var labels = new double[LabelRefits.Refits + 1][];
        labels[0] = truth;
        for (int p = 1; p < labels.Length; p++) labels[p] = [.. Order(count, ref random).Select(i => truth[i])];
        int[] fold = [.. Order(count, ref random).Select(place => place % LabelRefits.Folds)];
        return LabelRefits.Scores(features, labels, fold, classes ? task.Codec.Labels.Count : 1, classes);
    }

    /// <summary>The examples in a random order.</summary>
    private static int[] Order(int count, ref RandomSource random)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int j = random.NextInt(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }
}
