using System.IO.Compression;
using System.Runtime.InteropServices;
using Unroll.Numerics;

namespace Unroll.Studies;

/// <summary>A trial's checks over time: what the store keeps of them.</summary>
internal static class Curve
{
    /// <summary>The most points kept of a trial.</summary>
    public const int Most = 200;

    private const int Columns = 10;
    private const double Success = 0.01; // at most 1% wrong (supplement)

    /// <summary>
    /// Thins checks to at most <see cref="Most"/>: kept are those whose number (from 1) is a multiple of the least power of two
    /// that leaves 198, the first with at most 1% wrong, and the last.
    /// </summary>
    public static List<CurvePoint> Thin(IReadOnlyList<CurvePoint> checks)
    {
        int stride = 1;
        while (checks.Count / stride > Most - 2) stride *= 2;
        int first = FirstHit(checks);
        return [.. checks.Where((_, i) => (i + 1) % stride == 0 || i == first || i == checks.Count - 1)];
    }

    /// <summary>The index of the first check with at most 1% wrong; -1 for none.</summary>
    public static int FirstHit(IReadOnlyList<CurvePoint> checks)
    {
        for (int i = 0; i < checks.Count; i++)
        {
            if (checks[i].Error <= Success) return i;
        }

        return -1;
    }

    /// <summary>The index of the first check that is the third in a row with at most 1% wrong; -1 for none.</summary>
    public static int Sustained(IReadOnlyList<CurvePoint> checks)
    {
        int streak = 0;
        for (int i = 0; i < checks.Count; i++)
        {
            streak = checks[i].Error <= Success ? streak + 1 : 0;
            if (streak == 3) return i;
        }

        return -1;
    }

    /// <summary>
    /// The points as bytes: column after column in 32-bit floats (updates are exact to 16,777,216, and to 1 part in 10^7 beyond),
    /// deflated.
    /// </summary>
    public static byte[] Pack(IReadOnlyList<CurvePoint> points)
    {
        var values = new float[points.Count * Columns];
        for (int i = 0; i < points.Count; i++)
        {
            CurvePoint p = points[i];
            ReadOnlySpan<double> row = [p.Update, p.Seconds, p.Loss, p.ValidationLoss, p.Error, p.GradientNorm, p.ClipRate,
                p.Omega, p.SpectralRadius, p.LargestSingularValue];
            for (int c = 0; c < Columns; c++) values[(c * points.Count) + i] = (float)row[c];
        }

        // Bytes of equal weight are stored together: exponents repeat, and deflate finds them.
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes<float>(values);
        var planes = new byte[bytes.Length];
        for (int i = 0; i < bytes.Length; i++) planes[((i % 4) * values.Length) + (i / 4)] = bytes[i];
        using var buffer = new MemoryStream();
        using (var deflate = new DeflateStream(buffer, CompressionLevel.Optimal)) deflate.Write(planes);
        return buffer.ToArray();
    }

    /// <summary>What <see cref="Pack"/> packed.</summary>
    /// <exception cref="InvalidDataException">The bytes are not of that many points.</exception>
    public static List<CurvePoint> Unpack(byte[] packed, int count)
    {
        if (count is < 0 or > Most) throw new InvalidDataException(
            Invariant($"a curve of {Counted.Of(count, "point")}, which are not 0 to {Most}"));
        var planes = new byte[count * Columns * 4];
        using (var inflate = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress))
        {
            if (inflate.ReadAtLeast(planes, planes.Length, throwOnEndOfStream: false) < planes.Length)
                throw new InvalidDataException("a curve that is cut short");
            if (inflate.ReadByte() >= 0) throw new InvalidDataException(Invariant($"a curve of more than its ")
                + Invariant($"{Counted.Of(count, "point")}"));
        }

        var values = new float[count * Columns];
        Span<byte> bytes = MemoryMarshal.AsBytes(values.AsSpan());
        for (int i = 0; i < bytes.Length; i++) bytes[i] = planes[((i % 4) * values.Length) + (i / 4)];
        float At(int column, int point) => values[(column * count) + point];
        return [.. Enumerable.Range(0, count).Select(i =>
            new CurvePoint((long)At(0, i), At(1, i), At(2, i), At(3, i), At(4, i), At(5, i), At(6, i), At(7, i),
                At(8, i), At(9, i)))];
    }
}
