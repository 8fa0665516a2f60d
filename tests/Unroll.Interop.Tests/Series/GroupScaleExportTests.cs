using Unroll.Data;
using Unroll.Files;
using Unroll.Tasks;

namespace Unroll.Interop.Tests.Series;

/// <summary>A model with scales of each group is refused by name.</summary>
public static class GroupScaleExportTests
{
    [Fact]
    public static void Scales_by_group_are_refused()
    {
        var builder = new SequenceBuilder("x");
        foreach (string name in (string[])["a", "b"])
            builder.AddCopy([.. Enumerable.Range(0, 20).Select(t => (float)t)], new SequenceInfo { Name = name });
        var task = new ForecastTask(SequenceFolds.BySteps(builder.Build(), 12, 4, 4),
            new SeriesOptions { Window = 2, Encoder = new EncoderOptions { ScaleByGroup = true } });
        var shape = new NetworkShape(task.Inputs, [new LayerShape(3)], task.Outputs)
        {
            Encoding = InputEncoding.Dense,
            Head = task.Head,
        };
        Network<float> network = Networks.Random<float>(shape);
        var info = new ModelInfo(shape)
        {
            Properties = new SortedDictionary<string, string>(task.Properties.ToDictionary()) { ["task"] = task.Name },
        };
        using var text = new StringWriter();
        using var stream = new MemoryStream();
        Assert.Contains("--scale-by all", Assert.Throws<ArgumentException>(() =>
            CWriter.Write(text, network, info, new CHeaderOptions("x"))).Message);
        Assert.Contains("--scale-by all", Assert.Throws<ArgumentException>(() =>
            OnnxWriter.Write(stream, network, info)).Message);
    }
}
