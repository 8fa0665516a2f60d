using System.Numerics;

namespace Unroll.Sampling;

/// <summary>One step's draw from a network's outputs, in double and in a fixed order.</summary>
internal static class Draw
{
    /// <summary>A symbol from softmax(y / temperature), or the first of the likeliest at temperature 0.</summary>
    /// <param name="outputs">(O): y.</param>
    /// <param name="never">A symbol that is not drawn, or -1.</param>
    /// <param name="options">The temperature and the seed.</param>
    /// <param name="step">The step, which determines the draw.</param>
    /// <param name="weights">(O): a buffer.</param>
    /// <exception cref="ArithmeticException">An output is not finite.</exception>
    public static int Symbol<T>(ReadOnlySpan<T> outputs, int never, SamplingOptions options, int step, Span<double> weights)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int best = never == 0 ? 1 : 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            weights[i] = Finite(outputs[i], step);
            if (i != never && weights[i] > weights[best]) best = i;
        }

        if (options.Temperature == 0) return best;
        double largest = weights[best], total = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            weights[i] = i == never ? 0 : Math.Exp((weights[i] - largest) / options.Temperature);
            total += weights[i];
        }

        double point = options.Draws(step).NextDouble() * total, sum = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            sum += weights[i];
            if (point < sum) return i;
        }

        return best; // rounding put the point at the very end
    }

    /// <summary>
    /// Draws each index independently, with probability sigmoid(y / temperature); at temperature 0 takes the indices where y is
    /// above 0. Returns the number of indices.
    /// </summary>
    /// <param name="outputs">(O): y.</param>
    /// <param name="options">The temperature and the seed.</param>
    /// <param name="step">The step, which determines the draws: one for each output, used or not.</param>
    /// <param name="active">(O): receives the indices in order.</param>
    /// <exception cref="ArithmeticException">An output is not finite.</exception>
    public static int Bits<T>(ReadOnlySpan<T> outputs, SamplingOptions options, int step, Span<int> active)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        RandomSource random = options.Draws(step);
        int count = 0;
        for (int i = 0; i < outputs.Length; i++)
        {
            double y = Finite(outputs[i], step);
            bool down = options.Temperature == 0 ? y > 0 : random.NextDouble() < 1 / (1 + Math.Exp(-y / options.Temperature));
            if (down) active[count++] = i;
        }

        return count;
    }

    private static double Finite<T>(T output, int step)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => T.IsFinite(output)
            ? double.CreateTruncating(output)
            : throw new ArithmeticException(
                Invariant($"The network's output at step {step + 1} is not a finite number, so nothing can be drawn from it."));
}
