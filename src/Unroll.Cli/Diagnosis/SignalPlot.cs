using ScottPlot;
using Unroll.Analysis;
using Unroll.Cli.Paper.Figures;
using Unroll.Cli.Settings;

namespace Unroll.Cli.Diagnosis;

/// <summary>Draws the error signal of a diagnosis against the lag, on a logarithmic axis.</summary>
internal static class SignalPlot
{
    private const int Width = 560, Height = 340;

    /// <summary>The drawing: the median over the sequences, the deciles, and where a signal counts as vanished.</summary>
    public static FigurePanel Panel(GradientDiagnosis diagnosis, DiagnosisSubject subject) =>
        new(Width, Height, () => Draw(diagnosis, subject.Network.Shape.IsOnPreActivations));

    /// <summary>The sentence below it.</summary>
    public static string Caption(GradientDiagnosis diagnosis, DiagnosisSubject subject) =>
        $"{NetworkWords.Units(subject.Network.Shape)} on {subject.TaskText}: {DiagnosisText.Verdict(diagnosis)}.";

    private static Plot Draw(GradientDiagnosis diagnosis, bool plain)
    {
        Plot plot = FigureStyle.NewPlot("", "lag, steps back from the cost", plain ? "‖dE/dx‖" : "‖dE/ds‖");
        Quantiles[] signal = [.. diagnosis.ByLag];
        double[] positive =
            [.. signal.SelectMany(at => (double[])[at.Lower, at.Median, at.Upper]).Where(y => y > 0 && double.IsFinite(y))];
        if (positive.Length == 0)
        {
            FigureStyle.Text(plot, "no error signal arrives", 0.5, 0.5, Alignment.MiddleCenter);
            return plot;
        }

        double[] medians = [.. signal.Select(at => at.Median).Where(y => y > 0 && double.IsFinite(y))];
        double start = signal[0].Median, border = start * GradientDiagnosis.VanishedBelow;
        bool falls = double.IsFinite(border) && medians.Length > 0 && medians.Min() < 10 * border;
        if (falls)
            FigureStyle.Dotted(plot, [(0, Math.Log10(border)), (signal.Length - 1, Math.Log10(border))], FigureStyle.Ink, 2);
        foreach (Func<Quantiles, double> of in (Func<Quantiles, double>[])[at => at.Lower, at => at.Upper])
            FigureStyle.Dashed(plot, Points(of), FigureStyle.Faint, 1.4f);
        FigureStyle.Line(plot, Points(at => at.Median), FigureStyle.Blue, 3);
        FigureStyle.Legend(plot, ("median over the sequences", FigureStyle.Blue, Stroke.Solid),
            ("eight in ten sequences", FigureStyle.Faint, Stroke.Dashed));
        if (falls) FigureStyle.Legend(plot, ("a thousandth of lag 0", FigureStyle.Ink, Stroke.Dotted));
        bool rises = medians.Length > 0 && medians[^1] > start;
        plot.ShowLegend(rises ? Alignment.UpperLeft : Alignment.LowerLeft);
        plot.Axes.Margins(0.02, 0.08);
        plot.Axes.AutoScale();
        FigureStyle.LogTicks(plot, positive.Min(), positive.Max());
        return plot;

        IEnumerable<(double X, double Y)> Points(Func<Quantiles, double> of) =>
            signal.Select((at, lag) => (X: (double)lag, Y: of(at))).Where(point => point.Y > 0 && double.IsFinite(point.Y))
                .Select(point => (point.X, Math.Log10(point.Y)));
    }
}
