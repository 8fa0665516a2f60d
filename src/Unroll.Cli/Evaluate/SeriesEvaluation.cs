using System.Numerics;
using Unroll.Cli.Sequences;
using Unroll.Cli.Settings;
using Unroll.Data;
using Unroll.Studies.Corpora;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Evaluate;

/// <summary>The part of <c>unroll evaluate</c> that is for models of somebody's own sequences: their scores on each fold, in the
/// data's own units, beside those of baselines.</summary>
internal static class SeriesEvaluation
{
    /// <summary>Evaluates a model and returns the exit code.</summary>
    /// <param name="path">The model's file.</param>
    /// <param name="source">The model.</param>
    /// <param name="model">How its data are read.</param>
    /// <param name="other">Other data than those it was trained on, or null.</param>
    /// <param name="threads">Worker threads.</param>
    /// <param name="json">Whether objects are written.</param>
    /// <param name="plot">The file of the picture, or null for none.</param>
    /// <param name="html">The file of the page, or null for none.</param>
    /// <param name="host">Where to.</param>
    /// <exception cref="UserError">The data does not fit the model, or cannot be read.</exception>
    public static int Run(
        string path, ModelSource source, SeriesModel model, string? other, int threads, bool json, string? plot, string? html,
        CommandHost host)
    {
        if (plot is not null && model.Codec.Kind != SeriesKind.Forecast && model.Codec.Labels.Count == 0)
            throw new UserError($"--plot draws forecasts and classes, and {path} predicts other numbers; leave it out.");
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);
        try
        {
            EvaluatedFolds folds = Folds(path, model, other, host);
            EvaluationPage? page = html is null ? null : new EvaluationPage();
            var output = new SeriesScoreOutput(host, json, plot, model, folds)
            {
                Page = page,
                IsSilent = OutputFile.IsStandardOutput(html),
            };
            if (source.Info.Precision == Precision.Double)
                Run(source.Load<double>(), model, folds, output, threads, host, cancel.Token);
            else Run(source.Load<float>(), model, folds, output, threads, host, cancel.Token);
            if (page is null) return ExitCode.Success;
            OutputFile.Write(html!, host, stream => stream.Write(page.ToBytes()));
            if (!json && !OutputFile.IsStandardOutput(html)) host.Out.WriteLine($"\nwritten: {html}");
            return ExitCode.Success;
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }

    private static void Run<T>(Network<T> network, SeriesModel model, EvaluatedFolds folds, SeriesScoreOutput output, int threads,
        CommandHost host, CancellationToken cancellation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SeriesRows rows = model.Bind(folds.Folds.Data);
        string truth = model.Codec.Kind == SeriesKind.Tag ? $"column '{model.Codec.Targets[0]}'"
            : "classes or numbers of sequences";
        if (!rows.HasTruth) throw new UserError($"{folds.Folds.Data.Name} has no {truth} to compare predictions with.");
        SeriesModel.SayUnknownGroups(rows.UnknownGroups, host);
        using var predictor = new SeriesPredictor<T>(network, rows, threads);
        if (model.Codec.Kind == SeriesKind.Forecast) ForecastEvaluation.Run(predictor, model, folds, output, cancellation);
        else if (model.Codec.Labels.Count > 0) ClassEvaluation.Run(predictor, rows, model, folds, output, cancellation);
        else NumberEvaluation.Run(predictor, rows, model, folds, output, cancellation);
    }

    /// <summary>The folds of training, or other data as one.</summary>
    public static EvaluatedFolds Folds(string path, SeriesModel model, string? other, CommandHost host)
    {
        SeriesSettings settings = model.Settings;
        if (other is not null)
        {
            SequenceData data = SeriesSource.ReadOther(settings, model.Codec, other, host, out IReadOnlyList<string> unread);
            model.SayNewColumns(unread, host);
            return new EvaluatedFolds(SequenceFolds.OfWhole(data, [.. Enumerable.Repeat(Fold.Train, data.Count)]), other,
                [(Fold.Train, "all")], IsOther: true);
        }

        SequenceFolds folds = SeriesSource.Folds(settings, host);
        if (settings.IsRefit) folds = folds.WithoutValidation();
        if (folds.Data.Fingerprint() != model.Codec.Fingerprint)
            host.Error.WriteLine($"unroll: {settings.Data} is not the same now as when {path} was trained on it.");
        return new EvaluatedFolds(folds, settings.Data,
            [.. Enum.GetValues<Fold>().Where(fold => folds.Of(fold).Count > 0).Select(fold => (fold, OptionsText.Name(fold)))],
            IsOther: false);
    }
}

/// <summary>The folds that are evaluated.</summary>
/// <param name="Folds">The data and their folds.</param>
/// <param name="Name">The name of the data.</param>
/// <param name="Parts">Which folds, and what they are called.</param>
/// <param name="IsOther">Whether the data are others than those of training, of which no baseline can be fitted.</param>
internal sealed record EvaluatedFolds(
    SequenceFolds Folds, string Name, IReadOnlyList<(Fold Fold, string Name)> Parts, bool IsOther)
{
    /// <summary>The fold on which baselines are compared: the last one that there is.</summary>
    public (Fold Fold, string Name) Reported => Parts[^1];
}
