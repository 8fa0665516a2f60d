using Unroll.Cli.Sequences;
using Unroll.Data;
using Unroll.Scores;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Data;

/// <summary>The command that trains a network on sequences as they are.</summary>
internal static class SuggestedCommand
{
    private const int LeastRows = 12, LongestHorizon = 24, Months = 12, LeastYears = 5, MostShort = 2_000;
    private const string OfShortSeries =
        "--loss absolute --hidden 32 --input-noise 0.3 --output-dropout 0.5 --origins 3";

    /// <summary>The command; null where there is nothing to learn, or too little of it.</summary>
    /// <param name="path">The data.</param>
    /// <param name="facts">What is in it.</param>
    /// <param name="request">How it was read.</param>
    public static string? Of(string path, SequenceFacts facts, SequenceRequest request)
    {
        SequenceData data = facts.Data;
        var options = new List<string>();
        string verb;
        if (data.HasClasses)
        {
            if (facts.Classes.Count(count => count >= 3) < 2) return null;
            verb = "classify";
        }
        else if (data.HasNumbers)
        {
            if (data.Count < LeastRows) return null;
            verb = "regress";
        }
        else if (data.Targets.Count == 1 && data.Columns[data.Targets[0]].Kind == ColumnKind.Category)
        {
            verb = "tag";
        }
        else
        {
            string[] numbers = [.. facts.Columns.Where(column => column.Column.Kind == ColumnKind.Number && column.IsTarget)
                .Select(column => column.Column.Name)];
            if (numbers.Length == 0 && facts.Columns.LastOrDefault(column => column.Column.Kind == ColumnKind.Number
                && !column.IsConstant && column.Missing < column.Moments.Count) is { } last) numbers = [last.Column.Name];
            int shortest = facts.Folds is null ? 0 : ((Fold[])[Fold.Validation, Fold.Test]).Min(fold =>
                facts.Folds.Of(fold).Select(part => part.Steps).DefaultIfEmpty(0).Max());
            if (numbers.Length == 0 || facts.Longest < LeastRows || shortest < 1) return null;
            verb = "forecast";
            if (data.Targets.Count == 0) options.Add($"--target {Quoted(NameList.Of(numbers[0]))}");
            bool isMonthly = IsMonthly(facts, numbers, out bool isPositive);
            options.Add($"--horizon {(isMonthly ? Months : Math.Clamp(shortest / 2, 1, LongestHorizon))}");
            bool isShort = facts.Folds is { } folds && SeriesRecipes.OriginsOfShort(SeriesKind.Forecast, folds, Months) > 0;
            if (isMonthly && !isShort)
                options.Add($"--difference {Months}{(isPositive ? " --transform log" : "")} {OfShortSeries}");
        }

        // What only that reader of tables knows is as it was given.
        foreach ((string name, string text) in request.Texts)
            options.Add(text == "true" ? $"--{name}" : $"--{name} {Quoted(text)}");
        string[] useless = [.. facts.Columns.Where(column => column.IsConstant || column.Missing > 0 && column.Moments.Count == 0
            && column.Column.Kind == ColumnKind.Number).Select(column => column.Column.Name)];
        if (useless.Length > 0 && !request.Texts.Any(one => one.Name == "ignore"))
            options.Add($"--ignore {Quoted(string.Join(',', useless.Select(NameList.Of)))}");
        if (facts.Columns.Any(column => column.Missing > 0 && !useless.Contains(column.Column.Name)))
            options.Add("--missing forward");
        return $"unroll train {verb} --data {Quoted(path)} {string.Join(' ', options)}".TrimEnd();
    }

    /// <summary>Whether it is a short series of months with a yearly course, which a network forecasts better by how much it
    /// differs from the year before (docs/own-data.md).</summary>
    private static bool IsMonthly(SequenceFacts facts, string[] targets, out bool isPositive)
    {
        isPositive = false;
        if (facts.Folds is not { } folds || facts.Longest > MostShort || TimeFacts.Of(facts.Data.Sequences).StepText != "1 month")
            return false;
        int[] places = [.. targets.Select(facts.Data.ColumnOf)];
        isPositive = facts.Columns.Where(column => targets.Contains(column.Column.Name))
            .All(column => column.Moments.Minimum > 0);
        return folds.Of(Fold.Train).Max(part => part.Steps) >= LeastYears * Months && Season.Find(folds, places) == Months;
    }

    /// <summary>A word of a command line.</summary>
    private static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsLetterOrDigit(c) || c is '.' or '/' or '_' or '-' or ',' or ':' or '\\')
            ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
