using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Unroll.Tests.LongCollectionsFirst))]

namespace Unroll.Tests;

/// <summary>
/// Begins with the collections that take longest: each runs on one core from its first test to its last, and one that begins late
/// leaves the other cores idle at the end. The order of the others stays random.
/// </summary>
public sealed class LongCollectionsFirst : ITestCollectionOrderer
{
    /// <summary>The longest first, in whatever test project they are.</summary>
    private static readonly string[] s_long =
    [
        "dotnet", "InstructionSetTests", "browser", "LocaleTests", "TutorialTests", "KillTests", "SignalTests", "StreamTests",
        "ProcessTests", "StudyRunTests",
    ];

    /// <inheritdoc/>
    public IReadOnlyCollection<T> OrderTestCollections<T>(IReadOnlyCollection<T> testCollections)
        where T : ITestCollection =>
        [.. DefaultTestCollectionOrderer.Instance.OrderTestCollections(testCollections).OrderBy(Place)];

    private static int Place<T>(T collection)
        where T : ITestCollection
    {
        string name = collection.TestCollectionDisplayName;
        int place = Array.FindIndex(s_long, one => name == one || name.Contains($".{one} ", StringComparison.Ordinal));
        return place < 0 ? s_long.Length : place;
    }
}
