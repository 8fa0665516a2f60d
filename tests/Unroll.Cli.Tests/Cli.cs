using System.Diagnostics;
using System.Text.Json;

namespace Unroll.Cli.Tests;

/// <summary>What a run of the command gave.</summary>
internal sealed record CliResult(int Code, string Out, string Error)
{
    public string[] OutLines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What was written, lines that were folded to the width put together again.</summary>
    public string Unfolded => Out.Replace("\n    ", " ");

    public JsonElement[] Json => [.. OutLines.Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>Bad input: exit 2, one line on standard error, no stack trace, nothing on standard output.</summary>
    public string RefusedWith() => EndedWith(ExitCode.BadInput);

    /// <summary>The machine's fault: as bad input, but exit 5.</summary>
    public string FailedWith() => EndedWith(ExitCode.Machine);

    private string EndedWith(int code)
    {
        Assert.True(Code == code, $"exit {Code}\n{Out}\n{Error}");
        Assert.Equal("", Out);
        Assert.StartsWith("unroll: ", Error);
        Assert.Single(Error.TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain("   at ", Error);
        Assert.DoesNotContain("(Parameter", Error);
        return Error;
    }
}

/// <summary>Runs the command, in this process or as one of its own.</summary>
internal static class Cli
{
    /// <summary>A run that ends at once: short sequences, few updates.</summary>
    public static readonly string[] Small =
        ["--length", "20", "--hidden", "10", "--curriculum", "none", "--validation", "50", "--check-every", "20", "--batch", "5"];

    public static CliResult Run(params string[] args) => RunWith("", args);

    public static CliResult RunWith(string input, params string[] args) => Run(input, _ => null, args);

    /// <summary>As on a terminal of 160 columns, where a table is in one part.</summary>
    public static CliResult RunWide(params string[] args) => Run("", _ => null, args, columns: 160);

    /// <summary>With these environment variables and no others.</summary>
    public static CliResult RunIn(IReadOnlyDictionary<string, string> environment, params string[] args) =>
        Run("", environment.GetValueOrDefault, args);

    private static CliResult Run(string input, Func<string, string?> variable, string[] args, int? columns = null)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int code = UnrollCommand.Run(args, new CommandHost(new StringReader(input), output, error)
        {
            OnInterrupt = Patience,
            Variable = variable,
            OutIsTerminal = columns is not null,
            Columns = () => columns ?? 0,
        });
        return new CliResult(code, output.ToString(), error.ToString());
    }

    /// <summary>A run that should have ended long ago is cancelled, so that its test fails and does not hang.</summary>
    private static Timer Patience(Action interrupt) =>
        new(_ => interrupt(), null, TimeSpan.FromSeconds(60), Timeout.InfiniteTimeSpan);

    /// <summary>A real process; its streams are redirected.</summary>
    public static Process Start(IReadOnlyDictionary<string, string>? environment, params string[] args)
    {
        var info = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.ArgumentList.Add(typeof(UnrollCommand).Assembly.Location);
        foreach (string arg in args) info.ArgumentList.Add(arg);
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) info.Environment[name] = value;
        return Process.Start(info)!;
    }

    public static CliResult Finish(this Process process)
    {
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new CliResult(process.ExitCode, output, error.Result);
    }

    public static void Signal(this Process process, string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits for a condition on the file system, half a minute at most.</summary>
    public static void Await(Func<bool> condition, string what)
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started).TotalSeconds < 30, $"{what} did not happen");
            Thread.Sleep(10);
        }
    }
}

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TempFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("unroll-cli-").FullName;

    public string At(string name) => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
