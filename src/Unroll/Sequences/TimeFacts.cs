using System.Globalization;
using Unroll.Numerics;

namespace Unroll.Data;

/// <summary>What the times of sequences are like.</summary>
public sealed record TimeFacts
{
    private const int MostKinds = 10_000;
    private const double Day = 86_400;
    private static readonly (int Months, double Least, double Most)[] Months =
        [(1, 28, 31), (2, 59, 62), (3, 89, 92), (6, 181, 184), (12, 365, 366)];

    /// <summary>Whether the times are dates; otherwise numbers.</summary>
    public bool IsDate { get; private init; }

    /// <summary>The earliest time, as text; empty where no sequence has times.</summary>
    public string First { get; private init; } = "";

    /// <summary>The latest time, as text.</summary>
    public string Last { get; private init; } = "";

    /// <summary>The usual step from a time to the next: in seconds for dates, in the unit of numbers; NaN where there is
    /// none.</summary>
    public double Step { get; private init; } = double.NaN;

    /// <summary>The usual step in months where it is that of a calendar; 0 where it is of one length.</summary>
    public int StepMonths { get; private init; }

    /// <summary>Whether a step of months goes from the last day of one to the last day of another, such as from April 30 to May
    /// 31.</summary>
    internal bool EndsOfMonths { get; private init; }

    /// <summary>The steps that are neither the usual one nor 0.</summary>
    public long Irregular { get; private init; }

    /// <summary>The time behind which the first of them is; empty for none.</summary>
    public string FirstIrregular { get; private init; } = "";

    /// <summary>The steps of 0: two rows of one time.</summary>
    public long Repeated { get; private init; }

    /// <summary>The usual step in words, such as <c>1 h</c> or <c>1 month</c>; empty for none.</summary>
    public string StepText => double.IsNaN(Step) ? "" : StepMonths > 0
        ? StepMonths == 12 ? "1 year" : StepMonths == 1 ? "1 month" : Invariant($"{StepMonths} months")
        : IsDate ? Span(Step) : Step.ToString("G6", CultureInfo.InvariantCulture);

    /// <summary>Of the times of some steps, at least one.</summary>
    internal static TimeFacts Of(TimeAxis times) => Of(new SequenceBuilder("x")
        .AddColumns([new float[times.Count]], [], new SequenceInfo { Times = times }).Build().Sequences);

    /// <summary>Of some sequences; those without times count for nothing.</summary>
    public static TimeFacts Of(IReadOnlyList<Sequence> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        if (sequences.FirstOrDefault(one => !one.Times.IsEmpty) is not { } any) return new TimeFacts();
        bool isDate = any.Times.IsDate;
        Sequence[] timed = [.. sequences.Where(one => !one.Times.IsEmpty && one.Times.IsDate == isDate)];
        (double step, int months) = Usual(timed, isDate);
        long irregular = 0, repeated = 0;
        string first = "";
        Sequence earliest = timed[0], latest = timed[0];
        foreach (Sequence sequence in timed)
        {
            TimeAxis times = sequence.Times;
            if (times.Order(0) < earliest.Times.Order(0)) earliest = sequence;
            if (times.Order(times.Count - 1) > latest.Times.Order(latest.Steps - 1)) latest = sequence;
            for (int t = 1; t < times.Count; t++)
            {
                double change = times.After(t, t - 1);
                if (change == 0) repeated++;
                else if (!IsUsual(times, t, change, step, months) && irregular++ == 0) first = times.Text(t - 1);
            }
        }

        return new TimeFacts
        {
            IsDate = isDate,
            First = earliest.Times.Text(0),
            Last = latest.Times.Text(latest.Steps - 1),
            Step = step,
            StepMonths = months,
            EndsOfMonths = months > 0 && AreEndsOfMonths(timed, months),
            Irregular = irregular,
            FirstIrregular = first,
            Repeated = repeated,
        };
    }

    /// <summary>The date so many usual steps behind another.</summary>
    internal DateTime After(DateTime date, int steps) => StepMonths == 0 ? date.AddSeconds(steps * Step)
        : EndsOfMonths && IsLastOfMonth(date) ? date.AddDays(1).AddMonths(steps * StepMonths).AddDays(-1)
        : date.AddMonths(steps * StepMonths);

    /// <summary>What is to be said of irregular steps.</summary>
    internal string Sentence() =>
        Invariant($"Times go by {StepText}, but not at {Counted.Of(Irregular, "place")}, the first behind ")
            + Invariant($"{FirstIrregular}.");

    private static (double Step, int Months) Usual(Sequence[] sequences, bool isDate)
    {
        var counts = new Dictionary<double, long>();
        foreach (Sequence sequence in sequences)
        {
            TimeAxis times = sequence.Times;
            for (int t = 1; t < times.Count; t++)
            {
                double change = times.After(t, t - 1);
                if (!(change > 0)) continue;
                if (!isDate) change = Rounded(change);
                if (counts.TryGetValue(change, out long count)) counts[change] = count + 1;
                else if (counts.Count < MostKinds) counts.Add(change, 1);
            }
        }

        if (counts.Count == 0) return (double.NaN, 0);
        double step = counts.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).First().Key;
        if (!isDate) return (step, 0);
        foreach ((int months, double least, double most) in Months)
        {
            if (step < least * Day || step > most * Day) continue;

            // 30 days can be just that, and years without a leap year are 365 days: the calendar must explain more.
            long byCalendar = 0, byLength = 0;
            foreach (Sequence sequence in sequences)
            {
                TimeAxis times = sequence.Times;
                for (int t = 1; t < times.Count; t++)
                {
                    if (IsMonths(times, t, months)) byCalendar++;
                    if (times.After(t, t - 1) == step) byLength++;
                }
            }

            return byCalendar >= byLength ? (step, months) : (step, 0);
        }

        return (step, 0);
    }

    /// <summary>Whether more steps from the last day of a month lead to the last day of another than to the same day of
    /// it.</summary>
    private static bool AreEndsOfMonths(Sequence[] sequences, int months)
    {
        long ends = 0, days = 0;
        foreach (Sequence sequence in sequences)
        {
            ReadOnlySpan<DateTime> dates = sequence.Times.Dates.Span;
            for (int t = 1; t < dates.Length; t++)
            {
                if (!IsLastOfMonth(dates[t - 1]) || !IsMonths(sequence.Times, t, months)) continue;
                if (IsLastOfMonth(dates[t])) ends++;
                else days++;
            }
        }

        return ends > days;
    }

    private static bool IsLastOfMonth(DateTime date) => date.Day == DateTime.DaysInMonth(date.Year, date.Month);

    private static bool IsUsual(TimeAxis times, int t, double change, double step, int months) => months > 0
        ? IsMonths(times, t, months) : times.IsDate ? change == step : Math.Abs(change - step) <= 1e-5 * step;

    private static bool IsMonths(TimeAxis times, int t, int months)
    {
        DateTime before = times.Dates.Span[t - 1], now = times.Dates.Span[t];
        if (before > DateTime.MaxValue.AddMonths(-months)) return false;
        return before.AddMonths(months) == now
            || (IsLastOfMonth(before) && IsLastOfMonth(now) && now.Date != DateTime.MaxValue.Date
                && before.AddDays(1).AddMonths(months) == now.AddDays(1));
    }

    private static double Rounded(double value) =>
        double.Parse(value.ToString("E5", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Span(double seconds)
    {
        (double Length, string Name)[] units = [(7 * Day, "weeks"), (Day, "days"), (3600, "h"), (60, "min"), (1, "s")];
        foreach ((double length, string name) in units)
        {
            if (seconds < length || seconds % length != 0) continue;
            double count = seconds / length;
            return Invariant($"{count} {(count == 1 ? name.TrimEnd('s') is { Length: > 0 } one ? one : name : name)}");
        }

        return seconds < 1 ? Invariant($"{seconds * 1000:G6} ms") : Invariant($"{seconds:G6} s");
    }
}
