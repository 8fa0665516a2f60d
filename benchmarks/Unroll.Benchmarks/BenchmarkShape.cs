namespace Unroll.Benchmarks;

/// <summary>One training update to time: sizes, head, and whether the regularizer takes part.</summary>
internal sealed record BenchmarkShape(
    string Name, int Hidden, int Rows, int Steps, int Inputs, InputEncoding Encoding, int Outputs, OutputHead Head, bool Omega)
{
    /// <summary>Bits set in one multi-hot vector: about what a chord of piano music has.</summary>
    private const int BitsPerStep = 4;

    public static IReadOnlyList<BenchmarkShape> All { get; } =
    [
        new("h50", 50, 20, 200, 6, InputEncoding.OneHot, 4, OutputHead.SoftmaxLast, Omega: false),
        new("h50-omega", 50, 20, 200, 6, InputEncoding.OneHot, 4, OutputHead.SoftmaxLast, Omega: true),
        new("h100", 100, 20, 200, 100, InputEncoding.OneHot, 100, OutputHead.SoftmaxLast, Omega: false),
        new("h100-omega", 100, 20, 200, 100, InputEncoding.OneHot, 100, OutputHead.SoftmaxLast, Omega: true),
        new("h300-music", 300, 20, 200, 88, InputEncoding.MultiHot, 88, OutputHead.BernoulliEvery, Omega: false),
        new("h500", 500, 20, 200, 50, InputEncoding.OneHot, 50, OutputHead.SoftmaxEvery, Omega: false),
        new("h500-b100", 500, 100, 200, 50, InputEncoding.OneHot, 50, OutputHead.SoftmaxEvery, Omega: false),
    ];

    public NetworkShape Network => new(Inputs, Hidden, Outputs) { Encoding = Encoding, Head = Head };

    public string Method => Omega ? "SGD-CR" : "SGD-C";

    /// <summary>
    /// Floating-point operations that an update needs: the recurrent product forward, its two products backward, one more
    /// for Omega's gradient (its other product is one that the backward pass makes anyway), and the head's three. Gathers of
    /// one-hot inputs and element-wise work are not counted. The same figure is used for both sides.
    /// </summary>
    public double Operations
    {
        get
        {
            double recurrent = 2.0 * Steps * Rows * Hidden * Hidden;
            double head = 2.0 * (Network.PredictsEveryStep ? Steps : 1) * Rows * Hidden * Outputs;
            double input = Encoding == InputEncoding.MultiHot ? 2.0 * Steps * Rows * Hidden * BitsPerStep : 0;
            return (recurrent * (Omega ? 4 : 3)) + (head * 3) + (input * 2);
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

    /// <summary>Consecutive windows of a text, one a row at equal distances, each symbol's successor its target; the rarest symbols beyond the width are one.</summary>
    public Batch CreateBatch(string text)
    {
        char[] alphabet = [.. text.GroupBy(c => c).OrderByDescending(group => group.Count()).ThenBy(group => group.Key).Take(Inputs).Select(group => group.Key)];
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
        foreach (ref float weight in network.InputWeights) weight = (float)(0.1 * Normal());
        foreach (ref float weight in network.RecurrentWeights) weight = (float)(0.95 / Math.Sqrt(Hidden) * Normal());
        foreach (ref float weight in network.OutputWeights) weight = (float)(0.1 * Normal());
        return network;
    }
}
