using Unroll.Analysis;
using Unroll.Cells;
using Unroll.Numerics;

namespace Unroll;

/// <summary>
/// A start near the boundary of a bifurcation (Doya, 1993), for <see cref="Initialization.Cycle"/> and
/// <see cref="Initialization.Bistable"/>: recurrent weights of tanh units whose state at rest, h = 0, is about to become a cycle
/// or a pair of states. Training then needs to cross no boundary to reach what the task asks for.
/// </summary>
/// <remarks>
/// <code>
///   W_rec = Q^T diag(P, G) Q     P = (1 + margin) R(2 pi / period), or the number 1 + margin
/// </code>
/// with R a rotation, Q a random orthogonal matrix, and G normal with the spectral radius 0.5. The Jacobian at h = 0 is W_rec,
/// so its leading eigenvalues are those of P: at a margin of 0 a cycle of that period branches off there (Neimark and Sacker), or
/// two states h and -h (a pitchfork). Beyond it, with a margin above 0, the network without input settles there from any small
/// state, as tanh keeps it from growing further; before it everything dies out.
/// </remarks>
/// <param name="Period">The steps of a cycle, above 2 and at most 1,000,000; it need not be a whole number.</param>
/// <param name="Margin">How far beyond the boundary the weights are, above -1 and at most 10.</param>
public sealed record BoundaryStart(double Period = 25, double Margin = 0.05)
{
    private const double LongestPeriod = 1_000_000, LargestMargin = 10;

    /// <summary>The spectral radius of what neither turns nor stays.</summary>
    internal const double OtherRadius = 0.5;

    /// <summary>Whether an initialization is one of these.</summary>
    internal static bool Is(Initialization kind) => kind is Initialization.Cycle or Initialization.Bistable;

    /// <summary>Throws when a number is out of its range.</summary>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    internal void Validate()
    {
        if (!(Period > 2 && Period <= LongestPeriod))
            throw new ArgumentException(
                Invariant($"The cycle that weights start with has {Counted.Of(Period, "step")}; it must have more than ")
                    + "2 and at most "
                + Invariant($"{LongestPeriod}."));
        if (!(Margin > -1 && Margin <= LargestMargin))
            throw new ArgumentException(
                Invariant($"The weights start {Margin} beyond the boundary; it must be above -1 and at most {LargestMargin}."));
    }

    /// <summary>Throws where a layer cannot start so.</summary>
    /// <exception cref="ArgumentException">It is not of plain tanh units, or has too few.</exception>
    internal static void Require(Initialization kind, LayerShape layer)
    {
        if (layer.Own is not null || layer.Cell != CellKind.Plain || layer.Activation != Activation.Tanh)
            throw new ArgumentException(
                $"A start as a {(kind == Initialization.Cycle ? "cycle" : "pair of states")} is known for plain tanh units "
                + "alone; take such units, or another initialization.");
        if (kind == Initialization.Cycle && layer.Hidden < 2)
            throw new ArgumentException(
                "A cycle needs two hidden units, and there is one; take more, or another initialization.");
    }

    /// <summary>(H, H): the recurrent weights.</summary>
    internal double[] Recurrent(Initialization kind, RandomKey key, int n)
    {
        int planted = kind == Initialization.Cycle ? 2 : 1;
        double[] q = Initializer.Orthogonal(key, n), diagonal = new double[n * n];
        double size = 1 + Margin;
        if (kind == Initialization.Cycle)
        {
            (double sin, double cos) = Math.SinCos(2 * Math.PI / Period);
            (diagonal[0], diagonal[1], diagonal[n], diagonal[n + 1]) = (size * cos, -size * sin, size * sin, size * cos);
        }
        else
        {
            diagonal[0] = size;
        }

        int others = n - planted;
        if (others > 0)
        {
            double[] g = Initializer.Gaussian(key with { Index = key.Index + (1L << 30) }, others, others, 1);
            double radius = Spectrum.SpectralRadius(g, others), factor = radius > 0 ? OtherRadius / radius : 1;
            for (int i = 0; i < others; i++)
            {
                for (int j = 0; j < others; j++)
                    diagonal[((planted + i) * n) + planted + j] = factor * g[(i * others) + j];
            }
        }

        return Between(q, diagonal, n);
    }

    /// <summary>Q^T D Q, each sum in the order of its terms.</summary>
    private static double[] Between(double[] q, double[] d, int n)
    {
        double[] right = new double[n * n], result = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < n; k++)
            {
                double factor = d[(i * n) + k];
                if (factor == 0) continue;
                for (int j = 0; j < n; j++) right[(i * n) + j] += factor * q[(k * n) + j];
            }
        }

        for (int k = 0; k < n; k++)
        {
            for (int i = 0; i < n; i++)
            {
                double factor = q[(k * n) + i];
                for (int j = 0; j < n; j++) result[(i * n) + j] += factor * right[(k * n) + j];
            }
        }

        return result;
    }
}
