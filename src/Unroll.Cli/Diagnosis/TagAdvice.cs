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

    private const int LeastSteps = 200, MostSteps = 4_000, Moves = 199, Refits = 39, Folds = 5;

    private const double Significant = 0.01, Outstanding = 3, Penalty = 0.1; // as of labels of sequences

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
        if ((moved.Count(value => value >= own) + 1.0) / (Moves + 1) <= Significant) return null;
        TagSteps all = StepSummaries.Of(task, [Fold.Train, Fold.Validation], MostSteps, features: true);
        if (all.Count < LeastSteps || all.Changes < LeastChanges) return null;
        (double refit, double[] chance) = Refit(all, ref random);
        double mean = chance.Average(), deviation = Math.Sqrt(chance.Average(value => (value - mean) * (value - mean)));
        if (refit > mean + (Outstanding * deviation)) return null;
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
        int count = all.Count, outputs = all.Outputs, width = all.Features[0].Length;
        var moves = new int[Refits + 1];
        for (int p = 1; p <= Refits; p++) moves[p] = Move(count, ref random);
        double[][] said = [.. moves.Select(_ => new double[count * outputs])];
        var targets = new double[moves.Length * outputs];
        for (int fold = 0; fold < Folds; fold++)
        {
            int from = (int)((long)count * fold / Folds), to = (int)((long)count * (fold + 1) / Folds);
            var sums = new RidgeSums(width, targets.Length);
            for (int i = 0; i < count; i++)
            {
                if (i >= from && i < to) continue;
                for (int p = 0; p < moves.Length; p++)
                {
                    double truth = all.Truth[(i + moves[p]) % count];
                    for (int k = 0; k < outputs; k++)
                        targets[(p * outputs) + k] = all.AreClasses ? (truth == k ? 1 : 0) : truth;
                }

                sums.Add(all.Features[i], targets);
            }

            RidgeSolution solution = RidgeSolution.Solve(sums, null, Penalty, width, targets.Length);
            for (int i = from; i < to; i++)
            {
                for (int h = 0; h < targets.Length; h++)
                {
                    double value = solution.TargetMean[h];
                    for (int j = 0; j < width; j++)
                        value += solution.Weights[(h * width) + j] * (all.Features[i][j] - solution.InputMean[j]);
                    said[h / outputs][(i * outputs) + (h % outputs)] = value;
                }
            }
        }

        double[] scores = [.. moves.Select((move, p) =>
            new TruthAgreement(said[p], all.Truth, outputs, all.AreClasses).Moved(move))];
        return (scores[0], scores[1..]);
    }
}
