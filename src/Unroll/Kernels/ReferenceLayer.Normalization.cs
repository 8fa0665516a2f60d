using System.Numerics;
using Unroll.Cells;

namespace Unroll.Kernels;

/// <content>Layer normalization by the equations of <see cref="LayerNorm"/>.</content>
internal sealed unsafe partial class ReferenceLayer<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private double[] _gain = [];

    /// <summary>The sums of step k (from 0) of a row, (Blocks, H), become x; n and r go to the tape.</summary>
    private void Normalize(Tape<T> tape, int k, int r, Span<double> pre)
    {
        LayerTape<T> at = tape.Layers[index];
        var normed = new double[_h];
        for (int b = 0; b < Layout.Blocks; b++)
        {
            Span<Real> block = LayerNorm.Reals(pre.Slice(b * _h, _h));
            Real scale = LayerNorm.Forward(block, Gain(b), Bias(b), LayerNorm.Reals(normed.AsSpan()), block);
            at.Scales[(((k * tape.Rows) + r) * Layout.Blocks) + b] = T.CreateTruncating(scale.Value);
            for (int j = 0; j < _h; j++) at.NormedRow(b, k, r)[j] = T.CreateTruncating(normed[j]);
        }
    }

    /// <summary>dE/dx of entry k of a row is kept behind the normalization, and becomes that of the sums.</summary>
    private void PullNormalization(Tape<T> tape, int k, int r)
    {
        LayerTape<T> at = tape.Layers[index];
        double[] normed = new double[_h], signal = new double[_h];
        for (int b = 0; b < Layout.Blocks; b++)
        {
            Span<T> pre = at.PreGradientRow(b, k, r), kept = at.BiasGradientRow(b, k, r), n = at.NormedRow(b, k, r);
            pre.CopyTo(kept);
            for (int j = 0; j < _h; j++)
                (signal[j], normed[j]) = (double.CreateTruncating(pre[j]), double.CreateTruncating(n[j]));
            var scale = new Real(double.CreateTruncating(at.Scales[(((k * tape.Rows) + r) * Layout.Blocks) + b]));
            LayerNorm.Backward(LayerNorm.Reals(normed.AsSpan()), scale, Gain(b), LayerNorm.Reals(signal.AsSpan()), default);
            for (int j = 0; j < _h; j++) pre[j] = T.CreateTruncating(signal[j]);
        }
    }

    /// <summary>Adds the part of entry (k, r) to the sum of gains or biases; false for another parameter.</summary>
    private bool AddNormalizationGradient(Tape<T> tape, ParameterBlock block, int k, int r, Span<double> sum)
    {
        LayerTape<T> at = tape.Layers[index];
        bool isVector = block.Role == ParameterRole.CellVector && Layout.VectorBlock >= 0;
        if (block.Role is not (ParameterRole.NormalizationGain or ParameterRole.HiddenBias) && !isVector) return false;
        for (int b = 0; b < Layout.Blocks; b++)
        {
            Span<T> d = at.BiasGradientRow(b, k, r), n = at.NormedRow(b, k, r);
            int gate = Layout.GainOf(b);
            if (block.Role != ParameterRole.NormalizationGain && b == Layout.VectorBlock != isVector) continue;
            if (isVector) gate = 0;
            for (int j = 0; j < _h; j++)
            {
                double one = double.CreateTruncating(d[j]);
                sum[(gate * _h) + j] += block.Role == ParameterRole.NormalizationGain ? one * double.CreateTruncating(n[j]) : one;
            }
        }

        return true;
    }

    private ReadOnlySpan<Real> Gain(int block) => LayerNorm.Reals(_gain.AsSpan(Layout.GainOf(block) * _h, _h));

    private ReadOnlySpan<Real> Bias(int block) =>
        block == Layout.VectorBlock ? LayerNorm.Reals(_vectors[0].AsSpan())
        : _bias.Length == 0 ? default : LayerNorm.Reals(_bias.AsSpan(Layout.GainOf(block) * _h, _h));
}
