using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Unroll;

/// <content>Many normal numbers at once, four blocks of Philox side by side.</content>
public partial struct RandomSource
{
    /// <summary>How many normal numbers <see cref="FillNormals"/> makes at once.</summary>
    internal const int NormalsAtOnce = 4 * Blocks;

    /// <summary>The numbers, and the blocks of Philox, of the smallest group that is made side by side.</summary>
    internal const int NumbersInGroup = 4 * Lanes, BlocksInGroup = Lanes;

    private const int Blocks = 256, Lanes = 8, Half = Lanes / 2;

    /// <summary>
    /// Standard normal numbers (Box and Muller) of the 256 blocks from the next one on. With words w_0 .. w_3 of block b and u_i
    /// = (w_i + 1/2) / 2^32, number b is sqrt(-2 ln u_0) cos(2 pi u_1), number 256 + b the same of u_2 and u_3, and numbers 512 +
    /// b and 768 + b are the same with the sine instead of the cosine.
    /// </summary>
    /// <param name="normals">Takes <see cref="NormalsAtOnce"/> numbers.</param>
    internal void FillNormals(Span<double> normals) => FillNormalGroups(normals[..NormalsAtOnce]);

    /// <summary>This stream, starting at another block of Philox.</summary>
    internal readonly RandomSource At(uint block)
    {
        RandomSource source = this;
        (source._block, source._next) = (block, 4);
        return source;
    }

    /// <summary>32 words of the next eight blocks: the first words of them all, then the second ones, and so on.</summary>
    internal void FillWordGroup(Span<uint> words)
    {
        Words a = Philox(_block), b = Philox(_block + Half);
        Vector256.Narrow(a.W0, b.W0).CopyTo(words);
        Vector256.Narrow(a.W1, b.W1).CopyTo(words[Lanes..]);
        Vector256.Narrow(a.W2, b.W2).CopyTo(words[(2 * Lanes)..]);
        Vector256.Narrow(a.W3, b.W3).CopyTo(words[(3 * Lanes)..]);
        (_block, _next) = (_block + Lanes, 4);
    }

    /// <summary>
    /// As <see cref="FillNormals"/>, with as many blocks as fill the span: a multiple of 32 numbers, at most 1024.
    /// </summary>
    internal void FillNormalGroups(Span<double> normals)
    {
        int blocks = normals.Length / 4;
        ref double first = ref MemoryMarshal.GetReference(normals);
        for (int b = 0; b < blocks; b += Half)
        {
            Words words = Philox(_block + (uint)b);
            BoxMuller(words.W0, words.W1, out Vector256<double> cosine, out Vector256<double> sine);
            cosine.StoreUnsafe(ref first, (nuint)b);
            sine.StoreUnsafe(ref first, (nuint)((2 * blocks) + b));
            BoxMuller(words.W2, words.W3, out cosine, out sine);
            cosine.StoreUnsafe(ref first, (nuint)(blocks + b));
            sine.StoreUnsafe(ref first, (nuint)((3 * blocks) + b));
        }

        _block += (uint)blocks;
        _next = 4;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void BoxMuller(
        Vector256<ulong> u, Vector256<ulong> v, out Vector256<double> cosine, out Vector256<double> sine)
    {
        Vector256<double> radius = Vector256.Sqrt(Vector256.Create(-2.0) * FixedMath.Log(Uniform(u)));
        FixedMath.SinCos(Uniform(v), out sine, out cosine);
        cosine *= radius;
        sine *= radius;
    }

    /// <summary>The words of four blocks, each in a lane of 64 bits, which has room for the product of two words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly Words Philox(uint block)
    {
        Vector256<ulong> low = Vector256.Create(0xFFFFFFFFUL);
        Vector256<ulong> c0 = (Vector256.Create((ulong)block) + Vector256.Create(0UL, 1, 2, 3)) & low;
        Vector256<ulong> c1 = Vector256.Create((ulong)_row), c2 = Vector256.Create((ulong)_index);
        Vector256<ulong> c3 = Vector256.Create((ulong)_stream);
        (uint k0, uint k1) = (_key0, _key1);
        for (int round = 0; round < 10; round++)
        {
            Vector256<ulong> p0 = Product(c0, Vector256.Create(0xD2511F53UL)), p1 = Product(c2, Vector256.Create(0xCD9E8D57UL));
            c0 = (p1 >> 32) ^ c1 ^ Vector256.Create((ulong)k0);
            c2 = (p0 >> 32) ^ c3 ^ Vector256.Create((ulong)k1);
            (c1, c3) = (p1 & low, p0 & low);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }

        return new Words(c0, c1, c2, c3);
    }

    /// <summary>The products of words below 2^32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Product(Vector256<ulong> a, Vector256<ulong> b) =>
        Avx2.IsSupported ? Avx2.Multiply(a.AsUInt32(), b.AsUInt32()) : a * b;

    /// <summary>(w + 1/2) / 2^32, exactly: the word becomes the high bits of the fraction of a number in [1, 2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Uniform(Vector256<ulong> word) =>
        ((word << 20) | Vector256.Create(0x3FF0_0000_0008_0000UL)).AsDouble() - Vector256.Create(1.0);

    private readonly record struct Words(Vector256<ulong> W0, Vector256<ulong> W1, Vector256<ulong> W2, Vector256<ulong> W3);
}
