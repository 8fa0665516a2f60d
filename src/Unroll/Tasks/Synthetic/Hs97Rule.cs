namespace Unroll.Tasks;

/// <summary>Right or wrong as Hochreiter and Schmidhuber (1997) say for tasks of classes.</summary>
internal static class Hs97Rule
{
    /// <summary>Temporal order (experiment 6): the largest absolute error of an output.</summary>
    public const double Order = 0.3;

    /// <summary>Noise-free long lags (experiment 2): the same.</summary>
    public const double Lag = 0.2;

    /// <summary>
    /// Marks each row by its last step: right where every output, a probability, is within the bound of 1 for the target's class
    /// and of 0 for the others; a NaN is wrong.
    /// </summary>
    public static void LastStep(Batch batch, Predictions predictions, double bound, Span<bool> correct)
    {
        for (int row = 0; row < batch.Rows; row++)
        {
            int last = batch.Lengths[row] - 1, target = batch.Class(last, row);
            ReadOnlySpan<double> y = predictions.At(last, row);
            double largest = double.NegativeInfinity, sum = 0;
            foreach (double value in y) largest = Math.Max(largest, value);
            foreach (double value in y) sum += Math.Exp(value - largest);
            bool right = true;
            for (int k = 0; k < y.Length; k++)
                right &= Math.Abs((Math.Exp(y[k] - largest) / sum) - (k == target ? 1 : 0)) < bound;
            correct[row] = right;
        }
    }
}
