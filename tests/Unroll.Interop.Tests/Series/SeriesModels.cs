using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Interop.Tests.Series;

/// <summary>A model of somebody's own sequences with random weights, the data, and what it predicts of them by our own
/// code.</summary>
internal sealed record SeriesCase(Network<float> Network, ModelInfo Info, SeriesCodec Codec, SequenceData Data,
    SequenceWindow[] Windows, double[][] Predictions);

/// <summary>Models of every kind of task, way of reading, and scale.</summary>
internal static class SeriesModels
{
    private static readonly string[] s_colours = ["red", "green \"?\"", "blå"], s_weather = ["sun", "rain"];

    public static IReadOnlyList<string> Names { get; } =
    [
        "forecast", "forecast last", "forecast mean", "forecast standard", "forecast segments", "forecast shared",
        "forecast shared segments", "forecast log", "forecast calendar", "forecast forward", "forecast robust start",
        "classify", "classify segments mask", "classify calendar", "classify standard forward", "classify mean states",
        "classify shuffled", "regress", "regress largest states", "regress zero minmax", "tag", "tag number forward",
        "tag calendar", "tag mask", "classify categories alone", "forecast known", "forecast known last shuffled",
        "forecast known standard shared mask", "forecast known segments calendar", "forecast known mean shared forward",
        "forecast quantiles last", "forecast quantiles shared log", "forecast quantiles mean shared segments",
        "regress quantiles", "tag number quantiles",
    ];

    public static SeriesCase Make(string name)
    {
        string[] words = name.Split(' ');
        bool Has(string word) => words.Contains(word);
        bool missing = Has("forward") || Has("mask") || Has("zero");
        (SequenceFolds folds, SequenceData data) = Data(missing, Has("shuffled"));
        string[]? columns = Has("alone") ? ["colour", "weather"] : null;
        var options = new SeriesOptions
        {
            Window = words[0] == "tag" ? 0 : 11,
            Horizon = 3,
            Segment = Has("segments") ? 4 : 1,
            SharedChannels = Has("shared"),
            Loss = Has("quantiles") ? SeriesLoss.Quantile : SeriesLoss.Squared,
            Quantiles = [0.05, 0.25, 0.5, 0.9],
            Encoder = new EncoderOptions
            {
                Columns = columns,
                UnknownAsNone = true,
                Scale = Has("robust") ? Scaling.Robust : Has("minmax") ? Scaling.MinMax : Scaling.Standard,
                Window = Has("last") ? WindowScaling.Last : Has("mean") && words[0] == "forecast" ? WindowScaling.Mean
                    : Has("standard") ? WindowScaling.Standard : WindowScaling.None,
                Missing = Has("forward") ? MissingPolicy.Forward : Has("mask") ? MissingPolicy.Mask
                    : Has("zero") ? MissingPolicy.Zero : MissingPolicy.Error,
                Calendar = Has("calendar") ? Enum.GetValues<CalendarPart>() : [],
                Known = Has("known") ? ["flow", "weather"] : [],
                Logarithm = Has("log") ? ["pressure"] : [],
            },
        };
        SequenceFolds Targets(params string[] targets) => SequenceFolds.OfWhole(
            folds.Data.WithTargets(targets), [.. folds.Data.Sequences.Select(_ => Fold.Train)]);
        SeriesTask task = words[0] switch
        {
            "forecast" => new ForecastTask(Targets("power", "pressure"), options),
            "classify" => new ClassifyTask(folds, options),
            "regress" => new RegressTask(folds, options),
            _ => new TagTask(Targets(Has("number") ? "power" : "weather"), options),
        };
        SeriesCodec codec = task.Codec;
        LayerShape layer = new(5) { Cell = Has("calendar") ? CellKind.Lstm : CellKind.Gru };
        var shape = new NetworkShape(codec.Inputs, Has("log") ? [layer, new LayerShape(4)] : [layer], codec.Outputs)
        {
            Encoding = InputEncoding.Dense,
            Head = codec.Head,
            Quantiles = codec.Quantiles ?? [0.5],
            LearnedInitialState = Has("start") || Has("calendar"),
            Read = Has("states") ? Has("largest") ? StateReading.Max : StateReading.Mean : StateReading.Last,
        };
        Network<float> network = Networks.Random<float>(shape);
        var info = new ModelInfo(shape)
        {
            Properties = new SortedDictionary<string, string>(
            task.Properties.ToDictionary())
            { ["task"] = task.Name }
        };
        SequenceWindow[] windows = [.. data.Sequences.Select((one, i) => codec.Kind == SeriesKind.Forecast
            ? new SequenceWindow(i, 0, 11, 3) : new SequenceWindow(i, 0, one.Steps, 0))];
        var predictions = new List<double[]>();
        using (var predictor = new SeriesPredictor<float>(network, codec.Bind(data)))
            predictor.Run(windows, (_, values) => predictions.Add(values.ToArray()));
        return new SeriesCase(network, info, codec, data, windows, [.. predictions]);
    }

    /// <summary>Data to fit scales on, and others of unequal length, with the columns in another order where that is
    /// asked.</summary>
    private static (SequenceFolds Folds, SequenceData Data) Data(bool missing, bool shuffled)
    {
        var random = new Random(7);
        SequenceColumn[] columns =
        [
            new("power"), new("colour", s_colours), new("pressure"), new("weather", s_weather), new("flow"),
        ];
        if (shuffled) columns = [columns[3], columns[4], columns[1], columns[0], columns[2]];
        var builder = new SequenceBuilder(columns);
        for (int s = 0; s < 8; s++)
        {
            int steps = 14 + (5 * (s % 4));
            var numbers = columns.Where(one => one.Kind == ColumnKind.Number).Select(one =>
                (ReadOnlyMemory<float>)Enumerable.Range(0, steps)
                .Select(t => missing && random.Next(5) == 0 ? float.NaN : Value(one.Name)).ToArray()).ToArray();
            var codes = columns.Where(one => one.Kind == ColumnKind.Category).Select(one =>
                (ReadOnlyMemory<int>)Enumerable.Range(0, steps)
                .Select(t => random.Next(missing ? -1 : 0, one.Labels.Count)).ToArray()).ToArray();
            var first = new DateTime(1999 + s, 2, 20, 3, 17, 5, DateTimeKind.Unspecified);
            if (s == 7) first = new DateTime(1963, 12, 30, 22, 0, 59, DateTimeKind.Unspecified);
            DateTime[] dates = [.. Enumerable.Range(0, steps).Select(t => first.AddMinutes(t * 997))];
            builder.AddColumns(numbers, codes,
                new SequenceInfo
                {
                    Label = s % 3 == 0 ? "yes" : s % 3 == 1 ? "no, \"?" : "måske",
                    Number = s * 1000f,
                    Times = dates
                });
        }

        SequenceData data = builder.Build();
        return (SequenceFolds.OfWhole(data, [.. data.Sequences.Select(_ => Fold.Train)]), data);

        // A pressure far from zero has few digits left unless its center is taken off in full.
        float Value(string column) => column switch
        {
            "pressure" => (float)(101_325 + (random.NextDouble() * 3)),
            "power" => (float)Math.Exp(random.NextDouble() * 4),
            _ => (float)(random.NextDouble() - 8),
        };
    }

    /// <summary>(steps, columns) of a sequence as a caller gives it; a category as its label's index.</summary>
    public static float[] Rows(SeriesCase one, SequenceWindow window)
    {
        IReadOnlyList<SequenceColumn> columns = one.Codec.Encoder.Columns;
        var rows = new float[window.Steps * columns.Count];
        Data.Sequence sequence = one.Data.Sequences[window.Sequence];
        for (int c = 0; c < columns.Count; c++)
        {
            string[] name = columns[c].Name.Split('+'); // such as flow+3, what flow is 3 steps later
            int place = one.Data.ColumnOf(name[0]), ahead = name.Length > 1 ? 3 : 0;
            for (int t = 0; t < window.Steps; t++)
            {
                rows[(t * columns.Count) + c] = columns[c].Kind == ColumnKind.Number ? sequence.Values(place)[t + ahead]
                    : sequence.Codes(place).Span[t + ahead];
            }
        }

        return rows;
    }

    /// <summary>The times of a window in seconds since 1970.</summary>
    public static long[] Times(SeriesCase one, SequenceWindow window) =>
        [.. one.Data.Sequences[window.Sequence].Times.Dates.Span[..window.Steps].ToArray()
            .Select(date => (long)(date - DateTime.UnixEpoch).TotalSeconds)];

    /// <summary>Compares predictions.</summary>
    public static void Close(string what, double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-5 * Math.Max(1, Math.Abs(expected[i])),
                $"{what}, {i}: {expected[i]} and {actual[i]}");
        }
    }
}
