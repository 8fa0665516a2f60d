using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Unroll;

/// <summary>The levels of a quantile head in ascending order, each inside 0..1; two lists of equal levels are equal.</summary>
[CollectionBuilder(typeof(QuantileLevels), nameof(Create))]
public sealed class QuantileLevels : IReadOnlyList<double>, IEquatable<QuantileLevels>
{
    /// <summary>The most levels.</summary>
    public const int MaximumCount = 99;

    private readonly double[] _levels;

    private QuantileLevels(double[] levels) => _levels = levels;

    /// <summary>The number of levels.</summary>
    public int Count => _levels.Length;

    /// <summary>A level, the lowest first.</summary>
    public double this[int index] => _levels[index];

    /// <summary>The list of these levels.</summary>
    public static QuantileLevels Create(ReadOnlySpan<double> levels) => new(levels.ToArray());

    /// <summary>Checks the levels.</summary>
    /// <exception cref="ArgumentException">
    /// There are none or too many, one does not lie inside 0..1, or they do not ascend.
    /// </exception>
    public void Validate()
    {
        if (_levels.Length is < 1 or > MaximumCount)
            throw new ArgumentException(Invariant($"There are {_levels.Length} quantiles; there must be 1..{MaximumCount}."));
        for (int i = 0; i < _levels.Length; i++)
        {
            if (!(_levels[i] is > 0 and < 1))
                throw new ArgumentException(Invariant($"The quantile {_levels[i]} must lie between 0 and 1."));
            if (i > 0 && _levels[i] <= _levels[i - 1])
                throw new ArgumentException(
                    Invariant($"The quantile {_levels[i]} follows {_levels[i - 1]}; quantiles must ascend."));
        }
    }

    /// <inheritdoc/>
    public IEnumerator<double> GetEnumerator() => ((IEnumerable<double>)_levels).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(QuantileLevels? other) => other is not null && _levels.AsSpan().SequenceEqual(other._levels);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as QuantileLevels);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (double level in _levels) hash.Add(level);
        return hash.ToHashCode();
    }

    /// <summary>The levels as text, such as <c>0.1, 0.5, 0.9</c>.</summary>
    public override string ToString() =>
        string.Join(", ", _levels.Select(level => level.ToString("R", CultureInfo.InvariantCulture)));
}
