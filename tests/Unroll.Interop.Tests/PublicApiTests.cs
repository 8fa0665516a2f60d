using Unroll.Tests;

namespace Unroll.Interop.Tests;

/// <summary>Freezes the public surface of Unroll.Interop, so that a change of it shows in review.</summary>
public class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_committed_one()
    {
        string path = Path.Combine(RepositoryRoot.Path, "src", "Unroll.Interop", "PublicApi.txt");
        string actual = PublicApiText.Render(typeof(OnnxWriter).Assembly);
        if (Environment.GetEnvironmentVariable("UNROLL_UPDATE_API") == "1") File.WriteAllText(path, actual);
        Assert.True(
            File.Exists(path) && File.ReadAllText(path).ReplaceLineEndings("\n") == actual,
            $"The public surface differs from {path}; when that is meant, run UNROLL_UPDATE_API=1 ./test -class "
                + $"{typeof(PublicApiTests).FullName}.");
    }
}
