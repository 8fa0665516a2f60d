using Unroll.Cells;
using Unroll.Training;

namespace Unroll.Cli.Settings;

/// <summary>A network's layers and where they start, in words.</summary>
internal static class NetworkWords
{
    /// <summary>
    /// The layers: <c>50 tanh units</c>, <c>2 layers of 128 LSTM units</c>, or one after the other from the input up.
    /// </summary>
    public static string Units(NetworkShape shape)
    {
        LayerList layers = shape.Layers;
        if (layers.All(layer => layer == layers[0]))
            return layers.Count == 1 ? Units(layers[0]) : $"{layers.Count} layers of {Units(layers[0])}";
        return $"{layers.Count} layers, from the input up {string.Join(", ", layers.Select(Units))}";
    }

    /// <summary>What is special about the start: memories and blocks of their own; empty for none.</summary>
    public static string Start(TrainingOptions o, NetworkShape shape)
    {
        string memory = o.LongestLag is { } lag ? $", memories of 2 to {lag} steps"
            : OptionsRules.HasForgetGate(shape) ? $", forget bias {Format.Exact(o.ForgetBias)}" : "";
        return memory + string.Concat(o.InitializationByBlock.Select(block => $", {block.Block}:{OptionsText.Name(block.Kind)}"));
    }

    /// <summary>What is dropped while training; empty for nothing.</summary>
    public static string Dropout(TrainingOptions o)
    {
        (string Where, double Rate)[] places =
            [("of the inputs", o.InputDropout), ("between layers", o.Dropout), ("before the outputs", o.OutputDropout)];
        string[] words = [.. from place in places where place.Rate > 0 select $"{Format.Exact(place.Rate)} {place.Where}"];
        return words.Length == 0 ? "" : $", dropout {string.Join(", ", words)}";
    }

    /// <summary>A layer, such as <c>50 leaky tanh units (leak 0.1)</c>.</summary>
    public static string Units(LayerShape layer) => Plain(layer) + (layer.LayerNorm ? ", normalized" : "");

    private static string Plain(LayerShape layer)
    {
        ICell cell = layer.Definition;
        if (!cell.HasActivation) return $"{layer.Hidden} {OptionsText.Name(layer.Cell).ToUpperInvariant()} units";
        string activation = OptionsText.Name(layer.Activation);
        if (layer.Cell == CellKind.Lru) return $"{layer.Hidden} LRU {activation} units";
        if (layer.Cell == CellKind.Dense) return $"{layer.Hidden} dense {activation} units";
        return cell.IsOnPreActivations ? $"{layer.Hidden} {activation} units"
            : $"{layer.Hidden} {OptionsText.Name(layer.Cell)} {activation} units "
                + $"(leak {(layer.TrainedLeak ? "trained from " : "")}{Format.Exact(layer.Leak)})";
    }

    /// <summary>What is carried from step to step, in the letters of the paper and of the cells.</summary>
    public static string State(NetworkShape shape) => "s the carried state "
        + (shape.Layers.Any(layer => layer.Cell == CellKind.Lru) ? "(h, and z of LRU layers)"
            : shape.Layers.Any(layer => layer.Definition.Layout.Parts > 1) ? "(h, c)" : "h")
        + (shape.Layers.Count > 1 ? " of all layers" : "");
}
