namespace Unroll.Interop;

/// <summary>
/// What the axes of a value are, as letters: T the steps, B the sequences, H the units, D the directions of a layer or layers
/// that were joined, 1 an axis of one number. Operators that only move numbers are followed; null where they are not.
/// </summary>
internal static class OnnxAxes
{
    /// <summary>Those of an output of a recurrent operator: the states of all steps, or the last ones.</summary>
    public static string Of(OnnxNode layer, int output) => (output > 0, layer.Whole("layout", 0) != 0) switch
    {
        (false, false) => "TDBH",
        (false, true) => "BTDH",
        (true, false) => "DBH",
        _ => "BDH",
    };

    /// <summary>Those of what a recurrent operator reads, with its units in the place of the inputs.</summary>
    public static string Read(OnnxNode layer) => layer.Whole("layout", 0) != 0 ? "BTH" : "TBH";

    /// <summary>Those behind an operator.</summary>
    /// <param name="axes">Those of its first input, or of the one that is followed.</param>
    /// <param name="node">The operator.</param>
    /// <param name="constants">The constants of the graph.</param>
    /// <param name="computed">How many sizes there are in a value that is computed; null where that is not known.</param>
    public static string? Behind(
        string? axes, OnnxNode node, IReadOnlyDictionary<string, OnnxTensor> constants, Func<string, int?> computed) =>
        axes is null ? null : node.Type switch
        {
            "Transpose" => Turned(axes, node.Wholes("perm")),
            "Squeeze" => Without(axes, node.Wholes("axes") ?? constants.GetValueOrDefault(node.Input(1))?.Whole),
            "Unsqueeze" => With(axes, node.Wholes("axes") ?? constants.GetValueOrDefault(node.Input(1))?.Whole),
            "Reshape" => Reshaped(axes, constants.GetValueOrDefault(node.Input(1))?.Whole, computed(node.Input(1))),
            "Flatten" => axes == "BH" && node.Whole("axis", 1) == 1 ? axes : null,
            "Gather" when At(axes, node.Whole("axis", 0)) is { } at => axes.Remove(at, 1).Insert(at,
                constants.GetValueOrDefault(node.Input(1))?.Sizes.Length == 0 ? "" : "1"),
            _ => axes,
        };

    /// <summary>The letter of an axis that an operator has as an attribute or an input; null where it is not known.</summary>
    public static char? Chosen(string? axes, long? axis) =>
        axes is not null && axis is { } given && At(axes, given) is { } at ? axes[at] : null;

    private static int? At(string axes, long axis)
    {
        long at = axis < 0 ? axis + axes.Length : axis;
        return at >= 0 && at < axes.Length ? (int)at : null;
    }

    private static string? Turned(string axes, long[]? order)
    {
        long[] all = [.. Enumerable.Range(0, axes.Length)];
        order ??= [.. all.Reverse()];
        return order.Order().SequenceEqual(all)
            ? string.Concat(order.Select(axis => axes[(int)axis])) : null;
    }

    private static string? Without(string axes, long[]? some)
    {
        if (some is null) return string.Concat(axes.Where(axis => axis is not ('D' or '1')));
        int?[] places = [.. some.Select(axis => At(axes, axis))];
        return places.Contains(null) ? null : string.Concat(axes.Where((_, i) => !places.Contains(i)));
    }

    private static string? With(string axes, long[]? some)
    {
        if (some is null) return null;
        int rank = axes.Length + some.Length;
        foreach (long axis in some.Select(axis => axis < 0 ? axis + rank : axis).Order())
        {
            if (axis < 0 || axis > axes.Length) return null;
            axes = axes.Insert((int)axis, "1");
        }

        return axes;
    }

    /// <summary>Axes of one number go; of the others each must stay what it was, which a size of 0 says, and one may be open.
    /// Sizes that are computed are taken to be those of the axes where there are as many.</summary>
    private static string? Reshaped(string axes, long[]? sizes, int? computed)
    {
        string kept = string.Concat(axes.Where(axis => axis is not ('D' or '1')));
        if (sizes is null) return computed == kept.Length ? kept : null;
        if (sizes.Length != kept.Length) return null;
        int open = 0;
        for (int i = 0; i < sizes.Length; i++)
        {
            bool same = (sizes[i] == 0 && axes[i] == kept[i]) || (sizes[i] > 0 && kept[i] == 'H' && i == sizes.Length - 1);
            open += same ? 0 : 1;
        }

        return open <= 1 ? kept : null;
    }
}
