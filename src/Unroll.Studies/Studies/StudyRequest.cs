using Unroll.Studies.Runs;

namespace Unroll.Studies;

/// <summary>How a study is run, besides the study itself.</summary>
internal sealed record StudyRequest(StudyDefinition Study, string Folder)
{
    /// <summary>Trials at once.</summary>
    public int Jobs { get; init; } = Environment.ProcessorCount;

    /// <summary>The part to run, or null for all.</summary>
    public Shard? Shard { get; init; }

    /// <summary>Values that a trial must have to be run now; none for all.</summary>
    public IReadOnlyList<StudyAxis> Only { get; init; } = [];

    /// <summary>Minutes after which this session ends, or null.</summary>
    public double? Session { get; init; }

    /// <summary>
    /// Seconds from one checkpoint of a trial to the next; what a kill costs at most, but for a single check that takes
    /// longer.
    /// </summary>
    public required double SecondsBetweenCheckpoints { get; init; }

    /// <summary>Seconds for which a store that another program has locked is waited for.</summary>
    public int SecondsToWait { get; init; } = StudyStore.SecondsToWait;

    /// <summary>Where events for TensorBoard go, a folder a trial; null for nowhere.</summary>
    public EventsTo? Events { get; init; }

    /// <summary>Whether the folder may hold a study of another name: a built-in one at another scale.</summary>
    public bool MayReplace { get; init; }

    /// <summary>The folder of the store: a shard has one of its own in the study's.</summary>
    public string StoreFolder => Shard is null ? Folder : Path.Combine(Folder, Shard.Folder);
}
