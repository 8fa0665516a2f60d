using System.Diagnostics;

namespace Unroll.Cli.Tests.Reliability;

/// <summary>
/// The command as a process that a shell starts, with what only a shell can do to its streams; and a run folder to begin from.
/// </summary>
internal static class RealProcess
{
    /// <summary>A user who is not root.</summary>
    private const string Nobody = "65534";

    /// <summary>Some checks of a run that nothing solves.</summary>
    public static readonly string[] Options =
        ["--length", "20", "--hidden", "10", "--curriculum", "none", "--validation", "20", "--check-every", "40", "--stop",
            "budget"];

    /// <summary>Runs a script of sh in which <c>unroll</c> is the command.</summary>
    public static CliResult Shell(string script, params string[] args)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a shell and /dev/full");
        return Run("sh",
            ["-c", $"unroll() {{ dotnet \"$0\" \"$@\"; }}; {script}", typeof(UnrollCommand).Assembly.Location, .. args]);
    }

    /// <summary>Runs the command in a folder as a user who is not root.</summary>
    public static CliResult AsNobody(string folder, params string[] args)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs permissions as Linux has them");
        string command = typeof(UnrollCommand).Assembly.Location;
        if (Environment.UserName != "root") return Run("dotnet", [command, .. args], folder);
        Assert.SkipUnless(Run("setpriv", ["--version"]).Code == 0, "root needs setpriv to become somebody else");
        string[] become = ["--reuid", Nobody, "--regid", Nobody, "--clear-groups"];
        Assert.SkipUnless(Run("setpriv", [.. become, "test", "-r", command]).Code == 0,
            "the command is in a folder that only root may enter");
        return Run("setpriv", [.. become, "dotnet", command, .. args], folder);
    }

    /// <summary>
    /// Waits until a process handles the last signal that a verb takes: SIGXCPU, which the runtime alone does not.
    /// </summary>
    public static void AwaitSignals(Process process)
    {
        const int last = 24;
        Cli.Await(
            () =>
            {
                string? caught = File.ReadLines($"/proc/{process.Id}/status")
                    .FirstOrDefault(line => line.StartsWith("SigCgt:", StringComparison.Ordinal));
                return caught is not null && (Convert.ToUInt64(caught.Split('\t')[1], 16) >> (last - 1) & 1) == 1;
            },
            "the work that a signal ends");
    }

    /// <summary>Skips a test of a signal that the tests, and so every process of theirs, were told to ignore.</summary>
    /// <param name="signal">Such as HUP, which nohup ignores, or INT, which a shell's background does.</param>
    public static void SkipIgnored(string signal)
    {
        int number = Array.IndexOf((string[])["", "HUP", "INT", "QUIT"], signal);
        string ignored = File.ReadLines("/proc/self/status")
            .First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)).Split('\t')[1];
        Assert.SkipWhen(number > 0 && (Convert.ToUInt64(ignored, 16) >> (number - 1) & 1) == 1,
            $"SIG{signal} is ignored where the tests were started");
    }

    private static CliResult Run(string program, string[] args, string? folder = null)
    {
        var info = new ProcessStartInfo(program, args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        if (folder is not null) info.WorkingDirectory = folder;
        try
        {
            using Process process = Process.Start(info)!;
            process.StandardInput.Close();
            return process.Finish();
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return new CliResult(127, "", $"{program} is not here");
        }
    }
}
