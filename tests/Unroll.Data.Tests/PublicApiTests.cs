using Unroll.Tests;

namespace Unroll.Data.Tests;

/// <summary>Freezes the public surface of the readers, so that a change of it shows in review.</summary>
public class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_committed_one()
    {
        string path = Path.Combine(RepositoryRoot.Path, "src", "Unroll.Data", "PublicApi.txt");
        string actual = PublicApiText.Render(typeof(CsvFile).Assembly);
        if (Environment.GetEnvironmentVariable("UNROLL_UPDATE_API") == "1") File.WriteAllText(path, actual);
        Assert.Equal(File.ReadAllText(path), actual, ignoreLineEndingDifferences: true);
    }
}
