namespace Unroll.Data;

/// <summary>What of a date a network reads: each is two inputs, the sine and the cosine of its place in the circle.</summary>
public enum CalendarPart
{
    /// <summary>The minute of the hour, with seconds.</summary>
    Minute,

    /// <summary>The hour of the day, with minutes.</summary>
    Hour,

    /// <summary>The day of the week.</summary>
    Weekday,

    /// <summary>The day of the month, of as many as the month has.</summary>
    Day,

    /// <summary>The month of the year.</summary>
    Month,

    /// <summary>The day of the year, of as many as the year has.</summary>
    YearDay,
}

/// <summary>Places of dates on circles.</summary>
public static class Calendar
{
    /// <summary>Where a date is on a circle, 0 to below 1.</summary>
    /// <exception cref="ArgumentException">The part is not a known value.</exception>
    public static double Turn(CalendarPart part, DateTime date) => part switch
    {
        CalendarPart.Minute => (date.Minute + (date.Second / 60.0)) / 60,
        CalendarPart.Hour => date.TimeOfDay.TotalDays,
        CalendarPart.Weekday => ((int)date.DayOfWeek + 6) % 7 / 7.0, // Monday is first
        CalendarPart.Day => (date.Day - 1.0) / DateTime.DaysInMonth(date.Year, date.Month),
        CalendarPart.Month => (date.Month - 1) / 12.0,
        CalendarPart.YearDay => (date.DayOfYear - 1.0) / (DateTime.IsLeapYear(date.Year) ? 366 : 365),
        _ => throw new ArgumentException($"The part {part} of a date is not a known value."),
    };

    /// <summary>The two inputs of a date.</summary>
    public static (double Sine, double Cosine) Inputs(CalendarPart part, DateTime date) =>
        Math.SinCos(2 * Math.PI * Turn(part, date));
}
