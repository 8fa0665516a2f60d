using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Tests.Tasks.Series;

/// <summary>A stream predicts what is predicted of whole data, bit for bit, from any number of sequences at once.</summary>
public static class SeriesStreamTests
{
    private const int Steps = 60;
    private static readonly string[] s_states = ["low", "high", "off"];

    /// <summary>Two sequences of numbers with gaps, a category with gaps, dates, and a target of steps.</summary>
    private static SequenceData Data(bool gaps)
    {
        var builder = new SequenceBuilder(new SequenceColumn("x"), new SequenceColumn("y"),
            new SequenceColumn("state", s_states), new SequenceColumn("tag"));
        for (int s = 0; s < 2; s++)
        {
            float Value(int t, int k) => gaps && (t + s + k) % 7 == 3 ? float.NaN
                : 20 + (5 * MathF.Sin((t + (s * 9)) / (2f + k)));
            builder.AddColumns(
                [
                    Enumerable.Range(0, Steps).Select(t => Value(t, 0)).ToArray(),
                    Enumerable.Range(0, Steps).Select(t => Value(t, 1)).ToArray(),
                    Enumerable.Range(0, Steps).Select(t => (float)(t % 5)).ToArray(),
                ],
                [Enumerable.Range(0, Steps).Select(t => gaps && t % 11 == 4 ? -1 : (t / 4 % 3)).ToArray()],
                new SequenceInfo
                {
                    Name = $"s{s}",
                    Label = s == 0 ? "a" : "b",
                    Times = Enumerable.Range(0, Steps).Select(t => new DateTime(2024, 1, 1).AddHours(t)).ToArray(),
                });
        }

        return builder.Build();
    }

    [Fact]
    public static void A_state_of_another_model_is_refused()
    {
        using SeriesStream<float> one = Stream(SomeSeries.Ramp(60), 3), other = Stream(SomeSeries.Ramp(61), 3);
        SeriesStreamState state = other.Start();
        Assert.Contains("another model", Assert.Throws<ArgumentException>(() =>
            one.Step(state, [1, 2], new double[2])).Message);
        Assert.Contains("another model", Assert.Throws<ArgumentException>(() => one.Finish(state, new double[2])).Message);

        static SeriesStream<float> Stream(SequenceData data, int window)
        {
            var task = new ForecastTask(SequenceFolds.BySteps(data, 40, 10, 10), new SeriesOptions { Window = window });
            SeriesCodec codec = task.Codec;
            var shape = new NetworkShape(codec.Inputs, 4, codec.Outputs) { Encoding = InputEncoding.Dense, Head = codec.Head };
            return new SeriesStream<float>(new Network<float>(shape), codec);
        }
    }

    [Theory]
    [InlineData(MissingPolicy.Error, WindowScaling.Last, false, false)]
    [InlineData(MissingPolicy.Forward, WindowScaling.Last, false, true)]
    [InlineData(MissingPolicy.Forward, WindowScaling.Standard, true, true)]
    [InlineData(MissingPolicy.Zero, WindowScaling.Mean, true, true)]
    [InlineData(MissingPolicy.Mask, WindowScaling.None, false, true)]
    public static void Forecasts_are_those_of_windows(MissingPolicy missing, WindowScaling window, bool shared, bool gaps)
    {
        SequenceFolds folds = SequenceFolds.BySteps(Data(gaps).WithTargets("x", "y"), 40, 10, 10);
        var task = new ForecastTask(folds, new SeriesOptions
        {
            Window = 9,
            Horizon = 3,
            Segment = 2,
            SharedChannels = shared,
            LooksBack = true,
            Loss = shared ? SeriesLoss.Quantile : SeriesLoss.Squared,
            Encoder = new EncoderOptions
            {
                Columns = ["y", "x", "state"],
                Missing = missing,
                Window = window,
                Calendar = [CalendarPart.Hour],
                Logarithm = shared ? ["x", "y"] : [],
            },
        });
        Network<float> network = Network(task);
        var expected = new Dictionary<(int Sequence, int End), double[]>();
        using (var predictor = new SeriesPredictor<float>(network, task.Rows))
        {
            SequenceWindow[] windows = [.. from s in Enumerable.Range(0, 2) from end in Enumerable.Range(9, Steps - 8)
                select new SequenceWindow(s, end - 9, 9, 3)];
            predictor.Run(windows, (one, values) => expected[(one.Sequence, one.End)] = values.ToArray(),
                TestContext.Current.CancellationToken);
        }

        using var stream = new SeriesStream<float>(network, task.Codec);
        SeriesStreamState[] states = [stream.Start(), stream.Start()];
        var prediction = new double[task.Codec.Width];
        for (int t = 0; t < Steps; t++)
        {
            for (int s = 0; s < 2; s++) // in turns
            {
                bool known = stream.Step(states[s], Row(task.Codec, folds.Data, s, t), prediction, Date(t));
                Assert.Equal(t >= 8, known);
                if (known) Assert.Equal(expected[(s, t + 1)], prediction);
                Assert.False(stream.Finish(stream.Start(), prediction));
            }
        }

        Assert.Equal(Steps, states[0].Steps);
        Assert.Equal(9, states[0].Capacity); // however many steps there were
    }

    [Fact]
    public static void Tags_are_those_of_whole_sequences()
    {
        SequenceData data = Data(gaps: true).WithTargets("tag");
        SequenceFolds folds = SequenceFolds.BySteps(data, 40, 10, 10);
        foreach (CellKind cell in (CellKind[])[CellKind.Gru, CellKind.Lstm])
        {
            var task = new TagTask(folds, new SeriesOptions
            {
                Window = 10,
                Encoder = new EncoderOptions { Missing = MissingPolicy.Forward, Calendar = [CalendarPart.Weekday] },
            });
            Network<float> network = Network(task, cell);
            using var predictor = new SeriesPredictor<float>(network, task.Rows);
            using var stream = new SeriesStream<float>(network, task.Codec);
            var prediction = new double[task.Codec.Width];
            for (int s = 0; s < 2; s++)
            {
                var got = new List<double>();
                SeriesStreamState state = stream.Start();
                for (int round = 0; round < 2; round++) // a finished sequence leaves nothing behind
                {
                    got.Clear();
                    for (int t = 0; t < Steps; t++)
                    {
                        Assert.True(stream.Step(state, Row(task.Codec, data, s, t), prediction, Date(t)));
                        got.AddRange(prediction);
                    }

                    Assert.False(stream.Finish(state, prediction));
                }

                predictor.Run([new SequenceWindow(s, 0, Steps, 0)], (_, values) => Assert.Equal(values.ToArray(), got),
                    TestContext.Current.CancellationToken);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public static void Classes_come_at_the_end_of_a_sequence(int segment)
    {
        SequenceFolds folds = SequenceFolds.BySequence(SomeSeries.Slopes(40));
        var task = new ClassifyTask(folds, new SeriesOptions { Segment = segment });
        Network<float> network = Network(task);
        using var predictor = new SeriesPredictor<float>(network, task.Rows);
        using var stream = new SeriesStream<float>(network, task.Codec);
        SeriesStreamState state = stream.Start();
        var prediction = new double[2];
        for (int s = 0; s < 12; s++)
        {
            Sequence sequence = folds.Data.Sequences[s];
            for (int t = 0; t < sequence.Steps; t++)
                Assert.False(stream.Step(state, Row(task.Codec, folds.Data, s, t), prediction));
            Assert.True(stream.Finish(state, prediction));
            double[] got = [.. prediction];
            predictor.Run([new SequenceWindow(s, 0, sequence.Steps, 0)], (_, values) => Assert.Equal(values.ToArray(), got),
                TestContext.Current.CancellationToken);
        }

        Assert.False(stream.Finish(state, prediction)); // nothing was read
    }

    [Fact]
    public static void A_step_that_cannot_be_read_changes_nothing()
    {
        SequenceFolds folds = SequenceFolds.BySteps(Data(gaps: false).WithTargets("x"), 40, 10, 10);
        var task = new ForecastTask(folds, new SeriesOptions
        {
            Window = 3,
            LooksBack = true,
            Encoder = new EncoderOptions { Columns = ["x", "state"], Logarithm = ["x"], Calendar = [CalendarPart.Hour] },
        });
        using var stream = new SeriesStream<float>(Network(task), task.Codec);
        SeriesStreamState state = stream.Start();
        var prediction = new double[1];
        foreach ((float[] row, string words) in ((float[], string)[])[([1], "has 2 values"), ([float.NaN, 0], "has no value"),
            ([0, 0], "no logarithm"), ([1, 3], "labels lie in 0..2"), ([1, 0.5f], "labels lie"), ([1, -1], "labels lie"),
            ([float.PositiveInfinity, 1], "must be finite")])
        {
            Assert.Contains(words, Assert.Throws<ArgumentException>(() => stream.Step(state, row, prediction, Date(1))).Message);
        }

        Assert.Contains("no date", Assert.Throws<ArgumentException>(() => stream.Step(state, [1, 0], prediction)).Message);
        Assert.Contains("has 1 number,", Assert.Throws<ArgumentException>(() =>
            stream.Step(state, [1, 0], new double[2], Date(1))).Message);
        Assert.Equal(0, state.Steps);
        Assert.Throws<ArgumentException>(() =>
            new SeriesStream<float>(new Network<float>(new NetworkShape(2, 3, 1)), task.Codec));
    }

    private static DateTime Date(int step) => new DateTime(2024, 1, 1).AddHours(step);

    private static float[] Row(SeriesCodec codec, SequenceData data, int sequence, int step) =>
    [
        .. codec.Encoder.Columns.Select(column =>
        {
            int place = data.ColumnOf(column.Name);
            if (column.Kind == ColumnKind.Number) return data.Sequences[sequence].Values(place)[step];
            int code = data.Sequences[sequence].Codes(place).Span[step];
            return code < 0 ? float.NaN : code;
        }),
    ];

    private static Network<float> Network(SeriesTask task, CellKind cell = CellKind.Gru)
    {
        var network = new Network<float>(OptionsRules.ShapeOf(task, new TrainingOptions { Hidden = 7, Cell = cell }));
        Initializer.Initialize(network, new InitializerOptions(), 3);
        return network;
    }
}
