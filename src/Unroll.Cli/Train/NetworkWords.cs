using Unroll.Training;

namespace Unroll.Cli.Train;

/// <summary>A network's layers and where they start, in words for a header.</summary>
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

    private static string Units(LayerShape layer) => layer.Cell switch
    {
        CellKind.Plain => $"{layer.Hidden} {OptionsText.Name(layer.Activation)} units",
        CellKind.Leaky => $"{layer.Hidden} leaky {OptionsText.Name(layer.Activation)} units "
            + $"(leak {(layer.TrainedLeak ? "trained from " : "")}{Format.Exact(layer.Leak)})",
        _ => $"{layer.Hidden} {OptionsText.Name(layer.Cell).ToUpperInvariant()} units",
    };
}
