using System.Globalization;
using ScottPlot;
using Unroll.Cli.Paper.Figures;

namespace Unroll.Cli.Evaluate;

/// <summary>Draws which classes were taken for which: a row for each class, coloured by shares of the row.</summary>
internal static class ConfusionPlot
{
    private const int MostNumbers = 20, MostNames = 40, LongestName = 14;

    /// <summary>The drawing.</summary>
    /// <param name="classes">(K): the names of the classes, at least one.</param>
    /// <param name="counts">(K, K): how many of the class of the row were said to be of that of the column.</param>
    /// <exception cref="ArgumentException">The counts are not of as many classes.</exception>
    public static FigurePanel Panel(IReadOnlyList<string> classes, long[,] counts)
    {
        int n = classes.Count;
        if (n == 0 || counts.GetLength(0) != n || counts.GetLength(1) != n)
            throw new ArgumentException("A picture of confused classes needs a row and a column for each class.");
        int side = Math.Clamp(220 + (34 * n), 360, 900);
        return new FigurePanel(side + 80, side, () => Plotted(classes, counts));
    }

    private static Plot Plotted(IReadOnlyList<string> classes, long[,] counts)
    {
        int n = classes.Count;
        Plot plot = FigureStyle.NewPlot("", "predicted", "truth");
        for (int i = 0; i < n; i++)
        {
            double all = 0;
            for (int j = 0; j < n; j++) all += counts[i, j];
            for (int j = 0; j < n; j++)
            {
                // The first class is on top.
                double share = all == 0 ? 0 : counts[i, j] / all, y = n - 1 - i;
                if (share > 0)
                {
                    ScottPlot.Plottables.Rectangle cell = plot.Add.Rectangle(j - 0.5, j + 0.5, y - 0.5, y + 0.5);
                    (cell.FillColor, cell.LineWidth) = (FigureStyle.Blue.WithAlpha(share), 0);
                }

                if (n > MostNumbers) continue;
                Color color = share > 0.6 ? Colors.White : share > 0 ? FigureStyle.Ink : FigureStyle.Faint;
                string text = counts[i, j].ToString(CultureInfo.InvariantCulture);
                FigureStyle.Text(plot, text, j, y, Alignment.MiddleCenter, color, n <= 10 ? 14 : 10);
            }
        }

        var columns = new ScottPlot.TickGenerators.NumericManual();
        var rows = new ScottPlot.TickGenerators.NumericManual();
        int every = (n + MostNames - 1) / MostNames;
        for (int k = 0; k < n; k += every)
        {
            string name = classes[k].Length <= LongestName ? classes[k] : classes[k][..(LongestName - 1)] + "…";
            columns.AddMajor(k, name);
            rows.AddMajor(n - 1 - k, name);
        }

        plot.Axes.Bottom.TickGenerator = columns;
        plot.Axes.Left.TickGenerator = rows;
        if (n > 6 || classes.Any(name => name.Length > 6))
        {
            // The plotting library leaves no room for turned names.
            int longest = Math.Min(LongestName, classes.Max(name => name.Length));
            (plot.Axes.Bottom.TickLabelStyle.Rotation, plot.Axes.Bottom.TickLabelStyle.Alignment) = (45, Alignment.MiddleLeft);
            plot.Axes.Bottom.MinimumSize = 45 + (6.5f * longest);
            plot.Axes.Right.MinimumSize = 6 * longest;
        }

        if (n > 15) plot.Axes.Bottom.TickLabelStyle.FontSize = plot.Axes.Left.TickLabelStyle.FontSize = 9;
        plot.Grid.IsVisible = false;
        plot.Axes.SetLimits(-0.5, n - 0.5, -0.5, n - 0.5);
        return plot;
    }
}
