using System.Text;
using Unroll.Cli.Watch;

namespace Unroll.Cli.Tests.Watch;

/// <summary>Lines of metrics, also those that somebody made up.</summary>
public class RunMetricsTests
{
    [Fact]
    public void A_line_becomes_a_row_and_null_is_no_value()
    {
        var metrics = new RunMetrics();
        metrics.Append(Bytes(Runs.Line(10, 0.25)));
        Assert.Equal((1, 1L, 0L), (metrics.Count, metrics.Lines, metrics.LeftOut));
        Assert.Equal((10.0, "nats"), (metrics.Update(0), metrics.LossUnit));
        Assert.Equal(0.25, metrics.Last("error"));
        Assert.True(double.IsNaN(metrics.Last("strict_error")));
        Assert.True(double.IsNaN(metrics.Last("damping")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"update":"7"}""")]
    [InlineData("""{"update":-1}""")]
    [InlineData("""{"update":1.5}""")]
    [InlineData("""{"update":1e300}""")]
    [InlineData("""{"update":7,"loss":}""")]
    [InlineData("""{"update":7""")]
    [InlineData("""{"update":5,"loss":1}""")] // not after the one before
    [InlineData("""{"update":7,"loss_unit":"\ud800"}""")]
    public void What_is_no_check_is_counted_and_left_out(string line)
    {
        var metrics = new RunMetrics();
        metrics.Append(Bytes("""{"update":5,"loss":2}"""));
        metrics.Append(Bytes(line));
        metrics.Append(Bytes("""{"update":9,"loss":[{"update":3}],"x":{"loss":4},"error":1e999}"""));
        Assert.Equal((3L, 1L, 2), (metrics.Lines, metrics.LeftOut, metrics.Count));
        Assert.Equal((3L, 1), (metrics.Line(1), metrics.RowAfter(2)));
        Assert.True(double.IsNaN(metrics.Last("loss")));
    }

    [Fact]
    public void A_run_of_more_checks_than_memory_is_for_keeps_the_first_and_the_last()
    {
        var metrics = new RunMetrics();
        int lines = RunMetrics.MostRows + 3;
        for (int i = 1; i <= lines; i++) metrics.Append(Bytes($$"""{"update":{{i}}}"""));
        Assert.InRange(metrics.Count, RunMetrics.MostRows / 2, (RunMetrics.MostRows / 2) + 5);
        Assert.Equal((1.0, (double)lines, (long)lines), (metrics.Update(0), metrics.Update(metrics.Count - 1), metrics.Lines));
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
