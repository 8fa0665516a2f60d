using System.Globalization;
using Unroll.Cli.Settings;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Cli.Predict;

/// <summary>What the sequences of data are called, and when their steps and forecasts are.</summary>
internal sealed class SeriesNames
{
    private readonly SeriesKind _kind;
    private readonly TimeFacts _times;

    public SeriesNames(SeriesModel model, SequenceData data)
    {
        _kind = model.Codec.Kind;
        _times = TimeFacts.Of(data.Sequences);
        Group = model.Settings.Texts.GetValueOrDefault("group")
            ?? (data.Count > 1 || _kind is SeriesKind.Classify or SeriesKind.Regress ? "sequence" : null);
        bool timed = data.Sequences.All(sequence => !sequence.Times.IsEmpty) && _times.First.Length > 0;
        if (timed && (_kind == SeriesKind.Tag || (_kind == SeriesKind.Forecast && !double.IsNaN(_times.Step))))
            Time = model.Settings.Texts.GetValueOrDefault("time") is { Length: > 0 } named ? named : "time";
    }

    /// <summary>The heading of the column of sequences; null for none.</summary>
    public string? Group { get; }

    /// <summary>The heading of the column of times; null where they are not known.</summary>
    public string? Time { get; }

    /// <summary>When a step is: of tags its own time; of a forecast that of its row where there is one, else so many usual steps
    /// behind the last.</summary>
    public string TimeOf(Sequence sequence, SequenceWindow window, int step)
    {
        TimeAxis times = sequence.Times;
        if (_kind == SeriesKind.Tag) return times.Text(step);
        int at = window.End + step;
        return at < times.Count ? times.Text(at) : Ahead(times, _times, at - times.Count + 1);
    }

    /// <summary>The time so many usual steps behind the last.</summary>
    internal static string Ahead(TimeAxis times, TimeFacts facts, int steps)
    {
        if (!times.IsDate) return (times.Numbers.Span[^1] + (steps * facts.Step)).ToString("R", CultureInfo.InvariantCulture);
        return TimeAxis.Text(facts.After(times.Dates.Span[^1], steps));
    }
}
