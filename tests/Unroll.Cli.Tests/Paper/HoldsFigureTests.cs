using Unroll.Cli.Paper.Figures;
using Unroll.Tasks;

namespace Unroll.Cli.Tests.Paper;

/// <summary>Which classes have an attractor of their own.</summary>
public class HoldsFigureTests
{
    [Theory]
    [InlineData(4, "AaBbCcDd")] // each class its own
    [InlineData(2, "AaBaCcDd")] // the first two share one
    [InlineData(0, "AaBaCaDa")]
    [InlineData(1, "AaAaAb")] // most of them
    [InlineData(0, "AaAb")] // a half is not most
    [InlineData(1, "Aa B. B. BbCcCd")] // most of B reach none, C is divided
    [InlineData(0, "")]
    public void A_class_has_its_own_when_most_of_it_and_no_most_of_another_ends_there(int own, string reached) =>
        Assert.Equal(own, HoldsFigure.OwnClasses([.. reached.Replace(" ", "").Chunk(2)
            .Select(pair => (pair[0] - 'A', pair[1] == '.' ? -1 : pair[1] - 'a'))]));

    [Fact]
    public void A_network_under_its_mean_distractor_takes_the_mean_of_the_steps_with_each()
    {
        var task = new TemporalOrder(10);
        var network = new Network<double>(new NetworkShape(task.Inputs, 3, task.Outputs) { Activation = Activation.Identity });
        Initializer.Initialize(network, Initialization.BasicTanh, 5);
        network.HiddenBias[1] = 0.3;
        Network<double> moved = HoldsFigure.UnderMeanDistractor(network);
        double[] Step(Network<double> of, int symbol)
        {
            Batch batch = Batch.For(task);
            batch.Resize(1, 1);
            batch.SetSymbol(0, 0, symbol);
            batch.SetClass(0, 0, 0);
            using var unrolled = new UnrolledNetwork<double>(of);
            unrolled.Forward(batch, CostReduction.Sum);
            return unrolled.WholeState(1, 0);
        }

        double[][] distractors = [.. Enumerable.Range(2, 4).Select(symbol => Step(network, symbol))];
        double[] mean = Step(moved, -1);
        for (int j = 0; j < 3; j++) Assert.Equal(distractors.Average(state => state[j]), mean[j], 1e-14);
        Assert.NotEqual(Step(network, 0)[0], mean[0]);
    }
}
