using System.Diagnostics;

namespace Unroll.Cli.Tests.Report;

/// <summary>A browser without a window, where the machine has one.</summary>
internal static class Chromium
{
    private const int Patience = 60_000;
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    /// <summary>What the environment names, or the first on the path; null for none.</summary>
    public static string? Path { get; } = Environment.GetEnvironmentVariable("UNROLL_CHROMIUM") is { Length: > 0 } named ? named
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
            .SelectMany(folder => Names.Select(name => System.IO.Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    public static void SkipWithout() =>
        Assert.SkipWhen(Path is null,
            "no chromium, chromium-browser or google-chrome on the path, and UNROLL_CHROMIUM names none");

    /// <summary>The elements of a page after its script has run; what is after # says what it shows.</summary>
    public static string Dump(string file, string shown = "")
    {
        string profile = Directory.CreateTempSubdirectory("unroll-chromium-").FullName;
        var info = new ProcessStartInfo(Path!, [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync",
            $"--user-data-dir={profile}", "--window-size=1280,900", "--virtual-time-budget=5000", "--dump-dom",
            $"{new Uri(file).AbsoluteUri}{shown}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(info)!;
        using var patience = new Timer(_ => process.Kill(entireProcessTree: true), null, Patience, Timeout.Infinite);
        CliResult result = process.Finish();
        try
        {
            Directory.Delete(profile, recursive: true);
        }
        catch (IOException)
        {
            // A helper process of the browser may still be writing there.
        }

        Assert.True(result.Code == 0 && result.Out.Contains("<html"), $"the browser ended with {result.Code}\n{result.Error}");
        return result.Out;
    }
}
