using Unroll.Data;
using Unroll.Numerics;

namespace Unroll.Tasks;

/// <summary>
/// How much the cost of a sequence's or a step's class counts: for classes that are rare, or matter more. The weights are scaled
/// so that their mean over the training fold is 1, which leaves the meaning of rates and thresholds. They act on costs, in
/// training and in checks; scores weigh all alike.
/// </summary>
public sealed record LabelWeights
{
    private readonly IReadOnlyDictionary<string, double>? _byLabel; // null: each class the same sum

    private LabelWeights(IReadOnlyDictionary<string, double>? byLabel) => _byLabel = byLabel;

    /// <summary>Each class counts as much as every other one in sum, however rare it is.</summary>
    public static LabelWeights Balanced { get; } = new((IReadOnlyDictionary<string, double>?)null);

    /// <summary>Weights of labels that are named; the others count 1 before all are scaled.</summary>
    /// <param name="byLabel">The weights, finite and above 0.</param>
    /// <exception cref="ArgumentException">There is none, or one is not finite and above 0.</exception>
    public static LabelWeights Of(IReadOnlyDictionary<string, double> byLabel)
    {
        ArgumentNullException.ThrowIfNull(byLabel);
        if (byLabel.Count == 0) throw new ArgumentException("No label has a weight; give one at least.");
        foreach ((string label, double weight) in byLabel)
        {
            if (!(weight > 0 && double.IsFinite(weight))) throw new ArgumentException(Files.Printable.Sentence(
                Invariant($"The weight of the label '{label}' is {weight}; it must be finite and above 0.")));
        }

        return new LabelWeights(new Dictionary<string, double>(byLabel, StringComparer.Ordinal));
    }

    /// <summary>(K): the weights of classes.</summary>
    /// <param name="labels">(K): the classes.</param>
    /// <param name="counts">(K): how often each is in the training fold.</param>
    /// <exception cref="ArgumentException">A label that is named is none of the classes.</exception>
    internal double[] For(IReadOnlyList<string> labels, IReadOnlyList<long> counts)
    {
        if (labels.Count == 0)
            throw new ArgumentException("Weights of labels are for classes, and numbers are predicted; leave them out.");
        foreach (string label in _byLabel?.Keys ?? [])
        {
            if (!labels.Contains(label)) throw new ArgumentException(Files.Printable.Sentence(
                $"There is no class '{label}' to weigh; the nearest is '{NearestName.Of(label, labels)}' (of "
                    + $"{SequenceData.Some(labels)})."));
        }

        double[] weights = [.. labels.Select((label, k) => counts[k] == 0 ? 0
            : _byLabel is null ? 1.0 / counts[k] : _byLabel.GetValueOrDefault(label, 1))];
        double mean = weights.Select((weight, k) => weight * counts[k]).Sum() / counts.Sum();
        return [.. weights.Select(weight => weight / mean)];
    }

    /// <inheritdoc/>
    public override string ToString() => _byLabel is null ? "balanced"
        : string.Join(", ", _byLabel.Select(pair => Invariant($"{pair.Key} {pair.Value}")));
}
