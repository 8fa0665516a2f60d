using Unroll.Scores;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// Linear refits of labels, or of tags, to summaries of their examples, each evaluated on examples that it was not fitted to: of
/// the labels as they are, and of the same labels in orders that say nothing. All are solved by one decomposition a fold.
/// </summary>
internal static class LabelRefits
{
    /// <summary>How many labellings say nothing, and in how many parts the examples are.</summary>
    public const int Refits = 39, Folds = 5;

    /// <summary>The share of chance as good as the network: below it the network has learned something.</summary>
    public const double Significant = 0.01;

    /// <summary>Deviations of chance by which the refit must stand out to have found something.</summary>
    private const double Outstanding = 3;

    private const double Penalty = 0.1; // by example, of standardized features

    /// <summary>What the refits say, a correlation each, of the labels as they are and of the others.</summary>
    /// <param name="features">(examples, features), standardized.</param>
    /// <param name="labels">(labellings, examples), the first as they are: the class, or with one output the number.</param>
    /// <param name="fold">(examples): in which part an example is.</param>
    /// <param name="outputs">The classes, or 1.</param>
    /// <param name="areClasses">Whether labels are classes.</param>
    public static (double Score, double[] Chance) Scores(
        double[][] features, double[][] labels, int[] fold, int outputs, bool areClasses)
    {
        int count = features.Length, width = features[0].Length;
        double[][] said = [.. labels.Select(_ => new double[count * outputs])];
        var targets = new double[labels.Length * outputs];
        for (int part = 0; part < Folds; part++)
        {
            var sums = new RidgeSums(width, targets.Length);
            for (int i = 0; i < count; i++)
            {
                if (fold[i] == part) continue;
                for (int h = 0; h < targets.Length; h++)
                {
                    double label = labels[h / outputs][i];
                    targets[h] = areClasses ? (label == h % outputs ? 1 : 0) : label;
                }

                sums.Add(features[i], targets);
            }

            RidgeSolution solution = RidgeSolution.Solve(sums, null, Penalty, width, targets.Length);
            for (int i = 0; i < count; i++)
            {
                if (fold[i] != part) continue;
                for (int h = 0; h < targets.Length; h++)
                {
                    double value = solution.TargetMean[h];
                    for (int j = 0; j < width; j++)
                        value += solution.Weights[(h * width) + j] * (features[i][j] - solution.InputMean[j]);
                    said[h / outputs][(i * outputs) + (h % outputs)] = value;
                }
            }
        }

        double[] scores = [.. labels.Select((own, p) => new TruthAgreement(said[p], own, outputs, areClasses).Moved(0))];
        return (scores[0], scores[1..]);
    }

    /// <summary>Whether the network agrees with labels better than with those in orders that say nothing.</summary>
    public static bool HasLearned(double own, double[] chance) =>
        (chance.Count(value => value >= own) + 1.0) / (chance.Length + 1) <= Significant;

    /// <summary>Whether a refit of the labels stands out from those of the others.</summary>
    public static bool StandsOut(double score, double[] chance)
    {
        double mean = chance.Average(), deviation = Math.Sqrt(chance.Average(value => (value - mean) * (value - mean)));
        return score > mean + (Outstanding * deviation);
    }
}
