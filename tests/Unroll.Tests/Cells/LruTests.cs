using System.Numerics;
using Unroll.Analysis;
using Unroll.Files;
using Unroll.Remedies;
using Unroll.Tests.Files;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Cells;

/// <summary>The diagonal linear recurrence, beside what is tested of every cell (<see cref="CellShapes.Cells"/>).</summary>
public static class LruTests
{
    private static readonly NetworkShape s_shape = new(3, [new LayerShape(5) { Cell = CellKind.Lru }], 2)
    {
        Encoding = InputEncoding.Dense,
        Head = OutputHead.LinearEvery,
    };

    [Fact]
    public static void It_has_poles_and_no_recurrent_weights() => Assert.Equal(
        [
            "weight_ih_l0 15x3", "bias_l0 1x15", "nu_log_l0 1x5", "theta_log_l0 1x5", "gamma_log_l0 1x5", "weight 2x5", "bias 1x2",
        ],
        s_shape.Blocks().Select(block => $"{block.Name} {block.Rows}x{block.Columns}"));

    /// <summary>The state is the sum of every input times a power of the pole, which no recursion is needed to write down.</summary>
    [Theory]
    [InlineData(Activation.Identity)]
    [InlineData(Activation.Tanh)]
    public static void The_state_is_the_convolution_of_the_inputs_with_powers_of_the_pole(Activation activation)
    {
        NetworkShape shape = s_shape with { Activation = activation };
        var network = new Network<double>(shape);
        Initializer.Initialize(
            network, new InitializerOptions { Kind = Initialization.Uniform, Ring = new RingStart(0.5, 0.99, 6.283) }, 4);
        Batch batch = Specimen.Batch(shape, 2, 40, 5);
        using var unrolled = new UnrolledNetwork<double>(network);
        unrolled.Forward(batch, CostReduction.Sum);
        Span<double> w = network.InputWeights, b = network.HiddenBias;
        for (int j = 0; j < 5; j++)
        {
            Complex pole = Pole(network, j);
            double gamma = Math.Exp(network.Parameter("gamma_log_l0")[j]);
            for (int t = 1; t <= 40; t++)
            {
                Complex z = 0;
                for (int k = 1; k <= t; k++)
                    z += Complex.Pow(pole, t - k) * gamma * new Complex(Part(w, b, j, k, 0), Part(w, b, j, k, 1));
                double x = z.Real + Part(w, b, j, t, 2);
                Assert.Equal(activation == Activation.Tanh ? Math.Tanh(x) : x, unrolled.State(t, 1)[j], 1e-12);
                Assert.Equal(z.Real, unrolled.CellState(t, 1, 0)[j], 1e-12);
                Assert.Equal(z.Imaginary, unrolled.WholeState(t, 1)[10 + j], 1e-12);
            }
        }

        double Part(Span<double> weights, Span<double> bias, int j, int step, int part)
        {
            double sum = bias[(part * 5) + j];
            for (int i = 0; i < 3; i++) sum += weights[(((part * 5) + j) * 3) + i] * batch.Dense(step - 1, 1)[i];
            return sum;
        }
    }

    /// <summary>The state's Jacobian has the poles, their conjugates and, for h, which nothing reads, zeros as eigenvalues.</summary>
    [Fact]
    public static void Its_spectrum_is_the_poles()
    {
        var network = new Network<double>(s_shape);
        Initializer.Initialize(network, new InitializerOptions { Kind = Initialization.Uniform }, 6);
        double[] sizes = [.. Enumerable.Range(0, 5).Select(j => Pole(network, j).Magnitude)];
        Assert.Equal(sizes.Max(), Spectrum.SpectralRadius(network), 1e-9);
    }

    /// <summary>h goes nowhere, so a few directions must be those of z, whose lengths a step multiplies by the pole's.</summary>
    [Fact]
    public static void Its_exponents_are_the_logarithms_of_the_poles()
    {
        var network = new Network<double>(s_shape);
        Initializer.Initialize(network, new InitializerOptions { Kind = Initialization.Uniform }, 6);
        using var unrolled = new UnrolledNetwork<double>(network);
        const int Steps = 2000; // h repeats a part of z, so that lengths differ by a bounded factor from those of z alone
        unrolled.Forward(Specimen.Batch(s_shape, 1, Steps, 5), CostReduction.Sum);
        double[] sizes = [.. Enumerable.Range(0, 5).Select(j => Math.Log(Pole(network, j).Magnitude)).OrderDescending()];
        double[] twice = [.. sizes.SelectMany(size => (double[])[size, size])];
        double[] all = JacobianProducts.LyapunovExponents(unrolled, 0, Steps);
        for (int i = 0; i < 10; i++) Assert.Equal(twice[i], all[i], 2.0 / Steps);
        Assert.All(all[10..], exponent => Assert.Equal(double.NegativeInfinity, exponent));
        double first = Math.Log(Pole(network, 0).Magnitude);
        Assert.Equal(first, Assert.Single(JacobianProducts.LyapunovExponents(unrolled, 0, Steps, 1, 1)), 2.0 / Steps);
    }

    [Theory]
    [InlineData(0.9, 0.999, 6.283)]
    [InlineData(0, 0.5, 0.1)]
    [InlineData(0.99, 0.9999, 1)]
    public static void Poles_start_in_their_ring_uniformly_by_area(double least, double greatest, double angle)
    {
        const int Units = 2000;
        var network = new Network<double>(new NetworkShape(1, [new LayerShape(Units) { Cell = CellKind.Lru }], 1));
        Initializer.Initialize(network, new InitializerOptions { Ring = new RingStart(least, greatest, angle) }, 7);
        double area = 0, angles = 0;
        for (int j = 0; j < Units; j++)
        {
            double size = Pole(network, j).Magnitude, theta = Math.Exp(network.Parameter("theta_log_l0")[j]);
            Assert.InRange(size, least - 1e-12, greatest + 1e-12);
            Assert.InRange(theta, 0, angle + 1e-12);
            Assert.Equal(Math.Sqrt(1 - (size * size)), Math.Exp(network.Parameter("gamma_log_l0")[j]), 1e-9);
            area += ((size * size) - (least * least)) / ((greatest * greatest) - (least * least)) / Units;
            angles += theta / angle / Units;
        }

        Assert.Equal(0.5, area, 0.03); // means of 2,000 uniform numbers, whose deviation is 0.0065
        Assert.Equal(0.5, angles, 0.03);
    }

    /// <summary>What a unit reads of n numbers of size 1 has size 1.</summary>
    [Fact]
    public static void Weights_by_fan_in_have_the_deviation_of_what_is_read()
    {
        var network = new Network<double>(new NetworkShape(
            7, [new LayerShape(100) { Cell = CellKind.Lru }, new LayerShape(40) { Cell = CellKind.Gru }], 30));
        Initializer.Initialize(network, Initialization.FanIn, 3);
        foreach (ParameterBlock block in network.Blocks.Where(block => block.IsWeight))
        {
            double norm = GradientClipping.Norm<double>(network.Parameter(block.Name));
            Assert.Equal(1, norm / Math.Sqrt(block.Length) * Math.Sqrt(block.Columns), 0.1);
        }

        Assert.All(network.HiddenBias.ToArray(), bias => Assert.Equal(0, bias));
    }

    [Theory]
    [InlineData(-0.1, 0.9, 1, "The poles of an LRU start between -0.1 and 0.9")]
    [InlineData(0.9, 0.9, 1, "The poles of an LRU start between 0.9 and 0.9")]
    [InlineData(0.9, 1, 1, "The poles of an LRU start between 0.9 and 1")]
    [InlineData(double.NaN, 0.9, 1, "The poles of an LRU start between NaN and 0.9")]
    [InlineData(0.5, 0.9, 0, "The poles of an LRU start at angles up to 0")]
    [InlineData(0.5, 0.9, 6.3, "The poles of an LRU start at angles up to 6.3")]
    public static void A_ring_that_is_none_is_refused(double least, double greatest, double angle, string start)
    {
        var options = new InitializerOptions { Ring = new RingStart(least, greatest, angle) };
        Assert.StartsWith(
            start, Assert.Throws<ArgumentException>(() => Initializer.Initialize(new Network<double>(s_shape), options, 1)).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Whatever a step does to the parameters, no pole leaves the unit disc.</summary>
    [Theory]
    [InlineData(-40)]
    [InlineData(0)]
    [InlineData(40)]
    public static void No_pole_is_larger_than_one(double nu)
    {
        var network = new Network<double>(s_shape);
        network.Parameter("nu_log_l0").Fill(nu);
        network.Parameter("theta_log_l0").Fill(1);
        Assert.InRange(Pole(network, 0).Magnitude, 0, 1);
        Assert.InRange(Spectrum.SpectralRadius(network), 0, 1 + 1e-12);
    }

    /// <summary>Of three parts of the state the norm of all is clipped.</summary>
    [Fact]
    public static void Temporal_clipping_sees_the_whole_state()
    {
        double[] h = [3], re = [4], im = [12];
        new TemporalClipping(1).Apply<double>(h, re, im, 1);
        Assert.Equal([3 / 13.0, 4 / 13.0, 12 / 13.0], [h[0], re[0], im[0]], (a, b) => Math.Abs(a - b) < 1e-15);
    }

    [Fact]
    public static void A_file_keeps_it_to_the_bit()
    {
        using var folder = new TempFolder();
        Network<float> network = Specimen.Network<float>(s_shape, 8);
        string path = folder["lru"];
        ModelFile.Save(path, network, new ModelInfo(s_shape));
        Network<float> read = ModelFile.Load<float>(path, out _);
        Assert.Equal(s_shape, read.Shape);
        Compare.SameBits<float>(read.Parameters, network.Parameters, "the parameters");
    }

    private static Complex Pole(Network<double> network, int j) => Complex.FromPolarCoordinates(
        Math.Exp(-Math.Exp(network.Parameter("nu_log_l0")[j])), Math.Exp(network.Parameter("theta_log_l0")[j]));
}
