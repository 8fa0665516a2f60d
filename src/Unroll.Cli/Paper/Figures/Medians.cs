using Unroll.Analysis;

namespace Unroll.Cli.Paper.Figures;

/// <summary>Medians of measurements, some of which may have no value.</summary>
internal static class Medians
{
    /// <summary>The median of the finite values; not a number without one.</summary>
    public static double Of(IEnumerable<double> values) => At(values, 0.5);

    /// <summary>A quantile of the finite values; not a number without one.</summary>
    public static double At(IEnumerable<double> values, double share) =>
        values.Where(double.IsFinite).Order().ToArray() is { Length: > 0 } sorted ? Quantiles.At(sorted, share) : double.NaN;

    /// <summary>A number for a table; a hyphen where there is none.</summary>
    public static string Text(double value) => double.IsFinite(value) ? Format.Number(value) : "-";

    /// <summary>A share for a table; a hyphen where there is none.</summary>
    public static string Percent(double share) => double.IsFinite(share) ? Format.Percent(share) : "-";
}
