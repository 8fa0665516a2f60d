using System.Globalization;

namespace Unroll.Data;

/// <summary>When the steps of a sequence are: dates, or numbers in a unit of their own; or nothing that is known.</summary>
public readonly struct TimeAxis
{
    private TimeAxis(ReadOnlyMemory<DateTime> dates, ReadOnlyMemory<double> numbers) => (Dates, Numbers) = (dates, numbers);

    /// <summary>(T) dates; empty for other times.</summary>
    public ReadOnlyMemory<DateTime> Dates { get; }

    /// <summary>(T) finite numbers; empty for other times.</summary>
    public ReadOnlyMemory<double> Numbers { get; }

    /// <summary>How many steps have a time: T, or 0.</summary>
    public int Count => Dates.Length + Numbers.Length;

    /// <summary>Whether no time is known.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>Whether the times are dates.</summary>
    public bool IsDate => Dates.Length > 0;

    /// <summary>Dates, in ascending order.</summary>
    public static implicit operator TimeAxis(DateTime[] dates) => new(dates, default);

    /// <summary>Dates, in ascending order.</summary>
    public static implicit operator TimeAxis(ReadOnlyMemory<DateTime> dates) => new(dates, default);

    /// <summary>Numbers, in ascending order.</summary>
    public static implicit operator TimeAxis(double[] numbers) => new(default, numbers);

    /// <summary>Numbers, in ascending order.</summary>
    public static implicit operator TimeAxis(ReadOnlyMemory<double> numbers) => new(default, numbers);

    /// <summary>Some of the steps, the same memory.</summary>
    public TimeAxis Slice(int start, int count) => IsDate ? new TimeAxis(Dates.Slice(start, count), default)
        : IsEmpty ? default : new TimeAxis(default, Numbers.Slice(start, count));

    /// <summary>A time as text: ISO 8601 without what is zero, or the number.</summary>
    /// <param name="step">0..T-1.</param>
    public string Text(int step) => IsDate ? Text(Dates.Span[step])
        : Numbers.Span[step].ToString("R", CultureInfo.InvariantCulture);

    internal static string Text(DateTime date) => date.ToString(
        date.Ticks % TimeSpan.TicksPerSecond != 0 ? "yyyy-MM-dd HH:mm:ss.FFFFFFF"
            : date.Second != 0 ? "yyyy-MM-dd HH:mm:ss" : date.TimeOfDay != TimeSpan.Zero ? "yyyy-MM-dd HH:mm" : "yyyy-MM-dd",
        CultureInfo.InvariantCulture);

    /// <summary>How much later one step is than another: in seconds for dates, in the unit of numbers.</summary>
    internal double After(int step, int earlier) => IsDate
        ? (Dates.Span[step] - Dates.Span[earlier]).Ticks / (double)TimeSpan.TicksPerSecond
        : Numbers.Span[step] - Numbers.Span[earlier];

    /// <summary>A number in which times of one kind are in order: ticks for dates.</summary>
    internal double Order(int step) => IsDate ? Dates.Span[step].Ticks : Numbers.Span[step];

    /// <summary>The first step that is not before a time.</summary>
    internal int FirstNotBefore(double order)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            if (Order(middle) < order) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
