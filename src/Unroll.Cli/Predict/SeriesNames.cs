using System.Globalization;
using Unroll.Cli.Settings;
using Unroll.Data;
using Unroll.Tasks;

namespace Unroll.Cli.Predict;

/// <summary>What the sequences of data are called, and when their steps and forecasts are.</summary>
internal sealed class SeriesNames
{
    private readonly SeriesKind _kind;
    private SequenceWindow? _window;
    private StreamForecastTimes _ahead;

    public SeriesNames(SeriesModel model, SequenceData data)
    {
        _kind = model.Codec.Kind;
        Group = model.Settings.Texts.GetValueOrDefault("group")
            ?? (data.Count > 1 || _kind is SeriesKind.Classify or SeriesKind.Regress ? "sequence" : null);
        bool timed = data.Sequences.All(sequence => !sequence.Times.IsEmpty && sequence.Steps > 0);
        if (timed && _kind is SeriesKind.Tag or SeriesKind.Forecast)
            Time = model.Settings.Texts.GetValueOrDefault("time") is { Length: > 0 } named ? named : "time";
    }

    /// <summary>The heading of the column of sequences; null for none.</summary>
    public string? Group { get; }

    /// <summary>The heading of the column of times; null where they are not known.</summary>
    public string? Time { get; }

    /// <summary>When a step is: of tags its own time; of a forecast that of its row where there is one, else so many steps behind
    /// the last. Empty where the window's times are not regular.</summary>
    public string TimeOf(Sequence sequence, SequenceWindow window, int step)
    {
        TimeAxis times = sequence.Times;
        if (_kind == SeriesKind.Tag) return times.Text(step);
        int at = window.End + step;
        if (at < times.Count) return times.Text(at);
        if (_window != window)
        {
            _window = window;
            int first = Math.Max(0, Math.Min(window.Start, window.End - 2));
            _ahead = StreamForecastTimes.Behind(times.Slice(first, window.End - first));
        }

        return _ahead.Of(at - times.Count);
    }

    /// <summary>The time so many usual steps behind the last.</summary>
    internal static string Ahead(TimeAxis times, TimeFacts facts, int steps)
    {
        if (!times.IsDate) return (times.Numbers.Span[^1] + (steps * facts.Step)).ToString("R", CultureInfo.InvariantCulture);
        return TimeAxis.Text(facts.After(times.Dates.Span[^1], steps));
    }
}
