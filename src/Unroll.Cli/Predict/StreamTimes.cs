using Unroll.Data;

namespace Unroll.Cli.Predict;

/// <summary>The last times of a sequence whose rows arrive, by which its forecasts have times where the interval is
/// regular.</summary>
/// <param name="window">The steps that a forecast is made from; so many times are kept, and two at least.</param>
internal sealed class StreamTimes(int window)
{
    private readonly Queue<StreamRow> _rows = new();

    /// <summary>A row that has arrived.</summary>
    public void Add(StreamRow row)
    {
        if (row.Time is null) return;
        if (_rows.Count == Math.Max(2, window)) _ = _rows.Dequeue();
        _rows.Enqueue(row with { Values = [] });
    }

    /// <summary>The times of a forecast that is made now.</summary>
    public StreamForecastTimes Ahead()
    {
        if (_rows.Count == 0) return default;
        return StreamForecastTimes.Behind(_rows.Peek().Date is null ? _rows.Select(row => row.Order).ToArray()
            : _rows.Select(row => row.Date!.Value).ToArray());
    }
}

/// <summary>The times of a forecast.</summary>
/// <param name="Times">Those of the rows before.</param>
/// <param name="Facts">Their interval; null where it is not regular, so that nothing is known ahead.</param>
internal readonly record struct StreamForecastTimes(TimeAxis Times, TimeFacts? Facts)
{
    /// <summary>Those behind some rows, two at least.</summary>
    public static StreamForecastTimes Behind(TimeAxis times)
    {
        if (times.Count < 2) return default;
        var facts = TimeFacts.Of(times);
        return facts.Irregular > 0 || facts.Repeated > 0 || double.IsNaN(facts.Step) ? default
            : new StreamForecastTimes(times, facts);
    }

    /// <summary>The time of a step, 0 for the first; empty where it is not known.</summary>
    public string Of(int step) => Facts is null ? "" : SeriesNames.Ahead(Times, Facts, step + 1);
}
