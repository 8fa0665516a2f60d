namespace Unroll.Data;

/// <summary>
/// How each window is brought to one level before a network sees it, to be undone in what it says: what the forecasting
/// literature calls reversible normalization. On top of the scale of the column.
/// </summary>
public enum WindowScaling
{
    /// <summary>A window as it is.</summary>
    None,

    /// <summary>The window's last value is subtracted.</summary>
    Last,

    /// <summary>The window's mean is subtracted.</summary>
    Mean,

    /// <summary>The window's mean is subtracted and the rest divided by its population deviation (and a little more than
    /// 0).</summary>
    Standard,
}

/// <summary>Finds what a window is scaled by.</summary>
public static class WindowScales
{
    /// <summary>Added to the variance, so that a flat window is divided by no zero; as in the literature (Kim et al.
    /// 2022).</summary>
    public const double Epsilon = 1e-5;

    /// <summary>The scale of a window.</summary>
    /// <param name="scaling">Which.</param>
    /// <param name="values">(T): the window's values, at least one, none missing.</param>
    /// <exception cref="ArgumentException">There is no value, or the scaling is not known.</exception>
    public static ColumnScale Fit(WindowScaling scaling, ReadOnlySpan<double> values)
    {
        if (values.IsEmpty) throw new ArgumentException("The window has no step.");
        if (scaling == WindowScaling.None) return ColumnScale.Identity;
        if (scaling == WindowScaling.Last) return new ColumnScale(values[^1], 1);
        double sum = 0, squares = 0;
        foreach (double value in values) sum += value;
        double mean = sum / values.Length;
        if (scaling == WindowScaling.Mean) return new ColumnScale(mean, 1);
        if (scaling != WindowScaling.Standard) throw new ArgumentException($"The window scaling {scaling} is not a known value.");
        foreach (double value in values) squares += (value - mean) * (value - mean);
        return new ColumnScale(mean, Math.Sqrt((squares / values.Length) + Epsilon));
    }
}
