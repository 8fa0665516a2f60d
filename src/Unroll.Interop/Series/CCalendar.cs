using System.Globalization;
using System.Text;
using Unroll.Data;

namespace Unroll.Interop;

/// <summary>Sines and cosines of parts of dates in C.</summary>
internal static class CCalendar
{
    /// <summary>The function that writes two numbers a part.</summary>
    public static string Function(string name, IReadOnlyList<CalendarPart> parts)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $$"""
            /* Where a date is on its circles, sine and cosine; time is in seconds since 1970-01-01 00:00. */
            static inline void {{name}}_calendar(long long time, float *to)
            {
                const long long days = time / 86400 - (time % 86400 < 0 ? 1 : 0);
                const int second = (int)(time - days * 86400);
                float turn;

            """);
        if (parts.Any(part => part is CalendarPart.Day or CalendarPart.Month or CalendarPart.YearDay))
        {
            text.Append("""
                    static const short before[12] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
                    static const short length[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
                    /* years begin in March, in eras of 400 years */
                    const long long z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
                    const int of_era = (int)(z - era * 146097);
                    const int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
                    const int of_year = of_era - (365 * year + year / 4 - year / 100);
                    const int march = (5 * of_year + 2) / 153, day = of_year - (153 * march + 2) / 5;
                    const int month = (march + 2) % 12;
                    const long long civil = year + era * 400 + (month < 2 ? 1 : 0);
                    const int leap = (civil % 4 == 0 && civil % 100 != 0) || civil % 400 == 0;

                """);
        }

        for (int i = 0; i < parts.Count; i++)
        {
            text.Append(Invariant($$"""
                    turn = 6.2831853f * {{Turn(parts[i])}};
                    to[{{2 * i}}] = sinf(turn);
                    to[{{(2 * i) + 1}}] = cosf(turn);

                """));
        }

        bool dates = parts.Any(part => part is CalendarPart.Day or CalendarPart.Month or CalendarPart.YearDay);
        if (dates) text.Append("    (void)before;\n    (void)length;\n    (void)day;\n    (void)leap;\n");
        return text.Append("    (void)second;\n}\n").ToString();
    }

    private static string Turn(CalendarPart part) => part switch
    {
        CalendarPart.Minute => "((float)(second % 3600) / 3600.0f)",
        CalendarPart.Hour => "((float)second / 86400.0f)",
        CalendarPart.Weekday => "((float)(((days + 3) % 7 + 7) % 7) / 7.0f)",
        CalendarPart.Day => "((float)day / (float)(length[month] + (month == 1 ? leap : 0)))",
        CalendarPart.Month => "((float)month / 12.0f)",
        _ => "((float)(before[month] + day + (month > 1 ? leap : 0)) / (float)(365 + leap))",
    };
}
