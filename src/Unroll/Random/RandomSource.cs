using System.Runtime.CompilerServices;

namespace Unroll;

/// <summary>
/// A stream of random numbers from Philox 4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011),
/// a counter-based generator: number n of a key is a pure function of (key, n). A mutable value type; pass it by
/// reference.
/// </summary>
public partial struct RandomSource
{
    private readonly uint _key0;
    private readonly uint _key1;
    private readonly uint _stream;
    private readonly uint _row;
    private readonly uint _index;
    private uint _block;
    private int _next;
    private Block _buffer;

    internal RandomSource(RandomKey key, int row)
    {
        // The 128-bit counter is (block, row, index, stream with the index's high bits); the 64-bit key is the seed.
        _key0 = (uint)key.Seed;
        _key1 = (uint)(key.Seed >> 32);
        _row = (uint)row;
        _index = (uint)key.Index;
        _stream = ((uint)key.Stream << 16) | ((uint)(key.Index >> 32) & 0xFFFF);
        _next = 4;
    }

    [InlineArray(4)]
    private struct Block
    {
        private uint _first;
    }

    /// <summary>32 uniform bits.</summary>
    public uint NextUInt32()
    {
        if (_next == 4)
        {
            Philox(_block++, _row, _index, _stream, _key0, _key1, _buffer);
            _next = 0;
        }

        return _buffer[_next++];
    }

    /// <summary>
    /// A uniform integer in 0..<paramref name="bound"/>-1, without bias (Lemire's multiplication with rejection).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The bound is below 1.</exception>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        uint range = (uint)bound;
        ulong product = (ulong)NextUInt32() * range;
        if ((uint)product < range)
        {
            uint threshold = (uint)-range % range;
            while ((uint)product < threshold) product = (ulong)NextUInt32() * range;
        }

        return (int)(product >> 32);
    }

    /// <summary>A uniform number in [0, 1) with 53 random bits.</summary>
    public double NextDouble()
    {
        ulong high = NextUInt32();
        return (((high << 32) | NextUInt32()) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>A standard normal number (Box and Muller; two uniform numbers each, none kept).</summary>
    public double NextNormal()
    {
        double radius = Math.Sqrt(-2.0 * Math.Log(1.0 - NextDouble()));
        return radius * Math.Cos(2.0 * Math.PI * NextDouble());
    }

    /// <summary>Ten rounds of Philox 4x32 on one counter.</summary>
    internal static void Philox(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, Span<uint> output)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong p0 = 0xD2511F53UL * c0;
            ulong p1 = 0xCD9E8D57UL * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }

        (output[0], output[1], output[2], output[3]) = (c0, c1, c2, c3);
    }
}
