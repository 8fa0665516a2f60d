namespace Unroll.Tests.Data;

/// <summary>The published data, from the folder in the environment variable UNROLL_DATA.</summary>
internal static class RealData
{
    /// <summary>A file of the data; the test is skipped when the file is absent.</summary>
    public static string File(string name)
    {
        string? folder = Environment.GetEnvironmentVariable("UNROLL_DATA");
        string path = Path.Combine(folder ?? "", name);
        Assert.SkipUnless(folder is { Length: > 0 } && System.IO.File.Exists(path), "skipped: no data");
        return path;
    }
}
