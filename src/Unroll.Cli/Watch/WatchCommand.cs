using System.CommandLine;
using System.CommandLine.Parsing;
using System.ComponentModel;
using System.Diagnostics;

namespace Unroll.Cli.Watch;

/// <summary><c>unroll watch RUN_FOLDER</c>: serves the page of runs, and what is new in them, to this machine.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan s_betweenLooks = TimeSpan.FromSeconds(0.25);

    private static readonly DeclaredOption<string?> Port = new("--port")
    {
        HelpName = "N",
        Description = "The port, 1 to 65535. Default: one that is free.",
    };

    private static readonly DeclaredOption<bool> Open = new("--open")
    {
        Description = "Opens the page in the browser of this machine.",
    };

    /// <summary>The command.</summary>
    public static Command Build(CommandHost host)
    {
        var command = new VerbCommand("watch", "Shows a run as it goes, or several, in a browser of this machine.")
        {
            Examples = ["unroll watch runs/addition", "unroll watch runs/a runs/b --open"],
        };
        command.Add(ReportCommand.Folders);
        command.Add(Port);
        command.Add(Open);
        command.SetAction(parsed => Execute(parsed, host));
        return command;
    }

    private static int Execute(ParseResult parsed, CommandHost host)
    {
        int port = parsed.GetValue(Port) is { } text ? (int)Values.Whole("--port", text, 1, 65_535) : 0;
        IReadOnlyList<RunView> runs = ReportCommand.Open(parsed);
        using var end = new ManualResetEventSlim();
        using IDisposable interrupt = host.OnInterrupt(end.Set);
        using var server = new WatchServer(runs, port);

        // Not folded: the address is one word.
        host.Out.WriteLine(server.Address);
        host.Error.WriteLine($"unroll: open this address in a browser of this machine; Ctrl-C ends it.");
        if (parsed.GetValue(Open)) Show(server.Address, host);
        while (!end.Wait(s_betweenLooks))
        {
            bool changed = false;
            foreach (RunView run in runs) changed |= run.Look();
            if (changed) server.Changed();
        }

        server.End("The command that served this page has ended; what is shown stays.");
        return ExitCode.Success;
    }

    private static void Show(string address, CommandHost host)
    {
        try
        {
            Process.Start(new ProcessStartInfo(address) { UseShellExecute = true })?.Dispose();
        }
        catch (Exception error) when (error is Win32Exception or FileNotFoundException or PlatformNotSupportedException)
        {
            host.Error.WriteLine("unroll: no browser could be opened here; open the address yourself.");
        }
    }
}
