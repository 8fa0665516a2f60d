using Unroll.Data;

namespace Unroll.Tests.Sequences;

public class TimeFactsTests
{
    private static readonly DateTime Start = new(2023, 1, 31);

    [Fact]
    public void Steps_of_a_clock_and_of_a_calendar_are_found()
    {
        Assert.Equal("1 h", Of(i => Start.AddHours(i)).StepText);
        Assert.Equal("15 min", Of(i => Start.AddMinutes(15 * i)).StepText);
        Assert.Equal("1 week", Of(i => Start.AddDays(7 * i)).StepText);
        Assert.Equal("250 ms", Of(i => Start.AddMilliseconds(250 * i)).StepText);
        Assert.Equal("1 month", Of(i => new DateTime(2023, 1, 1).AddMonths(i)).StepText);
        Assert.Equal("1 month", Of(i => Start.AddMonths(i)).StepText); // ends of months
        Assert.Equal("3 months", Of(i => Start.AddMonths(3 * i)).StepText);
        Assert.Equal("1 year", Of(i => new DateTime(2000, 7, 1).AddYears(i)).StepText);
        Assert.Equal("30 days", Of(i => Start.AddDays(30 * i)).StepText);
        Assert.All(new[] { Of(i => Start.AddMonths(i)), Of(i => Start.AddDays(30 * i)) }, facts =>
            Assert.Equal(0, facts.Irregular));
    }

    [Fact]
    public void Gaps_and_repeated_times_are_counted_and_the_first_named()
    {
        TimeFacts facts = Of(i => Start.AddHours(i < 5 ? i : i < 9 ? i - 1 : i + 10));
        Assert.Equal((1, 1), (facts.Irregular, facts.Repeated));
        Assert.Equal("2023-01-31 07:00", facts.FirstIrregular);
        Assert.Equal("Times go by 1 h, but not at 1 place, the first behind 2023-01-31 07:00.", facts.Sentence());
        Assert.Equal(("2023-01-31", "2023-02-01 09:00"), (facts.First, facts.Last));
    }

    [Fact]
    public void Numbers_that_are_no_binary_ones_are_regular_all_the_same()
    {
        SequenceData data = new SequenceBuilder("a").Add(new float[1000],
            new SequenceInfo { Times = Enumerable.Range(0, 1000).Select(i => i * 0.01).ToArray() }).Build();
        TimeFacts facts = TimeFacts.Of(data.Sequences);
        Assert.Equal(("0.01", 0, "9.99"), (facts.StepText, (int)facts.Irregular, facts.Last));
        Assert.Equal("", TimeFacts.Of(new SequenceBuilder("a").Add(new float[3]).Build().Sequences).StepText);
    }

    private static TimeFacts Of(Func<int, DateTime> date) => TimeFacts.Of(new SequenceBuilder("a")
        .Add(new float[24], new SequenceInfo { Times = Enumerable.Range(0, 24).Select(date).ToArray() }).Build().Sequences);
}
