using System.Text.Json;
using Unroll.Cli.Reproduce;
using Unroll.Cli.Tests.Studies;
using Unroll.Studies;
using Unroll.Studies.Runs;

namespace Unroll.Cli.Tests.Reproduce;

/// <summary><c>unroll reproduce --verify</c>: stored trials are run again, and what differs is told.</summary>
public sealed class VerifyTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Study => _folder.At("study");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_trial_of_a_store_is_run_again_to_the_same_bits()
    {
        Make();
        CliResult run = Cli.Run("reproduce", "--verify", "100", Study);
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        Assert.Equal(8, run.Unfolded.Split('\n').Count(line => line.Contains(": same bits: ")));
        Assert.Contains("8 of 8 have the same bits as their store.", run.Out);
        Assert.Contains("8 of " + RunRecord.PresentKernel(), run.Unfolded);
    }

    [Theory]
    [InlineData("UPDATE trial SET best_loss = best_loss * 1.0000000001", "best loss")]
    [InlineData("UPDATE trial SET updates = updates + 1", "updates")]
    [InlineData("UPDATE test SET error = 0.5, loss = 7", "test ")]
    [InlineData("DELETE FROM curve", "0 checks")]
    public void A_store_that_says_something_else_is_told_by_what_differs(string change, string what)
    {
        Make();
        StoreSql.Forge(Study, change);
        CliResult run = Cli.Run("reproduce", "--verify", "8", Study);
        Assert.Equal(ExitCode.Unsolved, run.Code);
        Assert.Matches($@"DIFFERS: the store has .*{what}", run.Unfolded);
        Assert.DoesNotContain("8 of 8 have the same bits", run.Out);
    }

    [Fact]
    public void Trials_of_another_instruction_set_are_drawn_only_alone_and_are_expected_to_differ()
    {
        Make();
        StoreSql.Forge(Study, "UPDATE trial SET kernel = 'vector4096', best_loss = 7 WHERE position < 5");
        JsonElement[] some = Cli.Run("reproduce", "--verify", "8", Study, "--json").Json;
        Assert.Equal(3, some[0].GetProperty("drawn").GetInt32());
        Assert.Equal(5, some[0].GetProperty("trials").GetProperty("vector4096").GetInt32());
        Assert.All(some[1..^1], trial => Assert.True(trial.GetProperty("comparable").GetBoolean()));

        StoreSql.Forge(Study, "UPDATE trial SET kernel = 'vector4096', best_loss = 7");
        CliResult all = Cli.Run("reproduce", "--verify", "2", Study);
        Assert.Equal(ExitCode.Success, all.Code);
        Assert.Contains("differs, as expected from vector4096", all.Unfolded);
        Assert.Contains("solved as before", all.Unfolded);
    }

    [Fact]
    public void What_cannot_be_run_again_is_left_out_for_its_reason()
    {
        Make();
        StoreSql.Forge(Study, """
            UPDATE trial SET options = replace(options, '"hidden":"6"', '"hidden":"7"') WHERE position = 0;
            UPDATE trial SET options = replace(options, '"minutes":"none"', '"minutes":"3"') WHERE position = 1;
            UPDATE trial SET options = replace(options, '"tanh"', '"no such"') WHERE position = 2;
            UPDATE trial SET seconds = 1000 WHERE position = 3
            """);
        string said = Cli.Run("reproduce", "--verify", "1", Study).Unfolded;
        Assert.Contains("left out: 1, because its options are not those that its identity was computed from", said);
        Assert.Contains("left out: 1, because its options are not those of a run of today (", said);
        Assert.Contains("left out: 1, because it took more than 60 seconds (--max-seconds)", said);
        string none = Cli.Run("reproduce", "--verify", "1", Study, "--max-seconds", "0.000001").RefusedWith();
        Assert.Contains("No trial of the stores can be run again: 8: it took more than 1E-06 seconds", none);
    }

    [Fact]
    public void A_draw_follows_from_its_seed_and_has_no_trial_twice()
    {
        Make();
        IReadOnlyList<StoredRun> runs = StoredRuns.Read([Study], 60, 20).Runs;
        string[] Draw(IEnumerable<StoredRun> from, int count, ulong seed) =>
            [.. StoredRuns.Draw([.. from], count, seed).Select(run => run.Stored.Hash)];
        Assert.Equal(8, Draw(runs, 20, 1).Distinct().Count());
        Assert.Equal(Draw(runs, 3, 1), Draw(runs.Reverse(), 3, 1));
        Assert.Equal(Draw(runs, 8, 1)[..3], Draw(runs, 3, 1));
        Assert.True(Enumerable.Range(1, 20).Select(seed => Draw(runs, 3, (ulong)seed)[0]).Distinct().Count() > 4);
    }

    [Fact]
    public void The_first_check_that_differs_is_named_and_seconds_are_not()
    {
        TrialResult one = TestStudies.Result(true) with
        {
            Checks = [new CurvePoint { Update = 10, Loss = 0.1, Omega = double.NaN }, new CurvePoint { Update = 20, Loss = 0.2 }],
        };
        TrialResult With(params CurvePoint[] checks) => one with { Checks = checks };
        CurvePoint first = one.Checks[0], second = one.Checks[1];
        Assert.Null(TrialRepeat.Difference(one, With(first with { Seconds = 9 }, second)));
        Assert.Null(TrialRepeat.Difference(one, With(first with { Loss = 0.1 + 1e-12 }, second))); // 32 bits are kept
        Assert.Equal(("loss 0.2 at update 20", "loss 0.21 at update 20"),
            TrialRepeat.Difference(one, With(first, second with { Loss = 0.21 })));
        Assert.Equal(("Omega NaN at update 10", "Omega 1 at update 10"),
            TrialRepeat.Difference(one, With(first with { Omega = 1 }, second)));
        Assert.Equal(("2 checks", "1 check"), TrialRepeat.Difference(one, With(first)));
    }

    [Theory]
    [InlineData("--verify must lie in 1..1000000", "--verify", "0")]
    [InlineData("is not a whole number", "--verify", "x")]
    [InlineData("There is no store nowhere.db", "--verify", "1", "nowhere.db")]
    [InlineData("--out has no effect with --verify", "--verify", "1", "--out", "x")]
    [InlineData("--seed has no effect without --verify", "fig3", "--seed", "1")]
    [InlineData("--max-seconds has no effect without --verify", "fig3", "--max-seconds", "1")]
    [InlineData("unroll reproduce needs NAME")]
    public void Bad_input_is_one_sentence(string says, params string[] args) =>
        Assert.Contains(says.Replace("--verify must", "--verify 0 must"), Cli.Run(["reproduce", .. args]).RefusedWith());

    [Fact]
    public void A_folder_without_a_store_is_refused()
    {
        Directory.CreateDirectory(_folder.At("empty"));
        Assert.Contains("holds no store (*.db)", Cli.Run("reproduce", "--verify", "1", _folder.At("empty")).RefusedWith());
    }

    private void Make()
    {
        CliResult run = TestStudies.Run(_folder.Write(TestStudies.Eight()), Study);
        Assert.Equal((ExitCode.Success, ""), (run.Code, run.Error));
        StoreSql.Execute(Study, "UPDATE trial SET seconds = 1, test_seconds = 0; DELETE FROM checksum"); // a busy machine
    }
}
