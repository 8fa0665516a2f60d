using System.Diagnostics;
using System.Globalization;

namespace Unroll.Cli.Data;

/// <summary>
/// Shows on standard error how far a download has come: a line that redraws itself on a terminal, a line now and then elsewhere.
/// </summary>
internal sealed class TransferDisplay
{
    private const int BarWidth = 24;
    private const double SecondsOnTerminal = 0.1, SecondsElsewhere = 5;
    private readonly CommandHost _host;
    private readonly string _name;
    private readonly long _total;
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _shown = Stopwatch.GetTimestamp(), _first = -1;
    private int _width;

    public TransferDisplay(CommandHost host, string name, long total) => (_host, _name, _total) = (host, name, total);

    /// <summary>Hears how many bytes there are.</summary>
    public void Report(long bytes)
    {
        if (_first < 0) _first = bytes;
        bool terminal = _host.ErrorIsTerminal;
        if (Stopwatch.GetElapsedTime(_shown).TotalSeconds < (terminal ? SecondsOnTerminal : SecondsElsewhere)) return;
        _shown = Stopwatch.GetTimestamp();
        string text = Line(_name, bytes, _first, _total, Stopwatch.GetElapsedTime(_started).TotalSeconds,
            terminal && _host.Color);
        if (!terminal)
        {
            _host.Error.WriteLine(text);
            return;
        }

        _host.ErrorScreen.Write($"\r{text.PadRight(_width)}");
        _width = text.Length;
    }

    /// <summary>Takes the line back.</summary>
    public void End()
    {
        if (_width > 0) _host.ErrorScreen.Write($"\r{new string(' ', _width)}\r");
        _width = 0;
    }

    /// <summary>The line of a moment; also what tests look at.</summary>
    internal static string Line(string name, long bytes, long first, long total, double seconds, bool unicode)
    {
        double share = total > 0 ? (double)bytes / total : 1, rate = seconds > 0 ? (bytes - first) / seconds : 0;
        string left = rate > 0 ? $", {Size(rate)}/s, {Format.Time((total - bytes) / rate)} left" : "";
        return $"{name} {LiveScreen.Bar(share, BarWidth, unicode)} {Format.Percent(share)} of {Size(total)}{left}";
    }

    /// <summary>A number of bytes as people read it.</summary>
    internal static string Size(double bytes) =>
        bytes < 1000 ? FormattableString.Invariant($"{bytes:0} B")
        : bytes < 1e6 ? FormattableString.Invariant($"{bytes / 1e3:0} kB") : FormattableString.Invariant($"{bytes / 1e6:0.0} MB");
}
