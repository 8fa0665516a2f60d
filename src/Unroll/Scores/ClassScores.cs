using Unroll.Heads;
using Unroll.Numerics;

namespace Unroll.Scores;

/// <summary>Scores predicted classes, one sequence (or step) at a time. Not for several threads at once.</summary>
public sealed class ClassScores
{
    /// <summary>The bins of <see cref="ClassReport.CalibrationError"/>.</summary>
    public const int Bins = 15;

    private readonly long[] _counts; // (truth, prediction)
    private readonly long[] _binCounts = new long[Bins];
    private readonly long[] _binHits = new long[Bins];
    private readonly double[] _binTrust = new double[Bins];
    private readonly double[] _probabilities;
    private double _logLoss;

    /// <summary>Prepares to score.</summary>
    /// <param name="classes">The names of the classes, at least one.</param>
    /// <exception cref="ArgumentException">There is no class.</exception>
    public ClassScores(IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.Count == 0) throw new ArgumentException("There is no class to score.");
        Classes = classes;
        _counts = new long[classes.Count * classes.Count];
        _probabilities = new double[classes.Count];
    }

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The predictions so far.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a prediction. Of equally likely classes the first one counts as predicted.</summary>
    /// <param name="truth">The class, 0..K-1.</param>
    /// <param name="probabilities">(K): of each class, summing to 1.</param>
    /// <exception cref="ArgumentException">There are more or fewer probabilities, or they are none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public void Add(int truth, ReadOnlySpan<double> probabilities)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(truth);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(truth, Classes.Count);
        if (probabilities.Length != Classes.Count) throw new ArgumentException(
            Invariant($"{Counted.There(probabilities.Length, "probability")} for {Counted.Of(Classes.Count, "class")}."));
        (int best, double sum) = (0, 0);
        for (int k = 0; k < probabilities.Length; k++)
        {
            if (!(probabilities[k] >= 0)) throw new ArgumentException(
                Invariant($"The probability of class {k + 1} is {probabilities[k]}; it must be 0 or more."));
            if (probabilities[k] > probabilities[best]) best = k;
            sum += probabilities[k];
        }

        if (!(Math.Abs(sum - 1) < 1e-3)) throw new ArgumentException(
            Invariant($"The probabilities of a prediction sum to {sum}; they must sum to 1."));
        Count++;
        _counts[(truth * Classes.Count) + best]++;
        _logLoss -= Math.Log(Math.Clamp(probabilities[truth], ClassReport.LeastProbability, 1));
        double trust = Math.Min(1, probabilities[best]);
        int bin = Math.Min(Bins - 1, (int)(trust * Bins));
        _binCounts[bin]++;
        _binTrust[bin] += trust;
        if (best == truth) _binHits[bin]++;
    }

    /// <summary>Adds a prediction by the outputs of a network before the softmax.</summary>
    /// <param name="truth">The class, 0..K-1.</param>
    /// <param name="outputs">(K): one a class.</param>
    /// <exception cref="ArgumentException">There are more or fewer outputs, or one is not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    public void AddOutputs(int truth, ReadOnlySpan<double> outputs)
    {
        if (outputs.Length != Classes.Count) throw new ArgumentException(
            Invariant($"{Counted.There(outputs.Length, "output")} for {Counted.Of(Classes.Count, "class")}."));
        foreach (double output in outputs)
        {
            if (!double.IsFinite(output)) throw new ArgumentException(Invariant($"An output is {output}; it must be finite."));
        }

        SoftmaxCost.Probabilities(outputs, _probabilities);
        Add(truth, _probabilities);
    }

    /// <summary>The scores so far.</summary>
    /// <exception cref="InvalidOperationException">Nothing was predicted.</exception>
    public ClassReport Report()
    {
        if (Count == 0) throw new InvalidOperationException("No prediction was made.");
        int classes = Classes.Count;
        var byClass = new List<ClassScore>();
        long hits = 0;
        for (int k = 0; k < classes; k++)
        {
            long truths = 0, predictions = 0, right = _counts[(k * classes) + k];
            for (int j = 0; j < classes; j++)
            {
                truths += _counts[(k * classes) + j];
                predictions += _counts[(j * classes) + k];
            }

            hits += right;
            byClass.Add(new ClassScore(Classes[k], truths, predictions, right));
        }

        double calibration = 0;
        for (int b = 0; b < Bins; b++) calibration += Math.Abs(_binHits[b] - _binTrust[b]) / Count;
        var confusion = new long[classes, classes];
        Buffer.BlockCopy(_counts, 0, confusion, 0, sizeof(long) * _counts.Length);
        return new ClassReport
        {
            Count = Count,
            Accuracy = (double)hits / Count,
            AccuracyInterval = ScoreInterval.Wilson(hits, Count),
            BalancedAccuracy = byClass.Where(one => one.Truths > 0).Average(one => one.Recall!.Value),
            MacroF1 = byClass.Where(one => one.Truths + one.Predictions > 0).Average(one => one.F1!.Value),
            LogLoss = _logLoss / Count,
            CalibrationError = calibration,
            ByClass = byClass,
            Confusion = confusion,
        };
    }
}
