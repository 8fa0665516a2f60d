using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Tests.Tasks.Series;

/// <summary>Horizons that are forecast in parts from one state.</summary>
public static class ParallelDecoderTests
{
    private static SeriesOptions Options(int window, int horizon, int segment) => new()
    {
        Window = window,
        Horizon = horizon,
        Segment = segment,
        Decoder = SeriesDecoder.Parallel,
        LooksBack = true,
        Encoder = new EncoderOptions { Scale = Scaling.None },
    };

    private static SequenceFolds Folds(SequenceData data) => SequenceFolds.BySteps(data, 20, 5, 5);

    [Fact]
    public static void Inputs_and_targets_of_a_window_are_as_by_hand()
    {
        var task = new ForecastTask(Folds(SomeSeries.Ramp(30).Select("ramp")), Options(6, 4, 2));
        Assert.Equal((2, 2), (task.Codec.DecoderSteps, task.Codec.PartSteps));
        Assert.Equal((2 + 2, 2, 3 + 2, OutputHead.LinearEvery), (task.Inputs, task.Outputs, task.Window, task.Head));
        Batch batch = Batch.For(task);
        batch.Resize(1, task.StepsOf(Fold.Train, 1));
        task.FillExample(batch, 0, Fold.Train, 1, 0, batch.Steps);
        double[][] inputs = [[1, 2, 0, 0], [3, 4, 0, 0], [5, 6, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]];
        for (int t = 0; t < 5; t++)
        {
            Assert.Equal(inputs[t], batch.Dense(t, 0).ToArray());
            Assert.Equal(t >= 3, batch.IsPredicted(t, 0));
        }

        Assert.Equal([7, 8], batch.Values(3, 0).ToArray());
        Assert.Equal([9, 10], batch.Values(4, 0).ToArray());
    }

    [Fact]
    public static void Channels_that_share_their_weights_have_a_vector_each()
    {
        var task = new ForecastTask(Folds(SomeSeries.Ramp(30)), Options(4, 4, 2) with { SharedChannels = true });
        Assert.Equal((2 + 2 + 2, 2), (task.Inputs, task.Outputs));
        Batch batch = Batch.For(task);
        batch.Resize(2, 4);
        for (int row = 0; row < 2; row++) task.FillExample(batch, row, Fold.Train, 2 + row, 0, 4);
        Assert.Equal([0, 0, 1, 0, 1, 0], batch.Dense(2, 0).ToArray());
        Assert.Equal([0, 0, 0, 1, 0, 1], batch.Dense(3, 1).ToArray());
        Assert.Equal([1, 2, 0, 0, 0, 0], batch.Dense(0, 0).ToArray());
    }

    [Theory]
    [InlineData(12, 5, 3, 4)] // equal parts of at most a segment
    [InlineData(12, 12, 1, 12)]
    [InlineData(12, 50, 1, 12)]
    [InlineData(7, 3, 7, 1)] // a prime
    [InlineData(720, 24, 30, 24)]
    public static void Parts_are_equal_and_at_most_a_segment(int horizon, int segment, int parts, int each)
    {
        SequenceFolds folds = SequenceFolds.BySteps(SomeSeries.Ramp(900).Select("ramp"), 900, 0, 0);
        SeriesCodec codec = new ForecastTask(folds, Options(60, horizon, segment)).Codec;
        Assert.Equal((parts, each), (codec.DecoderSteps, codec.PartSteps));
    }

    [Theory]
    [InlineData(SeriesLoss.Squared)]
    [InlineData(SeriesLoss.Quantile)]
    public static void It_learns_a_line_and_its_file_forecasts_the_same(SeriesLoss loss) =>
        Assert.Equal(2, LearnedLine.Check(Options(8, 6, 2) with { Loss = loss }).PartSteps);

    [Fact]
    public static void Others_than_forecasts_have_none()
    {
        SequenceFolds folds = Folds(SomeSeries.Ramp(30).WithTargets("root"));
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => new TagTask(folds, new SeriesOptions { Window = 0, Decoder = SeriesDecoder.Parallel }));
        Assert.Contains("decoder parallel is for forecasts", error.Message, StringComparison.Ordinal);
    }
}
