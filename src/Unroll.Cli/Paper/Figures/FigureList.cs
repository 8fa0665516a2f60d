namespace Unroll.Cli.Paper.Figures;

/// <summary>What <c>unroll reproduce</c> can make. A new figure is a class and a line here.</summary>
internal static class FigureList
{
    /// <summary>The names of all ablations together.</summary>
    public const string Ablations = "ablations";

    /// <summary>
    /// The mean gradient norm over the first 30,000 updates of an unclipped run of the clipping ablation (docs/results has the
    /// command).
    /// </summary>
    private const double MeanNorm = 2;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<IFigure> All { get; } =
    [
        new Figure3(),
        new Figure4(),
        new Figure5(),
        new Figure6(),
        new GeometryFigure(),
        new WallsFigure(),
        new ClippedFigure(),
        new BifurcationsFigure(),
        new HoldsFigure(),
        new EchoStateFigure(),
        new TeacherForcingFigure(),
        new Figure7(),
        PathologicalTable.All,
        PathologicalTable.Beyond,
        new ComparisonTable(),
        NaturalTable.Music,
        NaturalTable.Characters,
        new Ablation("ablation-omega-form", "Section 3.3, (9) and (10)",
            "Omega as in the authors' code or as in the paper", "omega",
            "weight of Omega", "omega-form"),
        new Ablation("ablation-alpha", "Section 3.3", "the weight of Omega", "omega", "weight of Omega", "length"),
        new Ablation("ablation-cost", "Section 1.1", "sum or mean over the steps", "lr", "learning rate", "cost"),
        new Ablation("ablation-clip", "Section 3.2", "the threshold, by the mean norm", "clip", "threshold / mean norm", "length",
            MeanNorm),
        new Ablation("ablation-clip-mode", "Section 3.2", "clipping the norm or each element", "clip", "threshold", "clip-mode"),
    ];

    /// <summary>Those that are computed at once.</summary>
    public static IReadOnlyList<IFigure> Computed { get; } = [.. All.Where(figure => figure.Study is null)];

    /// <summary>Those that are made from a study.</summary>
    public static IReadOnlyList<IFigure> OfStudies { get; } = [.. All.Where(figure => figure.Study is not null)];

    /// <summary>The names of those that a study is run for.</summary>
    public static IReadOnlyList<string> StudyNames { get; } = [.. OfStudies.Select(figure => figure.Id), Ablations];

    /// <summary>Every name that can be given.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Computed.Select(figure => figure.Id), .. StudyNames];

    /// <summary>The figures that a name stands for.</summary>
    /// <exception cref="UserError">There is none; the sentence names the nearest.</exception>
    public static IReadOnlyList<IFigure> Get(string name)
    {
        if (name == Ablations) return [.. All.OfType<Ablation>()];
        return All.FirstOrDefault(figure => figure.Id == name) is { } found ? [found] : throw new UserError(
            $"There is nothing to reproduce called '{name}'; did you mean {Nearest.Of(name, Names)} (of "
                + $"{string.Join(", ", Names)})?");
    }
}
