using Unroll.Data;

namespace Unroll.Tests.Tasks.Series;

/// <summary>Sequences that can be followed by hand.</summary>
internal static class SomeSeries
{
    /// <summary>Two columns of one sequence: a ramp 0, 1, 2, ... and ten times its square root, with dates a day apart.</summary>
    public static SequenceData Ramp(int steps, string name = "a") => new SequenceBuilder("ramp", "root").AddCopy(
        [.. Enumerable.Range(0, steps).SelectMany(t => (float[])[t, 10 * MathF.Sqrt(t)])],
        new SequenceInfo
        {
            Name = name,
            Times = Enumerable.Range(0, steps).Select(t => new DateTime(2024, 1, 1).AddDays(t)).ToArray(),
        }).Build();

    /// <summary>Sequences of 3 to 9 steps: what rises is "up", what falls is "down"; the number is their slope.</summary>
    public static SequenceData Slopes(int count)
    {
        var builder = new SequenceBuilder("x");
        for (int i = 0; i < count; i++)
        {
            int steps = 3 + (i % 7), sign = i % 2 == 0 ? 1 : -1;
            float slope = sign * (1 + (i % 5));
            builder.AddCopy([.. Enumerable.Range(0, steps).Select(t => slope * t)],
                new SequenceInfo { Label = sign > 0 ? "up" : "down", Number = slope });
        }

        return builder.Build();
    }
}
