namespace Unroll.Tests.Data;

/// <summary>The published data, where the environment variable UNROLL_DATA names a folder that has it.</summary>
internal static class RealData
{
    /// <summary>A file of it; the test is skipped where it is absent.</summary>
    public static string File(string name)
    {
        string? folder = Environment.GetEnvironmentVariable("UNROLL_DATA");
        string path = Path.Combine(folder ?? "", name);
        Assert.SkipUnless(folder is { Length: > 0 } && System.IO.File.Exists(path), "skipped: no data");
        return path;
    }
}
