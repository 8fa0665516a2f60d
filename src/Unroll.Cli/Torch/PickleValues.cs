using System.Collections.Immutable;

namespace Unroll.Cli.Torch;

/// <summary>A name that a pickle mentions; it is compared and never looked up.</summary>
internal sealed record PickleName(string Module, string Name)
{
    /// <summary>The name in Python.</summary>
    public string Full => $"{Module}.{Name}";
}

/// <summary>A tuple.</summary>
internal sealed record PickleTuple(object[] Items);

/// <summary>A dictionary in the order in which it was filled.</summary>
internal sealed class PickleDictionary
{
    /// <summary>Keys and values.</summary>
    public List<KeyValuePair<object, object>> Items { get; } = [];

    /// <summary>The items whose key is a text; of a key given twice the last counts.</summary>
    public IEnumerable<KeyValuePair<string, object>> Named()
    {
        var last = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach ((object key, object value) in Items)
        {
            if (key is string name) last[name] = value;
        }

        return last;
    }
}

/// <summary>A value of a kind that no weight needs: a truth value, a fraction, nothing, bytes, a device.</summary>
internal sealed class PickleOther
{
    /// <summary>The only one.</summary>
    public static PickleOther Value { get; } = new();
}

/// <summary>The numbers of one or more tensors: an entry of the zip file.</summary>
/// <param name="Type">The element type as safetensors spells it.</param>
/// <param name="Key">The entry's name under <c>data/</c>.</param>
/// <param name="Count">How many elements it claims.</param>
internal sealed record TorchStorage(string Type, string Key, long Count);

/// <summary>A tensor as a view of a storage, in elements.</summary>
internal sealed record TorchView(TorchStorage Storage, long Offset, ImmutableArray<long> Shape, ImmutableArray<long> Strides);
