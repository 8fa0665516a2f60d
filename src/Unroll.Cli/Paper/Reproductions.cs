namespace Unroll.Cli.Paper;

/// <summary>What <c>unroll reproduce</c> can make from studies. A new figure is a class and a line here.</summary>
internal static class Reproductions
{
    /// <summary>
    /// The mean gradient norm over the first 30,000 updates of an unclipped run of the clipping ablation (docs/results has the
    /// command).
    /// </summary>
    private const double MeanNorm = 2;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<IReproduction> All { get; } =
    [
        new Figure7(),
        new PathologicalTable(),
        NaturalTable.Music,
        NaturalTable.Characters,
        new Ablation("ablation-omega-form", "Section 3.3, (9) and (10)", "Omega as in the authors' code or as in the paper",
            "omega", "weight of Omega", "omega-form"),
        new Ablation("ablation-alpha", "Section 3.3", "the weight of Omega", "omega", "weight of Omega", "length"),
        new Ablation("ablation-cost", "Section 1.1", "sum or mean over the steps", "lr", "learning rate", "cost"),
        new Ablation("ablation-clip", "Section 3.2", "the threshold, by the mean norm", "clip", "threshold / mean norm",
            "length", MeanNorm),
        new Ablation("ablation-clip-mode", "Section 3.2", "clipping the norm or each element", "clip", "threshold", "clip-mode"),
    ];

    /// <summary>The names of all ablations together.</summary>
    public const string Ablations = "ablations";

    /// <summary>The reproductions that a name stands for.</summary>
    public static IReadOnlyList<IReproduction> Get(string name) => name == Ablations
        ? [.. All.OfType<Ablation>()]
        : All.FirstOrDefault(one => one.Id == name) is { } found ? [found]
        : throw new UserError(
            $"There is nothing to reproduce called '{name}'; did you mean {Nearest.Of(name, Names)} (of "
                + $"{string.Join(", ", Names)})?");

    /// <summary>Every name that can be given.</summary>
    public static IEnumerable<string> Names => [.. All.Select(one => one.Id), Ablations];
}
