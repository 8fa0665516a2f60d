using Unroll.Tests.Fuzz;

namespace Unroll.Data.Tests;

/// <summary>A few inputs of each kind; tests/fuzz/run makes as many as there is time for.</summary>
public class ReaderFuzzTests
{
    private const int Cases = 600;

    public static TheoryData<string> Names => [.. ReaderTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_read_is_taken_or_refused_in_a_sentence(string name)
    {
        string folder = Directory.CreateTempSubdirectory("unroll-test-").FullName;
        try
        {
            FuzzTarget target = ReaderTargets.All.Single(target => target.Name == name);
            int refused = 0;
            for (int i = 0; i < Cases; i++) refused += target.Run(7, i, folder) ? 0 : 1;
            Assert.InRange(refused, 1, Cases - 1);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
