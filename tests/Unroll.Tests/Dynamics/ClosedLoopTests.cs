using Unroll.Dynamics;
using Unroll.Tests.Oracles;

namespace Unroll.Tests.Dynamics;

/// <summary>The map of a network that reads its own outputs.</summary>
public static class ClosedLoopTests
{
    [Theory]
    [InlineData(true, Activation.Tanh)]
    [InlineData(false, Activation.Sigmoid)]
    public static void It_is_the_step_of_a_stream_on_its_own_output(bool biases, Activation activation)
    {
        Network<double> network = Specimen.Network<double>(Shape(2, 5, 2) with
        {
            Biases = biases,
            Layers = [new LayerShape(5) { Activation = activation }],
        }, 4);
        var map = AutonomousNetwork.ClosedLoop(network);
        var stream = new StreamingNetwork<double>(network);
        double[] state = stream.Start(), y = new double[2], next = new double[5];
        stream.Step([0.3, -0.7], state, y);
        for (int t = 0; t < 10; t++)
        {
            map.Apply(state, next);
            stream.Step([.. y], state, y);
            for (int i = 0; i < 5; i++) Assert.Equal(state[i], next[i], 1e-12);
        }
    }

    [Fact]
    public static void Other_networks_have_none()
    {
        Assert.Contains("one plain layer", Assert.Throws<ArgumentException>(() =>
            AutonomousNetwork.ClosedLoop(new Network<double>(Shape(3, 5, 2)))).Message);
        Assert.Contains("one plain layer", Assert.Throws<ArgumentException>(() =>
            AutonomousNetwork.ClosedLoop(new Network<double>(
                Shape(1, 5, 1) with { Layers = [new LayerShape(5) { Cell = CellKind.Gru }] }))).Message);
        Assert.Contains("fed back", Assert.Throws<ArgumentException>(() =>
            AutonomousNetwork.ClosedLoop(new Network<double>(new NetworkShape(1, 5, 1)))).Message);
    }

    private static NetworkShape Shape(int inputs, int hidden, int outputs) =>
        new(inputs, hidden, outputs) { Encoding = InputEncoding.Dense, Head = OutputHead.LinearEvery };
}
