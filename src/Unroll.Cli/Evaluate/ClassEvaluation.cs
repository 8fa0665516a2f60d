using System.Globalization;
using System.Numerics;
using Unroll.Cli.Settings;
using Unroll.Data;
using Unroll.Scores;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Evaluate;

/// <summary>Classes of sequences or of steps on each fold, and on the last of them the majority class and who was taken for
/// whom.</summary>
internal static class ClassEvaluation
{
    private const int MostShown = 12, LongestName = 10;

    public static void Run<T>(SeriesPredictor<T> predictor, SeriesRows rows, SeriesModel model, EvaluatedFolds folds,
        SeriesScoreOutput output, CancellationToken cancellation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SeriesCodec codec = model.Codec;
        int width = codec.Width;
        int[] places = Places(codec, rows);
        string noun = codec.Kind == SeriesKind.Tag ? "steps" : "sequences";
        output.Begin(codec.Kind == SeriesKind.Tag ? $"classes of {codec.Targets[0]} at every step"
            : $"{codec.Labels.Count} classes of sequences");
        var table = new TextTable($"fold ({noun})", "accuracy", "95% interval", "balanced", "macro F1", "log loss",
            "calibration");
        (string Fold, ClassReport Report)? last = null; // a fold may have no tags
        foreach ((Fold fold, string name) in folds.Parts)
        {
            var scores = new ClassScores(codec.Labels);
            var counts = new long[codec.Labels.Count];
            predictor.Run(codec.Windows(folds.Folds, fold), (window, probabilities) =>
            {
                for (int t = 0; t < probabilities.Length / width; t++)
                {
                    int truth = Truth(window, t);
                    if (truth < 0) continue;
                    counts[truth]++;
                    scores.Add(truth, probabilities.Slice(t * width, width));
                }
            }, cancellation);
            if (scores.Count == 0) continue;
            ClassReport report = scores.Report();
            last = (name, report);
            table.Add([$"{name} ({Format.Count(report.Count)})", .. Cells(report)]);
            output.Json(name, "network", line => Write(line, report));
            if (fold != folds.Reported.Fold || folds.IsOther) continue;
            ClassReport majority = Majority(folds, rows, counts);
            table.Add(["majority class", .. Cells(majority)]);
            output.Json(name, "majority class", line => Write(line, majority));
            if (report.Accuracy <= majority.Accuracy)
                output.Say($"The network does not beat the majority class on the {name} fold: it is right in "
                    + $"{Percent(report.Accuracy)} of the {noun}, and the majority class in {Percent(majority.Accuracy)}.");
        }

        output.Write(table);
        if (last is not { } shown) return;
        if (codec.Labels.Count <= MostShown) Confusion(shown.Report, shown.Fold, output);
        output.Draw([ConfusionPlot.Panel(codec.Labels, shown.Report.Confusion)],
            $"Which classes were taken for which on the {shown.Fold} fold of {folds.Name}, coloured by shares of the truth.");

        int Truth(SequenceWindow window, int step)
        {
            if (codec.Kind != SeriesKind.Tag) return places[rows.Data.Sequences[window.Sequence].Class];
            double truth = rows.TruthAt(window.Sequence, window.Start + step, 0);
            return double.IsNaN(truth) ? -1 : (int)truth;
        }

        ClassReport Majority(EvaluatedFolds all, SeriesRows read, long[] counts)
        {
            long[] trained = new long[codec.Labels.Count];
            foreach (SequenceWindow window in codec.Windows(all.Folds, Fold.Train))
            {
                for (int t = 0; t < (codec.Kind == SeriesKind.Tag ? window.Steps : 1); t++)
                {
                    if (Truth(window, t) is >= 0 and int truth) trained[truth]++;
                }
            }

            var majority = new MajorityClass(trained);
            var scores = new ClassScores(codec.Labels);
            for (int k = 0; k < counts.Length; k++)
            {
                for (long i = 0; i < counts[k]; i++) scores.Add(k, majority.Shares);
            }

            return scores.Report();
        }
    }

    /// <summary>From the data's classes to those of the model.</summary>
    private static int[] Places(SeriesCodec codec, SeriesRows rows)
    {
        if (codec.Kind == SeriesKind.Tag) return [];
        var places = codec.Labels.Select((label, k) => (label, k))
            .ToDictionary(one => one.label, one => one.k, StringComparer.Ordinal);
        return [.. rows.Data.Classes.Select(label => places.TryGetValue(label, out int place) ? place : throw new UserError(
            $"{rows.Data.Name} has the class '{label}', which the network does not know ({SequenceData.Some(codec.Labels)})."))];
    }

    private static void Confusion(ClassReport report, string fold, SeriesScoreOutput output)
    {
        string[] names = [.. report.ByClass.Select(one => one.Name.Length <= LongestName ? one.Name : one.Name[..LongestName])];
        var table = new TextTable([$"true on {fold}", .. names, "recall"]);
        for (int k = 0; k < names.Length; k++)
        {
            table.Add([names[k], .. Enumerable.Range(0, names.Length).Select(j => Format.Count(report.Confusion[k, j])),
                report.ByClass[k].Recall is { } recall ? Percent(recall) : "-"]);
        }

        output.Write(table);
    }

    private static string[] Cells(ClassReport report) =>
    [
        Percent(report.Accuracy), $"{Percent(report.AccuracyInterval.Low)} to {Percent(report.AccuracyInterval.High)}",
        Percent(report.BalancedAccuracy), Number(report.MacroF1), Number(report.LogLoss), Number(report.CalibrationError),
    ];

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.0}%");

    private static string Number(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0.000}");

    private static void Write(System.Text.Json.Utf8JsonWriter line, ClassReport report)
    {
        line.WriteNumber("count", report.Count);
        line.WriteNumber("accuracy", report.Accuracy);
        line.WriteNumber("accuracy_low", report.AccuracyInterval.Low);
        line.WriteNumber("accuracy_high", report.AccuracyInterval.High);
        line.WriteNumber("balanced_accuracy", report.BalancedAccuracy);
        line.WriteNumber("macro_f1", report.MacroF1);
        line.WriteNumber("log_loss", report.LogLoss);
        line.WriteNumber("calibration_error", report.CalibrationError);
        line.WriteStartObject("recall");
        foreach (ClassScore one in report.ByClass) JsonLine.WriteNumber(line, one.Name, one.Recall);
        line.WriteEndObject();
    }
}
