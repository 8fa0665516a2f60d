namespace Unroll.Kernels;

/// <summary>What a <see cref="WorkerTeam"/> does for each part, and the choice of the number of parts.</summary>
internal sealed class TeamJob(Action<int> part, Pace pace)
{
    /// <summary>Computes one part.</summary>
    public Action<int> Part { get; } = part;

    /// <summary>Chooses the number of parts.</summary>
    public Pace Pace { get; } = pace;
}
