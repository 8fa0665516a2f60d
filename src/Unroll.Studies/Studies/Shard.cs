namespace Unroll.Studies;

/// <summary>A fixed part of a study: the K-th of N, K from 1.</summary>
public sealed record Shard(int Number, int Count)
{
    /// <summary>The variable by which a cluster that does not say how many tasks there are (Kubernetes) is told.</summary>
    internal const string CountVariable = "UNROLL_SHARDS";

    private const string Option = "--shard";
    private const int Most = 100_000;

    /// <summary>The folder of this shard in the study's folder.</summary>
    public string Folder => Invariant($"shard-{Number}-of-{Count}");

    /// <summary>Reads <c>K/N</c>.</summary>
    /// <exception cref="UserError">It is no such pair, or K is not in 1..N.</exception>
    internal static Shard Parse(string option, string text)
    {
        string[] parts = text.Split('/');
        if (parts.Length != 2)
            throw new UserError($"{option} '{text}' is not a shard; write K/N such as 3/8, the third of eight.");
        int count = (int)Values.Whole($"The number of shards in {option} {text}", parts[1].Trim(), 1, Most);
        return new Shard((int)Values.Whole($"The shard in {option} {text}", parts[0].Trim(), 1, count), count);
    }

    /// <summary>
    /// The shard that the array variables of Slurm, AWS Batch or a Kubernetes indexed job name, or null outside of one.
    /// </summary>
    /// <exception cref="UserError">The variables do not make sense together.</exception>
    internal static Shard? FromEnvironment(Func<string, string?> variable)
    {
        if (variable("SLURM_ARRAY_TASK_ID") is { Length: > 0 } slurm)
        {
            // An array may begin anywhere and take steps: 1-15:2 has eight tasks.
            int first = Number("SLURM_ARRAY_TASK_MIN"), step = variable("SLURM_ARRAY_TASK_STEP") is { Length: > 0 }
                ? Number("SLURM_ARRAY_TASK_STEP") : 1;
            int last = Number("SLURM_ARRAY_TASK_MAX"), task = (int)Values.Whole("SLURM_ARRAY_TASK_ID", slurm, 0, int.MaxValue);
            int count = Number("SLURM_ARRAY_TASK_COUNT");
            if (step < 1 || ((last - first) / step) + 1 != count || (task - first) % step != 0)
            {
                throw new UserError(
                    Invariant($"The Slurm array has gaps ({count} tasks from {first} to {last}), so its tasks cannot be ")
                    + "counted; submit it as 1-N, or give the shard.")
                {
                    Option = Option,
                };
            }

            return Checked("SLURM_ARRAY_TASK_ID", ((task - first) / step) + 1, count);
        }

        if (variable("AWS_BATCH_JOB_ARRAY_INDEX") is { Length: > 0 })
            return Checked("AWS_BATCH_JOB_ARRAY_INDEX", Number("AWS_BATCH_JOB_ARRAY_INDEX") + 1,
                Number("AWS_BATCH_JOB_ARRAY_SIZE"));
        if (variable("JOB_COMPLETION_INDEX") is { Length: > 0 })
            return Checked("JOB_COMPLETION_INDEX", Number("JOB_COMPLETION_INDEX") + 1, Number(CountVariable));
        return null;

        int Number(string name) => variable(name) is { Length: > 0 } text
            ? (int)Values.Whole(name, text, 0, int.MaxValue - 1)
            : throw new UserError(
                $"This is a task of an array job, but {name} does not say how many there are; set {name}, or give "
                + "the shard.")
            {
                Option = Option,
            };

        static Shard Checked(string name, int number, int count) => number >= 1 && number <= count && count <= Most
            ? new Shard(number, count)
            : throw new UserError(
                Invariant($"{name} makes this shard {number} of {count}, which is out of range; give a shard K/N with ")
                + Invariant($"K from 1 to N and at most {Most} shards."))
            {
                Option = Option,
            };
    }

    /// <summary>
    /// The trials of this shard. Whole cells, the longest first, go each to the shard that has the least to do so far: every
    /// shard computes the same parts from the study alone.
    /// </summary>
    internal List<Trial> Take(IReadOnlyList<Trial> trials, bool wholeCells)
    {
        var load = new PriorityQueue<int, (double Load, int Shard)>();
        for (int i = 1; i <= Count; i++) load.Enqueue(i, (0, i));
        var mine = new List<Trial>();
        var parts = trials
            .GroupBy(trial => wholeCells ? trial.Cell : trial.Hash)
            .Select(part =>
                (Trials: part.ToList(), Cost: part.Sum(trial => trial.Cost), First: part.Min(trial => trial.Position)))
            .OrderByDescending(part => part.Cost).ThenBy(part => part.First);
        foreach ((List<Trial> part, double cost, _) in parts)
        {
            load.TryDequeue(out int shard, out (double Load, int Shard) at);
            load.Enqueue(shard, (at.Load + cost, shard));
            if (shard == Number) mine.AddRange(part);
        }

        return [.. mine.OrderBy(trial => trial.Position)];
    }
}
