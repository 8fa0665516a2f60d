using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.Intrinsics;
using Unroll.Analysis;
using Unroll.Cells;

namespace Unroll;

/// <summary>The initial parameters of a network: the distributions of its parts.</summary>
public sealed record InitializerOptions
{
    /// <summary>
    /// The distribution of all weights that <see cref="ByBlock"/> does not name. Default: smart tanh, as in the paper.
    /// </summary>
    public Initialization Kind { get; init; } = Initialization.SmartTanh;

    /// <summary>Whether a sparse unit has 15 outgoing or 15 incoming links.</summary>
    public SparseLinks Links { get; init; } = SparseLinks.Outgoing;

    /// <summary>
    /// What is added to the bias of an LSTM's forget gate. Default: 1, so that a cell begins by keeping its state (Gers et al.,
    /// 2000; Jozefowicz et al., 2015).
    /// </summary>
    public double ForgetBias { get; init; } = 1;

    /// <summary>
    /// The longest lag of chrono initialization (Tallec and Ollivier, 2018), at least 3, or null for none: each unit starts
    /// with a memory of a length drawn uniformly from 2 to this. It sets the biases of an LSTM's input and forget gates, of a
    /// GRU's z, and a trained leak.
    /// </summary>
    public int? LongestLag { get; init; }

    /// <summary>Where the poles of an LRU start.</summary>
    public RingStart Ring { get; init; } = new();

    /// <summary>The numbers of <see cref="Initialization.Cycle"/> and <see cref="Initialization.Bistable"/>.</summary>
    public BoundaryStart Boundary { get; init; } = new();

    /// <summary>The sizes of <see cref="Initialization.Reservoir"/>.</summary>
    public ReservoirOptions Reservoir { get; init; } = new();

    /// <summary>Distributions of single blocks of weights, by name, such as <c>weight_hh_l1</c>.</summary>
    public IReadOnlyDictionary<string, Initialization> ByBlock { get; init; } = ImmutableDictionary<string, Initialization>.Empty;
}

/// <summary>Draws initial parameters.</summary>
public static class Initializer
{
    /// <summary>
    /// The number of links a unit that <see cref="Initialization.SmartTanh"/> keeps; all links in a network with fewer units.
    /// </summary>
    public const int SparseCount = 15;

    /// <summary>The spectral radius of W_rec after <see cref="Initialization.SmartTanh"/>.</summary>
    public const double SparseRadius = 0.95;

    private static readonly double s_sparseDeviation = 1 / Math.Sqrt(SparseCount);

    /// <summary>
    /// Sets every parameter of a network, all weights from one distribution, with the other defaults of <see
    /// cref="InitializerOptions"/>.
    /// </summary>
    /// <inheritdoc cref="Initialize{T}(Network{T}, InitializerOptions, ulong)" path="/remarks|/exception"/>
    /// <param name="network">The network to set.</param>
    /// <param name="kind">The distribution.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="links">For <see cref="Initialization.SmartTanh"/>, whether a unit has 15 outgoing or 15 incoming
    /// links.</param>
    public static void Initialize<T>(
        Network<T> network, Initialization kind, ulong seed, SparseLinks links = SparseLinks.Outgoing)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
            Initialize(network, new InitializerOptions { Kind = kind, Links = links }, seed);

    /// <summary>
    /// Sets every parameter of a network: weights as the options say, gains of normalization to one, a learned initial state to
    /// zero, and biases to zero plus what the cell adds to them. Numbers are drawn and computed in double and then rounded, so
    /// networks of both precisions start from the same values. The draws of one block do not depend on those of another or on its
    /// size.
    /// </summary>
    /// <remarks>
    /// The recurrent weights of each gate are a matrix of their own: each is sparse, orthogonal or the identity. A sparse matrix
    /// with spectral radius 0 (an event of probability 0) is not rescaled.
    /// </remarks>
    /// <param name="network">The network to set.</param>
    /// <param name="options">The distributions.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="ArgumentException">A kind is not a named value, a number is out of its range, or a block is named that
    /// the network lacks.</exception>
    public static void Initialize<T>(Network<T> network, InitializerOptions options, ulong seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        Check(network.Blocks, options);
        RequireStart(network.Shape, options);
        network.Parameters.Clear();
        foreach (ParameterBlock block in network.Blocks)
        {
            Initialization kind = options.ByBlock.GetValueOrDefault(block.Name, options.Kind);
            double deviation = kind == Initialization.FanIn ? 1 / Math.Sqrt(block.Columns)
                : kind is Initialization.BasicTanh or Initialization.Orthogonal
                    || (BoundaryStart.Is(kind) && block.Role == ParameterRole.InputWeights) ? 0.1 : 0.01;
            RandomKey key = KeyOf(block, seed);
            int units = block.Layer >= 0 ? network.Shape.Layers[block.Layer].Hidden : network.Shape.Hidden;
            double bound = 1 / Math.Sqrt(units);
            Span<T> target = network.Parameters.Slice(block.Offset, block.Length);
            if (block.Role == ParameterRole.NormalizationGain)
            {
                target.Fill(T.One);
                continue;
            }

            if (block.Role == ParameterRole.RecurrentWeights)
            {
                if (BoundaryStart.Is(kind)) BoundaryStart.Require(kind, network.Shape.Layers[block.Layer]);
                for (int gate = 0; gate < block.Rows / units; gate++)
                {
                    RandomKey own = key with { Index = key.Index + ((long)gate << 20) };
                    double[] drawn = kind == Initialization.Reservoir ? options.Reservoir.Recurrent(own, units)
                        : BoundaryStart.Is(kind) ? options.Boundary.Recurrent(kind, own, units)
                        : Recurrent(kind, own, units, deviation, options.Links, bound);
                    Round(drawn, target.Slice(gate * units * units, units * units));
                }
            }
            else if (kind == Initialization.Reservoir)
            {
                if (block.Role == ParameterRole.InputWeights)
                    Round(options.Reservoir.Inputs(key, block.Rows, block.Columns), target);
                else if (block.Role == ParameterRole.HiddenBias)
                    Round(options.Reservoir.Biases(key, block.Columns), target);
            }
            else if (block.IsWeight && kind == Initialization.SparseIncoming)
            {
                bool reads = block.Role == ParameterRole.InputWeights && block.Layer == 0;
                Round(Sparse(key, block.Rows, block.Columns, reads ? 0.25 : s_sparseDeviation, SparseLinks.Incoming), target);
            }
            else if (block.IsWeight)
            {
                Round(
                    kind == Initialization.Uniform ? Uniform(key, block.Rows, block.Columns, bound) : Gaussian(
                        key, block.Rows, block.Columns, deviation), target);
            }
            else if (kind == Initialization.Uniform && block.Role is ParameterRole.HiddenBias or ParameterRole.OutputBias)
            {
                Round(Uniform(key, 1, block.Columns, bound), target);
            }
        }

        for (int k = 0; k < network.Shape.Layers.Count; k++) SetMemory(network, k, options, seed);
    }

    private static void Check(ImmutableArray<ParameterBlock> blocks, InitializerOptions options)
    {
        foreach (Initialization kind in options.ByBlock.Values.Append(options.Kind))
        {
            if (!Enum.IsDefined(kind)) throw new ArgumentException($"The initialization {kind} is not a known value.");
        }

        options.Reservoir.Validate();
        options.Ring.Validate();
        options.Boundary.Validate();
        if (!Enum.IsDefined(options.Links))
            throw new ArgumentException($"The kind of links {options.Links} is not a known value.");
        if (!double.IsFinite(options.ForgetBias))
            throw new ArgumentException(Invariant($"The bias of the forget gate is {options.ForgetBias}; it must be finite."));
        if (options.LongestLag is < 3)
            throw new ArgumentException(Invariant($"The longest lag is {options.LongestLag}; it must be at least 3."));
        foreach (string name in options.ByBlock.Keys)
        {
            if (!blocks.Any(block => block.Name == name && block.IsWeight))
                throw new ArgumentException(
                    $"The weights '{name}' cannot be initialized: the network has "
                        + $"{string.Join(", ", blocks.Where(block => block.IsWeight).Select(block => block.Name))}.");
        }
    }

    /// <summary>A spectral radius or a bifurcation of weights alone means nothing where their sums are normalized.</summary>
    internal static void RequireStart(NetworkShape shape, InitializerOptions options)
    {
        for (int l = 0; l < shape.Layers.Count; l++)
        {
            if (!shape.Layers[l].LayerNorm) continue;
            Initialization kind = options.ByBlock.GetValueOrDefault(ParameterBlock.Of("weight_hh", l), options.Kind);
            if (kind == Initialization.Reservoir || BoundaryStart.Is(kind))
                throw new ArgumentException(
                    Invariant($"The initialization {kind} sets how a state grows by W_rec alone, and layer {l + 1} is ")
                        + "normalized, which sets that anew at every step; take another initialization, or no layer "
                        + "normalization.");
        }
    }

    /// <summary>The keys of the first layer and of the head are the same as in networks of one layer.</summary>
    private static RandomKey KeyOf(ParameterBlock block, ulong seed) => new(seed, RandomStream.Initialization, block.Role switch
    {
        ParameterRole.InputWeights => 8 * block.Layer,
        ParameterRole.RecurrentWeights => (8 * block.Layer) + 1,
        ParameterRole.OutputWeights => 2,
        ParameterRole.HiddenBias => (8 * block.Layer) + 3,
        ParameterRole.OutputBias => 4,
        _ => (8 * block.Layer) + 5,
    });

    /// <summary>Sets the biases that decide how long a cell keeps its state, by default or by chrono initialization.</summary>
    private static void SetMemory<T>(Network<T> network, int layer, InitializerOptions options, ulong seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LayerShape shape = network.Shape.Layers[layer];
        ICell cell = shape.Definition;
        Span<T> bias = network.Parameter(ParameterBlock.Of("bias", layer));
        Span<T> vector = cell.Layout.VectorNames is [string name] ? network.Parameter(ParameterBlock.Of(name, layer)) : default;
        RandomSource random = new RandomKey(seed, RandomStream.Initialization, (8 * layer) + 6).Shared();
        for (int j = 0; j < shape.Hidden; j++)
        {
            double? lag = options.LongestLag is { } longest ? 2 + (random.NextDouble() * (longest - 2)) : null;
            foreach ((int gate, double value) in cell.MemoryBiases(options.ForgetBias, lag))
            {
                if (!bias.IsEmpty) bias[(gate * shape.Hidden) + j] += T.CreateTruncating(value);
            }

            if (cell.InitialVector(shape, lag) is { } start && !vector.IsEmpty) vector[j] = T.CreateTruncating(start);
        }

        DrawVectors(network, layer, options.Ring, new RandomKey(seed, RandomStream.Initialization, (8 * layer) + 7));
    }

    private static void DrawVectors<T>(Network<T> network, int layer, RingStart ring, RandomKey key)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ICell cell = network.Shape.Layers[layer].Definition;
        string[] names = cell.Layout.VectorNames;
        var drawn = new double[names.Length];
        RandomSource random = key.Shared();
        for (int j = 0; j < network.Shape.Layers[layer].Hidden && cell.Draw(ring, ref random, drawn); j++)
        {
            for (int v = 0; v < names.Length; v++)
                network.Parameter(ParameterBlock.Of(names[v], layer))[j] = T.CreateTruncating(drawn[v]);
        }
    }

    private static void Round<T>(double[] source, Span<T> target)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < target.Length; i++) target[i] = T.CreateTruncating(source[i]);
    }

    internal static double[] Gaussian(RandomKey key, int rows, int columns, double deviation)
    {
        var matrix = new double[rows * columns];
        for (int i = 0; i < rows; i++)
        {
            RandomSource random = key.Row(i);
            for (int j = 0; j < columns; j++) matrix[(i * columns) + j] = deviation * random.NextNormal();
        }

        return matrix;
    }

    private static double[] Uniform(RandomKey key, int rows, int columns, double bound)
    {
        var matrix = new double[rows * columns];
        for (int i = 0; i < rows; i++)
        {
            RandomSource random = key.Row(i);
            for (int j = 0; j < columns; j++) matrix[(i * columns) + j] = bound * ((2 * random.NextDouble()) - 1);
        }

        return matrix;
    }

    private static double[] Recurrent(
        Initialization kind, RandomKey key, int n, double deviation, SparseLinks links, double bound) => kind switch
        {
            Initialization.SmartTanh => Rescaled(Sparse(key, n, n, deviation, links), n),
            Initialization.SparseIncoming => Sparse(key, n, n, s_sparseDeviation, SparseLinks.Incoming),
            Initialization.Orthogonal => Orthogonal(key, n),
            Initialization.Identity => Identity(n),
            Initialization.Uniform => Uniform(key, n, n, bound),
            _ => Gaussian(key, n, n, deviation),
        };

    private static double[] Identity(int n)
    {
        var matrix = new double[n * n];
        for (int i = 0; i < n; i++) matrix[(i * n) + i] = 1;
        return matrix;
    }

    /// <summary>So many rows of so many columns; a matrix with outgoing links is square.</summary>
    private static double[] Sparse(RandomKey key, int rows, int columns, double deviation, SparseLinks links)
    {
        var matrix = new double[rows * columns];
        var others = new int[columns];
        for (int unit = 0; unit < rows; unit++)
        {
            RandomSource random = key.Row(unit);
            for (int i = 0; i < columns; i++) others[i] = i;
            for (int i = 0; i < Math.Min(SparseCount, columns); i++)
            {
                // One step of a shuffle chooses the next of the units not yet linked.
                int chosen = i + random.NextInt(columns - i);
                (others[i], others[chosen]) = (others[chosen], others[i]);
                int at = links == SparseLinks.Outgoing ? (others[i] * columns) + unit : (unit * columns) + others[i];
                matrix[at] = deviation * random.NextNormal();
            }
        }

        return matrix;
    }

    private static double[] Rescaled(double[] matrix, int n)
    {
        double radius = Spectrum.SpectralRadius(matrix, n);
        if (radius > 0)
        {
            for (int i = 0; i < matrix.Length; i++) matrix[i] *= SparseRadius / radius;
        }

        return matrix;
    }

    /// <summary>
    /// The rows of a Gaussian matrix made orthonormal one after the other (Gram and Schmidt, each twice, which loses no digits).
    /// Each remainder keeps its sign, which makes the result uniform over the orthogonal matrices (Mezzadri, 2007).
    /// </summary>
    internal static double[] Orthogonal(RandomKey key, int n)
    {
        double[] matrix = Gaussian(key, n, n, 1);
        for (int i = 0; i < n; i++)
        {
            Span<double> row = matrix.AsSpan(i * n, n);
            for (int pass = 0; pass < 2; pass++)
            {
                for (int k = 0; k < i; k++)
                {
                    ReadOnlySpan<double> earlier = matrix.AsSpan(k * n, n);
                    AddMultiple(row, -Dot(row, earlier), earlier);
                }
            }

            double norm = Math.Sqrt(Dot(row, row));
            for (int j = 0; j < n; j++) row[j] /= norm;
        }

        return matrix;
    }

    /// <summary>Eight sums side by side in a fixed order, without fused operations: the same bits on every machine.</summary>
    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        Vector512<double> sums = Vector512<double>.Zero;
        int i = 0;
        for (; i + 8 <= a.Length; i += 8) sums += Vector512.Create(a[i..]) * Vector512.Create(b[i..]);
        double sum = 0;
        for (int lane = 0; lane < 8; lane++) sum += sums[lane];
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static void AddMultiple(Span<double> target, double factor, ReadOnlySpan<double> source)
    {
        Vector512<double> factors = Vector512.Create(factor);
        int i = 0;
        for (; i + 8 <= target.Length; i += 8)
            (Vector512.Create<double>(target[i..]) + (factors * Vector512.Create(source[i..]))).CopyTo(target[i..]);
        for (; i < target.Length; i++) target[i] += factor * source[i];
    }
}
