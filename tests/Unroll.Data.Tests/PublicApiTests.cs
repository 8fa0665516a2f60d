using Unroll.Tests;

namespace Unroll.Data.Tests;

/// <summary>Freezes the public surface of the readers, so that a change of it shows in review.</summary>
public class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_the_committed_one() =>
        PublicApiFile.Check(typeof(CsvFile).Assembly, typeof(PublicApiTests));
}
