using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Unroll.Data;
using Unroll.Studies.Corpora;

namespace Unroll.Studies;

/// <summary>
/// What is measured of a solved trial's best model besides its checks, and of every best model of a task without a rule of
/// success.
/// </summary>
/// <param name="Lengths">Lengths, or <c>x5</c> for five times the longest trained length; <c>x1</c> is the training range
/// itself.</param>
/// <param name="Sequences">Fresh sequences a length.</param>
public sealed record StudyTest(IReadOnlyList<string> Lengths, int Sequences)
{
    /// <summary>The lengths for a trial.</summary>
    internal IEnumerable<LengthRange> For(LengthRange trained) => Lengths.Select(text => At(text, trained)).Distinct();

    /// <summary>One of <see cref="Lengths"/> for a trial.</summary>
    internal static LengthRange At(string text, LengthRange trained) => text switch
    {
        "x1" => trained,
        ['x', .. string factor] =>
            (int)Math.Min(LengthRange.Longest, long.Parse(factor, CultureInfo.InvariantCulture) * trained.Maximum),
        _ => Values.Length("A test length", text),
    };
}

/// <summary>
/// A study as it is declared: grids of options, each the product of its axes, and what holds for all of their trials. It is
/// written as JSON; docs/studies.md has the format.
/// </summary>
internal sealed record StudyDefinition(string Name, IReadOnlyList<IReadOnlyList<StudyAxis>> Grids)
{
    /// <summary>One line about it.</summary>
    public string Description { get; init; } = "";

    /// <summary>A cell ends when its first so many seeds agree on success; null runs every seed.</summary>
    public int? DecideAfter { get; init; }

    /// <summary>Random search instead of the whole grid.</summary>
    public StudySample? Sample { get; init; }

    /// <summary>What is tested of the solved trials.</summary>
    public StudyTest Test { get; init; } = new(["x1"], 10_000);

    /// <summary>What the study has of a program that uses the library; null for nothing.</summary>
    public OwnTasks? Own { get; init; }

    /// <summary>Reads somebody's own sequences; null where they are not read. It is no part of the definition.</summary>
    public Func<SeriesSettings, SequenceFolds>? ReadSeries { get; init; }

    /// <summary>The definition as JSON of one form: equal texts are equal studies.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer,
            new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("name", Name);
            if (Description.Length > 0) json.WriteString("description", Description);
            json.WriteStartArray("grid");
            foreach (IReadOnlyList<StudyAxis> grid in Grids)
            {
                json.WriteStartObject();
                foreach (StudyAxis axis in grid) Write(json, axis);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (DecideAfter is { } decide) json.WriteNumber("decide_after", decide);
            if (Sample is { } sample)
            {
                json.WriteNumber("sample", sample.Count);
                json.WriteNumber("sample_seed", sample.Seed);
            }

            json.WriteStartObject("test");
            json.WriteStartArray("lengths");
            foreach (string length in Test.Lengths) json.WriteStringValue(length);
            json.WriteEndArray();
            json.WriteNumber("sequences", Test.Sequences);
            json.WriteEndObject();
            Own?.Write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>A hash of <see cref="ToJson"/>, which says whether two stores are of the same study.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ToJson())))[..16];

    private static void Write(Utf8JsonWriter json, StudyAxis axis)
    {
        if (axis.Interval is { } interval)
        {
            json.WriteStartObject(axis.Option);
            json.WriteNumber("from", interval.From);
            json.WriteNumber("to", interval.To);
            json.WriteString("scale", interval.Logarithmic ? "log" : "linear");
            json.WriteEndObject();
            return;
        }

        json.WriteStartArray(axis.Option);
        foreach (string value in axis.List) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
