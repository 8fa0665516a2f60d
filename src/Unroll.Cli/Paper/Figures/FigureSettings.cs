using System.Globalization;

namespace Unroll.Cli.Paper.Figures;

/// <summary>The parameters of one figure: those of <c>--set</c>, and for the others its defaults.</summary>
internal sealed class FigureSettings
{
    /// <summary>The name of the nonlinearity's parameter.</summary>
    public const string Sigma = "sigma";

    private static readonly (string Name, Activation Value)[] Sigmas = [("sigmoid", Activation.Sigmoid),
        ("logistic", Activation.Sigmoid), ("tanh", Activation.Tanh)];

    private readonly Dictionary<string, double?> _values = [];

    /// <summary>Reads the settings that this figure takes out of those given; others are for other figures.</summary>
    /// <exception cref="UserError">A value is not a number or outside its range.</exception>
    public FigureSettings(IFigure figure, IReadOnlyList<(string Name, string Value)> given, bool smoke)
    {
        if (figure.HasSigma && given.LastOrDefault(one => one.Name == Sigma) is { Name: not null } sigma)
            Activation = Values.Choice($"--set {Sigma}", sigma.Value, Sigmas);
        IsSmoke = smoke;
        foreach (FigureParameter parameter in figure.Parameters)
        {
            double? value = (Activation == Activation.Tanh ? parameter.WithTanh : null) ?? (smoke ? parameter.AtSmoke : null)
                ?? parameter.Default;
            if (given.LastOrDefault(one => one.Name == parameter.Name) is { Name: not null } one)
                value = Read(figure, parameter, one.Value);
            _values[parameter.Name] = value;
        }
    }

    /// <summary>sigma.</summary>
    public Activation Activation { get; } = Activation.Sigmoid;

    /// <summary>Whether a coarse picture is enough, as a test wants it.</summary>
    public bool IsSmoke { get; }

    /// <summary>Every parameter that has a value.</summary>
    public IEnumerable<(string Name, double Value)> All =>
        _values.Where(one => one.Value is not null).Select(one => (one.Key, one.Value!.Value));

    /// <summary>The value of a parameter that has one.</summary>
    public double this[string name] => _values[name] ?? throw new InvalidOperationException($"{name} has no value.");

    /// <summary>A whole number.</summary>
    public int Whole(string name) => (int)this[name];

    /// <summary>The value, or null when it follows from the others.</summary>
    public double? Given(string name) => _values[name];

    /// <summary>Splits NAME=VALUE, and refuses a name that none of the figures has.</summary>
    public static List<(string Name, string Value)> Split(IReadOnlyList<string> assignments, IReadOnlyList<IFigure> figures)
    {
        string[] names = [.. figures.SelectMany(figure =>
            figure.Parameters.Select(parameter => parameter.Name).Concat(figure.HasSigma ? [Sigma] : [])).Distinct()];
        var pairs = new List<(string, string)>();
        foreach (string text in assignments)
        {
            string[] parts = text.Split('=', 2);
            if (parts.Length != 2 || parts[0].Length == 0 || parts[1].Length == 0)
                throw new UserError($"--set '{text}' is not NAME=VALUE, such as w=5.");
            if (!names.Contains(parts[0]))
                throw new UserError(
                    $"--set: {string.Join(" and ", figures.Select(figure => figure.Id))} {(figures.Count == 1 ? "has" : "have")} "
                        + $"no parameter '{parts[0]}'; did you mean {Nearest.Of(parts[0], names)} (of "
                            + $"{string.Join(", ", names)})?");
            pairs.Add((parts[0], parts[1]));
        }

        return pairs;
    }

    private static double Read(IFigure figure, FigureParameter parameter, string text)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        bool isNumber = double.TryParse(text, NumberStyles.Float, culture, out double value) && double.IsFinite(value);
        if (!isNumber || value < parameter.Minimum || value > parameter.Maximum
            || (parameter.IsWhole && value != Math.Floor(value)))
        {
            string kind = parameter.IsWhole ? "a whole number" : "a number";
            throw new UserError(string.Create(culture,
                $"--set {parameter.Name}={text} of {figure.Id} must be {kind} in {parameter.Minimum:R}..{parameter.Maximum:R} "
                    + $"({parameter.Summary})."));
        }

        return value;
    }
}
