namespace Unroll.Tests.Data;

/// <summary>The committed files of other programs.</summary>
internal static class Cases
{
    /// <summary>The path of one of them.</summary>
    public static string At(string name) =>
        Path.Combine([RepositoryRoot.Path, "tests", "Unroll.Tests", "Data", "Cases", .. name.Split('/')]);
}
