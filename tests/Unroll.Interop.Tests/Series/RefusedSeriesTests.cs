using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;

namespace Unroll.Interop.Tests.Series;

/// <summary>Models of series that no exporter can hold are refused with the option by which one can be made.</summary>
public static class RefusedSeriesTests
{
    [Theory]
    [InlineData(SeriesDecoder.Parallel)]
    [InlineData(SeriesDecoder.FedBack)]
    public static void Decoders_in_parts_are_refused(SeriesDecoder decoder)
    {
        Refused("--decoder direct", new ForecastTask(Folds(),
            new SeriesOptions { Window = 3, Horizon = 2, Decoder = decoder, LooksBack = true }));
    }

    [Fact]
    public static void Differences_over_a_season_are_refused()
    {
        var encoder = new EncoderOptions { Scale = Scaling.None, Differenced = ["x"], Season = 2 };
        Refused("without --difference", new ForecastTask(Folds(),
            new SeriesOptions { Window = 3, Horizon = 2, LooksBack = true, Encoder = encoder }));
    }

    [Fact]
    public static void Scales_by_group_are_refused()
    {
        var builder = new SequenceBuilder("x");
        foreach (string name in (string[])["a", "b"])
            builder.AddCopy([.. Enumerable.Range(0, 20).Select(t => (float)t)], new SequenceInfo { Name = name });
        Refused("--scale-by all", new ForecastTask(SequenceFolds.BySteps(builder.Build(), 12, 4, 4),
            new SeriesOptions { Window = 2, Encoder = new EncoderOptions { ScaleByGroup = true } }));
    }

    private static SequenceFolds Folds() => SequenceFolds.BySteps(
        new SequenceBuilder("x").AddCopy([.. Enumerable.Range(0, 30).Select(t => (float)t)]).Build(), 20, 5, 5);

    private static void Refused(string option, ForecastTask task)
    {
        NetworkShape shape = task.Complete(new NetworkShape(task.Inputs, [new LayerShape(3)], task.Outputs)
        {
            Encoding = InputEncoding.Dense,
            Head = task.Head,
        });
        Network<float> network = Networks.Random<float>(shape);
        var info = new ModelInfo(shape)
        {
            Properties = new SortedDictionary<string, string>(task.Properties.ToDictionary()) { ["task"] = task.Name },
        };
        using var text = new StringWriter();
        using var stream = new MemoryStream();
        Action[] exports = [() => CWriter.Write(text, network, info, new CHeaderOptions("x")),
            () => OnnxWriter.Write(stream, network, info)];
        Assert.All(exports, export => Assert.Contains(option, Assert.Throws<ArgumentException>(export).Message));
    }
}
