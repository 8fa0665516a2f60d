using Unroll.Analysis;

namespace Unroll.Data;

/// <summary>How a column of numbers is brought to the size that a network learns from.</summary>
public enum Scaling
{
    /// <summary>(x - mean) / population deviation.</summary>
    Standard,

    /// <summary>(x - median) / (third quartile - first quartile): a few wild values do not matter.</summary>
    Robust,

    /// <summary>(x - least) / (greatest - least).</summary>
    MinMax,

    /// <summary>x as it is.</summary>
    None,
}

/// <summary>A change of unit: a value becomes (value - <paramref name="Center"/>) / <paramref name="Scale"/>.</summary>
/// <param name="Center">What becomes 0.</param>
/// <param name="Scale">What becomes a distance of 1; above 0.</param>
public readonly record struct ColumnScale(double Center, double Scale)
{
    /// <summary>The change that changes nothing.</summary>
    public static ColumnScale Identity => new(0, 1);

    /// <summary>A value in its own unit as the network sees it.</summary>
    public double Apply(double value) => (value - Center) / Scale;

    /// <summary>What the network sees, in the unit of the data.</summary>
    public double Undo(double scaled) => (scaled * Scale) + Center;

    /// <summary>The scale of a column, from the training fold alone; missing values do not count.</summary>
    /// <param name="folds">The folds.</param>
    /// <param name="column">The place of a column of numbers.</param>
    /// <param name="scaling">Which.</param>
    /// <exception cref="ArgumentException">The column has one value only, none at all, or one that is infinite.</exception>
    public static ColumnScale Fit(SequenceFolds folds, int column, Scaling scaling) =>
        Fit(folds, column, scaling, logarithm: false);

    /// <summary>As <see cref="Fit(SequenceFolds, int, Scaling)"/>, of the column's logarithms where they are read.</summary>
    internal static ColumnScale Fit(SequenceFolds folds, int column, Scaling scaling, bool logarithm)
    {
        ArgumentNullException.ThrowIfNull(folds);
        if (!Enum.IsDefined(scaling)) throw new ArgumentException($"The scaling {scaling} is not a known value.");
        IReadOnlyList<FoldPart> parts = folds.Of(Fold.Train);
        ColumnMoments moments = ColumnMoments.Of(folds.Data, column, parts, logarithm);
        string name = folds.Data.Columns[column].Name;
        if (moments.Count == 0) throw Bad("has no value", "leave it out");
        if (scaling == Scaling.None) return Identity;
        if (moments.Minimum == moments.Maximum)
            throw Bad(Invariant($"is {(logarithm ? Math.Exp(moments.Minimum) : moments.Minimum)} at every step"),
                "there is nothing to learn from it: leave it out, or scale nothing");
        return OfMoments(folds.Data, parts, column, scaling, logarithm, moments, out double quartile)
            ?? throw Bad(Invariant($"is {(logarithm ? Math.Exp(quartile) : quartile)} at half of its steps or more"),
                "take standard or min-max for the scaling");

        ArgumentException Bad(string what, string remedy) =>
            new(Files.Printable.Sentence($"Column '{name}' of {folds.Data.Name} {what} in the training fold; {remedy}."));
    }

    /// <summary>The scale of a column in some parts of sequences; null where it has no spread to scale by.</summary>
    /// <exception cref="ArgumentException">A value is infinite.</exception>
    internal static ColumnScale? OfParts(
        SequenceData data, IReadOnlyList<FoldPart> parts, int column, Scaling scaling, bool logarithm)
    {
        ColumnMoments moments = ColumnMoments.Of(data, column, parts, logarithm);
        return scaling == Scaling.None ? Identity : moments.Count == 0 || moments.Minimum == moments.Maximum ? null
            : OfMoments(data, parts, column, scaling, logarithm, moments, out _);
    }

    private static ColumnScale? OfMoments(SequenceData data, IReadOnlyList<FoldPart> parts, int column, Scaling scaling,
        bool logarithm, ColumnMoments moments, out double quartile)
    {
        quartile = double.NaN;
        if (scaling == Scaling.Standard) return new ColumnScale(moments.Mean, moments.Deviation);
        if (scaling == Scaling.MinMax) return new ColumnScale(moments.Minimum, moments.Maximum - moments.Minimum);
        float[] sorted = ColumnMoments.Sorted(data, column, parts, moments.Count);
        quartile = At(0.25);
        double high = At(0.75);
        return quartile == high ? null : new ColumnScale(At(0.5), high - quartile);

        double At(double share) => logarithm ? Math.Log(Quantiles.At<float>(sorted, share)) : Quantiles.At<float>(sorted, share);
    }
}
