using Unroll.Cli.Diagnosis;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Cli.Tests.Diagnosis;

/// <summary>An input that is the answer is told from a series whose values are all near the next one.</summary>
public class LeakAdviceTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_smooth_series_is_no_leak_and_the_answer_itself_is_one(bool leaks, bool shared)
    {
        const int Steps = 3000;
        float Value(int t) => (float)(Math.Sin(t * 2 * Math.PI / 400) + (0.3 * Math.Sin(t * 2 * Math.PI / 330)));
        float[] series = [.. Enumerable.Range(0, Steps).Select(Value)];
        float[] other = [.. Enumerable.Range(0, Steps).Select(t => leaks ? Value(t + 1) : Value(t - 1))];
        SequenceData data = new SequenceBuilder("other", "series").AddColumns([other, series]).Build().WithTargets("series");
        SequenceFolds folds = SequenceFolds.OfWhole(data, [Fold.Train]);
        var options = new SeriesOptions
        {
            Window = 12,
            Segment = 4,
            SharedChannels = shared,
            Encoder = new EncoderOptions { Window = WindowScaling.None },
        };
        Advice[] found = [.. DataAdvice.Of(new ForecastTask(folds, options), 1).Where(one => one.About == "leak")];
        if (!leaks) Assert.Empty(found);
        else Assert.Contains("leave input 7 out", Assert.Single(found).Text); // of the last of four steps, of two columns each
    }
}
