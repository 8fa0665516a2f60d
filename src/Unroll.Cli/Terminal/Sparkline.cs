namespace Unroll.Cli.Terminal;

/// <summary>
/// A series as one line of bars: the newest values at the right, the largest as high as a line. A spike does not flatten the
/// rest: what is above four times the upper quartile is as high as a line and no higher.
/// </summary>
internal static class Sparkline
{
    private const string Blocks = "▁▂▃▄▅▆▇█";
    private const string Plain = "_.-=+*#@";

    /// <summary>
    /// The series in at most <paramref name="width"/> characters; when it is longer, each character is the mean of its share of
    /// it. A value that is not finite is a question mark.
    /// </summary>
    public static string Draw(IReadOnlyList<double> series, int width, bool unicode)
    {
        int n = Math.Min(series.Count, width);
        var means = new double[n];
        for (int i = 0; i < n; i++)
        {
            int first = (int)((long)i * series.Count / n), end = (int)((long)(i + 1) * series.Count / n);
            for (int j = first; j < end; j++) means[i] += series[j] / (end - first);
        }

        double top = Top([.. means.Where(double.IsFinite).Order()]);
        string levels = unicode ? Blocks : Plain;
        return string.Concat(means.Select(mean => !double.IsFinite(mean) ? '?' : Level(mean, top, levels)));
    }

    /// <summary>What is as high as a line, of values in order.</summary>
    private static double Top(double[] sorted)
    {
        const double Spike = 4;
        const int Least = 8; // of fewer values none is called a spike
        if (sorted.Length == 0) return 0;
        double most = sorted[^1], usual = sorted[sorted.Length * 3 / 4];
        return sorted.Length >= Least && usual > 0 ? Math.Min(most, Spike * usual) : most;
    }

    private static char Level(double value, double top, string levels) =>
        levels[top <= 0 ? 0 : Math.Clamp((int)Math.Round(value / top * (levels.Length - 1)), 0, levels.Length - 1)];
}
