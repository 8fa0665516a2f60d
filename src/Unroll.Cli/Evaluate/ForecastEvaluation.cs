using System.Numerics;
using Unroll.Cli.Diagnosis;
using Unroll.Cli.Settings;
using Unroll.Data;
using Unroll.Numerics;
using Unroll.Scores;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Evaluate;

/// <summary>Forecasts of each fold, and on the last of them those of baselines, by step ahead and by column.</summary>
internal static class ForecastEvaluation
{
    private const int MostColumns = 20;

    /// <summary>A longer window has too many weights for a regression on each of its steps: the time is cubic.</summary>
    private const int LongestOfRidge = 1024;

    public static void Run<T>(SeriesPredictor<T> predictor, SeriesModel model, EvaluatedFolds folds, SeriesScoreOutput output,
        CancellationToken cancellation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SeriesCodec codec = model.Codec;
        SequenceData data = folds.Folds.Data;
        int[] targets = [.. codec.Targets.Select(data.ColumnOf)];
        int horizon = codec.Options.Horizon;
        foreach ((Fold fold, string name) in folds.Parts)
        {
            if (!codec.Windows(folds.Folds, fold).Any(HasTruth))
                throw new UserError($"{folds.Name} has no value to compare forecasts with in its {name} fold; give data that has "
                    + "some by --data FILE.");
        }

        output.Begin($"forecast of {SequenceData.Some(codec.Targets)}, {Counted.Of(horizon, "step")} ahead");
        TextTable byFold = SeriesScoreOutput.Table("fold (windows)");
        var options = new ForecastScoreOptions
        {
            Season = Season.Find(folds.Folds, targets),
            Deviations = folds.IsOther ? Deviations(codec) : null,
        };
        ForecastScores? reported = null;
        var quantiles = new QuantileEvaluation(codec.Quantiles, output);
        foreach ((Fold fold, string name) in folds.Parts)
        {
            var scores = new ForecastScores(folds.Folds, targets, horizon, options);
            QuantileScores? ofQuantiles = quantiles.Begin();
            predictor.Run(codec.Windows(folds.Folds, fold), (window, forecast) => Add(scores, ofQuantiles, window, forecast),
                cancellation);
            ForecastReport report = scores.Report();
            byFold.Add([$"{name} ({Format.Count(report.Windows)})", .. SeriesScoreOutput.Cells(report.Overall)]);
            output.Json(name, "network", line => Write(line, report));
            quantiles.End(name, ofQuantiles);
            reported = scores;
        }

        output.Write(byFold);
        quantiles.Write();
        if (folds.IsOther) output.Say(options.Deviations is null
            ? $"Deviations, the season and naive errors, which scores divide by, are those of {folds.Name} itself."
            : $"Deviations, which scores divide by, are those of training; the season and naive errors those of {folds.Name}.");
        if (reported is null) return;
        Compare(reported, targets, codec, folds, options, output, cancellation);
        if (output.HasPlot)
            ForecastPictures.Draw(predictor, codec, folds, new NaiveForecaster(folds.Folds, targets, reported.Season), output,
                cancellation);

        void Add(ForecastScores scores, QuantileScores? ofQuantiles, SequenceWindow window, ReadOnlySpan<double> forecast)
        {
            if (codec.Levels == 1) scores.Add(window, forecast);
            else
            {
                int last = codec.Levels - 1;
                scores.Add(window, Level(codec.PointLevel, forecast), Level(0, forecast), Level(last, forecast));
            }

            for (int at = 0; ofQuantiles is not null && at < forecast.Length; at += codec.Levels)
            {
                int number = at / codec.Levels, step = window.End + (number / targets.Length);
                double truth = data.Sequences[window.Sequence].Values(targets[number % targets.Length])[step];
                ofQuantiles.Add(truth, forecast.Slice(at, codec.Levels));
            }
        }

        double[] Level(int level, ReadOnlySpan<double> forecast)
        {
            var one = new double[forecast.Length / codec.Levels];
            for (int i = 0; i < one.Length; i++) one[i] = forecast[(i * codec.Levels) + level];
            return one;
        }

        bool HasTruth(SequenceWindow window) => targets.Any(column =>
        {
            ColumnValues values = data.Sequences[window.Sequence].Values(column);
            return Enumerable.Range(window.End, horizon).Any(step => !float.IsNaN(values[step]));
        });
    }

    /// <summary>The deviations of the targets in the training fold; null where the model's scales are others.</summary>
    private static double[]? Deviations(SeriesCodec codec)
    {
        EncoderOptions how = codec.Encoder.Options;
        bool known = how.Scale == Scaling.Standard && !how.ScaleByGroup
            && !codec.Targets.Any(name => how.Logarithm.Contains(name) || how.Differenced.Contains(name));
        return known ? [.. codec.Targets.Select((_, k) => codec.Encoder.Scales[codec.ColumnOf(k)].Scale)] : null;
    }

    private static void Compare(ForecastScores network, int[] targets, SeriesCodec codec, EvaluatedFolds folds,
        ForecastScoreOptions options, SeriesScoreOutput output, CancellationToken cancellation)
    {
        (Fold fold, string name) = folds.Reported;
        ForecastReport report = network.Report();
        var all = new List<Scored> { new("network", network, report) };
        WindowSet windows = codec.ForecastWindows(folds.Folds, fold)!;
        foreach (IForecaster baseline in Baselines(network.Season, targets, codec, folds))
        {
            var scores = ForecastScores.Of(folds.Folds, targets, windows, baseline, options, cancellation);
            var one = new Scored(baseline.Name, scores, scores.Report());
            all.Add(one);
            output.Json(name, one.Name, line => Write(line, one.Report));
        }

        TextTable table = SeriesScoreOutput.Table($"on {name}");
        foreach (Scored one in all) table.Add([one.Name, .. SeriesScoreOutput.Cells(one.Report.Overall)]);
        output.Write(table);
        if (network.Horizon > 1)
        {
            TextTable bySteps = SeriesScoreOutput.Table("steps ahead");
            foreach (int step in Shown(network.Horizon))
            {
                if (report.BySteps[step - 1] is { } score) bySteps.Add([Format.Count(step), .. SeriesScoreOutput.Cells(score)]);
            }

            output.Write(bySteps);
        }

        foreach ((string first, IReadOnlyList<NamedForecastScore> parts) in ((string, IReadOnlyList<NamedForecastScore>)[])
            [("column", targets.Length > 1 ? report.ByColumn : []), ("group", report.ByGroup)])
        {
            if (parts.Count == 0) continue;
            TextTable byPart = SeriesScoreOutput.Table(first);
            foreach (NamedForecastScore part in parts.Take(MostColumns))
                byPart.Add([part.Name, .. SeriesScoreOutput.Cells(part.Score)]);
            output.Write(byPart);
        }

        WriteComparison(all, targets.Length, name, output);
    }

    /// <summary>Says whether the network is better than the best of the others.</summary>
    private static void WriteComparison(List<Scored> all, int columns, string fold, SeriesScoreOutput output)
    {
        if (all.Count < 2) return;
        ForecastMeasure measure = columns == 1 ? ForecastMeasure.Mae : ForecastMeasure.StandardMae;
        (string best, ForecastScores other, _) = all.Skip(1)
            .MinBy(one => one.Report.Overall[measure] ?? double.PositiveInfinity)!;
        string sentence;
        try
        {
            ForecastComparison comparison = all[0].Scores.Against(other, measure);
            string times = $"its mean absolute error is {Format.Number(comparison.Ratio)} times that of {best}"
                + (comparison.Interval is { } interval
                    ? $" (95% interval {Format.Number(interval.Low)} to {Format.Number(interval.High)})" : "");
            sentence = comparison.IsBetter ? $"The network beats every baseline on the {fold} fold: {times}."
                : comparison.Ratio < 1 ? $"The network does not beat {best} beyond chance on the {fold} fold: {times}."
                : $"The network does not beat {best} on the {fold} fold: {times}.";
            output.Json(fold, "comparison", line =>
            {
                line.WriteString("against", best);
                line.WriteNumber("ratio", comparison.Ratio);
                line.WriteBoolean("better", comparison.IsBetter);
            });
        }
        catch (ArgumentException)
        {
            sentence = $"The network does not beat {best} on the {fold} fold, which makes no error.";
        }

        output.Say(sentence);
    }

    private static IEnumerable<IForecaster> Baselines(int season, int[] targets, SeriesCodec codec, EvaluatedFolds folds)
    {
        yield return new NaiveForecaster(folds.Folds, targets);
        if (season > 1) yield return new NaiveForecaster(folds.Folds, targets, season);
        if (folds.IsOther) yield break;
        (int window, int horizon) = (codec.Options.Window, codec.Options.Horizon);
        yield return window <= LongestOfRidge ? RidgeForecaster.Fit(folds.Folds, targets, window, horizon)
            : LagForecaster.Fit(folds.Folds, targets, window, horizon, season, new RidgeOptions());
    }

    private static IEnumerable<int> Shown(int horizon) =>
        ((int[])[1, horizon / 4, horizon / 2, 3 * horizon / 4, horizon]).Where(step => step > 0).Distinct();

    private static void Write(System.Text.Json.Utf8JsonWriter line, ForecastReport report)
    {
        line.WriteNumber("windows", report.Windows);
        SeriesScoreOutput.Numbers(line, report.Overall);
        line.WriteNumber("season", report.Season);
        line.WriteStartArray("mae_by_step");
        foreach (ForecastScore? step in report.BySteps)
        {
            if (step is null) line.WriteNullValue();
            else line.WriteNumberValue(step.Mae);
        }

        line.WriteEndArray();
        line.WriteStartObject("mae_by_column");
        foreach (NamedForecastScore column in report.ByColumn) line.WriteNumber(column.Name, column.Score.Mae);
        line.WriteEndObject();
    }

    private sealed record Scored(string Name, ForecastScores Scores, ForecastReport Report);
}
