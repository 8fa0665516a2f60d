using System.CommandLine;

namespace Unroll.Cli.Torch;

/// <summary>The options of every command that reads files of PyTorch, about what such a file does not say.</summary>
internal static class TorchOptions
{
    private static readonly DeclaredOption<string?> Head = new("--head")
    { HelpName = "NAME", Description = "PyTorch: the tensor or module of the head. Default: the remaining matrix of width H." };

    private static readonly DeclaredOption<string?> TheActivation = new("--activation")
    {
        HelpName = "tanh|relu|sigmoid|identity",
        Description = "PyTorch: the nonlinearity of nn.RNN, which the file does not say. Default: tanh.",
    };

    private static readonly DeclaredOption<string?> StateDict = new("--state-dict")
    {
        HelpName = "NAME",
        Description = "PyTorch: the state dict in a checkpoint of several. Default: the only one with a recurrent layer.",
    };

    private static readonly DeclaredOption<string?> Ignore = new("--ignore")
    { HelpName = "NAME,...", Description = "PyTorch: tensors or modules that are no part of the network. Default: none." };

    private static readonly DeclaredOption<string?> Map = new("--orthogonal-map")
    {
        HelpName = "matrix_exp|cayley|householder",
        Description = "PyTorch: the map of orthogonal(), which the file does not say. Default: PyTorch's.",
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<DeclaredOption> All { get; } = [Head, TheActivation, StateDict, Ignore, Map];

    /// <summary>Those of a command that has an <c>--activation</c> of its own.</summary>
    public static IReadOnlyList<DeclaredOption> WithoutActivation { get; } = [Head, StateDict, Ignore, Map];

    /// <summary>Those of a command that has an <c>--activation</c> and an <c>--ignore</c> of its own.</summary>
    public static IReadOnlyList<DeclaredOption> WithoutIgnore { get; } = [Head, StateDict, Map];

    /// <summary>What was given.</summary>
    public static TorchRequest Read(ParseResult parsed) => new(
        parsed.GetValue(Head),
        parsed.GetValue(TheActivation) is { } activation
            ? Values.Choice("--activation", activation, Values.Named<Activation>()) : null,
        parsed.GetValue(StateDict),
        parsed.GetValue(Map) is { } map ? Values.Choice("--orthogonal-map", map,
            [("matrix_exp", OrthogonalMap.MatrixExp), ("cayley", OrthogonalMap.Cayley),
                ("householder", OrthogonalMap.Householder)])
            : null,
        (parsed.GetValue(Ignore) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
