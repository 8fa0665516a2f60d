using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Diagnosis;

/// <summary>
/// Somebody's own sequences as they may be right and wrong: recordings of three machines, which hum at periods of their own, with
/// their labels or with those of another order; and a series whose season is inside its window or longer than it.
/// </summary>
internal static class IllData
{
    private const int Recordings = 240, Machines = 3, Series = 1_500, Updates = 300;

    private const int TaggedRecordings = 24, TaggedSteps = 160;

    /// <summary>Recordings with their labels, in their order or shuffled.</summary>
    public static SeriesTask Labelled(ulong seed, bool shuffled)
    {
        RandomSource random = new RandomKey(seed, RandomStream.Study, 1).Shared();
        int[] labels = [.. Enumerable.Range(0, Recordings).Select(i => i % Machines)];
        int[] written = [.. labels];
        if (shuffled) Shuffle(written, ref random);

        double shortest = 3 + (2 * random.NextDouble()), noise = 0.2 + (0.3 * random.NextDouble());
        var builder = new SequenceBuilder("vibration");
        for (int i = 0; i < Recordings; i++)
        {
            double period = shortest * (1 + (0.4 * labels[i])), start = random.NextDouble() * period;
            var values = new float[16 + random.NextInt(16)];
            for (int t = 0; t < values.Length; t++)
                values[t] = (float)(Math.Sin(2 * Math.PI * (t + start) / period) + (noise * random.NextNormal()));
            builder.AddCopy(values, new SequenceInfo { Label = $"machine {written[i]}" });
        }

        return new ClassifyTask(SequenceFolds.BySequence(builder.Build(), new FoldShares { Validation = 0.25, Test = 0 }, seed));
    }

    /// <summary>Recordings in which one machine after another runs, and which one at every step; or which one in another
    /// recording.</summary>
    public static SeriesTask Tagged(ulong seed, bool shuffled)
    {
        RandomSource random = new RandomKey(seed, RandomStream.Study, 4).Shared();
        double shortest = 3 + (2 * random.NextDouble()), noise = 0.2 + (0.3 * random.NextDouble());
        var values = new float[TaggedRecordings][];
        var running = new int[TaggedRecordings][];
        for (int i = 0; i < TaggedRecordings; i++)
        {
            (values[i], running[i]) = (new float[TaggedSteps], new int[TaggedSteps]);
            int machine = random.NextInt(Machines), left = 0;
            double angle = 2 * Math.PI * random.NextDouble();
            for (int t = 0; t < TaggedSteps; t++)
            {
                if (left-- == 0)
                {
                    machine = (machine + 1 + random.NextInt(Machines - 1)) % Machines;
                    left = 10 + random.NextInt(20);
                }

                angle += 2 * Math.PI / (shortest * (1 + (0.4 * machine)));
                values[i][t] = (float)(Math.Sin(angle) + (noise * random.NextNormal()));
                running[i][t] = machine;
            }
        }

        var builder = new SequenceBuilder(
            new SequenceColumn("vibration"),
            new SequenceColumn("machine", [.. Enumerable.Range(0, Machines).Select(k => $"machine {k}")]));
        for (int i = 0; i < TaggedRecordings; i++)
            builder.AddColumns([values[i]], [running[shuffled ? (i + 1) % TaggedRecordings : i]]);
        return new TagTask(SequenceFolds.BySequence(
            builder.Build().WithTargets("machine"), new FoldShares { Validation = 0.25, Test = 0 }, seed));
    }

    /// <summary>A series that depends on itself a season ago and on nothing between, and a window.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="tooShort">Whether the season is longer than the window.</param>
    /// <param name="sorted">Whether its rows are in the order of time; else in a random one.</param>
    public static SeriesTask Seasonal(ulong seed, bool tooShort, bool sorted = true)
    {
        RandomSource random = new RandomKey(seed, RandomStream.Study, 2).Shared();
        int window = 12 + random.NextInt(9);
        int season = tooShort ? window + 2 + random.NextInt(2 * window) : 2 + random.NextInt(window - 3);
        double kept = 0.8 + (0.15 * random.NextDouble());
        var values = new float[Series];
        for (int t = 0; t < Series; t++)
        {
            double past = t < season ? 0 : values[t - season];
            values[t] = (float)((kept * past) + (Math.Sqrt(1 - (kept * kept)) * random.NextNormal()));
        }

        if (!sorted) Shuffle(values, ref random);
        var builder = new SequenceBuilder("load");
        builder.AddCopy(values);
        return new ForecastTask(SequenceFolds.ByTime(builder.Build()), new SeriesOptions { Window = window });
    }

    private static void Shuffle<T>(T[] values, ref RandomSource random)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = random.NextInt(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    /// <summary>Trains a network on them, as its owner would have before asking what is wrong.</summary>
    public static void Train(Network<double> network, SeriesTask task, ulong seed)
    {
        TrainingOptions options = SeriesRecipes.Get(task.Codec.Kind, task.Examples(Fold.Train)) with
        {
            Stack = network.Shape.Layers,
            Precision = Precision.Double,
            OutputDropout = 0,
            InputNoise = 0,
            BatchSize = 16,
            MaximumEpochs = null,
            MaximumUpdates = Updates,
            CheckEvery = Updates,
            Patience = null,
            Seed = seed,
        };
        var start = new TrainingParts<double> { Initializer = (to, _) => network.Parameters.CopyTo(to.Parameters) };
        using var trainer = new Trainer(task, options, start);
        trainer.Run();
        trainer.LastNetwork<double>().Parameters.CopyTo(network.Parameters);
    }
}
