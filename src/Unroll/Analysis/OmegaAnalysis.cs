using System.Collections.Immutable;
using System.Numerics;
using Unroll.Numerics;
using Unroll.Remedies;

namespace Unroll.Analysis;

/// <summary>Omega at one step, over the sequences of a batch.</summary>
/// <param name="Step">k, where the error signal goes from step k+1 to k, 0..T-1.</param>
/// <param name="Term">The mean of the term, (q - 1)^2 in the code form or (r - 1)^2 in the paper's; NaN when no sequence carries
/// a signal there.</param>
/// <param name="Ratio">The mean of the norm ratio |v| / |a|: below 1 the signal shrinks.</param>
/// <param name="Kept">The sequences that carry a signal there.</param>
public readonly record struct OmegaStep(int Step, double Term, double Ratio, int Kept);

/// <summary>What one step does in the direction of the error signal, beside what it does in all directions.</summary>
/// <param name="Step">k, the earlier step.</param>
/// <param name="Row">The sequence.</param>
/// <param name="Ratio">||dE/dx_{k+1} J|| / ||dE/dx_{k+1}||, J = dx_{k+1}/dx_k: what Omega asks to be 1.</param>
/// <param name="SingularValues">All singular values of J, descending: Omega leaves them free.</param>
public sealed record OmegaDirection(int Step, int Row, double Ratio, ImmutableArray<double> SingularValues)
{
    /// <summary>
    /// The share of J's singular values that are below the ratio: near 1 when the error goes where J stretches most.
    /// </summary>
    public double Rank => (double)SingularValues.Count(value => value < Ratio) / SingularValues.Length;
}

/// <summary>The immediate derivative of Omega with respect to W_rec (equation 10) compared with the full derivative.</summary>
/// <param name="Cosine">The cosine of the angle between the two; NaN when one is zero.</param>
/// <param name="ImmediateNorm">The norm of the immediate derivative.</param>
/// <param name="FullNorm">The norm of the full derivative, in which states and error signals change with W_rec too.</param>
public readonly record struct OmegaDerivatives(double Cosine, double ImmediateNorm, double FullNorm);

/// <summary>What the regularizer of section 3.3 does on a network.</summary>
public static class OmegaAnalysis
{
    private const double Difference = 1e-6;

    /// <summary>Omega's terms by step. In the code form their mean over all kept (step, sequence) entries is Omega.</summary>
    /// <param name="unrolled">The network after its backward pass.</param>
    /// <param name="form">The form of Omega.</param>
    /// <param name="layer">The layer, 0 next to the input; Omega is the sum over the layers.</param>
    /// <exception cref="InvalidOperationException">There was no backward pass.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public static ImmutableArray<OmegaStep> ByStep<T>(UnrolledNetwork<T> unrolled, OmegaForm form = OmegaForm.Code, int layer = 0)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(unrolled);
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, unrolled.Network.Shape.Layers.Count);
        new VanishingGradientRegularizer(form).Measure(unrolled);
        return StepsOf(unrolled, form, layer);
    }

    /// <summary>The same after the regularizer measured the network.</summary>
    internal static ImmutableArray<OmegaStep> StepsOf<T>(UnrolledNetwork<T> unrolled, OmegaForm form, int layer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int rows = unrolled.Rows;
        ReadOnlySpan<double> signal = unrolled.Tape.Layers[layer].SignalSquared, flow = unrolled.Tape.Layers[layer].FlowSquared;
        var steps = ImmutableArray.CreateBuilder<OmegaStep>(unrolled.Steps);
        for (int k = 0; k < unrolled.Steps; k++)
        {
            double terms = 0, ratios = 0;
            int kept = 0;
            for (int row = 0; row < rows; row++)
            {
                double a = signal[(k * rows) + row], v = flow[(k * rows) + row];
                if (a < VanishingGradientRegularizer.Bound || (form == OmegaForm.Paper && v < VanishingGradientRegularizer.Bound))
                    continue;
                double ratio = Math.Sqrt(v / a), distance = (form == OmegaForm.Code ? v / a : ratio) - 1;
                terms += distance * distance;
                ratios += ratio;
                kept++;
            }

            steps.Add(new OmegaStep(k, terms / kept, ratios / kept, kept));
        }

        return steps.DrainToImmutable();
    }

    /// <summary>Omega of each layer, from the input to the head; Omega of the network is their sum.</summary>
    /// <inheritdoc cref="ByStep{T}(UnrolledNetwork{T}, OmegaForm, int)"/>
    public static ImmutableArray<OmegaStatistics> ByLayer<T>(UnrolledNetwork<T> unrolled, OmegaForm form = OmegaForm.Code)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(unrolled);
        var regularizer = new VanishingGradientRegularizer(form);
        regularizer.Measure(unrolled);
        return LayersOf(unrolled, regularizer);
    }

    /// <summary>The same after the regularizer measured the network.</summary>
    internal static ImmutableArray<OmegaStatistics> LayersOf<T>(
        UnrolledNetwork<T> unrolled, VanishingGradientRegularizer regularizer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var coefficients = new double[unrolled.Steps * unrolled.Rows];
        int[] lengths = [.. Enumerable.Range(0, unrolled.Rows).Select(unrolled.LengthOf)];
        return [.. unrolled.Tape.Layers.Select(layer =>
            regularizer.Coefficients(layer.SignalSquared, layer.FlowSquared, coefficients, lengths, unrolled.Steps, 0))];
    }

    /// <summary>
    /// Compares the norm ratio along the error signal (dE/dx for one plain layer, dE/ds of the last layer's state otherwise) with
    /// all singular values of the Jacobian, at one step of one sequence.
    /// </summary>
    /// <param name="unrolled">The network after its backward pass.</param>
    /// <param name="row">The sequence.</param>
    /// <param name="k">The earlier step, 1..T-1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such step.</exception>
    public static OmegaDirection Direction<T>(UnrolledNetwork<T> unrolled, int row, int k)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(unrolled);
        NetworkShape shape = unrolled.Network.Shape;
        double[] jacobian = JacobianProducts.Jacobian(unrolled, row, k + 1);
        T[] error = shape.IsOnPreActivations ? unrolled.PreActivationGradient(k + 1, row).ToArray()
            : unrolled.SignalOf(k + 1, row, shape.Layers.Count - 1);
        int h = error.Length;
        if (h != shape.StateWidth) jacobian = LastLayer(jacobian, shape.StateWidth, h);

        // Relative to the largest element: in float a vanishing signal's squares would be zero.
        double largest = 0, before = 0, after = 0;
        foreach (T x in error) largest = Math.Max(largest, Math.Abs(double.CreateTruncating(x)));
        for (int i = 0; i < h; i++)
        {
            double v = 0;
            for (int j = 0; j < h; j++) v += double.CreateTruncating(error[j]) / largest * jacobian[(j * h) + i];
            after += v * v;
            double a = double.CreateTruncating(error[i]) / largest;
            before += a * a;
        }

        var singular = new GradedColumns(h);
        singular.MultiplyLeft(jacobian);
        return new OmegaDirection(k, row, Math.Sqrt(after / before), [.. singular.LogSingularValues().Select(Math.Exp)]);
    }

    /// <summary>The part of a Jacobian of the whole state that is the last layer's own.</summary>
    private static double[] LastLayer(double[] jacobian, int width, int own)
    {
        var part = new double[own * own];
        for (int j = 0; j < own; j++) Array.Copy(jacobian, ((width - own + j) * width) + width - own, part, j * own, own);
        return part;
    }

    /// <summary>
    /// Compares the immediate derivative of equation (10) with the full one. The full one is computed by central differences over
    /// every weight of W_rec, which takes 2 H^2 passes over the batch, so this is for small networks and short sequences.
    /// </summary>
    /// <param name="network">The network, in double, because differences need the precision.</param>
    /// <param name="batch">Some sequences. No row may continue from an earlier state (<see cref="Batch.Carry"/>), because each
    /// pass would then begin where the one before ended.</param>
    /// <param name="reduction">Sum or mean over the steps.</param>
    /// <param name="form">The form of Omega.</param>
    /// <exception cref="ArgumentException">The batch does not fit the network, or a row continues from an earlier
    /// state.</exception>
    public static OmegaDerivatives Derivatives(
        Network<double> network, Batch batch, CostReduction reduction, OmegaForm form = OmegaForm.Code)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Carry.Contains(true))
            throw new ArgumentException(
                "A row of the batch continues from an earlier state; the derivatives of Omega need whole sequences.");
        var regularizer = new VanishingGradientRegularizer(form);
        Network<double> moved = network.Convert<double>();
        using var unrolled = new UnrolledNetwork<double>(moved);
        Measure();
        unrolled.Gradient.Clear();
        regularizer.AddGradient(unrolled, 1);
        int[] places =
            [.. moved.Blocks.Where(b => b.Role == ParameterRole.RecurrentWeights)
                .SelectMany(b => Enumerable.Range(b.Offset, b.Length))];
        double[] immediate = new double[places.Length];
        for (int i = 0; i < immediate.Length; i++) immediate[i] = unrolled.Gradient[places[i]];
        double product = 0, squares = 0;
        for (int i = 0; i < places.Length; i++)
        {
            double weight = moved.Parameters[places[i]];
            moved.Parameters[places[i]] = weight + Difference;
            double above = Measure();
            moved.Parameters[places[i]] = weight - Difference;
            double full = (above - Measure()) / (2 * Difference);
            moved.Parameters[places[i]] = weight;
            product += full * immediate[i];
            squares += full * full;
        }

        double norm = GradientClipping.Norm<double>(immediate);
        return new OmegaDerivatives(product / (norm * Math.Sqrt(squares)), norm, Math.Sqrt(squares));

        double Measure()
        {
            unrolled.Forward(batch, reduction);
            unrolled.Backward();
            return regularizer.Measure(unrolled).Omega;
        }
    }
}
