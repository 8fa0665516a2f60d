using Unroll.Data;

namespace Unroll.Scores;

/// <summary>The prediction that reads nothing: each class with its share of the training fold.</summary>
public sealed class MajorityClass
{
    private readonly double[] _shares;

    /// <summary>Counts the classes of sequences of the training fold.</summary>
    /// <param name="folds">Folds of data with classes.</param>
    /// <exception cref="ArgumentException">The data have no classes.</exception>
    public MajorityClass(SequenceFolds folds)
        : this(Counted(folds))
    {
    }

    /// <summary>The same of classes that are counted already, such as those of steps.</summary>
    /// <param name="counts">(K): how many there are of each class.</param>
    /// <exception cref="ArgumentException">There is none at all, or a negative number.</exception>
    public MajorityClass(ReadOnlySpan<long> counts)
    {
        double total = 0;
        foreach (long count in counts)
        {
            if (count < 0) throw new ArgumentException(Invariant($"A class occurs {count} times; it must be 0 or more."));
            total += count;
        }

        if (total == 0) throw new ArgumentException("The training fold has no sequence of any class.");
        _shares = new double[counts.Length];
        for (int k = 0; k < _shares.Length; k++)
        {
            _shares[k] = counts[k] / total;
            if (_shares[k] > _shares[Class]) Class = k;
        }
    }

    /// <summary>The most frequent class; the first of equally frequent ones.</summary>
    public int Class { get; }

    /// <summary>(K): the share of each class in the training fold, which is the prediction for everything.</summary>
    public ReadOnlySpan<double> Shares => _shares;

    private static long[] Counted(SequenceFolds folds)
    {
        ArgumentNullException.ThrowIfNull(folds);
        return folds.Data.HasClasses ? folds.CountClasses(Fold.Train)
            : throw new ArgumentException(Files.Printable.Sentence($"The sequences of {folds.Data.Name} have no class."));
    }
}
