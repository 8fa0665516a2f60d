using Unroll.Cli.Diagnosis;
using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Tests.Diagnosis;

/// <summary>Tags beside other steps and rows out of order are found, also beside a network that has learned nothing; tags and
/// rows that are right are left alone, where one class is rare too.</summary>
public class DataOrderTests
{
    [Theory]
    [InlineData(0, null)]
    [InlineData(2_000, "labels")]
    public void Tags_that_are_beside_other_steps_are_found(int offset, string? expected)
    {
        (float[] flow, int[] open) = Valve(8_000);
        int[] moved = [.. open.Select((_, t) => open[(t + offset) % open.Length])];
        Assert.Equal(expected, Said(Tags(flow, moved)));
    }

    [Fact]
    public void A_tag_that_is_rare_is_no_alarm()
    {
        (float[] flow, _) = Valve(4_000);
        int[] pulse = [.. flow.Select(value => value > 2.5 ? 1 : 0)]; // at one step of thirty
        Assert.InRange(pulse.Average(), 0.01, 0.06);
        Assert.Null(Said(Tags(flow, pulse)));
    }

    [Fact]
    public void Where_tags_hardly_change_nothing_is_said()
    {
        var random = new RandomKey(3, RandomStream.Study, 0).Shared();
        var noise = new float[2_000];
        for (int t = 0; t < noise.Length; t++) noise[t] = (float)random.NextNormal();
        Assert.Null(Said(Tags(noise, [.. noise.Select((_, t) => t / 100 % 2)])));
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "order")]
    public void Rows_out_of_order_are_found(bool sorted, string? expected) =>
        Assert.Equal(expected, Said(IllData.Seasonal(5, tooShort: false, sorted)));

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "labels")]
    public void Labels_of_which_one_is_rare_are_no_alarm_until_they_are_shuffled(bool shuffled, string? expected)
    {
        RandomSource random = new RandomKey(9, RandomStream.Study, 0).Shared();
        const int Count = 240;
        int[] fault = [.. Enumerable.Range(0, Count).Select(i => i % 12 == 0 ? 1 : 0)]; // one recording of twelve
        int[] order = [.. Enumerable.Range(0, Count)];
        for (int i = Count - 1; shuffled && i > 0; i--)
        {
            int j = random.NextInt(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }

        var builder = new SequenceBuilder("current");
        for (int i = 0; i < Count; i++)
        {
            float[] values = [.. Enumerable.Range(0, 30).Select(t => (float)(random.NextNormal() + (fault[i] * t / 10.0)))];
            builder.AddCopy(values, new SequenceInfo { Label = fault[order[i]] == 1 ? "fault" : "sound" });
        }

        Assert.Equal(expected, Said(new ClassifyTask(
            SequenceFolds.BySequence(builder.Build(), new FoldShares { Validation = 0.25, Test = 0 }, 1))));
    }

    /// <summary>A season before the window, or inside of it, where the window is longer than a linear forecast reads step by
    /// step; rows in another order there.</summary>
    [Theory]
    [InlineData(400, true, "window")]
    [InlineData(90, true, null)]
    [InlineData(90, false, "order")]
    public void A_long_window_is_told_from_one_that_is_too_short(int season, bool sorted, string? expected)
    {
        RandomSource random = new RandomKey(4, RandomStream.Study, 0).Shared();
        var values = new float[6_000];
        for (int t = 0; t < values.Length; t++)
            values[t] = (float)((0.95 * (t < season ? 0 : values[t - season])) + (0.31 * random.NextNormal()));
        for (int i = values.Length - 1; !sorted && i > 0; i--)
        {
            int j = random.NextInt(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }

        var builder = new SequenceBuilder("load");
        builder.AddCopy(values);
        Assert.Equal(expected, Said(new ForecastTask(
            SequenceFolds.ByTime(builder.Build()), new SeriesOptions { Window = 300, Horizon = 2, Segment = 30 })));
    }

    /// <summary>What the data asks for first, beside a network that is as it was drawn.</summary>
    private static string? Said(SeriesTask task)
    {
        var network = new Network<double>(new NetworkShape(task.Inputs, 4, task.Outputs)
        {
            Encoding = task.Encoding,
            Head = task.Head,
        });
        Initializer.Initialize(network, new InitializerOptions(), 1);
        return DataAdvice.Of(task, 1, network).Where(one => one.Asks).Select(one => one.About).FirstOrDefault();
    }

    private static TagTask Tags(float[] flow, int[] tags)
    {
        var builder = new SequenceBuilder(new SequenceColumn("flow"), new SequenceColumn("valve", ["closed", "open"]));
        return new TagTask(SequenceFolds.ByTime(builder.AddColumns([flow], [tags]).Build().WithTargets("valve")),
            new SeriesOptions { Window = 100 });
    }

    /// <summary>A valve that stays as it was at the last pulse up or down.</summary>
    private static (float[] Flow, int[] Open) Valve(int steps)
    {
        RandomSource random = new RandomKey(2, RandomStream.Study, 0).Shared();
        var flow = new float[steps];
        var open = new int[steps];
        for (int t = 0; t < steps; t++)
        {
            int pulse = random.NextInt(12) == 0 ? random.NextInt(2) == 0 ? -3 : 3 : 0;
            flow[t] = pulse + (float)random.NextDouble();
            open[t] = pulse == 0 ? (t == 0 ? 0 : open[t - 1]) : pulse > 0 ? 1 : 0;
        }

        return (flow, open);
    }
}
