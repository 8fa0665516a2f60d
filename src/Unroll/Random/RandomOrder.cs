using System.Numerics;

namespace Unroll;

/// <summary>
/// A random order of 0..N-1 that takes no memory, whatever N is: a Feistel network of a few rounds permutes the numbers of as
/// many bits, and what it takes out of the range is permuted again until it is in it.
/// </summary>
internal readonly struct RandomOrder
{
    private const int Rounds = 6;
    private readonly ulong[] _keys;
    private readonly int _half;
    private readonly long _count;

    /// <summary>The order of a key.</summary>
    /// <param name="key">What decides it.</param>
    /// <param name="count">N, at least 1.</param>
    public RandomOrder(RandomKey key, long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _count = count;
        _half = Math.Max(1, (BitOperations.Log2((ulong)count) + 2) / 2);
        _keys = new ulong[Rounds];
        RandomSource random = key.Shared();
        for (int i = 0; i < Rounds; i++) _keys[i] = ((ulong)random.NextUInt32() << 32) | random.NextUInt32();
    }

    /// <summary>What is at a place.</summary>
    /// <param name="place">0..N-1.</param>
    public long this[long place]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(place);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(place, _count);
            ulong x = (ulong)place;
            do x = Permuted(x);
            while (x >= (ulong)_count);
            return (long)x;
        }
    }

    private ulong Permuted(ulong x)
    {
        ulong mask = (1UL << _half) - 1, left = x >> _half, right = x & mask;
        foreach (ulong key in _keys) (left, right) = (right, left ^ (Mixed(right ^ key) & mask));
        return (left << _half) | right;
    }

    /// <summary>The finalizer of SplitMix64 (Steele, Lea and Flood, 2014).</summary>
    private static ulong Mixed(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
