using System.Numerics;

namespace Unroll.Inputs;

/// <summary>
/// u_t as a plain vector, whatever its encoding. This defines every encoding; the reference kernel and the analyses use it.
/// </summary>
internal static class InputVector
{
    /// <summary>
    /// (I): the input of a step, from 0. It is zero beyond the row's length, where a dense batch may hold anything.
    /// </summary>
    public static void Read(Batch batch, int step, int row, Span<double> u)
    {
        u.Clear();
        switch (batch.Encoding)
        {
            case InputEncoding.OneHot:
                if (batch.Symbol(step, row) is >= 0 and var symbol) u[symbol] = 1;
                break;
            case InputEncoding.MultiHot:
                ReadOnlySpan<ulong> bits = batch.Bits(step, row);
                for (int i = 0; i < u.Length; i++) u[i] = (bits[i >> 6] >> (i & 63)) & 1;
                break;
            default:
                if (step < batch.Lengths[row]) batch.Dense(step, row).CopyTo(u);
                break;
        }
    }

    /// <summary>||u_t||.</summary>
    public static double Norm(Batch batch, int step, int row)
    {
        double sum = 0;
        switch (batch.Encoding)
        {
            case InputEncoding.OneHot:
                return batch.Symbol(step, row) >= 0 ? 1 : 0;
            case InputEncoding.MultiHot:
                foreach (ulong word in batch.Bits(step, row)) sum += BitOperations.PopCount(word);
                break;
            default:
                foreach (double u in batch.Dense(step, row)) sum += u * u;
                break;
        }

        return Math.Sqrt(sum);
    }
}
