namespace Unroll.Interop.Tests;

/// <summary>The libraries stay as small as docs/interop.md says.</summary>
public class LibrarySizeTests
{
    [Theory]
    [InlineData(typeof(OnnxWriter), 400_000)]
    [InlineData(typeof(NetworkShape), 1_400_000)]
    public void A_library_is_one_small_file(Type one, int most) =>
        Assert.InRange(new FileInfo(one.Assembly.Location).Length, 50_000, most);
}
