using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Unroll;

/// <content>Many normal numbers at once, eight blocks of Philox side by side.</content>
public partial struct RandomSource
{
    /// <summary>How many normal numbers <see cref="FillNormals"/> makes at once.</summary>
    internal const int NormalsAtOnce = 4 * Blocks;

    /// <summary>The numbers, and the blocks of Philox, of the smallest group that is made side by side.</summary>
    internal const int NumbersInGroup = 4 * Lanes, BlocksInGroup = Lanes;

    private const int Blocks = 256, Lanes = 8;

    /// <summary>
    /// Standard normal numbers (Box and Muller) of the 256 blocks from the next one on. Of the block b of them, with words
    /// w_0 .. w_3 and u_i = (w_i + 1/2) / 2^32, number b is sqrt(-2 ln u_0) cos(2 pi u_1), number 256 + b the same of u_2 and u_3,
    /// and numbers 512 + b and 768 + b have the sine for the cosine.
    /// </summary>
    /// <param name="normals">Takes <see cref="NormalsAtOnce"/> numbers.</param>
    internal void FillNormals(Span<double> normals) => FillNormalGroups(normals[..NormalsAtOnce]);

    /// <summary>This stream from another block of Philox on.</summary>
    internal readonly RandomSource At(uint block)
    {
        RandomSource source = this;
        (source._block, source._next) = (block, 4);
        return source;
    }

    /// <summary>32 words of the next eight blocks: the first words of them all, then the second ones, and so on.</summary>
    internal void FillWordGroup(Span<uint> words)
    {
        (Vector512<ulong> w0, Vector512<ulong> w1, Vector512<ulong> w2, Vector512<ulong> w3) = Philox(_block);
        Vector512.Narrow(w0, w1).CopyTo(words);
        Vector512.Narrow(w2, w3).CopyTo(words[16..]);
        (_block, _next) = (_block + Lanes, 4);
    }

    /// <summary>As <see cref="FillNormals"/>, of as many blocks as make up the span: a multiple of 32 numbers, at most 1024.</summary>
    internal void FillNormalGroups(Span<double> normals)
    {
        int blocks = normals.Length / 4;
        Span<double> radius = normals[..(2 * blocks)], angle = stackalloc double[2 * Blocks], sine = normals[(2 * blocks)..];
        angle = angle[..(2 * blocks)];
        for (int b = 0; b < blocks; b += Lanes)
        {
            (Vector512<ulong> w0, Vector512<ulong> w1, Vector512<ulong> w2, Vector512<ulong> w3) = Philox(_block + (uint)b);
            Uniform(w0).StoreUnsafe(ref MemoryMarshal.GetReference(radius), (nuint)b);
            Uniform(w1).StoreUnsafe(ref MemoryMarshal.GetReference(angle), (nuint)b);
            Uniform(w2).StoreUnsafe(ref MemoryMarshal.GetReference(radius), (nuint)(blocks + b));
            Uniform(w3).StoreUnsafe(ref MemoryMarshal.GetReference(angle), (nuint)(blocks + b));
        }

        _block += (uint)blocks;
        _next = 4;
        TensorPrimitives.Log(radius, radius);
        TensorPrimitives.Multiply(radius, -2.0, radius);
        TensorPrimitives.Sqrt(radius, radius);
        TensorPrimitives.Multiply(angle, 2 * Math.PI, angle);
        TensorPrimitives.Sin(angle, sine);
        TensorPrimitives.Multiply(sine, radius, sine);
        TensorPrimitives.Cos(angle, angle);
        TensorPrimitives.Multiply(radius, angle, radius);
    }

    /// <summary>The words of eight blocks, each in a lane of 64 bits, where the product of two of them has room.</summary>
    private readonly (Vector512<ulong> W0, Vector512<ulong> W1, Vector512<ulong> W2, Vector512<ulong> W3) Philox(uint block)
    {
        Vector512<ulong> low = Vector512.Create(0xFFFFFFFFUL);
        Vector512<ulong> c0 = (Vector512.Create((ulong)block) + Vector512.Create(0UL, 1, 2, 3, 4, 5, 6, 7)) & low;
        Vector512<ulong> c1 = Vector512.Create((ulong)_row), c2 = Vector512.Create((ulong)_index), c3 = Vector512.Create((ulong)_stream);
        (uint k0, uint k1) = (_key0, _key1);
        for (int round = 0; round < 10; round++)
        {
            Vector512<ulong> p0 = c0 * 0xD2511F53UL, p1 = c2 * 0xCD9E8D57UL;
            (c0, c1, c2, c3) = ((p1 >> 32) ^ c1 ^ Vector512.Create((ulong)k0), p1 & low, (p0 >> 32) ^ c3 ^ Vector512.Create((ulong)k1), p0 & low);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }

        return (c0, c1, c2, c3);
    }

    /// <summary>(w + 1/2) / 2^32, exactly: the word becomes the high bits of the fraction of a number in [1, 2).</summary>
    private static Vector512<double> Uniform(Vector512<ulong> word) =>
        ((word << 20) | Vector512.Create(0x3FF0_0000_0008_0000UL)).AsDouble() - Vector512.Create(1.0);
}
