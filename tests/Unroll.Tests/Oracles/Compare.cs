using System.Numerics;
using System.Runtime.InteropServices;

namespace Unroll.Tests.Oracles;

/// <summary>Compares arrays of numbers: by the relative error of the whole array, or by bits.</summary>
internal static class Compare
{
    /// <summary>||actual - expected|| / ||expected||, or ||actual|| where all of the expected is zero.</summary>
    public static double RelativeError(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = 0, size = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            if (actual[i] == expected[i]) // also equal infinities, whose difference is NaN
            {
                size += double.IsFinite(expected[i]) ? expected[i] * expected[i] : 0;
                continue;
            }

            difference += (actual[i] - expected[i]) * (actual[i] - expected[i]);
            size += expected[i] * expected[i];
        }

        return size == 0 ? Math.Sqrt(difference) : Math.Sqrt(difference) / Math.Sqrt(size);
    }

    /// <summary>Asserts a relative error of at most <paramref name="bound"/>; a NaN fails.</summary>
    public static double Close(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double bound, string what)
    {
        double error = RelativeError(actual, expected);
        Assert.True(error <= bound, $"{what}: relative error {error:e2} exceeds {bound:e0}.");
        return error;
    }

    /// <summary>The same for single numbers.</summary>
    public static double Close(double actual, double expected, double bound, string what) =>
        Close([actual], [expected], bound, what);

    /// <summary>The numbers in double.</summary>
    public static double[] Doubles<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var result = new double[values.Length];
        for (int i = 0; i < result.Length; i++) result[i] = double.CreateTruncating(values[i]);
        return result;
    }

    /// <summary>Asserts that two arrays are the same bits (so that -0 differs from 0, and equal NaNs are equal).</summary>
    public static void SameBits<T>(ReadOnlySpan<T> actual, ReadOnlySpan<T> expected, string what)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Assert.Equal(expected.Length, actual.Length);
        if (MemoryMarshal.AsBytes(actual).SequenceEqual(MemoryMarshal.AsBytes(expected))) return;
        for (int i = 0; i < actual.Length; i++)
        {
            bool same = MemoryMarshal.AsBytes(actual.Slice(i, 1)).SequenceEqual(MemoryMarshal.AsBytes(expected.Slice(i, 1)));
            Assert.True(same, $"{what}: element {i} is {actual[i]:g17}, not {expected[i]:g17}.");
        }
    }
}
