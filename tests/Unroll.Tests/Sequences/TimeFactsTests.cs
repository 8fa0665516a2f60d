using System.Globalization;
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

    [Theory]
    [InlineData("2024-01-31,2024-02-29,2024-03-31,2024-04-30", 1, "2024-05-31,2024-06-30,2024-07-31")]
    [InlineData("2023-12-31,2024-01-31,2024-02-29", 1, "2024-03-31,2024-04-30")]
    [InlineData("2023-03-31,2023-06-30,2023-09-30", 3, "2023-12-31,2024-03-31")]
    [InlineData("2022-02-28,2023-02-28,2024-02-29", 12, "2025-02-28,2026-02-28,2027-02-28,2028-02-29")]
    [InlineData("2023-01-28,2023-02-28,2023-03-28,2023-04-28", 1, "2023-05-28,2023-06-28")]
    [InlineData("2023-04-30,2023-05-30,2023-06-30,2023-07-30", 1, "2023-08-30,2023-09-30")]
    [InlineData("2024-11-30 18:00,2024-12-31 18:00,2025-01-31 18:00", 1, "2025-02-28 18:00,2025-03-31 18:00")]
    public void Months_go_on_as_they_went(string times, int months, string next)
    {
        DateTime[] dates = [.. times.Split(',').Select(text => DateTime.Parse(text, CultureInfo.InvariantCulture))];
        TimeFacts facts = TimeFacts.Of(new SequenceBuilder("a")
            .Add(new float[dates.Length], new SequenceInfo { Times = dates }).Build().Sequences);
        Assert.Equal((months, 0), (facts.StepMonths, (int)facts.Irregular));
        string[] expected = next.Split(',');
        Assert.Equal(expected, Enumerable.Range(1, expected.Length).Select(i => TimeAxis.Text(facts.After(dates[^1], i))));
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
