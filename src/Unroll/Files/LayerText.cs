using System.Globalization;
using Unroll.Cells;

namespace Unroll.Files;

/// <summary>
/// Layers as text, for files: from the input up, each with its cell, its units and the options that the cell has, such as
/// <c>plain 100 tanh, leaky 50 sigmoid 0.3 trained, lstm 50</c>; a normalized layer ends with the word <c>norm</c>.
/// </summary>
internal static class LayerText
{
    private const string Normalized = "norm";

    public static string Of(LayerList layers) => string.Join(", ", layers.Select(Of));

    /// <summary>The layers, or null when the text does not have this form.</summary>
    public static LayerList? TryRead(string text)
    {
        var layers = new List<LayerShape>();
        foreach (string one in text.Split(", "))
        {
            if (TryReadOne(one.Split(' ')) is not { } layer) return null;
            layers.Add(layer);
        }

        return [.. layers];
    }

    private static string Of(LayerShape layer)
    {
        string text = $"{ValueNames.Of(layer.Cell)} {layer.Hidden.ToString(CultureInfo.InvariantCulture)}";
        if (layer.Definition.HasActivation) text += $" {ValueNames.Of(layer.Activation)}";
        if (layer.Leak != 1 || layer.TrainedLeak) text += $" {ExactNumber.ToText(layer.Leak)}";
        if (layer.TrainedLeak) text += " trained";
        return layer.LayerNorm ? $"{text} {Normalized}" : text;
    }

    private static LayerShape? TryReadOne(string[] words)
    {
        bool normalized = words[^1] == Normalized;
        if (normalized) words = words[..^1];
        if (words.Length is < 2 or > 5 || ValueNames.Find<CellKind>(words[0]) is not { } cell) return null;
        if (!int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int hidden)) return null;
        var layer = new LayerShape(hidden) { Cell = cell, LayerNorm = normalized };
        if (words.Length > 2)
        {
            if (ValueNames.Find<Activation>(words[2]) is not { } activation) return null;
            layer = layer with { Activation = activation };
        }

        if (words.Length > 3)
        {
            if (!ExactNumber.TryParse(words[3], out double leak)) return null;
            layer = layer with { Leak = leak };
        }

        if (words.Length == 5 && words[4] != "trained") return null;
        return layer with { TrainedLeak = words.Length == 5 };
    }
}
