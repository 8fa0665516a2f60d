using Unroll.Cli.Bench;

namespace Unroll.Cli.Tests.Bench;

public class PeakMeterTests
{
    [Fact]
    public void The_peak_is_that_of_a_real_machine()
    {
        // Between a slow phone and the widest core there is, at one and at two threads.
        Assert.InRange(PeakMeter.MeasureGigaflops(0.02, 1), 0.5, 1000);
        Assert.InRange(PeakMeter.MeasureGigaflops(0.02, 2), 0.5, 2000);
    }

    [Fact]
    public void Times_and_threads_must_be_positive()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => PeakMeter.MeasureGigaflops(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => PeakMeter.MeasureGigaflops(1, 0));
    }
}
