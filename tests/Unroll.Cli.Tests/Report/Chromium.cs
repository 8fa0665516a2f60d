namespace Unroll.Cli.Tests.Report;

/// <summary>Where the machine has a browser that needs no window.</summary>
internal static class Chromium
{
    private static readonly string[] Names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

    /// <summary>What the environment names, or the first on the path; null for none.</summary>
    public static string? Path { get; } = Environment.GetEnvironmentVariable("UNROLL_CHROMIUM") is { Length: > 0 } named ? named
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
            .SelectMany(folder => Names.Select(name => System.IO.Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    public static void SkipWithout() =>
        Assert.SkipWhen(Path is null,
            $"none of {string.Join(", ", Names)} is on the path, and UNROLL_CHROMIUM names none");
}
