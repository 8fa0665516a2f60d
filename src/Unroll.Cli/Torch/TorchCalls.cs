using System.Collections.Immutable;
using System.Numerics;
using Unroll.Files;

namespace Unroll.Cli.Torch;

/// <summary>
/// The few names of Python that a file of weights needs, and what each means here: an ordered dictionary, a tensor as a view of a
/// storage, a parameter, and values that hold no weight. Every other name is refused.
/// </summary>
/// <param name="file">The file, for messages.</param>
/// <param name="length">The pickle's bytes, of which no more pairs than these can come.</param>
internal sealed class TorchCalls(string file, int length)
{
    private const string Storages = "Storage";

    private long _pairs;

    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["Double"] = "F64",
        ["Float"] = "F32",
        ["Half"] = "F16",
        ["BFloat16"] = "BF16",
        ["Long"] = "I64",
        ["Int"] = "I32",
        ["Short"] = "I16",
        ["Char"] = "I8",
        ["Byte"] = "U8",
        ["Bool"] = "BOOL",
        ["ComplexFloat"] = "C64",
        ["ComplexDouble"] = "C128",
        ["Untyped"] = "U8",
    };

    private static readonly HashSet<string> Called = new(StringComparer.Ordinal)
    {
        "collections.OrderedDict",
        "torch._utils._rebuild_tensor",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_parameter",
        "torch.Size",
        "torch.device",
        "_codecs.encode",
    };

    /// <summary>A name, if it is one of those.</summary>
    /// <exception cref="InvalidFileException">It is another, which only Python code could make.</exception>
    public PickleName Name(string module, string name, bool inDictionary)
    {
        var found = new PickleName(module, name);
        if (Called.Contains(found.Full) || StorageType(found) is not null) return found;
        string shown = SafeTensorsHeader.Quote(found.Full)[1..^1];
        throw new InvalidFileException(file, inDictionary
            ? $"holds {shown} beside its tensors, which is not read, as nothing in a file is executed; save its state dict alone "
                + $"in Python: {TorchRemedy.FromCheckpoint(file)}"
            : $"holds a whole Python object ({shown}), and nothing in a file is executed here; save its state dict in Python: "
                + $"{TorchRemedy.FromModule(file)}");
    }

    /// <summary>What a persistent id stands for.</summary>
    public TorchStorage Storage(object id)
    {
        if (id is not PickleTuple { Items: ["storage", PickleName type, string key, _, long count, ..] }
            || StorageType(type) is not { } known || count < 0)
            throw Wrong("has a storage in a form that is not known");
        return new TorchStorage(known, key, count);
    }

    /// <summary>What a call yields.</summary>
    public object Call(PickleName name, object[] arguments) => name.Full switch
    {
        "collections.OrderedDict" => Ordered(arguments),
        "torch._utils._rebuild_tensor" or "torch._utils._rebuild_tensor_v2" => View(arguments),
        "torch._utils._rebuild_parameter" =>
            arguments is [TorchView view, ..] ? view : throw Wrong("has a parameter that is no tensor"),
        "torch.Size" => arguments is [PickleTuple sizes] ? sizes : throw Wrong("has a size in a form that is not known"),
        "torch.device" or "_codecs.encode" => PickleOther.Value,
        _ => throw Wrong($"calls {name.Full}, which is a type of storage"),
    };

    private static string? StorageType(PickleName name) =>
        name.Module is "torch" or "torch.cuda" or "torch.storage" && name.Name.EndsWith(Storages, StringComparison.Ordinal)
        ? Types.GetValueOrDefault(name.Name[..^Storages.Length]) : null;

    private PickleDictionary Ordered(object[] arguments)
    {
        var dictionary = new PickleDictionary();
        if (arguments.Length == 0) return dictionary;
        if (arguments is not [List<object> pairs]) throw Wrong("has a dictionary in a form that is not known");
        _pairs += pairs.Count; // one list may be named again and again
        if (_pairs > length) throw Wrong("has dictionaries of more items than it has bytes");
        foreach (object pair in pairs)
        {
            (object key, object value) = pair switch
            {
                PickleTuple { Items: [var first, var second] } => (first, second),
                List<object> { Count: 2 } both => (both[0], both[1]),
                _ => throw Wrong("has a dictionary in a form that is not known"),
            };
            dictionary.Items.Add(new(key, value));
        }

        return dictionary;
    }

    /// <summary>A view, whose last element must lie in what its storage claims.</summary>
    private TorchView View(object[] arguments)
    {
        if (arguments is not [TorchStorage storage, long offset, PickleTuple shape, PickleTuple strides, ..])
            throw Wrong("has a tensor in a form that is not known");
        if (shape.Items.Length > SafeTensors.MaximumRank || shape.Items.Length != strides.Items.Length)
            throw Wrong("has a tensor whose sizes and strides do not go together");
        ImmutableArray<long> sizes = Numbers(shape), steps = Numbers(strides);
        if (offset < 0) throw Wrong("has a tensor that begins before its storage");
        BigInteger last = offset;
        for (int i = 0; i < sizes.Length; i++) last += (BigInteger)(sizes[i] - 1) * steps[i];
        if (!sizes.Contains(0) && last >= storage.Count)
            throw Wrong(
                $"has a tensor of shape {SafeTensor.Describe(sizes.AsSpan())} that goes past its storage of {storage.Count} "
                    + "elements");
        return new TorchView(storage, offset, sizes, steps);
    }

    private ImmutableArray<long> Numbers(PickleTuple tuple)
    {
        var numbers = ImmutableArray.CreateBuilder<long>(tuple.Items.Length);
        foreach (object item in tuple.Items)
            numbers.Add(item is long number and >= 0 ? number
                : throw Wrong("has a tensor with a size or stride that is no whole number from 0 on"));
        return numbers.DrainToImmutable();
    }

    private InvalidFileException Wrong(string problem) => new(file, $"is no file of weights: it {problem}");
}
