namespace Unroll.Benchmarks;

/// <summary>One training update to time: sizes, head, and whether the regularizer takes part.</summary>
internal sealed record BenchmarkShape(
    string Name, int Hidden, int Rows, int Steps, int Inputs, InputEncoding Encoding, int Outputs, OutputHead Head, bool Omega)
{
    /// <summary>Bits set in one multi-hot vector: about what a chord of piano music has.</summary>
    private const int BitsPerStep = 4;

    /// <summary>What the units compute.</summary>
    public CellKind Cell { get; init; } = CellKind.Plain;

    /// <summary>Equal layers, one above the other.</summary>
    public int Depth { get; init; } = 1;

    /// <summary>Whether a loop over the steps is written for TorchSharp too: one plain layer.</summary>
    public bool HasLoop => Cell == CellKind.Plain && Depth == 1;

    public static IReadOnlyList<BenchmarkShape> All { get; } =
    [
        new("h50", 50, 20, 200, 6, InputEncoding.OneHot, 4, OutputHead.SoftmaxLast, Omega: false),
        new("h50-omega", 50, 20, 200, 6, InputEncoding.OneHot, 4, OutputHead.SoftmaxLast, Omega: true),
        new("h100", 100, 20, 200, 100, InputEncoding.OneHot, 100, OutputHead.SoftmaxLast, Omega: false),
        new("h100-omega", 100, 20, 200, 100, InputEncoding.OneHot, 100, OutputHead.SoftmaxLast, Omega: true),
        new("h300-music", 300, 20, 200, 88, InputEncoding.MultiHot, 88, OutputHead.BernoulliEvery, Omega: false),
        new("h500", 500, 20, 200, 50, InputEncoding.OneHot, 50, OutputHead.SoftmaxEvery, Omega: false),
        new("h500-b100", 500, 100, 200, 50, InputEncoding.OneHot, 50, OutputHead.SoftmaxEvery, Omega: false),
        new("lstm50", 50, 20, 200, 6, InputEncoding.OneHot, 4, OutputHead.SoftmaxLast, Omega: false) { Cell = CellKind.Lstm },
        new("lstm128", 128, 20, 200, 50, InputEncoding.OneHot, 50, OutputHead.SoftmaxEvery, Omega: false)
            { Cell = CellKind.Lstm },
        new("lstm300", 300, 20, 200, 88, InputEncoding.MultiHot, 88, OutputHead.BernoulliEvery, Omega: false)
            { Cell = CellKind.Lstm },
        new("gru50", 50, 20, 200, 6, InputEncoding.OneHot, 4, OutputHead.SoftmaxLast, Omega: false) { Cell = CellKind.Gru },
        new("gru300", 300, 20, 200, 88, InputEncoding.MultiHot, 88, OutputHead.BernoulliEvery, Omega: false)
            { Cell = CellKind.Gru },
        new("h100-dense", 100, 20, 200, 100, InputEncoding.Dense, 100, OutputHead.SoftmaxLast, Omega: false),
        new("h100-2", 100, 20, 200, 100, InputEncoding.OneHot, 100, OutputHead.SoftmaxLast, Omega: false) { Depth = 2 },
        new("h100-2-dense", 100, 20, 200, 100, InputEncoding.Dense, 100, OutputHead.SoftmaxLast, Omega: false) { Depth = 2 },
        new("lstm50-2", 50, 20, 200, 6, InputEncoding.OneHot, 4, OutputHead.SoftmaxLast, Omega: false)
            { Cell = CellKind.Lstm, Depth = 2 },
    ];

    public NetworkShape Network => new(Inputs, LayerList.Repeat(new LayerShape(Hidden) { Cell = Cell }, Depth), Outputs)
    {
        Encoding = Encoding,
        Head = Head,
    };

    private int Gates => Cell switch { CellKind.Lstm => 4, CellKind.Gru => 3, _ => 1 };

    public string Method => Omega ? "SGD-CR" : "SGD-C";

    /// <summary>
    /// Floating-point operations that an update needs: the recurrent product forward, its two products backward, one more
    /// for Omega's gradient (its other product is one that the backward pass makes anyway), the three of the input of every
    /// layer but the first and the two of a dense one, and the head's three. Gathers of one-hot inputs and element-wise work are
    /// not counted. The same figure is used for all sides.
    /// </summary>
    public double Operations
    {
        get
        {
            double recurrent = 2.0 * Steps * Rows * Gates * Hidden * Hidden * Depth;
            double below = 2.0 * Steps * Rows * Gates * Hidden * Hidden * (Depth - 1);
            double head = 2.0 * (Network.PredictsEveryStep ? Steps : 1) * Rows * Hidden * Outputs;
            double input = 2.0 * Steps * Rows * Gates * Hidden
                * (Encoding switch { InputEncoding.MultiHot => BitsPerStep, InputEncoding.Dense => Inputs, _ => 0 });
            return (recurrent * (Omega ? 4 : 3)) + (below * 3) + (head * 3) + (input * 2);
        }
    }

    /// <summary>Random inputs and targets, each sequence of full length.</summary>
    public Batch CreateBatch(int seed)
    {
        var random = new Random(seed);
        Batch batch = Batch.For(Network);
        batch.Resize(Rows, Steps);
        for (int t = 0; t < Steps; t++)
        {
            for (int row = 0; row < Rows; row++)
            {
                if (Encoding == InputEncoding.OneHot) batch.SetSymbol(t, row, random.Next(Inputs));
                if (Encoding == InputEncoding.Dense)
                    foreach (ref double u in batch.Dense(t, row)) u = random.NextDouble() - 0.5;
                if (Encoding == InputEncoding.MultiHot)
                    for (int i = 0; i < BitsPerStep; i++) batch.SetBit(t, row, random.Next(Inputs));
                if (Head == OutputHead.SoftmaxEvery || (Head == OutputHead.SoftmaxLast && t == Steps - 1))
                    batch.SetClass(t, row, random.Next(Outputs));
                if (Head == OutputHead.BernoulliEvery)
                    for (int i = 0; i < BitsPerStep; i++) batch.SetTargetBit(t, row, random.Next(Outputs));
            }
        }

        return batch;
    }

    /// <summary>
    /// Consecutive windows of a text, one a row at equal distances, each symbol's successor its target; the rarest symbols beyond
    /// the width are one.
    /// </summary>
    public Batch CreateBatch(string text)
    {
        char[] alphabet = [.. text.GroupBy(c => c).OrderByDescending(group => group.Count()).ThenBy(group => group.Key)
            .Take(Inputs).Select(group => group.Key)];
        int Index(char c) => Math.Max(0, Array.IndexOf(alphabet, c));
        Batch batch = Batch.For(Network);
        batch.Resize(Rows, Steps);
        for (int row = 0; row < Rows; row++)
        {
            int start = (int)((long)(text.Length - Steps - 1) * row / Rows);
            for (int t = 0; t < Steps; t++)
            {
                batch.SetSymbol(t, row, Index(text[start + t]));
                batch.SetClass(t, row, Index(text[start + t + 1]));
            }
        }

        return batch;
    }

    /// <summary>
    /// W_rec Gaussian with spectral radius about 0.95, so that gradients neither explode nor sink to denormal numbers, which
    /// would time something else; the other weights N(0, 0.1).
    /// </summary>
    public Network<float> CreateNetwork(int seed)
    {
        var random = new Random(seed);
        var network = new Network<float>(Network);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        for (int layer = 0; layer < Depth; layer++)
        {
            double inputs = layer == 0 ? 0.1 : 0.5 / Math.Sqrt(Hidden), recurrent = 0.95 / Math.Sqrt(Hidden);
            foreach (ref float w in network.Parameter(ParameterBlock.Of("weight_ih", layer))) w = (float)(inputs * Normal());
            foreach (ref float w in network.Parameter(ParameterBlock.Of("weight_hh", layer))) w = (float)(recurrent * Normal());
        }

        foreach (ref float weight in network.OutputWeights) weight = (float)(0.1 * Normal());
        return network;
    }
}
