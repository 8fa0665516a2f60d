using System.Text.Json;
using Unroll.Studies.Statistics;

namespace Unroll.Studies;

/// <summary>Comparisons of two values of an option as JSON: an event <c>comparison</c>. docs/studies.md has the keys.</summary>
internal static class ComparisonJson
{
    /// <summary>By success.</summary>
    public static void Write(Utf8JsonWriter json, string option, ValueComparison compared)
    {
        Begin(json, option, compared.First, compared.Second);
        json.WriteBoolean("paired", compared.Paired);
        json.WriteNumber("first_solved", compared.FirstRate.Successes);
        json.WriteNumber("first_runs", compared.FirstRate.Runs);
        json.WriteNumber("second_solved", compared.SecondRate.Successes);
        json.WriteNumber("second_runs", compared.SecondRate.Runs);
        Difference(json, compared.FirstRate.Share - compared.SecondRate.Share, compared.Interval, compared.PValue);
        JsonLine.WriteNumber(json, "update_ratio", compared.Ratio);
        JsonLine.WriteNumber(json, "update_ratio_low", compared.RatioInterval?.Low);
        JsonLine.WriteNumber(json, "update_ratio_high", compared.RatioInterval?.High);
        json.WriteNumber("update_ratio_pairs", compared.RatioPairs);
        if (compared.ByCluster is not { } clustered) return;
        json.WriteNumber("clusters", clustered.Clusters);
        JsonLine.WriteNumber(json, "cluster_low", clustered.Interval?.Low);
        JsonLine.WriteNumber(json, "cluster_high", clustered.Interval?.High);
        json.WriteNumber("cluster_p", clustered.PValue);
    }

    /// <summary>By the costs of the folds.</summary>
    public static void Write(Utf8JsonWriter json, string option, CostComparison compared)
    {
        Begin(json, option, compared.First, compared.Second);
        json.WriteString("data", compared.Label);
        Fold("validation", compared.Validation?.Pairs, compared.Validation?.Difference, compared.Validation?.Interval,
            compared.Validation?.PValue, "pairs");
        Fold("test", compared.Test?.Pairs, compared.Test?.Difference, compared.Test?.Interval, compared.Test?.PValue, "pairs");
        Fold("test_by_piece", compared.TestPieces?.Pieces, compared.TestPieces?.Difference, compared.TestPieces?.Interval,
            compared.TestPieces?.PValue, "pieces");

        void Fold(string name, int? count, double? difference, Interval? interval, double? p, string unit)
        {
            if (count is null)
            {
                json.WriteNull(name);
                return;
            }

            json.WriteStartObject(name);
            json.WriteNumber(unit, count.Value);
            Difference(json, difference, interval, p);
            json.WriteEndObject();
        }
    }

    private static void Begin(Utf8JsonWriter json, string option, string first, string second)
    {
        json.WriteString("event", "comparison");
        json.WriteString("option", option);
        json.WriteString("first", first);
        json.WriteString("second", second);
    }

    private static void Difference(Utf8JsonWriter json, double? difference, Interval? interval, double? p)
    {
        JsonLine.WriteNumber(json, "difference", difference);
        JsonLine.WriteNumber(json, "low", interval?.Low);
        JsonLine.WriteNumber(json, "high", interval?.High);
        JsonLine.WriteNumber(json, "p", p);
    }
}
