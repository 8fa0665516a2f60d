using System.Collections;
using System.Runtime.CompilerServices;

namespace Unroll;

/// <summary>The layers of a network from the input to the head; two lists of equal layers are equal.</summary>
[CollectionBuilder(typeof(LayerList), nameof(Create))]
public sealed class LayerList : IReadOnlyList<LayerShape>, IEquatable<LayerList>
{
    private readonly LayerShape[] _layers;

    private LayerList(LayerShape[] layers) => _layers = layers;

    /// <summary>The number of layers.</summary>
    public int Count => _layers.Length;

    /// <summary>The layer at this index, 0 next to the input.</summary>
    public LayerShape this[int index] => _layers[index];

    /// <summary>The list of these layers.</summary>
    public static LayerList Create(ReadOnlySpan<LayerShape> layers) => new(layers.ToArray());

    /// <summary>This many equal layers.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public static LayerList Repeat(LayerShape layer, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var layers = new LayerShape[count];
        Array.Fill(layers, layer);
        return new LayerList(layers);
    }

    /// <inheritdoc/>
    public IEnumerator<LayerShape> GetEnumerator() => ((IEnumerable<LayerShape>)_layers).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(LayerList? other) => other is not null && _layers.AsSpan().SequenceEqual(other._layers);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LayerList);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (LayerShape layer in _layers) hash.Add(layer);
        return hash.ToHashCode();
    }

    /// <summary>The layers as text, such as <c>lstm 50, lstm 50</c>.</summary>
    public override string ToString() => string.Join(", ", (IEnumerable<LayerShape>)_layers);

    internal LayerList Select(Func<LayerShape, LayerShape> change) => new([.. _layers.AsEnumerable().Select(change)]);
}
