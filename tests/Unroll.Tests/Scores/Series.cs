using Unroll.Data;

namespace Unroll.Tests.Scores;

/// <summary>Small data to forecast.</summary>
internal static class Series
{
    /// <summary>One column, cut at numbers of steps; the rest is the test fold.</summary>
    public static SequenceFolds Folds(int train, int validation, params float[] values) => SequenceFolds.BySteps(
        new SequenceBuilder("y").Add(values, new SequenceInfo { Name = "one" }).Build(), train, validation,
        values.Length - train - validation);

    public static float[] Of(int steps, Func<int, double> value) => [.. Enumerable.Range(0, steps).Select(t => (float)value(t))];
}
