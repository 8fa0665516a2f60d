namespace Unroll.Interop;

/// <summary>
/// A matrix of weights in C: transposed, so that a step goes through it in the order of the memory, and in 8 bits by option.
/// </summary>
internal static class CMatrix
{
    /// <summary>The largest whole number of a weight in 8 bits; its negative is the smallest.</summary>
    public const int Largest = 127;

    /// <summary>
    /// Declares a matrix of (rows, columns), and returns the statement that adds its product with a vector to x.
    /// </summary>
    /// <param name="text">The header.</param>
    /// <param name="part">What to call it.</param>
    /// <param name="values">(rows, columns), row-major.</param>
    /// <param name="columns">The vector's length.</param>
    /// <param name="to">What the products are added to, an expression.</param>
    /// <param name="from">The vector, or the index of its only 1.</param>
    /// <param name="isIndex">Whether it is an index.</param>
    /// <param name="weights">How they are stored; a product of a vector with 8 bits needs <c>sum</c>, of as many floats.</param>
    public static string Product(
        CText text, string part, ReadOnlySpan<float> values, int columns, string to, string from, bool isIndex, CWeights weights)
    {
        int rows = values.Length / columns;
        string function = isIndex ? "row" : "add";
        if (weights == CWeights.Float32)
        {
            string w = text.Constant(part, LayerView.Transposed(values, columns));
            return Invariant($"{text.Named(function)}({to}, {w}, {from}, {columns}, {rows});");
        }

        (sbyte[] quantized, float[] scales) = Quantize(LayerView.Transposed(values, columns), rows);
        string q = text.Constant(part, quantized), s = text.Constant($"{part}_scale", scales);
        string sum = isIndex ? "" : "sum, ";
        return Invariant($"{text.Named(function)}({sum}{to}, {q}, {s}, {from}, {columns}, {rows});");
    }

    /// <summary>
    /// Weights in 8 bits, from a transposed matrix (columns, rows): each row's scale is its largest weight over 127.
    /// </summary>
    public static (sbyte[] Quantized, float[] Scales) Quantize(float[] transposed, int rows)
    {
        var scales = new float[rows];
        for (int i = 0; i < transposed.Length; i++) scales[i % rows] = Math.Max(scales[i % rows], Math.Abs(transposed[i]));
        for (int r = 0; r < rows; r++) scales[r] /= Largest;
        var quantized = new sbyte[transposed.Length];
        for (int i = 0; i < transposed.Length; i++)
        {
            float scale = scales[i % rows];
            if (scale > 0) quantized[i] = (sbyte)Math.Clamp(MathF.Round(transposed[i] / scale), -Largest, Largest);
        }

        return (quantized, scales);
    }
}
