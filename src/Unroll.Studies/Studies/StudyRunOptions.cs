namespace Unroll.Studies;

/// <summary>How a study is run. Nothing of it changes a bit of any result.</summary>
public sealed record StudyRunOptions
{
    /// <summary>Trials at once, one core each, at least 1. By default as many as there are cores.</summary>
    public int Jobs { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// The part to run, into a folder of its own in the study's; null for all. <see cref="Study.Merge"/> joins the parts.
    /// </summary>
    public Shard? Shard { get; init; }

    /// <summary>The time after which running trials save where they are and the run ends; null for no limit.</summary>
    public TimeSpan? Session { get; init; }

    /// <summary>The time from one checkpoint of a trial to the next, which is what a kill costs at most.</summary>
    public TimeSpan BetweenCheckpoints { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a store that another program has locked is waited for.</summary>
    public TimeSpan LockWait { get; init; } = TimeSpan.FromSeconds(StudyStore.SecondsToWait);

    /// <summary>Called after each trial, one call at a time, on the thread that ran it.</summary>
    public Action<Trial, TrialResult, StudyProgress>? OnFinished { get; init; }

    /// <summary>
    /// Takes a sentence about the folder or about data that is read, such as that an earlier grid had other trials.
    /// </summary>
    public Action<string>? Notice { get; init; }
}

/// <summary>What a merge of stores came to.</summary>
/// <param name="Added">Finished trials that were added.</param>
/// <param name="Stores">Stores that were read.</param>
/// <param name="Done">Finished trials of the joined study.</param>
/// <param name="Trials">All trials of the joined study.</param>
/// <param name="WithoutChecksum">Finished ones without a checksum, which versions before 0.2 made.</param>
public sealed record StudyMerged(int Added, int Stores, int Done, int Trials, int WithoutChecksum)
{
    /// <summary>
    /// Finished trials of the stores that were not added, because the grid has none with all their options: a recipe that the
    /// study names has changed since they were run, or data.
    /// </summary>
    public int LeftOut { get; init; }

    /// <summary>The first of them; null where there is none.</summary>
    public StoredTrial? FirstLeftOut { get; init; }
}
