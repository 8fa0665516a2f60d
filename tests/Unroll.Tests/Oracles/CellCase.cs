using System.Text.Json;

namespace Unroll.Tests.Oracles;

/// <summary>
/// One file of the folders Golden/Cells and Golden/Normalized: a small network of some cell and depth, the latter with layer
/// normalization, with everything PyTorch computed for it.
/// </summary>
internal sealed class CellCase : IDisposable
{
    private readonly JsonDocument _document;
    private readonly JsonElement _root;

    private CellCase(string name)
    {
        _document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, name + ".json")));
        _root = _document.RootElement;
        (Steps, Rows, Layers, Units) = (Integer("T"), Integer("B"), Integer("layers"), Integer("H"));
        Lengths = [.. _root.GetProperty("lengths").EnumerateArray().Select(x => x.GetInt32())];
        var layer = new LayerShape(Units)
        {
            Cell = Enum.Parse<CellKind>(Text("cell"), ignoreCase: true),
            Activation = Enum.Parse<Activation>(Text("activation"), ignoreCase: true),
            Leak = _root.GetProperty("leak").GetDouble(),
            LayerNorm = _root.TryGetProperty("normalized", out JsonElement normalized) && normalized.GetBoolean(),
        };
        Shape = new NetworkShape(Integer("I"), LayerList.Repeat(layer, Layers), Integer("O"))
        {
            Head = Text("head") switch
            {
                "last_softmax" => OutputHead.SoftmaxLast,
                "every_softmax" => OutputHead.SoftmaxEvery,
                "last_linear" => OutputHead.LinearLast,
                "every_linear" => OutputHead.LinearEvery,
                _ => OutputHead.BernoulliEvery,
            },
            Encoding = Array("inputs").All(x => x is 0 or 1) ? InputEncoding.MultiHot : InputEncoding.Dense,
            Biases = _root.GetProperty("bias").GetBoolean(),
        };
    }

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Golden");

    /// <summary>Each file by its folder and name.</summary>
    public static IEnumerable<string> Names => ((string[])["Cells", "Normalized"]).SelectMany(folder =>
        Directory.GetFiles(Path.Combine(Folder, folder), "*.json").Order()
            .Select(path => $"{folder}/{Path.GetFileNameWithoutExtension(path)}"));

    public NetworkShape Shape { get; }

    public int Rows { get; }

    public int Steps { get; }

    public int Layers { get; }

    public int Units { get; }

    public int[] Lengths { get; }

    public static CellCase Load(string name) => new(name);

    public double Number(params object[] path) => At(path).GetDouble();

    public double[] Array(params object[] path) => [.. Flatten(At(path))];

    /// <summary>PyTorch's names of the case's parameters.</summary>
    public IEnumerable<string> Parameters => At("params").EnumerateObject().Select(p => p.Name);

    public Network<double> Network()
    {
        var network = new Network<double>(Shape);
        foreach (ParameterBlock block in network.Blocks)
        {
            Span<double> target = network.Parameter(block.Name);
            bool gru = block.Layer >= 0 && Shape.Layers[block.Layer].Cell == CellKind.Gru;
            switch (block.Role)
            {
                case ParameterRole.HiddenBias:
                    double[] a = Array("params", $"bias_ih_l{block.Layer}"), b = Array("params", $"bias_hh_l{block.Layer}");
                    for (int i = 0; i < a.Length; i++) target[i] = gru && i >= 2 * Units ? a[i] : a[i] + b[i];
                    break;
                case ParameterRole.CellVector:
                    Array("params", $"bias_hh_l{block.Layer}").AsSpan(2 * Units).CopyTo(target);
                    break;
                default:
                    Array("params", block.Name).CopyTo(target);
                    break;
            }
        }

        return network;
    }

    /// <summary>A flat gradient of the library under one of PyTorch's names; PyTorch has two biases.</summary>
    public double[] Named(Network<double> network, Span<double> flat, string name)
    {
        if (!name.StartsWith("bias_", StringComparison.Ordinal)) return network.Slice(flat, name).ToArray();
        string layer = name[^2..];
        double[] bias = network.Slice(flat, $"bias_{layer}").ToArray();
        Span<double> second = network.Slice(flat, $"bias_hn_{layer}");
        if (name.StartsWith("bias_hh", StringComparison.Ordinal)) second.CopyTo(bias.AsSpan(bias.Length - second.Length));
        return bias;
    }

    /// <summary>Sets the initial state of every row.</summary>
    public void Begin(UnrolledNetwork<double> unrolled, Batch batch)
    {
        batch.Carry.Fill(true);
        bool lstm = Shape.Layers[0].Cell == CellKind.Lstm;
        double[] h0 = Array("h0"), c0 = lstm ? Array("c0") : [];
        for (int r = 0; r < Rows; r++)
        {
            Span<double> state = unrolled.CarriedState(r);
            for (int l = 0, at = 0; l < Layers; l++)
            {
                h0.AsSpan(((l * Rows) + r) * Units, Units).CopyTo(state[at..]);
                at += Units;
                if (!lstm) continue;
                c0.AsSpan(((l * Rows) + r) * Units, Units).CopyTo(state[at..]);
                at += Units;
            }
        }
    }

    public Batch Batch(InputEncoding encoding)
    {
        var batch = new Batch(encoding, Shape.Inputs, Shape.Head, Shape.Outputs);
        batch.Resize(Rows, Steps);
        Lengths.CopyTo(batch.Lengths);
        double[] inputs = Array("inputs"), targets = Array("targets");
        int i = Shape.Inputs, o = Shape.Outputs;
        for (int t = 0; t < Steps; t++)
        {
            for (int r = 0; r < Rows; r++)
            {
                ReadOnlySpan<double> u = inputs.AsSpan(((t * Rows) + r) * i, i);
                if (encoding == InputEncoding.Dense) u.CopyTo(batch.Dense(t, r));
                for (int bit = 0; encoding == InputEncoding.MultiHot && bit < i; bit++)
                {
                    if (u[bit] == 1) batch.SetBit(t, r, bit);
                }

                int target = Shape.PredictsEveryStep ? (t * Rows) + r : r;
                if (Shape.Head.Cost() == HeadCost.Softmax) batch.SetClass(t, r, (int)targets[target]);
                if (Shape.Head.Cost() == HeadCost.Squared) targets.AsSpan(target * o, o).CopyTo(batch.Values(t, r));
                for (int bit = 0; Shape.Head.Cost() == HeadCost.Bernoulli && bit < o; bit++)
                {
                    if (targets[(target * o) + bit] == 1) batch.SetTargetBit(t, r, bit);
                }
            }
        }

        return batch;
    }

    public void Dispose() => _document.Dispose();

    private static IEnumerable<double> Flatten(JsonElement element) => element.ValueKind == JsonValueKind.Array
        ? element.EnumerateArray().SelectMany(Flatten)
        : [element.GetDouble()];

    private int Integer(string name) => _root.GetProperty(name).GetInt32();

    private string Text(string name) => _root.GetProperty(name).GetString()!;

    private JsonElement At(params object[] path)
    {
        JsonElement element = _root;
        foreach (object key in path) element = key is int index ? element[index] : element.GetProperty((string)key);
        return element;
    }
}
