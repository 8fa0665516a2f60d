using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;

namespace Unroll.Interop.Tests.Series;

/// <summary>A model that forecasts its horizon in parts from one state, or by differences over a season, is refused by
/// name.</summary>
public static class ParallelDecoderExportTests
{
    [Theory]
    [InlineData(true, "--decoder direct")]
    [InlineData(false, "without --difference")]
    public static void Parallel_decoding_and_seasonal_differences_are_refused(bool isParallel, string remedy)
    {
        SequenceData data = new SequenceBuilder("x").AddCopy([.. Enumerable.Range(0, 30).Select(t => (float)t)]).Build();
        var task = new ForecastTask(SequenceFolds.BySteps(data, 20, 5, 5),
            new SeriesOptions
            {
                Window = 3,
                Horizon = 2,
                Decoder = isParallel ? SeriesDecoder.Parallel : SeriesDecoder.Direct,
                LooksBack = true,
                Encoder = isParallel ? new EncoderOptions()
                    : new EncoderOptions { Scale = Scaling.None, Differenced = ["x"], Season = 2 },
            });
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
        Assert.Contains(remedy, Assert.Throws<ArgumentException>(() =>
            CWriter.Write(text, network, info, new CHeaderOptions("x"))).Message);
        Assert.Contains(remedy, Assert.Throws<ArgumentException>(() =>
            OnnxWriter.Write(stream, network, info)).Message);
    }
}
