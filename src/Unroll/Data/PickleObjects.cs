using System.Text;

namespace Unroll.Data;

/// <summary>
/// The meaning of the few names that a pickle of numbers may have, as data: nothing is looked up and nothing is called. Each name
/// is a case of a switch that copies bytes.
/// </summary>
/// <param name="most">The most bytes and items that may be copied. A larger number means one object used again and again.</param>
internal sealed class PickleObjects(long most)
{
    private long _left = most;

    /// <summary>The names that are read; null for every other, which is refused.</summary>
    public static PickleName? Named(string module, string name) => (module, name) switch
    {
        ("numpy", "dtype") => PickleName.Dtype,
        ("numpy", "ndarray") => PickleName.Array,
        ("numpy.core.multiarray" or "numpy._core.multiarray", "_reconstruct") => PickleName.Reconstruct,
        ("numpy.core.multiarray" or "numpy._core.multiarray", "scalar") => PickleName.Scalar,
        ("numpy.core.numeric" or "numpy._core.numeric", "_frombuffer") => PickleName.FromBuffer,
        ("_codecs", "encode") => PickleName.Encode,
        ("builtins" or "__builtin__", "bytes" or "bytearray") => PickleName.Bytes,
        ("builtins" or "__builtin__", "list" or "tuple" or "set" or "frozenset") => PickleName.List,
        ("collections", "OrderedDict" or "defaultdict") => PickleName.Dictionary,
        _ => null,
    };

    /// <summary>The object that a name creates from its arguments; null where the arguments do not fit.</summary>
    public object? Make(PickleName name, List<object> arguments) => name switch
    {
        PickleName.Dtype => arguments is [string code, ..] && code.Length is > 0 and < 8 ? DtypeOf(code) : null,
        PickleName.Reconstruct => arguments is [PickleName.Array, ..] ? new PickleArray() : null,
        PickleName.Scalar => arguments is [PickleDtype { Size: > 0 } type, var content] && BytesOf(content) is { } bytes
            && bytes.Length == type.Size ? type.Read(bytes) : null,
        PickleName.FromBuffer => FromBuffer(arguments),
        PickleName.Encode => arguments is [string text, string codec] && codec is "latin1" or "latin-1" or "iso-8859-1"
            ? Latin(text) : null,
        PickleName.Bytes => arguments is [] ? Array.Empty<byte>() : arguments is [byte[] bytes] ? bytes : null,
        PickleName.List => arguments is [] ? new List<object>() : arguments is [List<object> items] ? items : null,
        PickleName.Dictionary => Dictionary(arguments),
        _ => null,
    };

    /// <summary>Sets the state of an object; false where the state does not fit.</summary>
    public bool Build(object target, object state) => target switch
    {
        // (version, order of bytes, ...), and (version, sizes, type, columns first, content) or the same without the version.
        PickleDtype dtype when state is List<object> and [_, string order, ..] => Set(dtype, order),
        PickleArray array when state is List<object> { Count: 5 } and [_, List<object> shape, PickleDtype type, var columns,
            var content] => Set(array, shape, type, columns, content),
        PickleArray array when state is List<object> { Count: 4 } and [List<object> shape, PickleDtype type, var columns,
            var content] => Set(array, shape, type, columns, content),
        _ => false,
    };

    private static bool Set(PickleDtype dtype, string order)
    {
        dtype.BigEndian = order == ">";
        return order is "<" or ">" or "|" or "=";
    }

    private bool Set(PickleArray array, List<object> shape, PickleDtype type, object columns, object content) =>
        array.Dtype is null && Sizes(shape) is { } sizes
            && array.Set(type, sizes, columns is true or 1L, type.IsObject ? content : BytesOf(content) ?? content);

    private static PickleArray? FromBuffer(List<object> arguments)
    {
        var array = new PickleArray();
        return arguments is [byte[] bytes, PickleDtype type, List<object> shape, string order] && Sizes(shape) is { } sizes
            && array.Set(type, sizes, order == "F", bytes) ? array : null;
    }

    private static PickleDtype DtypeOf(string code) =>
        code[0] is '<' or '>' or '|' or '=' ? new PickleDtype(code[1..]) { BigEndian = code[0] == '>' }
            : new PickleDtype(code == "?" ? "b1" : code);

    private static List<long>? Sizes(List<object> shape)
    {
        var sizes = new List<long>();
        foreach (object size in shape)
        {
            if (size is not long number) return null;
            sizes.Add(number);
        }

        return sizes;
    }

    /// <summary>Bytes, or the text in which Python 2 stores bytes.</summary>
    private byte[]? BytesOf(object content) => content as byte[] ?? (content is string text ? Latin(text) : null);

    private byte[]? Latin(string text) =>
        Spend(text.Length) && text.All(c => c <= '\u00FF') ? Encoding.Latin1.GetBytes(text) : null;

    private bool Spend(long items) => (_left -= items) >= 0;

    private Dictionary<string, object>? Dictionary(List<object> arguments)
    {
        var dictionary = new Dictionary<string, object>(StringComparer.Ordinal);
        if (arguments is [List<object> pairs])
        {
            if (!Spend(pairs.Count)) return null;
            foreach (object pair in pairs)
            {
                if (pair is not List<object> { Count: 2 } two || two[0] is not string key) return null;
                dictionary[key] = two[1];
            }
        }

        return dictionary;
    }
}
