using System.Numerics;
using Unroll.Data;
using Unroll.Files;
using Unroll.Sampling;
using Unroll.Tests.Files;
using Unroll.Tests.Oracles;
using Rolls = Unroll.Tests.Data.Samples;

namespace Unroll.Tests.Sampling;

public static class MusicSamplerTests
{
    private static readonly NetworkShape Shape = new(PianoRoll.Keys, 7, PianoRoll.Keys)
    {
        Encoding = InputEncoding.MultiHot,
        Head = OutputHead.BernoulliEvery,
    };

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.5)]
    public static void Keys_are_down_as_often_as_the_sigmoid_says_each_by_itself(double temperature)
    {
        const int Samples = 2_000;
        Network<double> network = Specimen.Network<double>(Shape, 5);
        var sampler = new MusicSampler<double>(network);
        PianoRoll prompt = Rolls.Roll(1, 3);
        double[] y = Predict(network, prompt);
        var counts = new int[PianoRoll.Keys];
        int both = 0;
        for (ulong seed = 0; seed < Samples; seed++)
        {
            PianoRoll roll = Sample(sampler, prompt, new SamplingOptions { Temperature = temperature, Length = 1, Seed = seed });
            for (int key = 0; key < PianoRoll.Keys; key++) counts[key] += roll[3, key] ? 1 : 0;
            both += roll[3, 40] && roll[3, 41] ? 1 : 0;
        }

        double[] shares = [.. y.Select(v => 1 / (1 + Math.Exp(-v / temperature)))];
        for (int key = 0; key < PianoRoll.Keys; key++) Near(shares[key], counts[key]);
        Near(shares[40] * shares[41], both);

        static void Near(double share, int count) =>
            Assert.Equal(share, (double)count / Samples, 4.5 * Math.Sqrt(share * (1 - share) / Samples) + 1e-9);
    }

    [Fact]
    public static void At_temperature_0_keys_are_down_that_are_likelier_down()
    {
        Network<double> network = Specimen.Network<double>(Shape, 5);
        PianoRoll piece = Sample(new MusicSampler<double>(network), null, new SamplingOptions { Temperature = 0, Length = 16 });
        for (int steps = 0; steps < 16; steps++)
        {
            var before = new PianoRoll("before", steps);
            for (int i = 0; i < steps * PianoRoll.Keys; i++)
                before[i / PianoRoll.Keys, i % PianoRoll.Keys] = piece[i / PianoRoll.Keys, i % PianoRoll.Keys];
            double[] y = Predict(network, before);
            for (int key = 0; key < PianoRoll.Keys; key++) Assert.Equal(y[key] > 0, piece[steps, key]);
        }
    }

    [Fact]
    public static void The_seed_says_all_and_a_prompt_goes_on_as_if_it_had_been_drawn()
    {
        var sampler = new MusicSampler<float>(Specimen.Network<float>(Shape, 3));
        PianoRoll whole = Sample(sampler, null, new SamplingOptions { Length = 50, Seed = 9 });
        Assert.Equal(50, whole.Steps);
        Assert.NotEqual(Rolls.Text(whole), Rolls.Text(Sample(sampler, null, new SamplingOptions { Length = 50, Seed = 8 })));
        foreach (int cut in (int[])[0, 1, 17, 50])
        {
            var prompt = new PianoRoll("prompt", cut);
            for (int i = 0; i < cut * PianoRoll.Keys; i++)
                prompt[i / PianoRoll.Keys, i % PianoRoll.Keys] = whole[i / PianoRoll.Keys, i % PianoRoll.Keys];
            Assert.Equal(Rolls.Text(whole),
                Rolls.Text(Sample(sampler, prompt, new SamplingOptions { Length = 50 - cut, Seed = 9 })));
        }
    }

    [Fact]
    public static void What_was_drawn_comes_back_from_a_MIDI_file()
    {
        using var folder = new TempFolder();
        ModelFile.Save(folder["model"], Specimen.Network<float>(Shape, 3), new ModelInfo(Shape));
        PianoRoll piece = Sample(MusicSampler<float>.Load(folder["model"]), Rolls.Roll(4, 7),
            new SamplingOptions { Length = 50 });
        MidiFile.Write(folder["a.mid"], piece, 90, 0.25);
        Assert.Equal(Rolls.Text(piece), Rolls.Text(MidiFile.Read(folder["a.mid"], new MusicReadOptions { Step = 0.25 })));
    }

    [Fact]
    public static void What_cannot_be_sampled_is_refused()
    {
        using var folder = new TempFolder();
        foreach (NetworkShape shape in (NetworkShape[])[Shape with { Inputs = 87 }, Shape with { Outputs = 87 },
            Shape with { Head = OutputHead.LinearEvery }, Shape with { Encoding = InputEncoding.Dense }])
        {
            var network = new Network<float>(shape);
            Assert.Throws<ArgumentException>(() => new MusicSampler<float>(network));
            ModelFile.Save(folder["model"], network, new ModelInfo(shape));
            var error = Assert.Throws<InvalidFileException>(() => MusicSampler<float>.Load(folder["model"]));
            TempFolder.AssertSentence(error, folder["model"]);
        }

        var sampler = new MusicSampler<float>(Specimen.Network<float>(Shape, 3));
        Assert.Throws<ArgumentException>(() => Sample(sampler, null, new SamplingOptions { Temperature = -1 }));
        Assert.Throws<ArgumentException>(
            () => Sample(sampler, new PianoRoll("one", 1), new SamplingOptions { Length = PianoRoll.MaximumSteps }));
        Assert.Throws<OperationCanceledException>(() => sampler.Sample(cancellation: new CancellationToken(canceled: true)));
        var exploded = new MusicSampler<float>(
            Specimen.Network<float>(Shape with { Activation = Activation.Identity }, 3, gain: 1e20));
        Assert.Throws<ArithmeticException>(() => Sample(exploded, null, new SamplingOptions()));
    }

    private static PianoRoll Sample<T>(MusicSampler<T> sampler, PianoRoll? prompt, SamplingOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => sampler.Sample(
            prompt, options, TestContext.Current.CancellationToken);

    /// <summary>The outputs after the steps of a piece: the prediction of the next step.</summary>
    private static double[] Predict(Network<double> network, PianoRoll piece)
    {
        using var unrolled = new UnrolledNetwork<double>(network);
        Batch batch = Batch.For(network.Shape);
        batch.Resize(1, piece.Steps + 1);
        for (int t = 0; t < piece.Steps; t++) batch.SetBits(t + 1, 0, piece.Words(t));
        var predictions = new Predictions();
        unrolled.Predict(batch, predictions);
        return predictions.At(piece.Steps, 0).ToArray();
    }
}
