using Unroll.Data;

namespace Unroll.Interop;

/// <summary>Sines and cosines of parts of dates, from seconds since 1970-01-01 00:00 of the data's own clock.</summary>
internal sealed class OnnxCalendar(OnnxGraph graph)
{
    private const long Day = 86400;

    private string _days = "", _seconds = "", _month = "", _dayOfMonth = "", _leap = "", _late = "";

    /// <summary>(T, B, 2 parts) from times (T, B) of 64-bit integers.</summary>
    public string Inputs(string times, IReadOnlyList<CalendarPart> parts)
    {
        _seconds = Int("Mod", times, Day);
        _days = Int("Div", Int("Sub", times, _seconds), Day);
        if (parts.Any(part => part is CalendarPart.Day or CalendarPart.Month or CalendarPart.YearDay)) Dates();
        var inputs = new List<string>();
        foreach (CalendarPart part in parts)
        {
            string turn = graph.Node("Div", "turn", [Float(Place(part)), Float(Round(part))]);
            string angle = graph.Node("Mul", "angle", [turn, graph.Constant("circle", [(float)(2 * Math.PI)])]);
            string column = graph.Node("Unsqueeze", "angle_column", [angle, graph.Axes("last", 2)]);
            inputs.Add(graph.Node("Sin", "sine", [column]));
            inputs.Add(graph.Node("Cos", "cosine", [column]));
        }

        return graph.Node("Concat", "calendar", [.. inputs], OnnxAttribute.Of("axis", 2));
    }

    /// <summary>Where a date is, in units of which <see cref="Round"/> make a turn.</summary>
    private string Place(CalendarPart part) => part switch
    {
        CalendarPart.Minute => Int("Mod", _seconds, 3600),
        CalendarPart.Hour => _seconds,
        CalendarPart.Weekday => Int("Mod", Int("Add", _days, 3), 7), // 1970-01-01 is a Thursday; Monday is first
        CalendarPart.Day => _dayOfMonth,
        CalendarPart.Month => _month,
        _ => Int("Add", Int("Add", Table("days_before", [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]), _dayOfMonth),
            Int("Mul", _leap, _late)),
    };

    private string Round(CalendarPart part) => part switch
    {
        CalendarPart.Minute => One(3600),
        CalendarPart.Hour => One(Day),
        CalendarPart.Weekday => One(7),
        CalendarPart.Day => Int("Add", Table("days_of", [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]),
            Int("Mul", _leap, Whole("Equal", _month, 1))),
        CalendarPart.Month => One(12),
        _ => Int("Add", _leap, 365),
    };

    /// <summary>Month, day of the month and leap year of a day, from years that begin in March and eras of 400 of them.</summary>
    private void Dates()
    {
        string z = Int("Add", _days, 719468), era = Int("Div", z, 146097), day = Int("Sub", z, Int("Mul", era, 146097));
        string shorter = Int("Sub", day, Int("Div", day, 1460));
        string year = Int("Div", Int("Sub", Int("Add", shorter, Int("Div", day, 36524)), Int("Div", day, 146096)), 365);
        string before = Int("Sub", Int("Add", Int("Mul", year, 365), Int("Div", year, 4)), Int("Div", year, 100));
        string ofYear = Int("Sub", day, before);
        string fromMarch = Int("Div", Int("Add", Int("Mul", ofYear, 5), 2), 153);
        _dayOfMonth = Int("Sub", ofYear, Int("Div", Int("Add", Int("Mul", fromMarch, 153), 2), 5));
        _month = Int("Mod", Int("Add", fromMarch, 2), 12); // 0 is January
        string civil = Int("Add", Int("Add", year, Int("Mul", era, 400)), Whole("Less", _month, 2));
        string fours = Whole("Equal", Int("Mod", civil, 4), 0), hundreds = Whole("Equal", Int("Mod", civil, 100), 0);
        _leap = Int("Add", Int("Sub", fours, hundreds), Whole("Equal", Int("Mod", civil, 400), 0));
        _late = Whole("Greater", _month, 1);
    }

    private string Table(string name, long[] values) =>
        graph.Node("Gather", name, [graph.Constant($"{name}_month", values, values.Length), _month], OnnxAttribute.Of("axis", 0));

    private string One(long value) => graph.Constant("whole", [value]);

    private string Int(string type, string left, long right) => Int(type, left, One(right));

    private string Int(string type, string left, string right) => graph.Node(type, "date", [left, right]);

    /// <summary>1 where a comparison holds, else 0.</summary>
    private string Whole(string type, string left, long right) =>
        graph.Node("Cast", "date", [Int(type, left, right)], OnnxAttribute.Of("to", (long)OnnxType.Int64));

    private string Float(string whole) => graph.Node("Cast", "part", [whole], OnnxAttribute.Of("to", (long)OnnxType.Float));
}
