namespace Unroll.Tests.Data;

/// <summary>Files of other programs that are in the repository.</summary>
internal static class Cases
{
    /// <summary>The path of one of them.</summary>
    public static string At(string name) =>
        Path.Combine([RepositoryRoot.Path, "tests", "Unroll.Tests", "Data", "Cases", .. name.Split('/')]);
}
