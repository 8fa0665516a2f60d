using System.Runtime.InteropServices;
using Unroll.Numerics;

namespace Unroll.Interop;

/// <summary>
/// What flows through a graph that is run: sizes, and numbers of a type or texts. Numbers are kept in 64 bits and rounded to
/// their type by every operator, so that a graph of 32 bits has the digits of 32 bits.
/// </summary>
internal sealed class GraphValue
{
    public GraphValue(OnnxType type, int[] sizes, double[] numbers)
    {
        if (numbers.Length != CountOf(sizes))
            throw new FormatException(Invariant($"has {Counted.Of(numbers.Length, "number")} for [{Show(sizes)}]"));
        (Type, Sizes, Numbers) = (type, sizes, numbers);
    }

    public GraphValue(int[] sizes, string[] texts) => (Type, Sizes, Numbers, Texts) = (OnnxType.Text, sizes, [], texts);

    public OnnxType Type { get; }

    public int[] Sizes { get; }

    public double[] Numbers { get; }

    /// <summary>The texts of a value of texts; null for numbers.</summary>
    public string[]? Texts { get; }

    public int Count => Texts?.Length ?? Numbers.Length;

    /// <summary>Floats.</summary>
    public static GraphValue Of(ReadOnlySpan<float> values, params int[] sizes)
    {
        var numbers = new double[values.Length];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = values[i];
        return new GraphValue(OnnxType.Float, sizes, numbers);
    }

    /// <summary>A vector of 64-bit integers.</summary>
    public static GraphValue Of(params ReadOnlySpan<int> values) =>
        new(OnnxType.Int64, [values.Length], [.. values.ToArray().Select(one => (double)one)]);

    /// <summary>A number as a type holds it.</summary>
    public static double Rounded(OnnxType type, double number) => type == OnnxType.Float ? (float)number : number;

    /// <summary>The numbers as whole ones, such as sizes and axes.</summary>
    public int[] Wholes() => [.. Numbers.Select(one => checked((int)one))];

    /// <summary>The same numbers in other sizes.</summary>
    public GraphValue As(int[] sizes) => Texts is null ? new GraphValue(Type, sizes, Numbers) : new GraphValue(sizes, Texts);

    /// <summary>The elements at places of this value, in other sizes.</summary>
    public GraphValue At(int[] places, int[] sizes) => Texts is null
        ? new GraphValue(Type, sizes, [.. places.Select(place => Numbers[place])])
        : new GraphValue(sizes, [.. places.Select(place => Texts[place])]);

    public static int CountOf(ReadOnlySpan<int> sizes)
    {
        int count = 1;
        foreach (int size in sizes) count = checked(count * size);
        return count;
    }

    public static string Show(IEnumerable<int> sizes) => string.Join(", ", sizes);

    /// <summary>The sizes of two values that are stretched to one another.</summary>
    public static int[] Stretched(int[] one, int[] two)
    {
        var sizes = new int[Math.Max(one.Length, two.Length)];
        for (int i = 1; i <= sizes.Length; i++)
        {
            int a = i <= one.Length ? one[^i] : 1, b = i <= two.Length ? two[^i] : 1;
            sizes[^i] = a == b || b == 1 ? a : a == 1 ? b
                : throw new FormatException($"joins values of [{Show(one)}] and [{Show(two)}], which do not fit");
        }

        return sizes;
    }

    /// <summary>Where each element of larger sizes lies in this value, which is stretched to them.</summary>
    public int[] Places(int[] sizes)
    {
        int[] steps = new int[sizes.Length];
        for (int d = sizes.Length - 1, own = Sizes.Length - 1, step = 1; own >= 0; d--, own--)
        {
            steps[d] = Sizes[own] == 1 ? 0 : step;
            step *= Sizes[own];
        }

        return Walk(sizes, steps);
    }

    /// <summary>Where the elements of sizes lie when an index of a dimension is so many elements.</summary>
    public static int[] Walk(int[] sizes, int[] steps)
    {
        var places = new int[CountOf(sizes)];
        var index = new int[sizes.Length];
        for (int i = 0, at = 0; i < places.Length; i++)
        {
            places[i] = at;
            for (int d = sizes.Length - 1; d >= 0; d--)
            {
                at += steps[d];
                if (++index[d] < sizes[d]) break;
                at -= index[d] * steps[d];
                index[d] = 0;
            }
        }

        return places;
    }

    /// <summary>A tensor of a file.</summary>
    /// <exception cref="FormatException">It is damaged, or of a type that graphs of ours do not have.</exception>
    public static GraphValue Read(ReadOnlyMemory<byte> bytes, out string name)
    {
        name = "";
        var sizes = new List<int>();
        var texts = new List<string>();
        var type = (OnnxType)0;
        ReadOnlyMemory<byte> data = default;
        foreach (ProtoField field in OnnxFile.Fields(bytes))
        {
            switch (field.Number)
            {
                case 1:
                    sizes.AddRange((field.Bytes.IsEmpty ? [(long)field.Whole] : OnnxFile.Packed(field.Bytes))
                        .Select(one => (int)one));
                    break;
                case 2:
                    type = (OnnxType)field.Whole;
                    break;
                case 6:
                    texts.Add(field.Text);
                    break;
                case 8:
                    name = field.Text;
                    break;
                case 9:
                    data = field.Bytes;
                    break;
            }
        }

        int[] own = [.. sizes];
        return type switch
        {
            OnnxType.Text => new GraphValue(own, [.. texts]),
            OnnxType.Float => Of(MemoryMarshal.Cast<byte, float>(data.Span), own),
            OnnxType.Double => new GraphValue(type, own, MemoryMarshal.Cast<byte, double>(data.Span).ToArray()),
            OnnxType.Int32 => Whole(MemoryMarshal.Cast<byte, int>(data.Span).ToArray().Select(one => (double)one)),
            OnnxType.Int64 => Whole(MemoryMarshal.Cast<byte, long>(data.Span).ToArray().Select(one => (double)one)),
            OnnxType.Bool => Whole(data.ToArray().Select(one => (double)one)),
            _ => throw new FormatException(Invariant($"has a tensor {name} of type {(int)type}")),
        };

        GraphValue Whole(IEnumerable<double> numbers) => new(type, own, [.. numbers]);
    }
}
