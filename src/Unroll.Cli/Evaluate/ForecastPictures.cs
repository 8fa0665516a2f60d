using System.Numerics;
using Unroll.Cli.Paper.Figures;
using Unroll.Data;
using Unroll.Scores;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Evaluate;

/// <summary>The last forecasts of the reported fold, for <c>--plot</c>: a drawing for each column.</summary>
internal static class ForecastPictures
{
    private const int MostColumns = 4, Steps = 48; // steps that are drawn where one forecast has fewer

    /// <summary>Draws forecasts that follow one another without a gap, up to the end of the fold's last sequence.</summary>
    /// <param name="predictor">The network.</param>
    /// <param name="codec">How it reads data.</param>
    /// <param name="folds">The data; forecasts are of the reported fold.</param>
    /// <param name="baseline">What is drawn beside the network.</param>
    /// <param name="output">Where the drawings go.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static void Draw<T>(SeriesPredictor<T> predictor, SeriesCodec codec, EvaluatedFolds folds, IForecaster baseline,
        SeriesScoreOutput output, CancellationToken cancellation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int horizon = codec.Options.Horizon, columns = codec.Targets.Count;
        SequenceWindow[] all = [.. codec.Windows(folds.Folds, folds.Reported.Fold)];
        SequenceWindow last = all[^1];
        SequenceWindow[] windows =
        [
            .. all.Where(window => window.Sequence == last.Sequence && (last.End - window.End) % horizon == 0)
                .TakeLast((Steps + horizon - 1) / horizon),
        ];
        var forecast = new List<double>(); // (windows, H, columns, levels)
        predictor.Run(windows, (_, values) => forecast.AddRange(values), cancellation);
        int levels = codec.Levels;
        var other = new double[forecast.Count / levels];
        int each = horizon * columns;
        for (int i = 0; i < windows.Length; i++) baseline.Forecast(windows[i], other.AsSpan(i * each, each));

        Sequence sequence = folds.Folds.Data.Sequences[last.Sequence];
        int start = windows[0].Start, border = windows[0].End, end = last.End + horizon;
        FigurePanel[] panels = [.. codec.Targets.Take(MostColumns).Select((target, k) =>
        {
            ColumnValues truth = sequence.Values(folds.Folds.Data.ColumnOf(target));
            return ForecastPlot.Panel(new ForecastPicture
            {
                Title = folds.Folds.Data.Count == 1 ? target : $"{target} of {sequence.Group ?? sequence.Name}",
                Label = target,
                History = [.. Enumerable.Range(start, border - start).Select(t => (double)truth[t])],
                Forecast = Column(Level(codec.PointLevel), k),
                Band = levels == 1 ? null : (Column(Level(0), k), Column(Level(levels - 1), k), Words(codec.Quantiles!)),
                Truth = [.. Enumerable.Range(border, end - border).Select(t => (double)truth[t])],
                Others = [(baseline.Name, Column(other, k))],
                Dates = sequence.Times.IsDate ? sequence.Times.Dates[start..end].ToArray() : [],
            });
        })];
        string what = windows.Length == 1 ? "The last forecast" : $"The last {windows.Length} forecasts";
        string steps = horizon == 1 ? "step" : "steps";
        output.Draw(panels, $"{what} of {horizon} {steps} on the {folds.Reported.Name} fold of {folds.Name}.");

        double[] Level(int level) => [.. forecast.Where((_, i) => i % levels == level)];

        static string Words(QuantileLevels all) => $"{Format.Exact(all[0])} to {Format.Exact(all[all.Count - 1])}";

        double[] Column(IReadOnlyList<double> values, int column) =>
            [.. values.Where((_, i) => i % columns == column)];
    }
}
