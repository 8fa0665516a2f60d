using System.Globalization;

namespace Unroll.Data.Text;

/// <summary>Reads dates of one form. Times with an offset become those of UTC.</summary>
internal sealed class DateText
{
    private static readonly string[] Clocks =
        ["", " H:mm", " H:mm:ss", " H:mm:ss.FFFFFFF", " h:mm tt", " h:mm:ss tt", "'T'HH:mm", "'T'HH:mm:ss", " H:mm:sszzz",
            ", H:mm", ", H:mm:ss"];

    private static readonly (string Name, string[] Days)[] Families =
    [
        ("yyyy/M/d", ["yyyy/M/d", "yyyy-M-d", "yyyy.M.d"]),
        ("dd.MM.yyyy", ["d.M.yyyy", "d.M.yy"]),
        (DayFirst, ["d/M/yyyy", "d-M-yyyy", "d/M/yy"]),
        (MonthFirst, ["M/d/yyyy", "M-d-yyyy", "M/d/yy"]),
        ("yyyy/MM", ["yyyy/M", "yyyy-M", "M/yyyy", "MMM yyyy", "MMMM yyyy", "MMM-yy", "yyyy MMM"]),
        ("MMM d yyyy", ["MMM d yyyy", "MMM d, yyyy", "MMMM d yyyy", "MMMM d, yyyy", "d MMM yyyy", "d MMMM yyyy", "d-MMM-yyyy",
            "d-MMM-yy", "ddd MMM d yyyy", "ddd, d MMM yyyy"]),
    ];

    private const string DayFirst = "dd/MM/yyyy", MonthFirst = "MM/dd/yyyy";
    private const double LeastDates = 0.8;
    private const int LookedAt = 40;
    private readonly string[] _formats;
    private int _last;

    private DateText(string name, string[] formats) => (Name, _formats) = (name, formats);

    /// <summary>The form in words that the format option understands; empty for ISO 8601.</summary>
    public string Name { get; }

    /// <summary>A form that somebody names, such as <c>dd/MM/yyyy HH:mm</c>.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static DateText Of(string format)
    {
        if (string.IsNullOrWhiteSpace(format) || !format.Contains('y')) throw new ArgumentException(
            $"'{format}' is no form of dates; write one such as dd/MM/yyyy HH:mm.");
        try
        {
            string sample = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Unspecified).ToString(format,
                CultureInfo.InvariantCulture);
            if (DateTime.TryParseExact(sample, format, CultureInfo.InvariantCulture, DateTimeStyles.None,
                out _)) return new DateText(format, [format]);
        }
        catch (FormatException)
        {
            // the sentence below says it
        }

        throw new ArgumentException($"'{format}' is no form of dates; write one such as dd/MM/yyyy HH:mm.");
    }

    /// <summary>The forms that all of these texts have; more than one where days and months cannot be told apart. At least one
    /// text.</summary>
    public static DateText[] Detect(IReadOnlyList<string> texts)
    {
        if (texts.All(text => TryIso(text, out _))) return [new DateText("", [])];
        if (texts.Any(text => text.Length is < 6 or > 40 || text.All(char.IsAsciiDigit)
            || !text.Any(char.IsAsciiDigit))) return [];
        var found = new List<DateText>();
        foreach ((string name, string[] days) in Families)
        {
            var form = new DateText(name, [.. days.SelectMany(day => Clocks.Select(clock => day + clock))]);
            if (!texts.All(text => form.TryRead(text, out _))) continue;
            if (name is not (DayFirst or MonthFirst)) return [form];
            found.Add(form);
        }

        if (found.Count < 2) return [.. found];

        // Rows are mostly in order of time: the reading in which fewer of them go back is the right one.
        int[] back = [.. found.Select(form => Backward(form, texts))];
        return back[0] < back[1] ? [found[0]] : back[1] < back[0] ? [found[1]] : [.. found];
    }

    /// <summary>The same of nearly all of these texts: a few that are no dates do not make a column one of words, and are named
    /// when its rows are read.</summary>
    public static DateText[] DetectMost(IReadOnlyList<string> texts)
    {
        if (Detect(texts) is { Length: > 0 } all) return all;

        // To find out that words are no dates takes time, so a few of them are looked at first.
        int every = Math.Max(1, texts.Count / LookedAt);
        if (texts.Count > LookedAt
            && Enumerable.Range(0, LookedAt).Count(i => IsDate(texts[i * every])) < LookedAt / 2) return [];
        string[] dates = [.. texts.Where(IsDate)];
        return dates.Length < LeastDates * texts.Count || dates.Length == texts.Count ? [] : Detect(dates);
    }

    private static bool IsDate(string text) => Detect([text]).Length > 0;

    /// <summary>Reads a date.</summary>
    public bool TryRead(ReadOnlySpan<char> text, out DateTime date)
    {
        if (_formats.Length == 0) return TryIso(text, out date);
        for (int i = 0; i < _formats.Length; i++)
        {
            int k = i == 0 ? _last : i <= _last ? i - 1 : i;
            if (!DateTime.TryParseExact(text, _formats[k], CultureInfo.InvariantCulture,
                DateTimeStyles.AllowWhiteSpaces | DateTimeStyles.AdjustToUniversal, out date)) continue;
            _last = k;
            date = DateTime.SpecifyKind(date, DateTimeKind.Unspecified);
            return true;
        }

        date = default;
        return false;
    }

    /// <summary>ISO 8601: a date, or a month, with or without a time of day and an offset.</summary>
    internal static bool TryIso(ReadOnlySpan<char> text, out DateTime date)
    {
        date = default;
        int at = 0, month, day = 1, hour = 0, minute = 0, second = 0;
        if (!Digits(text, ref at, 4, out int year) || !Sign(text, ref at, '-')
            || !Digits(text, ref at, 2, out month)) return false;
        if (at < text.Length && (!Sign(text, ref at, '-') || !Digits(text, ref at, 2, out day))) return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)) return false;
        long ticks = 0;
        int offset = 0;
        if (at < text.Length)
        {
            if (!Sign(text, ref at, 'T') && !Sign(text, ref at, ' ') && !Sign(text, ref at, 't')) return false;
            if (!Digits(text, ref at, 2, out hour) || !Sign(text, ref at, ':')
                || !Digits(text, ref at, 2, out minute)) return false;
            if (at < text.Length && text[at] == ':')
            {
                at++;
                if (!Digits(text, ref at, 2, out second)) return false;
                if (at < text.Length && text[at] is '.' or ',')
                {
                    at++;
                    int first = at;
                    long unit = TimeSpan.TicksPerSecond;
                    for (; at < text.Length && char.IsAsciiDigit(text[at]); at++) ticks += (unit /= 10) * (text[at] - '0');
                    if (at == first) return false;
                }
            }

            if (!Offset(text, ref at, out offset)) return false;
        }

        if (at != text.Length || hour > 24 || minute > 59 || second > 60
            || (hour == 24 && minute + second + ticks > 0)) return false;
        ticks += new DateTime(year, month, day).Ticks
            + (((hour * 3600L) + (minute * 60L) + second - (offset * 60L)) * TimeSpan.TicksPerSecond);
        if (ticks < 0 || ticks > DateTime.MaxValue.Ticks) return false;
        date = new DateTime(ticks);
        return true;
    }

    private static bool Offset(ReadOnlySpan<char> text, ref int at, out int minutes)
    {
        minutes = 0;
        if (at < text.Length && text[at] == ' ') at++;
        if (at == text.Length) return true;
        if (text[at] is 'Z' or 'z')
        {
            at++;
            return true;
        }

        if (text[at] is not ('+' or '-')) return false;
        int sign = text[at++] == '-' ? -1 : 1;
        if (!Digits(text, ref at, 2, out int hours)) return false;
        int rest = 0;
        if (at < text.Length)
        {
            if (text[at] == ':') at++;
            if (!Digits(text, ref at, 2, out rest)) return false;
        }

        minutes = sign * ((hours * 60) + rest);
        return hours <= 18 && rest < 60;
    }

    private static bool Digits(ReadOnlySpan<char> text, ref int at, int count, out int value)
    {
        value = 0;
        if (at + count > text.Length) return false;
        for (int end = at + count; at < end; at++)
        {
            uint digit = (uint)(text[at] - '0');
            if (digit > 9) return false;
            value = (value * 10) + (int)digit;
        }

        return true;
    }

    private static bool Sign(ReadOnlySpan<char> text, ref int at, char sign)
    {
        if (at >= text.Length || text[at] != sign) return false;
        at++;
        return true;
    }

    private static int Backward(DateText form, IReadOnlyList<string> texts)
    {
        int up = 0, down = 0;
        DateTime? before = null;
        foreach (string text in texts)
        {
            if (!form.TryRead(text, out DateTime date)) continue;
            if (before is { } earlier) (up, down) = date >= earlier ? (up + 1, down) : (up, down + 1);
            before = date;
        }

        return Math.Min(up, down);
    }
}
