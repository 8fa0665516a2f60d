using Unroll.Files;
using Unroll.Scores;

namespace Unroll.Cli.Evaluate;

/// <summary>How right the quantiles of a model are, by fold and by level; nothing for a model of single numbers.</summary>
internal sealed class QuantileEvaluation(QuantileLevels? levels, SeriesScoreOutput output)
{
    private readonly List<(string Name, QuantileReport Report)> _folds = [];

    /// <summary>The scores of a fold to be filled; null where there are no quantiles.</summary>
    public QuantileScores? Begin() => levels is null ? null : new QuantileScores(levels);

    /// <summary>A fold is done.</summary>
    public void End(string fold, QuantileScores? scores)
    {
        if (scores is null || scores.Count == 0) return;
        QuantileReport report = scores.Report();
        _folds.Add((fold, report));
        output.Json(fold, "quantiles", line =>
        {
            line.WriteNumber("count", report.Count);
            line.WriteNumber("pinball", report.Pinball);
            JsonLine.WriteNumber(line, "nominal_coverage", report.Nominal);
            JsonLine.WriteNumber(line, "coverage", report.Coverage);
            JsonLine.WriteNumber(line, "width", report.Width);
            line.WriteStartArray("levels");
            foreach (QuantileScore level in report.ByLevel)
            {
                line.WriteStartObject();
                line.WriteNumber("level", level.Level);
                line.WriteNumber("below", level.Below);
                line.WriteNumber("pinball", level.Pinball);
                line.WriteEndObject();
            }

            line.WriteEndArray();
        });
    }

    /// <summary>The tables.</summary>
    public void Write()
    {
        if (_folds.Count == 0) return;
        QuantileReport last = _folds[^1].Report;
        if (last.Nominal is { } nominal)
        {
            var byFold = new TextTable($"interval of {Format.Percent(nominal)}", "inside", "width", "pinball");
            foreach ((string name, QuantileReport report) in _folds)
                byFold.Add([name, Format.Percent(report.Coverage!.Value), Format.Number(report.Width!.Value),
                    Format.Number(report.Pinball)]);
            output.Write(byFold);
        }

        var byLevel = new TextTable($"quantile on {_folds[^1].Name}", "truths at or below", "pinball");
        foreach (QuantileScore level in last.ByLevel)
            byLevel.Add([Format.Exact(level.Level), Format.Percent(level.Below), Format.Number(level.Pinball)]);
        output.Write(byLevel);
    }
}
