namespace Unroll.Tests;

/// <summary>Finds the repository in which the tests were built, searching upwards from their folder.</summary>
internal static class RepositoryRoot
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Unroll.slnx"))) return folder.FullName;
        }

        throw new InvalidOperationException(
            $"No Unroll.slnx above {AppContext.BaseDirectory}: the tests must run inside the repository.");
    }
}
