using Unroll.Analysis;

namespace Unroll.Tests.Network;

public sealed class InitializerTests
{
    private static readonly NetworkShape Shape = new(6, 50, 4) { LearnedInitialState = true };

    public static TheoryData<Initialization> Kinds => [.. Enum.GetValues<Initialization>()];

    [Theory]
    [InlineData(Initialization.Sigmoid, 0.01, 0.01)]
    [InlineData(Initialization.BasicTanh, 0.1, 0.1)]
    [InlineData(Initialization.SmartTanh, 0.01, null)]
    [InlineData(Initialization.Orthogonal, 0.1, null)]
    [InlineData(Initialization.Identity, 0.01, null)]
    public void Weights_have_the_deviation_of_their_kind(Initialization kind, double weights, double? recurrent)
    {
        Network<double> network = Made(new NetworkShape(60, 100, 80), kind);
        Normal(network.InputWeights, weights);
        Normal(network.OutputWeights, weights);
        if (recurrent is { } deviation) Normal(network.RecurrentWeights, deviation);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Biases_and_the_initial_state_are_zero_and_nothing_else_is_left(Initialization kind)
    {
        var network = new Network<double>(Shape);
        network.Parameters.Fill(double.NaN);
        Initializer.Initialize(network, kind, 1);
        if (kind == Initialization.Uniform)
        {
            foreach (double x in network.Parameters[..^50]) Assert.InRange(Math.Abs(x), double.Epsilon, 1 / Math.Sqrt(50));
        }
        else
        {
            Assert.Equal(-1, network.HiddenBias.IndexOfAnyExcept(0.0));
            Assert.Equal(-1, network.OutputBias.IndexOfAnyExcept(0.0));
        }

        Assert.Equal(-1, network.InitialState.IndexOfAnyExcept(0.0));
        foreach (double x in network.Parameters) Assert.True(double.IsFinite(x));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_seed_fixes_every_bit_and_another_seed_gives_other_weights(Initialization kind)
    {
        Network<double> a = Made(Shape, kind), b = Made(Shape, kind), other = Made(Shape, kind, seed: 2);
        Assert.Equal(a.Parameters.ToArray(), b.Parameters.ToArray());
        Assert.NotEqual(a.InputWeights.ToArray(), other.InputWeights.ToArray());
        if (kind != Initialization.Identity) Assert.NotEqual(a.RecurrentWeights.ToArray(), other.RecurrentWeights.ToArray());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Float_networks_start_from_the_same_numbers_rounded(Initialization kind)
    {
        var network = new Network<float>(Shape);
        Initializer.Initialize(network, kind, 1);
        Assert.Equal(Made(Shape, kind).Convert<float>().Parameters.ToArray(), network.Parameters.ToArray());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Blocks_do_not_depend_on_the_size_of_others(Initialization kind)
    {
        Network<double> a = Made(Shape, kind), b = Made(new NetworkShape(17, 50, 2) { Biases = false }, kind);
        Assert.Equal(a.RecurrentWeights.ToArray(), b.RecurrentWeights.ToArray());
        Assert.Equal(a.OutputWeights[..100].ToArray(), b.OutputWeights.ToArray());
        // Which links a unit has depends on their number, and by fan-in so do their sizes.
        if (kind is Initialization.SparseIncoming or Initialization.FanIn) return;
        for (int unit = 0; unit < 50; unit++)
            Assert.Equal(a.InputWeights.Slice(unit * 6, 6).ToArray(), b.InputWeights.Slice(unit * 17, 6).ToArray());
    }

    [Theory]
    [InlineData(3)]
    [InlineData(15)]
    [InlineData(40)]
    public void Sparse_incoming_gives_every_unit_and_output_15_links_from_what_it_reads(int n)
    {
        var shape = new NetworkShape(200, LayerList.Repeat(new LayerShape(n) { Cell = CellKind.Gru }, 2), 30);
        Network<double> network = Made(shape, Initialization.SparseIncoming);
        foreach (ParameterBlock block in network.Blocks.Where(block => block.IsWeight))
        {
            Span<double> weights = network.Parameter(block.Name);
            double squares = 0;
            for (int row = 0; row < block.Rows; row++)
            {
                Span<double> own = weights.Slice(row * block.Columns, block.Columns);
                Assert.Equal(block.Columns - Math.Min(15, block.Columns), own.Count(0.0));
                foreach (double w in own) squares += w * w;
            }

            int links = Math.Min(15, block.Columns) * block.Rows;
            double wanted = block.Columns == 200 ? 0.25 : 1 / Math.Sqrt(15);
            Assert.InRange(Math.Sqrt(squares / links) / wanted, 1 - (4 / Math.Sqrt(2 * links)), 1 + (4 / Math.Sqrt(2 * links)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(50)]
    [InlineData(100)]
    public void Smart_tanh_keeps_15_links_and_radius_095(int n)
    {
        foreach (SparseLinks links in Enum.GetValues<SparseLinks>())
        {
            Network<double> network = Made(new NetworkShape(2, n, 2), Initialization.SmartTanh, links: links);
            double[] w = network.RecurrentWeights.ToArray();
            int most = 0;
            for (int unit = 0; unit < n; unit++)
            {
                int outgoing = Enumerable.Range(0, n).Count(to => w[(to * n) + unit] != 0);
                int incoming = Enumerable.Range(0, n).Count(from => w[(unit * n) + from] != 0);
                Assert.Equal(Math.Min(n, 15), links == SparseLinks.Outgoing ? outgoing : incoming);
                most = Math.Max(most, links == SparseLinks.Outgoing ? incoming : outgoing);
            }

            if (n >= 50) Assert.True(most > 15, "the other kind of link should vary from unit to unit");
            Assert.InRange(Spectrum.SpectralRadius(network), 0.95 - 1e-9, 0.95 + 1e-9);
        }
    }

    [Fact]
    public void Smart_tanh_links_each_unit_to_any_other_equally_often()
    {
        const int N = 50, Seeds = 200;
        var links = new int[N];
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            Network<double> network = Made(new NetworkShape(1, N, 1), Initialization.SmartTanh, seed);
            for (int from = 0; from < N; from++)
            {
                for (int to = 0; to < N; to++) links[to] += network.RecurrentWeights[(to * N) + from] != 0 ? 1 : 0;
            }
        }

        // 10,000 units with 15 links to 50 targets: 3,000 a target, with a standard deviation of 46.
        foreach (int count in links) Assert.InRange(count, 2_770, 3_230);
    }

    [Fact]
    public void The_text_and_the_code_differ_in_the_direction_of_the_links_only()
    {
        double[] code = Made(Shape, Initialization.SmartTanh, links: SparseLinks.Outgoing).RecurrentWeights.ToArray();
        double[] text = Made(Shape, Initialization.SmartTanh, links: SparseLinks.Incoming).RecurrentWeights.ToArray();
        for (int i = 0; i < 50; i++)
        {
            for (int j = 0; j < 50; j++) Assert.Equal(code[(i * 50) + j], text[(j * 50) + i], 1e-12);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(50)]
    [InlineData(129)]
    public void Orthogonal_is_orthogonal(int n)
    {
        double[] w = Made(new NetworkShape(1, n, 1), Initialization.Orthogonal).RecurrentWeights.ToArray();
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double rows = 0, columns = 0;
                for (int k = 0; k < n; k++)
                {
                    rows += w[(i * n) + k] * w[(j * n) + k];
                    columns += w[(k * n) + i] * w[(k * n) + j];
                }

                Assert.Equal(i == j ? 1 : 0, rows, 1e-12);
                Assert.Equal(i == j ? 1 : 0, columns, 1e-12);
            }
        }

        Assert.Equal(1, Spectrum.SpectralRadius(w, n), 1e-12);
    }

    [Fact]
    public void Orthogonal_is_uniform_over_rotations_and_reflections()
    {
        // In two dimensions: any angle, and a determinant of either sign.
        int positive = 0;
        var quadrants = new int[4];
        for (ulong seed = 0; seed < 1_000; seed++)
        {
            double[] w = Made(new NetworkShape(1, 2, 1), Initialization.Orthogonal, seed).RecurrentWeights.ToArray();
            positive += (w[0] * w[3]) - (w[1] * w[2]) > 0 ? 1 : 0;
            quadrants[(w[0] > 0 ? 1 : 0) + (w[1] > 0 ? 2 : 0)]++;
        }

        Assert.InRange(positive, 420, 580);
        foreach (int count in quadrants) Assert.InRange(count, 180, 320);
    }

    [Fact]
    public void Identity_is_the_identity()
    {
        double[] w = Made(Shape, Initialization.Identity).RecurrentWeights.ToArray();
        for (int i = 0; i < w.Length; i++) Assert.Equal(i % 51 == 0 ? 1.0 : 0.0, w[i]);
    }

    [Fact]
    public void Values_without_a_name_are_refused()
    {
        var network = new Network<float>(Shape);
        Assert.Throws<ArgumentException>(() => Initializer.Initialize(network, (Initialization)99, 1));
        Assert.Throws<ArgumentException>(() => Initializer.Initialize(network, Initialization.Sigmoid, 1, (SparseLinks)9));
    }

    private static Network<double> Made(
        NetworkShape shape, Initialization kind, ulong seed = 1, SparseLinks links = SparseLinks.Outgoing)
    {
        var network = new Network<double>(shape);
        Initializer.Initialize(network, kind, seed, links);
        return network;
    }

    private static void Normal(ReadOnlySpan<double> weights, double deviation)
    {
        double mean = 0, square = 0, fourth = 0;
        foreach (double x in weights)
        {
            double z = x / deviation;
            mean += z / weights.Length;
            square += z * z / weights.Length;
            fourth += z * z * z * z / weights.Length;
        }

        // Five standard deviations for 6,000 weights or more.
        Assert.InRange(mean, -0.065, 0.065);
        Assert.InRange(square, 0.908, 1.092);
        Assert.InRange(fourth, 2.3, 3.7);
    }
}
