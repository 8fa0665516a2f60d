using System.Diagnostics;

namespace Unroll.Cli.Terminal;

/// <summary>
/// Shows on a terminal how far something has come when it takes more than two seconds, and takes it back at the end.
/// </summary>
internal sealed class SlowNotice : IDisposable
{
    private readonly Timer? _timer;
    private readonly CommandHost _host;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly long _total;
    private long _done;
    private int _width;
    private bool _ended;

    public SlowNotice(CommandHost host, string what, long total, string unit = "sequences", int firstAfter = 2000)
    {
        (_host, _total) = (host, total);
        if (!host.ErrorIsTerminal) return;
        _timer = new Timer(_ => Show(what, unit), null, firstAfter, 500);
    }

    public void Report(long done) => Volatile.Write(ref _done, done);

    /// <summary>Takes the line back for the moment, so that another can be written.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            if (_width > 0 && !_ended) Write($"\r{new string(' ', _width)}\r");
            _width = 0;
        }
    }

    public void Dispose()
    {
        _timer?.Dispose();
        lock (_gate)
        {
            _ended = true;
            if (_width > 0) Write($"\r{new string(' ', _width)}\r");
        }
    }

    private void Show(string what, string unit)
    {
        lock (_gate)
        {
            if (_ended) return;
            double seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds;
            long done = Volatile.Read(ref _done);
            string left = done > 0
                ? $", {Format.Rate(done / seconds)}, {Format.Time((_total - done) * seconds / done)} left" : "";
            string text = $"{what}: {Format.Percent((double)done / _total)} of {Format.Count(_total)} {unit}{left}";
            int width = Math.Max(_width, text.Length);
            if (Write($"\r{text.PadRight(_width)}")) _width = width;
        }
    }

    /// <summary>Writes on the terminal; when it is gone, that was the last time, and the evaluation goes on.</summary>
    private bool Write(string text)
    {
        try
        {
            _host.ErrorScreen.Write(text);
            return true;
        }
        catch (Exception error) when (CommandHost.IsGone(error))
        {
            _ended = true;
            return false;
        }
    }
}
