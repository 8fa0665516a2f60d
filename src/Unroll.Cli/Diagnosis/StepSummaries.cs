using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Cli.Diagnosis;

/// <summary>Steps that have a tag, in order, and numbers about each for a linear refit.</summary>
/// <param name="Features">(steps, features); empty where they were not asked for.</param>
/// <param name="Truth">The class as the codec counts it, or the number.</param>
/// <param name="Outputs">The classes, or 1.</param>
/// <param name="AreClasses">Whether tags are classes.</param>
/// <param name="Every">Of very many steps each so many-th one is here.</param>
internal sealed record TagSteps(double[][] Features, double[] Truth, int Outputs, bool AreClasses, int Every)
{
    public int Count => Truth.Length;

    /// <summary>How often the tag becomes another one, or the number goes through its mean.</summary>
    public int Changes
    {
        get
        {
            double mean = AreClasses || Count == 0 ? 0 : Truth.Average();
            int changes = 0;
            for (int i = 1; i < Count; i++)
                changes += (AreClasses ? Truth[i] != Truth[i - 1] : Truth[i] > mean != Truth[i - 1] > mean) ? 1 : 0;
            return changes;
        }
    }
}

/// <summary>
/// The numbers about a step, from it and the steps before: for each input its last values, running means of three lengths, and
/// running means of its products with itself some steps before, which tell one frequency from another.
/// </summary>
internal static class StepSummaries
{
    private const int MostInputs = 8, Values = 8, Piece = 1_024;

    private static readonly double[] s_rates = [0.25, 0.0625, 0.015625];

    private static readonly int[] s_lags = [0, 1, 2, 3, 4, 6];

    /// <summary>The steps of some folds that have a tag.</summary>
    /// <param name="task">A task of tags.</param>
    /// <param name="folds">The folds, in order.</param>
    /// <param name="most">How many steps are kept at most, evenly chosen.</param>
    /// <param name="features">Whether numbers about them are wanted.</param>
    public static TagSteps Of(SeriesTask task, IReadOnlyList<Fold> folds, int most, bool features)
    {
        long all = folds.Sum(fold => task.Folds.Of(fold).Sum(part => (long)part.Steps)), seen = 0;
        int every = (int)Math.Max(1, (all + most - 1) / most), classes = task.Codec.Labels.Count;
        List<double> truth = [];
        List<double[]> summaries = [];
        Batch batch = Batch.For(task);
        int stride = Math.Max(1, (batch.Inputs + MostInputs - 1) / MostInputs);
        foreach (Fold fold in folds)
        {
            IReadOnlyList<FoldPart> parts = task.Folds.Of(fold);
            for (int i = 0; i < parts.Count; i++)
            {
                Running[] inputs = [.. Enumerable.Range(0, (batch.Inputs + stride - 1) / stride).Select(_ => new Running())];
                for (int at = 0; at < parts[i].Steps; at += Piece)
                {
                    int steps = Math.Min(Piece, parts[i].Steps - at);
                    if (features)
                    {
                        batch.Resize(1, steps);
                        batch.Lengths[0] = steps;
                        task.FillExample(batch, 0, fold, i, at, steps);
                    }

                    for (int t = 0; t < steps; t++)
                    {
                        for (int j = 0; features && j < inputs.Length; j++) inputs[j].Add(batch.Dense(t, 0)[j * stride]);
                        double tag = task.Rows.TruthAt(parts[i].Sequence, parts[i].Start + at + t, 0);
                        if (double.IsNaN(tag) || seen++ % every != 0) continue;
                        truth.Add(tag);
                        if (features) summaries.Add([.. inputs.SelectMany(input => input.Numbers())]);
                    }
                }
            }
        }

        double[][] standard = [.. summaries];
        SequenceSummaries.Standardize(standard);
        return new TagSteps(standard, [.. truth], Math.Max(1, classes), classes > 0, every);
    }

    /// <summary>An input as it goes.</summary>
    private sealed class Running
    {
        private readonly double[] _last = new double[Values], _means = new double[s_rates.Length];
        private readonly double[] _products = new double[s_lags.Length];

        public void Add(double value)
        {
            Array.Copy(_last, 0, _last, 1, Values - 1);
            _last[0] = value;
            for (int r = 0; r < s_rates.Length; r++) _means[r] += s_rates[r] * (value - _means[r]);
            for (int l = 0; l < s_lags.Length; l++)
                _products[l] += s_rates[1] * ((_last[0] * _last[s_lags[l]]) - _products[l]);
        }

        public IEnumerable<double> Numbers() => [.. _last, .. _means, .. _products];
    }
}
