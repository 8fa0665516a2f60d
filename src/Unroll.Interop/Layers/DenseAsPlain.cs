using System.Numerics;
using Unroll.Files;

namespace Unroll.Interop;

/// <summary>
/// A dense layer as other programs have one between recurrent layers: a plain layer whose recurrent weights are 0, which computes
/// the same.
/// </summary>
internal static class DenseAsPlain
{
    /// <summary>The shape without dense layers.</summary>
    public static NetworkShape Of(NetworkShape shape) => !shape.Layers.Any(IsDense) ? shape
        : shape with
        {
            Layers = [.. shape.Layers.Select(layer => IsDense(layer) ? layer with { Cell = CellKind.Plain } : layer)],
        };

    /// <summary>What is known about a model, of that shape.</summary>
    public static ModelInfo Of(ModelInfo info) => info with { Shape = Of(info.Shape) };

    /// <summary>The network without dense layers; itself where it has none.</summary>
    public static Network<T> Of<T>(Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NetworkShape shape = Of(network.Shape);
        if (shape == network.Shape) return network;
        var plain = new Network<T>(shape);
        foreach (ParameterBlock block in network.Blocks) network.Parameter(block.Name).CopyTo(plain.Parameter(block.Name));
        return plain;
    }

    private static bool IsDense(LayerShape layer) => layer.Own is null && layer.Cell == CellKind.Dense;
}
