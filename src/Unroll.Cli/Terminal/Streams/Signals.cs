using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Unroll.Cli.Terminal.Streams;

/// <summary>
/// Tells a verb to end: at Ctrl-C, at SIGTERM, when the terminal goes away (SIGHUP), when the processor time is used up
/// (SIGXCPU), and at what clusters send before they kill (SIGUSR1, SIGUSR2). A second Ctrl-C, Ctrl-\ or SIGTERM ends the process
/// at once.
/// </summary>
internal sealed class Signals : IDisposable
{
    // A terminal that goes away and a timeout send a signal to the process and to its group, which is one request, not two.
    private const int MillisecondsOfOneRequest = 500;

    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Action _callback;
    private readonly Action _farewell;
    private readonly Lock _gate = new();
    private long? _first;

    /// <param name="callback">Called at the first signal.</param>
    /// <param name="farewell">Called before the process is ended at once.</param>
    public Signals(Action callback, Action farewell)
    {
        (_callback, _farewell) = (callback, farewell);
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT])
            _registrations.Add(PosixSignalRegistration.Create(signal, context => Handle(context, isLastWord: true)));
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGHUP, .. Numbered()])
            _registrations.Add(PosixSignalRegistration.Create(signal, context => Handle(context, isLastWord: false)));
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
    }

    /// <summary>SIGUSR1, SIGUSR2 and SIGXCPU, which have no name in .NET.</summary>
    private static IEnumerable<PosixSignal> Numbered() => OperatingSystem.IsWindows() ? []
        : OperatingSystem.IsLinux() ? [(PosixSignal)10, (PosixSignal)12, (PosixSignal)24]
        : [(PosixSignal)30, (PosixSignal)31, (PosixSignal)24];

    private void Handle(PosixSignalContext context, bool isLastWord)
    {
        bool first = false, again = false;
        lock (_gate)
        {
            if (_first is null) (_first, first) = (Stopwatch.GetTimestamp(), true);
            else again = isLastWord && Stopwatch.GetElapsedTime(_first.Value).TotalMilliseconds > MillisecondsOfOneRequest;
        }

        // From the second on the system does what it always does.
        context.Cancel = !again;
        if (first) _callback();
        else if (again) _farewell();
    }
}
