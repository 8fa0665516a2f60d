namespace Unroll.Interop;

/// <summary>
/// Rounds weights to 8 bits one after the other, and lets the weights behind make up for the error of each, as far as the numbers
/// that a network reads are correlated; the bias takes what is left of the mean error. This is the rounding of GPTQ (Frantar et
/// al., 2023), with the input's and the state's weights of a pre-activation as one row.
/// </summary>
internal sealed class ErrorFeedback
{
    // Of the mean of the diagonal: what was never or hardly seen is left near its nearest value.
    private const double Damping = 1e-2;

    private readonly Moments _moments;
    private readonly double[] _factor;
    private readonly int _size;
    private readonly double[] _weights;

    /// <summary>Prepares rows.</summary>
    /// <param name="moments">What the rows are multiplied with.</param>
    /// <param name="hasBias">Whether there is a bias, which need not be rounded.</param>
    public ErrorFeedback(Moments moments, bool hasBias)
    {
        (_moments, _size) = (moments, moments.Width - (hasBias ? 0 : 1));
        _factor = moments.InverseFactor(_size, Damping);
        _weights = new double[_size];
    }

    /// <summary>Rounds a row in place.</summary>
    /// <param name="first">Its weights with the first numbers, which have a scale of their own.</param>
    /// <param name="second">Its weights with the others; may be empty.</param>
    /// <param name="bias">Its bias; empty where there is none.</param>
    public void Round(Span<float> first, Span<float> second, Span<float> bias)
    {
        int largestOfFirst = Largest(first), largestOfSecond = second.IsEmpty ? -1 : Largest(second) + first.Length;
        float scaleOfFirst = Scale(first), scaleOfSecond = Scale(second);
        _weights.AsSpan().Clear();
        double error = 0;
        for (int i = 0; i < first.Length + second.Length; i++)
        {
            bool isFirst = i < first.Length;
            ref float weight = ref isFirst ? ref first[i] : ref second[i - first.Length];
            float scale = isFirst ? scaleOfFirst : scaleOfSecond;

            // The largest weight of a matrix's row stays what it is, so that the scale of the row does too.
            double wanted = weight + _weights[i];
            float rounded = scale == 0 ? 0
                : scale * (i == largestOfFirst || i == largestOfSecond ? CMatrix.Largest * Math.Sign(weight)
                : (float)Math.Clamp(Math.Round(wanted / scale), -CMatrix.Largest, CMatrix.Largest));
            ReadOnlySpan<double> row = _factor.AsSpan((i * _size) + i, _size - i);
            Moments.AddScaled(_weights.AsSpan(i), (rounded - wanted) / row[0], row);
            error += ((double)weight - rounded) * _moments[_moments.Width - 1, i];
            weight = rounded;
        }

        if (bias.Length > 0) bias[0] += (float)(error / _moments.Count);
    }

    private static int Largest(ReadOnlySpan<float> row)
    {
        int at = -1;
        for (int i = 0; i < row.Length; i++) at = at < 0 || Math.Abs(row[i]) > Math.Abs(row[at]) ? i : at;
        return at;
    }

    private static float Scale(ReadOnlySpan<float> row) =>
        row.IsEmpty ? 0 : Math.Abs(row[Largest(row)]) / CMatrix.Largest;
}
