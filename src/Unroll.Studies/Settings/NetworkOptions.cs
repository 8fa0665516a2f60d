using System.Globalization;
using Unroll.Training;

namespace Unroll.Studies.Settings;

/// <summary>The options of <c>unroll train</c> about cells and layers, and which of them have no effect on a network.</summary>
internal static class NetworkOptions
{
    /// <summary>The options that a stack takes the place of.</summary>
    private static readonly string[] OfEqualLayers =
        ["--cell", "--layers", "--hidden", "--activation", "--leak", "--train-leak", "--layer-norm"];

    /// <summary>What any network could have as a parameter.</summary>
    private static readonly string[] Parameters =
    [
        .. from layer in Enumerable.Range(0, NetworkShape.MaximumLayers)
           from cell in Enum.GetValues<CellKind>()
           let one = new LayerShape(2)
           {
               Cell = cell, TrainedLeak = cell == CellKind.Leaky, LayerNorm = cell is not (CellKind.Lru or CellKind.Dense),
           }
           from block in new NetworkShape(1, [one], 1).Blocks()
           where block.Layer == 0
           select block.Name.Replace("_l0", string.Create(CultureInfo.InvariantCulture, $"_l{layer}"), StringComparison.Ordinal),
        ParameterBlock.OutputWeights, ParameterBlock.OutputBias, ParameterBlock.InitialState,
    ];

    /// <summary>The name of a parameter that some network has.</summary>
    public static string Parameter(string option, string text) =>
        Parameters.FirstOrDefault(name => name.Equals(text, StringComparison.OrdinalIgnoreCase))
        ?? Values.Choice(
            option, text,
            [.. new NetworkShape(1, 1, 1) { LearnedInitialState = true }.Blocks().Select(block => (block.Name, block.Name))]);

    /// <summary><c>--stack</c>.</summary>
    public static Func<TrainingOptions, TrainingOptions> Stack(string text)
    {
        if (text == "none") return o => o with { Stack = null };
        LayerList layers = OptionsText.TryReadStack(text.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant())
            ?? throw new UserError($"--stack '{text}' is no list of layers; write CELL:N,... such as lstm:100,gru:50, where a "
                + $"cell is one of {string.Join(", ", Values.Named<CellKind>().Select(cell => cell.Name))}, "
                + "and a plain or leaky one may go on with its activation, a leak and the word trained, such as "
                + "leaky:50:tanh:0.3:trained, and a normalized one ends with the word norm, such as lstm:50:norm.");
        if (layers.Count > NetworkShape.MaximumLayers)
            throw new UserError($"--stack has {layers.Count} layers; it must have 1..{NetworkShape.MaximumLayers}.");

        // What it takes the place of says the same, so that equal networks are equal runs.
        LayerShape top = layers[^1];
        return o => o with
        {
            Stack = layers,
            Hidden = top.Hidden,
            Activation = top.Activation,
            Cell = CellKind.Plain,
            Layers = 1,
            Leak = 1,
            TrainedLeak = false,
            LayerNorm = false,
        };
    }

    /// <summary><c>--init-block</c>.</summary>
    public static Func<TrainingOptions, TrainingOptions> InitializeBlocks(
        string text, (string Name, Initialization Value)[] kinds)
    {
        BlockInitialization[] blocks = text == "none" ? [] : [.. text.Split(',').Select(One)];
        return o => o with { InitializationByBlock = blocks };

        BlockInitialization One(string part)
        {
            if (part.Split(':') is not [{ Length: > 0 } name, string kind])
                throw new UserError($"--init-block '{part}' is not an initialization; write NAME:DISTRIBUTION such as "
                    + "weight_hh_l0:orthogonal, or none.");
            name = Parameter("--init-block", name.Trim());
            return new BlockInitialization(name, Values.Choice($"The distribution of --init-block {name}", kind.Trim(), kinds));
        }
    }

    /// <summary>A recipe's chrono initialization gives way where what was given leaves no place for it.</summary>
    /// <param name="o">What was resolved.</param>
    /// <param name="given">Whether an option was given.</param>
    public static TrainingOptions GiveWay(TrainingOptions o, Func<string, bool> given) =>
        o.LongestLag is not null && !given("--chrono") && (given("--forget-bias") || !o.Biases)
            ? o with { LongestLag = null } : o;

    /// <summary>Refuses options that were given and change nothing of the network.</summary>
    /// <param name="o">What was resolved.</param>
    /// <param name="given">Whether an option was given.</param>
    public static void CheckUnused(TrainingOptions o, Func<string, bool> given)
    {
        if (o.Stack is not null && OfEqualLayers.FirstOrDefault(given) is { } replaced)
            throw new UserError($"--stack says each layer's cell, size and options, so {replaced} has no effect; "
                + "leave one of them out.");
        IReadOnlyList<LayerShape> layers = o.Stack ?? (IReadOnlyList<LayerShape>)[new LayerShape(1) { Cell = o.Cell }];
        bool Has(CellKind cell) => layers.Any(layer => layer.Cell == cell);
        foreach (string option in (string[])["--leak", "--train-leak"])
        {
            if (o.Stack is null && given(option) && !Has(CellKind.Leaky))
                throw new UserError($"{option} is an option of leaky units; add --cell leaky, or leave {option} out.");
        }

        if (given("--forget-bias") && !Has(CellKind.Lstm))
            throw new UserError("--forget-bias is an option of LSTM units; add --cell lstm, or leave --forget-bias out.");
        if (given("--forget-bias") && !o.Biases)
            throw new UserError("--forget-bias has no effect with --no-bias; leave one of them out.");
        if (given("--forget-bias") && o.LongestLag is not null)
            throw new UserError("--chrono takes the place of --forget-bias; leave one of them out, or give --chrono none.");
        if (given("--activation") && layers.All(layer => !layer.Definition.HasActivation))
            throw new UserError("--activation is an option of plain, leaky, LRU and dense units; "
                + $"{OptionsText.Name(o.Cell)} units have their own.");
    }
}
