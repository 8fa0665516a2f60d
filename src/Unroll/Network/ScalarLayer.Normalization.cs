using Unroll.Numerics;

namespace Unroll.Cells;

/// <content>
/// Layer normalization of the blocks of pre-activations: x, and its derivatives, from sums a (<see cref="LayerNorm"/>).
/// </content>
internal sealed partial class ScalarLayer
{
    /// <summary>Whether the cell reads normalized sums.</summary>
    public bool IsNormalized => Shape.LayerNorm;

    /// <summary>(H): the gain of a block in a flat array of parameters.</summary>
    private Span<double> Gain(Span<double> flat, int block) =>
        flat.Slice(_gainOffset + (Layout.GainOf(block) * Units), Units);

    /// <summary>(H): the bias of a block; empty for none.</summary>
    private Span<double> BiasOfBlock(Span<double> flat, int block) =>
        block == Layout.VectorBlock ? Vector(flat)
        : Array.IndexOf(Layout.InputBlocks, block) is >= 0 and var gate ? Bias(flat, gate) : default;

    /// <summary>
    /// What each of n rows of d(sum), (H, n), of a block becomes as d(x), in place: gain J d(sum). One row of columns is a
    /// direction, more are those of a Jacobian.
    /// </summary>
    public void PushNormalization(Span<double> flat, ReadOnlySpan<double> pre, int block, Span<double> rows)
    {
        if (!IsNormalized) return;
        Normalized(flat, pre, out Normalization<Real>? norm);
        Span<double> gain = Gain(flat, block);
        int columns = rows.Length / Units;
        var column = new Real[Units];
        for (int c = 0; c < columns; c++)
        {
            for (int j = 0; j < Units; j++) column[j] = new Real(rows[(j * columns) + c]);
            LayerNorm.Multiply(norm.Normed.AsSpan(block * Units, Units), norm.Scales[block], column);
            for (int j = 0; j < Units; j++) rows[(j * columns) + c] = gain[j] * column[j].Value;
        }
    }

    /// <summary>(Blocks, H): x of sums.</summary>
    private double[] Normalized(Span<double> flat, ReadOnlySpan<double> pre, out Normalization<Real> norm)
    {
        var x = new double[PreWidth];
        norm = new Normalization<Real>(new Real[PreWidth], new Real[Layout.Blocks]);
        for (int b = 0; b < Layout.Blocks; b++)
        {
            norm.Scales[b] = LayerNorm.Forward(
                LayerNorm.Reals(pre.Slice(b * Units, Units)), LayerNorm.Reals(Gain(flat, b)),
                LayerNorm.Reals(BiasOfBlock(flat, b)), norm.Normed.AsSpan(b * Units, Units), LayerNorm.Reals(Block(x, b)));
        }

        return x;
    }

    /// <summary>x and R{x} of sums and their derivatives along a direction.</summary>
    private void NormalizeR(
        Span<double> flat, Span<double> direction, ref ReadOnlySpan<double> pre, ref ReadOnlySpan<double> preR,
        out Normalization<Dual> norm)
    {
        double[] x = new double[PreWidth], xR = new double[PreWidth];
        norm = new Normalization<Dual>(new Dual[PreWidth], new Dual[Layout.Blocks]);
        var moved = new Dual[Units];
        for (int b = 0; b < Layout.Blocks; b++)
        {
            norm.Scales[b] = LayerNorm.Forward(
                Duals(pre.Slice(b * Units, Units), preR.Slice(b * Units, Units)), GainR(flat, direction, b),
                Duals(BiasOfBlock(flat, b), direction.IsEmpty ? default : BiasOfBlock(direction, b)),
                norm.Normed.AsSpan(b * Units, Units), moved);
            for (int j = 0; j < Units; j++) (x[(b * Units) + j], xR[(b * Units) + j]) = (moved[j].Value, moved[j].Tangent);
        }

        pre = x;
        preR = xR;
    }

    /// <summary>dE/dx becomes dE/da; the gradients of gains and biases are added.</summary>
    private void PullNormalization(Span<double> flat, Normalization<Real> norm, Span<double> preSignal, Span<double> gradient)
    {
        for (int b = 0; b < Layout.Blocks; b++)
        {
            Span<double> signal = Block(preSignal, b);
            if (BiasOfBlock(gradient, b) is { IsEmpty: false } bias) Vectors.Add(bias, 1, signal);
            LayerNorm.Backward(
                norm.Normed.AsSpan(b * Units, Units), norm.Scales[b], LayerNorm.Reals((ReadOnlySpan<double>)Gain(flat, b)),
                LayerNorm.Reals(signal), LayerNorm.Reals(Gain(gradient, b)));
        }
    }

    /// <summary>The derivative of <see cref="PullNormalization"/> along a direction.</summary>
    private void PullNormalizationR(
        Span<double> flat, Span<double> direction, Normalization<Dual> norm, Span<Dual> preSignal, Span<double> preSignalR,
        Span<double> gradientR)
    {
        var sum = new Dual[Units];
        for (int b = 0; b < Layout.Blocks; b++)
        {
            Span<Dual> signal = preSignal.Slice(b * Units, Units);
            Span<double> bias = BiasOfBlock(gradientR, b), gain = Gain(gradientR, b);
            for (int j = 0; j < bias.Length; j++) bias[j] += signal[j].Tangent;
            Array.Clear(sum);
            LayerNorm.Backward(norm.Normed.AsSpan(b * Units, Units), norm.Scales[b], GainR(flat, direction, b), signal, sum);
            for (int j = 0; j < Units; j++)
            {
                gain[j] += sum[j].Tangent;
                preSignalR[(b * Units) + j] = signal[j].Tangent;
            }
        }
    }

    private ReadOnlySpan<Dual> GainR(Span<double> flat, Span<double> direction, int block) =>
        Duals(Gain(flat, block), direction.IsEmpty ? default : Gain(direction, block));

    private static ReadOnlySpan<Dual> Duals(ReadOnlySpan<double> values, ReadOnlySpan<double> tangents)
    {
        var duals = new Dual[values.Length];
        for (int i = 0; i < duals.Length; i++) duals[i] = new Dual(values[i], tangents.IsEmpty ? 0 : tangents[i]);
        return duals;
    }

    /// <summary>What the normalization of one step keeps.</summary>
    /// <param name="Normed">(Blocks, H): n.</param>
    /// <param name="Scales">(Blocks): r.</param>
    private sealed record Normalization<S>(S[] Normed, S[] Scales)
        where S : struct, IScalar<S>;
}
