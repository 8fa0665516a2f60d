using System.Numerics;
using Unroll.Cli.Settings;
using Unroll.Data;
using Unroll.Scores;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Evaluate;

/// <summary>Numbers of sequences or of steps on each fold, and on the last of them the mean of training.</summary>
internal static class NumberEvaluation
{
    private const string Mean = "mean of training";

    public static void Run<T>(SeriesPredictor<T> predictor, SeriesRows rows, SeriesModel model, EvaluatedFolds folds,
        SeriesScoreOutput output, CancellationToken cancellation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SeriesCodec codec = model.Codec;
        bool tags = codec.Kind == SeriesKind.Tag;
        string noun = tags ? "steps" : "sequences";
        output.Begin(tags ? $"{codec.Targets[0]} at every step" : "the number of each sequence");
        TextTable table = SeriesScoreOutput.Table($"fold ({noun})");
        string? sentence = null;
        var quantiles = new QuantileEvaluation(codec.Quantiles, output);
        int levels = codec.Levels;
        foreach ((Fold fold, string name) in folds.Parts)
        {
            NumberScores scores = New(), constant = New();
            QuantileScores? ofQuantiles = quantiles.Begin();
            predictor.Run(codec.Windows(folds.Folds, fold), (window, values) =>
            {
                Sequence sequence = rows.Data.Sequences[window.Sequence];
                for (int t = 0; t * levels < values.Length; t++)
                {
                    double truth = tags ? rows.TruthAt(window.Sequence, window.Start + t, 0) : sequence.Number;
                    string? group = sequence.Group ?? (tags ? sequence.Name : null);
                    ReadOnlySpan<double> own = values.Slice(t * levels, levels);
                    if (levels == 1) scores.Add(truth, own[0], group);
                    else scores.Add(truth, own[codec.PointLevel], own[0], own[^1], group);
                    ofQuantiles?.Add(truth, own);
                    constant.Add(truth, codec.TargetScale.Center, group);
                }
            }, cancellation);
            if (scores.Count == 0) continue;
            ForecastScore score = scores.Report().Score;
            table.Add([$"{name} ({Format.Count(score.Count)})", .. SeriesScoreOutput.Cells(score)]);
            output.Json(name, "network", line => SeriesScoreOutput.Numbers(line, score));
            quantiles.End(name, ofQuantiles);
            if (fold != folds.Reported.Fold) continue;
            ForecastScore mean = constant.Report().Score;
            table.Add([Mean, .. SeriesScoreOutput.Cells(mean)]);
            output.Json(name, Mean, line => SeriesScoreOutput.Numbers(line, mean));
            if (score.Mae >= mean.Mae)
                sentence = $"The network does not beat the {Mean} on the {name} fold: its mean absolute error is "
                    + $"{Format.Number(score.Mae)}, and that of the mean {Format.Number(mean.Mae)}.";
        }

        output.Write(table);
        quantiles.Write();
        if (sentence is not null) output.Say(sentence);

        NumberScores New() => new(codec.TargetScale.Scale);
    }
}
