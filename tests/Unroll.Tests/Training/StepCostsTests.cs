using System.Numerics;
using Unroll.Data;
using Unroll.Tasks;
using Unroll.Tests.Oracles;
using Unroll.Tests.Sampling;
using Unroll.Training;

namespace Unroll.Tests.Training;

public static class StepCostsTests
{
    /// <summary>A network that forgets, and a chaotic one, whose segments are read again until their states are right.</summary>
    [Theory]
    [InlineData(0.5)]
    [InlineData(3.0)]
    public static void The_costs_of_a_texts_steps_are_those_of_a_single_reading_and_sum_to_the_folds(double gain)
    {
        Check<float>(2e-5);
        Check<double>(1e-9);

        void Check<T>(double tolerance)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            var alphabet = new Alphabet(SymbolKind.Byte, [1, 2, 3]);
            RandomSource random = new RandomKey(1, RandomStream.Test, 0).Shared();
            var text = new ushort[3 * 4_096 + 77];
            for (int i = 0; i < text.Length; i++) text[i] = (ushort)random.NextInt(3);
            var task = new TextTask(new TextCorpus("text", alphabet, text, text, text), ahead: 2);
            Network<T> network = Specimen.Network<T>(TextSamplerTests.Shape(alphabet, 5), 3, gain);
            (FoldCost cost, List<double[]> steps) = Evaluate(network, task);
            double[] only = Assert.Single(steps);
            Assert.Equal(text.Length - 1, only.Length);
            Assert.Equal(cost.Streams[0].Cost, only.Sum(), tolerance * cost.Streams[0].Cost);
            Assert.Equal(cost.Loss,
                CorpusEvaluator.Evaluate(network, task, Fold.Test, cancellation: TestContext.Current.CancellationToken).Loss);

            // Bits of the symbol after the next one, with the state carried over the whole stream.
            var streaming = new StreamingNetwork<T>(network);
            T[] state = streaming.Start(), y = new T[3];
            for (int t = 0; t < (gain > 1 ? 60 : only.Length); t++)
            {
                streaming.Step(t == 0 ? -1 : text[t - 1], state, y);
                double total = y.Sum(v => Math.Exp(double.CreateTruncating(v)));
                Assert.Equal(Math.Log2(total / Math.Exp(double.CreateTruncating(y[text[t + 1]]))), only[t], 1e-4);
            }
        }
    }

    [Fact]
    public static void The_costs_of_pieces_come_in_their_order_and_sum_to_theirs()
    {
        PianoRoll[] pieces = [.. ((int[])[1, 3, 300, 17, 50]).Select(steps => Data.Samples.Roll(7, steps))];
        var task = new MusicTask(new MusicCorpus("music", pieces, pieces, [pieces[2], new PianoRoll("empty", 0), pieces[3]]));
        var shape = new NetworkShape(88, 7, 88) { Encoding = InputEncoding.MultiHot, Head = OutputHead.BernoulliEvery };
        Network<double> network = Specimen.Network<double>(shape, 3);
        (FoldCost cost, List<double[]> steps) = Evaluate(network, task);
        Assert.Equal([300, 17], steps.Select(costs => costs.Length));
        for (int s = 0; s < 2; s++) Assert.Equal(cost.Streams[s].Cost, steps[s].Sum(), 1e-10 * cost.Streams[s].Cost);

        var streaming = new StreamingNetwork<double>(network);
        double[] state = streaming.Start(), y = new double[88];
        for (int t = 0; t < 17; t++)
        {
            PianoRoll piece = pieces[3];
            streaming.StepActive(t == 0 ? [] : [.. Enumerable.Range(0, 88).Where(key => piece[t - 1, key])], state, y);
            double nats = Enumerable.Range(0, 88)
                .Sum(key => -Math.Log(piece[t, key] ? 1 / (1 + Math.Exp(-y[key])) : 1 / (1 + Math.Exp(y[key]))));
            Assert.Equal(nats, steps[1][t], 1e-9);
        }
    }

    private static (FoldCost Cost, List<double[]> Steps) Evaluate<T>(Network<T> network, ICorpusTask task)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var steps = new List<double[]>();
        FoldCost cost = CorpusEvaluator.Evaluate(network, task, Fold.Test, 2, TestContext.Current.CancellationToken, null,
            (stream, costs) => steps.Add(costs.ToArray()));
        return (cost, steps);
    }
}
