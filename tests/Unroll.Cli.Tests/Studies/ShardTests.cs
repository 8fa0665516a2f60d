using Unroll.Studies;

namespace Unroll.Cli.Tests.Studies;

/// <summary>The parts of a study that machines take: computed from the study alone, complete, balanced.</summary>
public class ShardTests
{
    // Trials of very different costs: lengths 10 to 640, and seven seeds of each.
    private static readonly List<Trial> Trials = StudyGrid.Trials(StudyReader.Read("test", """
        {"name":"s","grid":{"task":"temporal-order","length":[10,20,40,80,160,320,640],"method":["sgd-c","sgd-cr"],"seed":"1..7",
         "updates":1000}}
        """));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(97)]
    [InlineData(98)]
    [InlineData(200)]
    public void Every_trial_is_in_exactly_one_shard_in_the_order_of_the_grid(int count)
    {
        List<List<Trial>> shards = [.. Enumerable.Range(1, count)
            .Select(k => new Shard(k, count).Take(Trials, wholeCells: false))];
        Assert.Equal(Trials.Select(trial => trial.Hash).Order(),
            shards.SelectMany(shard => shard.Select(trial => trial.Hash)).Order());
        Assert.All(shards, shard => Assert.Equal(shard.OrderBy(trial => trial.Position), shard));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(5, false)]
    [InlineData(8, false)]
    [InlineData(3, true)]
    [InlineData(5, true)]
    public void The_expected_costs_of_two_shards_differ_by_one_part_at_most(int count, bool wholeCells)
    {
        double[] costs = [.. Enumerable.Range(1, count)
            .Select(k => new Shard(k, count).Take(Trials, wholeCells).Sum(trial => trial.Cost))];
        double largest = wholeCells ? Trials.GroupBy(trial => trial.Cell).Max(cell => cell.Sum(trial => trial.Cost))
            : Trials.Max(trial => trial.Cost);
        Assert.InRange(costs.Max() - costs.Min(), 0, largest * (1 + 1e-12));
    }

    [Fact]
    public void A_shard_is_the_same_whichever_shards_were_taken_before_it_and_in_whatever_order_the_trials_come()
    {
        string[] alone = Hashes(new Shard(5, 8).Take(Trials, wholeCells: false));
        for (int k = 8; k >= 1; k--) new Shard(k, 8).Take(Trials, wholeCells: false);
        Assert.Equal(alone, Hashes(new Shard(5, 8).Take(Trials, wholeCells: false)));
        Assert.Equal(alone, Hashes(new Shard(5, 8).Take([.. Trials.AsEnumerable().Reverse()], wholeCells: false)));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(20)]
    public void Cells_that_may_end_early_stay_whole(int count)
    {
        List<List<Trial>> shards = [.. Enumerable.Range(1, count)
            .Select(k => new Shard(k, count).Take(Trials, wholeCells: true))];
        Assert.Equal(Trials.Count, shards.Sum(shard => shard.Count));
        Assert.All(Trials.GroupBy(trial => trial.Cell), cell =>
            Assert.Single(shards, shard => shard.Any(trial => trial.Cell == cell.Key)));
    }

    [Theory]
    [InlineData("3/8", 3, 8)]
    [InlineData("1/1", 1, 1)]
    [InlineData(" 8 / 8 ", 8, 8)]
    public void A_shard_is_written_as_a_pair(string text, int number, int count) =>
        Assert.Equal(new Shard(number, count), Shard.Parse("--shard", text));

    [Theory]
    [InlineData("9/8", "The shard in --shard 9/8 9 must lie in 1..8")]
    [InlineData("0/8", "The shard in --shard 0/8 0 must lie in 1..8")]
    [InlineData("x", "--shard 'x' is not a shard; write K/N such as 3/8, the third of eight")]
    [InlineData("1/2/3", "is not a shard")]
    [InlineData("a/8", "'a' is not a whole number")]
    [InlineData("1/0", "must lie in 1..100000")]
    [InlineData("1/", "is not a whole number")]
    public void No_shard_is_one_sentence_and_no_folder(string text, string sentence)
    {
        using var folder = new TempFolder();
        Assert.Contains(sentence, Cli.Run("study", "run", "temporal-order", "--out", folder.At("s"), "--shard", text)
            .RefusedWith());
        Assert.False(Directory.Exists(folder.At("s")));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("SLURM_ARRAY_TASK_ID=", null)]
    [InlineData("SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_STEP=1 "
        + "SLURM_ARRAY_TASK_COUNT=8", "1/8")]
    [InlineData("SLURM_ARRAY_TASK_ID=8 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=8 SLURM_ARRAY_TASK_STEP=1 "
        + "SLURM_ARRAY_TASK_COUNT=8", "8/8")]
    // --array=0-7, an old Slurm
    [InlineData("SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_MAX=7 SLURM_ARRAY_TASK_COUNT=8", "1/8")]
    // --array=1-15:2
    [InlineData("SLURM_ARRAY_TASK_ID=15 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=15 SLURM_ARRAY_TASK_STEP=2 "
        + "SLURM_ARRAY_TASK_COUNT=8", "8/8")]
    // --array=10-17:3 is 10, 13, 16
    [InlineData("SLURM_ARRAY_TASK_ID=13 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_MAX=17 SLURM_ARRAY_TASK_STEP=3 "
        + "SLURM_ARRAY_TASK_COUNT=3", "2/3")]
    [InlineData("AWS_BATCH_JOB_ARRAY_INDEX=0 AWS_BATCH_JOB_ARRAY_SIZE=8", "1/8")]
    [InlineData("AWS_BATCH_JOB_ARRAY_INDEX=7 AWS_BATCH_JOB_ARRAY_SIZE=8", "8/8")]
    [InlineData("JOB_COMPLETION_INDEX=0 UNROLL_SHARDS=8", "1/8")]
    [InlineData("JOB_COMPLETION_INDEX=7 UNROLL_SHARDS=8", "8/8")]
    [InlineData("UNROLL_SHARDS=8", null)]
    public void The_variables_of_an_array_name_the_shard(string variables, string? shard) =>
        Assert.Equal(shard is null ? null : Shard.Parse("test", shard), Shard.FromEnvironment(Read(variables).GetValueOrDefault));

    [Theory]
    // --array=1,3,5,9
    [InlineData("SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=9 SLURM_ARRAY_TASK_STEP=1 "
        + "SLURM_ARRAY_TASK_COUNT=4", "The Slurm array has gaps (4 tasks from 1 to 9)")]
    [InlineData("SLURM_ARRAY_TASK_ID=2 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=9 SLURM_ARRAY_TASK_STEP=2 "
        + "SLURM_ARRAY_TASK_COUNT=5", "The Slurm array has gaps")]
    [InlineData("SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=9", "SLURM_ARRAY_TASK_COUNT does not say")]
    [InlineData("SLURM_ARRAY_TASK_ID=five SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=9 SLURM_ARRAY_TASK_COUNT=9",
        "SLURM_ARRAY_TASK_ID 'five' is not a whole number")]
    [InlineData("SLURM_ARRAY_TASK_ID=12 SLURM_ARRAY_TASK_MIN=1 SLURM_ARRAY_TASK_MAX=9 SLURM_ARRAY_TASK_COUNT=9", "shard 12 of 9")]
    [InlineData("AWS_BATCH_JOB_ARRAY_INDEX=3",
        "AWS_BATCH_JOB_ARRAY_SIZE does not say how many there are; set AWS_BATCH_JOB_ARRAY_SIZE, or give the shard (--shard)")]
    [InlineData("AWS_BATCH_JOB_ARRAY_INDEX=8 AWS_BATCH_JOB_ARRAY_SIZE=8", "shard 9 of 8")]
    [InlineData("JOB_COMPLETION_INDEX=3",
        "UNROLL_SHARDS does not say how many there are; set UNROLL_SHARDS, or give the shard (--shard)")]
    [InlineData("JOB_COMPLETION_INDEX=3 UNROLL_SHARDS=3", "JOB_COMPLETION_INDEX makes this shard 4 of 3")]
    public void Variables_that_name_no_shard_are_one_sentence_and_no_folder(string variables, string sentence)
    {
        using var folder = new TempFolder();
        Assert.Contains(sentence, Cli.RunIn(Read(variables), "study", "run", "temporal-order", "--out", folder.At("s"))
            .RefusedWith());
        Assert.False(Directory.Exists(folder.At("s")));
    }

    [Fact]
    public void A_shard_has_its_own_folder_and_the_option_wins_over_the_variables()
    {
        using var folder = new TempFolder();
        Dictionary<string, string> variables = Read("JOB_COMPLETION_INDEX=0 UNROLL_SHARDS=2");
        string[] run = ["study", "run", "temporal-order", "--out", folder.At("s"), "--set", "length=10", "--set", "updates=1",
            "--set", "seed=1,2,3", "--set", "validation=10", "--set", "hidden=5", "--json"];
        Assert.Equal(ExitCode.Success, Cli.RunIn(variables, run).Code);
        Assert.Equal(ExitCode.Success, Cli.RunIn(variables, [.. run, "--shard", "2/3"]).Code);
        Assert.Equal(["shard-1-of-2", "shard-2-of-3"], Directory.GetDirectories(folder.At("s")).Select(Path.GetFileName).Order());
        using StudyStore store = StudyStore.OpenToRead(folder.At("s/shard-1-of-2"));
        Assert.Equal((2, 2), (store.Trials().Count, store.Trials().Count(trial => trial.Result is not null)));
    }

    private static string[] Hashes(IEnumerable<Trial> trials) => [.. trials.Select(trial => trial.Hash)];

    private static Dictionary<string, string> Read(string variables) =>
        variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('='))
        .ToDictionary(pair => pair[0], pair => pair[1]);
}
