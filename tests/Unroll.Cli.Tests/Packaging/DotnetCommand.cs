using System.Diagnostics;
using Unroll.Tests;

namespace Unroll.Cli.Tests.Packaging;

/// <summary>Runs programs as a user would, without leaving build nodes behind.</summary>
internal static class DotnetCommand
{
    /// <summary>The configuration these tests were built in: the one whose outputs exist.</summary>
#if DEBUG
    public const string Configuration = "Debug";
#else
    public const string Configuration = "Release";
#endif

    public static string BuildOutput(string project) =>
        Path.Combine(RepositoryRoot.Path, "artifacts", "bin", project, Configuration.ToLowerInvariant());

    public static Task<ProgramResult> Run(string folder, params string[] arguments) =>
        RunProgram("dotnet", folder, new Dictionary<string, string>(), arguments);

    public static async Task<ProgramResult> RunProgram(
        string program, string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // A test host started by the SDK passes settings of its own build on.
        foreach (string name in start.Environment.Keys.Where(name =>
            name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
            start.Environment.Remove(name);
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "true"; // a compiler of its own takes seconds to start; it ends when idle
        foreach ((string name, string value) in environment) start.Environment[name] = value;

        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within five minutes.");
        }

        return new ProgramResult(process.ExitCode, await output, await error);
    }
}

internal sealed record ProgramResult(int ExitCode, string Output, string Error)
{
    public void RequireSuccess(string what) =>
        Assert.True(ExitCode == 0, $"{what} ended with exit code {ExitCode}:\n{Output}\n{Error}");
}

/// <summary>A folder outside the repository, so that its build settings do not apply; deleted at the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("unroll-test-").FullName;

    public string File(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A virus scanner may hold a file on Windows; the folder is the system's to clean then.
        }
    }
}
