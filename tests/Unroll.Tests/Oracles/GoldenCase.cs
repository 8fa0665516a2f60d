using System.Text.Json;

namespace Unroll.Tests.Oracles;

/// <summary>
/// One file of the folder Golden: a small network with everything PyTorch computed for it, in the library's orientation.
/// </summary>
internal sealed class GoldenCase : IDisposable
{
    private readonly JsonDocument _document;
    private readonly JsonElement _root;

    private GoldenCase(string name)
    {
        _document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, name + ".json")));
        _root = _document.RootElement;
        OutputHead head = _root.GetProperty("head").GetString() switch
        {
            "last_softmax" => OutputHead.SoftmaxLast,
            "every_softmax" => OutputHead.SoftmaxEvery,
            "last_linear" => OutputHead.LinearLast,
            "every_linear" => OutputHead.LinearEvery,
            "every_bernoulli" => OutputHead.BernoulliEvery,
            var other => throw new InvalidDataException($"Unknown head {other} in {name}."),
        };
        Steps = Integer("T");
        Rows = Integer("B");
        Lengths = [.. _root.GetProperty("lengths").EnumerateArray().Select(x => x.GetInt32())];
        bool oneHot = Inputs().All(x => x is 0 or 1) && Sums().All(x => x == 1);
        bool bits = Inputs().All(x => x is 0 or 1);
        Shape = new NetworkShape(Integer("I"), Integer("H"), Integer("O"))
        {
            Activation = Enum.Parse<Activation>(_root.GetProperty("activation").GetString()!, ignoreCase: true),
            Head = head,
            Encoding = oneHot ? InputEncoding.OneHot : bits ? InputEncoding.MultiHot : InputEncoding.Dense,
            Biases = _root.GetProperty("bias").GetBoolean(),
            LearnedInitialState = _root.GetProperty("learned_h0").GetBoolean(),
        };

        IEnumerable<double> Sums() => Inputs().Chunk(Integer("I")).Select(u => u.Sum());
    }

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Golden");

    public static IEnumerable<string> Names =>
        Directory.GetFiles(Folder, "*.json").Select(x => Path.GetFileNameWithoutExtension(x)).Order();

    public NetworkShape Shape { get; }

    public int Rows { get; }

    public int Steps { get; }

    public int[] Lengths { get; }

    public static GoldenCase Load(string name) => new(name);

    /// <summary>A number of the file.</summary>
    public double Number(params string[] path) => At(path).GetDouble();

    /// <summary>An array of the file, flattened.</summary>
    public double[] Array(params string[] path) => [.. Flatten(At(path))];

    /// <summary>The names of the parameters that the file's update trains.</summary>
    public string[] Trained => [.. At("update", "trained").EnumerateArray().Select(x => x.GetString()!)];

    /// <summary>
    /// A set of arrays named as in the file (V, W, b, Wo, bo, h0 when learned) as the library's flat buffer: matrices in the file
    /// are (from, to), in the buffer (to, from).
    /// </summary>
    public double[] Flat(Func<string, double[]> source)
    {
        var flat = new double[Shape.ParameterCount];
        foreach (ParameterBlock block in Shape.Blocks())
        {
            double[] values = source(FileName(block.Name));
            for (int row = 0; row < block.Rows; row++)
            {
                for (int column = 0; column < block.Columns; column++)
                    flat[block.Offset + (row * block.Columns) + column] = values[(column * block.Rows) + row];
            }
        }

        return flat;
    }

    /// <summary>One matrix of the file, transposed into the library's orientation.</summary>
    public static double[] Transposed(double[] values, int rows, int columns)
    {
        var result = new double[values.Length];
        for (int i = 0; i < values.Length; i++) result[((i % columns) * rows) + (i / columns)] = values[i];
        return result;
    }

    public Network<double> Network()
    {
        var network = new Network<double>(Shape);
        Flat(name => Array("params", name)).CopyTo(network.Parameters);
        return network;
    }

    /// <summary>The inputs and targets, stored in the given encoding (the dense encoding can hold any input).</summary>
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
                if (encoding == InputEncoding.OneHot) batch.SetSymbol(t, r, u.IndexOf(1.0));
                if (encoding == InputEncoding.Dense) u.CopyTo(batch.Dense(t, r));
                for (int bit = 0; encoding == InputEncoding.MultiHot && bit < i; bit++)
                {
                    if (u[bit] == 1) batch.SetBit(t, r, bit);
                }

                int target = Shape.PredictsEveryStep ? (t * Rows) + r : r;
                if (Shape.Head is OutputHead.SoftmaxLast or OutputHead.SoftmaxEvery) batch.SetClass(t, r, (int)targets[target]);
                if (Shape.Head is OutputHead.LinearLast or OutputHead.LinearEvery)
                    targets.AsSpan(target * o, o).CopyTo(batch.Values(t, r));
                for (int bit = 0; Shape.Head.Cost() == HeadCost.Bernoulli && bit < o; bit++)
                {
                    if (targets[(target * o) + bit] == 1) batch.SetTargetBit(t, r, bit);
                }
            }
        }

        return batch;
    }

    public void Dispose() => _document.Dispose();

    private static string FileName(string block) => block switch
    {
        ParameterBlock.InputWeights => "V",
        ParameterBlock.RecurrentWeights => "W",
        ParameterBlock.HiddenBias => "b",
        ParameterBlock.OutputWeights => "Wo",
        ParameterBlock.OutputBias => "bo",
        _ => "h0",
    };

    private static IEnumerable<double> Flatten(JsonElement element) => element.ValueKind == JsonValueKind.Array
        ? element.EnumerateArray().SelectMany(Flatten)
        : [element.GetDouble()];

    private double[] Inputs() => Array("inputs");

    private int Integer(string name) => _root.GetProperty(name).GetInt32();

    private JsonElement At(params string[] path)
    {
        JsonElement element = _root;
        foreach (string name in path) element = element.GetProperty(name);
        return element;
    }
}
