using System.Globalization;
using System.Text.Json;
using Unroll.Cli.Paper;
using Unroll.Cli.Paper.Figures;
using Unroll.Cli.Settings;
using Unroll.Scores;
using Unroll.Tasks;

namespace Unroll.Cli.Evaluate;

/// <summary>Scores as tables for a person, or as a JSON object for each.</summary>
internal sealed class SeriesScoreOutput(CommandHost host, bool json, string? plot, SeriesModel model, EvaluatedFolds folds)
{
    /// <summary>Takes all of it too; null for no page.</summary>
    public EvaluationPage? Page { get; init; }

    /// <summary>Whether nothing is to be shown besides, because the page is standard output.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Whether a picture is wanted.</summary>
    public bool HasPlot => plot is not null || Page is not null;

    private bool Shows => !json && !IsSilent;

    /// <summary>What is evaluated, for a person.</summary>
    public void Begin(string what)
    {
        Page?.Begin($"{what}, {folds.Name}");
        if (Shows) host.Say($"{what}, {folds.Name}");
    }

    /// <summary>A table for a person.</summary>
    public void Write(TextTable table)
    {
        Page?.Add(table);
        if (!Shows) return;
        host.Out.WriteLine();
        table.WriteTo(host);
    }

    /// <summary>A sentence for a person.</summary>
    public void Say(string sentence)
    {
        Page?.Say(sentence);
        if (!Shows) return;
        host.Out.WriteLine();
        foreach (string line in Format.Wrap(sentence, host.Width)) host.Out.WriteLine(line);
    }

    /// <summary>An object of a score.</summary>
    /// <param name="fold">The fold.</param>
    /// <param name="forecaster">Who predicted.</param>
    /// <param name="write">Writes the scores.</param>
    public void Json(string fold, string forecaster, Action<Utf8JsonWriter> write)
    {
        if (!json) return;
        JsonLine.Write(host.Out, line =>
        {
            line.WriteString("event", "evaluation");
            line.WriteString("task", model.Settings.Task);
            line.WriteString("data", folds.Name);
            line.WriteString("fold", fold);
            line.WriteString("predictor", forecaster);
            write(line);
        });
    }

    /// <summary>Writes the picture, where one is wanted.</summary>
    /// <param name="panels">Side by side, at least one.</param>
    /// <param name="caption">Below them.</param>
    public void Draw(IReadOnlyList<FigurePanel> panels, string caption)
    {
        Page?.Add(panels, caption);
        if (plot is null) return;
        PlotFile.Write(plot, panels, caption);
        if (Shows) host.Out.WriteLine($"\nwritten: {plot}");
    }

    /// <summary>The scores of numbers.</summary>
    public static void Numbers(Utf8JsonWriter line, ForecastScore score)
    {
        line.WriteNumber("count", score.Count);
        JsonLine.WriteNumber(line, "mae", score.Mae);
        JsonLine.WriteNumber(line, "rmse", score.Rmse);
        JsonLine.WriteNumber(line, "standard_mse", score.StandardMse);
        JsonLine.WriteNumber(line, "standard_mae", score.StandardMae);
        JsonLine.WriteNumber(line, "mase", score.Mase);
        JsonLine.WriteNumber(line, "smape", score.Smape);
        JsonLine.WriteNumber(line, "r_squared", score.RSquared);
        if (score.Coverage is null) return;
        JsonLine.WriteNumber(line, "coverage", score.Coverage);
        JsonLine.WriteNumber(line, "width", score.Width);
    }

    /// <summary>The scores of numbers as cells: MAE, RMSE, both in standard deviations, MASE, sMAPE, R2.</summary>
    public static string[] Cells(ForecastScore score) =>
    [
        Format.Number(score.Mae), Format.Number(score.Rmse), Format.Number(score.StandardMae), Format.Number(score.StandardMse),
        score.Mase is { } mase ? Format.Number(mase) : "-", string.Create(CultureInfo.InvariantCulture, $"{score.Smape:0.0}%"),
        score.RSquared is { } share ? string.Create(CultureInfo.InvariantCulture, $"{share:0.000}") : "-",
    ];

    /// <summary>The headings of <see cref="Cells"/> behind a first one.</summary>
    public static TextTable Table(string first) => new(first, "MAE", "RMSE", "MAE/sd", "MSE/sd2", "MASE", "sMAPE", "R2");
}
