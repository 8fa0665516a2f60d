using System.Reflection;
using Unroll.Cli.Paper.Figures;
using Unroll.Studies;

namespace Unroll.Cli.Paper;

/// <summary>The studies that reproduce the paper, as study files of this folder: NAME.SCALE.json.</summary>
internal static class BuiltInStudies
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names => [.. FigureList.OfStudies.Select(figure => figure.Study!)];

    /// <summary>How large they may be.</summary>
    public static IReadOnlyList<string> Scales { get; } = ["smoke", "laptop", "paper"];

    /// <summary>The scales that a study has.</summary>
    public static IEnumerable<string> ScalesOf(string name) =>
        Scales.Where(scale =>
            typeof(BuiltInStudies).Assembly.GetManifestResourceInfo($"studies/{name}.{scale}.json") is not null);

    /// <summary>What the smallest scale of a study cannot show; null for other scales.</summary>
    /// <param name="study">The name of the study, as its file has it.</param>
    public static string? CannotShow(string study)
    {
        const string Smoke = "-smoke";
        if (!study.EndsWith(Smoke, StringComparison.Ordinal)) return null;
        string name = study[..^Smoke.Length];
        string why = name switch
        {
            "fig7" => "at 10 and 20 steps nothing vanishes yet, so all methods are alike; the claim begins at 50 steps",
            "table1" or "table2" => "a few updates of small networks, one run a cell, are no result, and nothing is compared",
            _ => "its lengths and budgets are too small for a difference, and its runs too few for a statistic",
        };
        return $"This scale shows that {name} runs, and cannot show what the paper claims: {why}. --scale laptop does.";
    }

    /// <summary>A study at a scale; laptop when none is given.</summary>
    /// <exception cref="UserError">There is no such scale.</exception>
    public static StudyDefinition Get(string name, string? scale)
    {
        scale = Values.Choice("--scale", scale ?? "laptop", [.. Scales.Select(one => (one, one))]);
        string file = $"{name}.{scale}.json";
        Assembly assembly = typeof(BuiltInStudies).Assembly;
        using Stream stream = assembly.GetManifestResourceStream($"studies/{file}")
            ?? throw new UserError($"The study {name} has no scale {scale}; it has {string.Join(", ", ScalesOf(name))}.");
        using var reader = new StreamReader(stream);
        return StudyReader.Read(file, reader.ReadToEnd());
    }
}
