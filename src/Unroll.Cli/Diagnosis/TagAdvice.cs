using Unroll.Data;
using Unroll.Scores;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// Whether the tags of steps have anything to do with what is read at them. Steps depend on one another, so that tags in a
/// random order are no measure of chance; tags moved along by many steps, the end following the beginning, are: each series
/// keeps its own dependence, and only the places at which they meet are others. Two measurements must both find nothing, as of
/// labels of sequences: the network on the validation fold, and a linear refit that is evaluated on steps that it was not fitted
/// to.
/// </summary>
internal static class TagAdvice
{
    /// <summary>Changes of tags: with fewer there are too few occasions to tell chance from anything.</summary>
    private const int LeastChanges = 40, LeastInValidation = 20;

    private const int LeastSteps = 200, MostSteps = 4_000, Moves = 199;

    /// <summary>The advice; null where tags say something about steps, or nothing can be said.</summary>
    /// <param name="task">The task.</param>
    /// <param name="network">The network that is diagnosed.</param>
    /// <param name="random">What draws how far tags are moved.</param>
    public static Advice? Of(SeriesTask task, Network<double> network, ref RandomSource random)
    {
        TagSteps held = StepSummaries.Of(task, [Fold.Validation], MostSteps, features: false);
        if (held.Count < LeastSteps || held.Changes < LeastInValidation) return null;
        TruthAgreement validation = Predicted(task, network, held);
        double own = validation.Moved(0);
        var moved = new double[Moves];
        for (int i = 0; i < Moves; i++) moved[i] = validation.Moved(Move(held.Count, ref random));
        if (LabelRefits.HasLearned(own, moved)) return null;
        TagSteps all = StepSummaries.Of(task, [Fold.Train, Fold.Validation], MostSteps, features: true);
        if (all.Count < LeastSteps || all.Changes < LeastChanges) return null;
        (double refit, double[] chance) = Refit(all, ref random);
        if (LabelRefits.StandsOut(refit, chance)) return null;
        return new Advice(
            "labels", "check that each tag is beside its own step (a sort, a join or an offset of one of the two)",
            $"on {Format.Counted(held.Count, "step")} of the validation fold the network has a correlation with the tags of "
                + $"{Format.Number(own)}, and with tags moved by many steps {Format.Number(moved.Min())} to "
                + $"{Format.Number(moved.Max())}; a linear refit on the steps before has {Format.Number(refit)}, on moved tags "
                + $"{Format.Number(chance.Min())} to {Format.Number(chance.Max())}", "the data");
    }

    /// <summary>A distance that leaves a twentieth of the steps on either side.</summary>
    private static int Move(int count, ref RandomSource random) => (count / 20) + random.NextInt(count - (2 * (count / 20)));

    private static TruthAgreement Predicted(SeriesTask task, Network<double> network, TagSteps held)
    {
        int outputs = held.Outputs, at = 0, every = held.Every;
        long seen = 0;
        var said = new double[held.Count * outputs];
        using var predictor = new SeriesPredictor<double>(network, task.Rows);
        predictor.Run(task.Codec.Windows(task.Folds, Fold.Validation), (window, values) =>
        {
            for (int t = 0; t < window.Steps; t++)
            {
                if (double.IsNaN(task.Rows.TruthAt(window.Sequence, window.Start + t, 0)) || seen++ % every != 0) continue;
                if (task.Codec.Labels.Count == 0)
                    said[at++] = values[(t * task.Codec.Width) + task.Codec.PointLevel];
                else
                    for (int k = 0; k < outputs; k++) said[at++] = values[(t * outputs) + k];
            }
        });
        return new TruthAgreement(said, held.Truth, outputs, held.AreClasses);
    }

    /// <summary>How well a refit agrees with the tags of stretches that it was not fitted to, and how well those of moved tags
    /// do.</summary>
    private static (double Score, double[] Moved) Refit(TagSteps all, ref RandomSource random)
    {
        int count = all.Count;
        var labels = new double[LabelRefits.Refits + 1][];
        labels[0] = all.Truth;
        for (int p = 1; p < labels.Length; p++)
        {
            int move = Move(count, ref random);
            labels[p] = [.. all.Truth[move..], .. all.Truth[..move]];
        }

        int[] fold = [.. Enumerable.Range(0, count).Select(i => (int)((long)i * LabelRefits.Folds / count))];
        return LabelRefits.Scores(all.Features, labels, fold, all.Outputs, all.AreClasses);
    }
}
