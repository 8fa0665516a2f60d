using System.Reflection;
using Unroll.Cli.Paper.Figures;
using Unroll.Studies;

namespace Unroll.Cli.Paper;

/// <summary>The studies that reproduce the paper, as study files of this folder: NAME.SCALE.json.</summary>
internal static class BuiltInStudies
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. FigureList.OfStudies.Select(figure => figure.Study!)];

    /// <summary>How large they may be.</summary>
    public static IReadOnlyList<string> Scales { get; } = ["smoke", "laptop", "paper"];

    /// <summary>The scales that a study has.</summary>
    public static IEnumerable<string> ScalesOf(string name) =>
        Scales.Where(scale =>
            typeof(BuiltInStudies).Assembly.GetManifestResourceInfo($"studies/{name}.{scale}.json") is not null);

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
