using Unroll.Analysis;

namespace Unroll.Tests.Network;

/// <summary>The fixed weights of an echo state network.</summary>
public static class ReservoirTests
{
    [Theory]
    [InlineData(40, 0.5, 0.2)]
    [InlineData(100, 1.25, 0.1)]
    [InlineData(31, 3, 1)]
    public static void Recurrent_weights_have_the_radius_and_the_density(int hidden, double radius, double density)
    {
        Network<double> network = Made(hidden, 3, new ReservoirOptions { SpectralRadius = radius, Density = density });
        double[] weights = network.RecurrentWeights.ToArray();
        Assert.Equal(radius, Spectrum.SpectralRadius(weights, hidden), 1e-9);
        double share = (double)weights.Count(weight => weight != 0) / weights.Length;
        double deviation = Math.Sqrt(density * (1 - density) / weights.Length);
        Assert.InRange(share, density - (5 * deviation), density + (5 * deviation));
    }

    [Fact]
    public static void Inputs_and_biases_are_plus_or_minus_their_size_and_the_head_is_zero()
    {
        Network<double> network = Made(60, 3, new ReservoirOptions { InputScales = [1, 0.25, 0], BiasScale = 0.5 });
        for (int i = 0; i < 60; i++)
        {
            Assert.Equal(1, Math.Abs(network.InputWeights[3 * i]));
            Assert.Equal(0.25, Math.Abs(network.InputWeights[(3 * i) + 1]));
            Assert.Equal(0, network.InputWeights[(3 * i) + 2]);
            Assert.Equal(0.5, Math.Abs(network.Parameter(ParameterBlock.HiddenBias)[i]));
        }

        Assert.InRange(Enumerable.Range(0, 60).Count(i => network.Parameter(ParameterBlock.HiddenBias)[i] > 0), 15, 45);
        Assert.All(network.Parameter(ParameterBlock.OutputWeights).ToArray(), weight => Assert.Equal(0, weight));
    }

    [Fact]
    public static void Every_input_reaches_a_unit_however_few_links_there_are()
    {
        Network<double> network = Made(50, 8, new ReservoirOptions { InputDensity = 1e-6 });
        for (int j = 0; j < 8; j++)
            Assert.Equal(1, Enumerable.Range(0, 50).Count(i => network.InputWeights[(i * 8) + j] != 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(9)]
    public static void So_few_units_that_links_make_no_cycle_have_the_radius_too(int hidden)
    {
        for (ulong seed = 1; seed <= 50; seed++)
        {
            Network<double> network = Made(hidden, 2, new ReservoirOptions { SpectralRadius = 0.7, Density = 0.02 }, seed);
            Assert.Equal(0.7, Spectrum.SpectralRadius(network.RecurrentWeights.ToArray(), hidden), 1e-9);
        }
    }

    [Fact]
    public static void A_seed_gives_the_same_weights_in_both_precisions_and_another_seed_gives_others()
    {
        var options = new InitializerOptions { Kind = Initialization.Reservoir };
        var shape = new NetworkShape(2, 20, 1);
        var exact = new Network<double>(shape);
        var rounded = new Network<float>(shape);
        Initializer.Initialize(exact, options, 7);
        Initializer.Initialize(rounded, options, 7);
        for (int i = 0; i < exact.Parameters.Length; i++) Assert.Equal((float)exact.Parameters[i], rounded.Parameters[i]);
        double[] first = exact.RecurrentWeights.ToArray();
        Initializer.Initialize(exact, options, 8);
        Assert.NotEqual(first, exact.RecurrentWeights.ToArray());
    }

    [Theory]
    [InlineData(0, 0.1, 1, 1, 0, "spectral radius")]
    [InlineData(double.NaN, 0.1, 1, 1, 0, "spectral radius")]
    [InlineData(1, 0, 1, 1, 0, "density")]
    [InlineData(1, 1.5, 1, 1, 0, "density")]
    [InlineData(1, 0.1, -1, 1, 0, "input scale")]
    [InlineData(1, 0.1, 1, 0, 0, "inputs")]
    [InlineData(1, 0.1, 1, 1, -0.1, "bias scale")]
    public static void A_value_out_of_its_range_is_named(
        double radius, double density, double scale, double inputDensity, double bias, string named)
    {
        var options = new ReservoirOptions
        {
            SpectralRadius = radius,
            Density = density,
            InputScales = [scale],
            InputDensity = inputDensity,
            BiasScale = bias,
        };
        Assert.Contains(named, Assert.Throws<ArgumentException>(() => Made(5, 1, options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public static void Sizes_for_other_inputs_than_there_are_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Made(5, 3, new ReservoirOptions { InputScales = [1, 1] }));
        Assert.Equal("There are 2 input scales for 3 inputs; give one, or one for each.", error.Message);
        Assert.Throws<ArgumentException>(() => Made(5, 3, new ReservoirOptions { InputScales = [] }));
    }

    [Fact]
    public static void Options_are_equal_by_their_values()
    {
        var options = new ReservoirOptions { InputScales = [1, 2] };
        Assert.Equal(options, new ReservoirOptions { InputScales = [1, 2] });
        Assert.Equal(options.GetHashCode(), new ReservoirOptions { InputScales = [1, 2] }.GetHashCode());
        Assert.NotEqual(options, new ReservoirOptions { InputScales = [1, 3] });
        Assert.NotEqual(options, options with { BiasScale = 1 });
    }

    private static Network<double> Made(int hidden, int inputs, ReservoirOptions options, ulong seed = 1)
    {
        var network = new Network<double>(new NetworkShape(inputs, hidden, 2));
        Initializer.Initialize(network, new InitializerOptions { Kind = Initialization.Reservoir, Reservoir = options }, seed);
        return network;
    }
}
