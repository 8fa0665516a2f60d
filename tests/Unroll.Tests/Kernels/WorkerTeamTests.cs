using System.Diagnostics;
using Unroll.Kernels;

namespace Unroll.Tests.Kernels;

public static class WorkerTeamTests
{
    [Theory]
    [InlineData(1, 20_000)]
    [InlineData(2, 5_000)]
    [InlineData(3, 1_000)]
    [InlineData(8, 300)]
    [InlineData(64, 40)]
    public static void Every_part_of_every_job_is_done_once(int parts, int jobs)
    {
        using var team = new WorkerTeam(parts) { FixedParts = parts };
        var counts = new int[parts];
        TeamJob job = team.CreateJob(part =>
        {
            Assert.Equal(parts, team.Parts);
            Interlocked.Increment(ref counts[part]);
        });
        for (int i = 1; i <= jobs; i++)
        {
            team.Run(job, 1);
            Assert.All(counts, count => Assert.Equal(i, count));
        }
    }

    [Fact]
    public static void Parts_that_wait_for_each_other_run_on_threads_of_their_own()
    {
        const int Parts = 4;
        using var team = new WorkerTeam(Parts) { FixedParts = Parts };
        using var all = new Barrier(Parts);
        var threads = new int[Parts];
        TeamJob job = team.CreateJob(part =>
        {
            threads[part] = Environment.CurrentManagedThreadId;
            Assert.True(all.SignalAndWait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        });
        for (int i = 0; i < 20; i++)
        {
            team.Run(job, 1);
            Assert.Equal(Parts, threads.Distinct().Count());
            Assert.Equal(Environment.CurrentManagedThreadId, threads[0]);
        }
    }

    [Fact]
    public static void A_thread_that_is_held_up_holds_up_nothing_but_its_own_part()
    {
        // The first part that another thread takes lasts until the caller has done all other parts. If the caller did not, the
        // job would never end.
        const int Parts = 16;
        using var rest = new ManualResetEventSlim();
        int caller = Environment.CurrentManagedThreadId, done = 0;
        using var many = new WorkerTeam(Parts) { FixedParts = Parts };
        int held = 0;
        many.Run(many.CreateJob(_ =>
        {
            if (Environment.CurrentManagedThreadId != caller && Interlocked.Exchange(ref held, 1) == 0)
            {
                Assert.True(rest.Wait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
                return;
            }

            Thread.SpinWait(2_000);
            if (Interlocked.Increment(ref done) >= Parts - 1) rest.Set();
        }), 1);
        Assert.InRange(done, Parts - 1, Parts);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public static void A_failure_reaches_the_caller_and_the_team_goes_on(int failing)
    {
        using var team = new WorkerTeam(3) { FixedParts = 3 };
        for (int i = 0; i < 3; i++)
        {
            int done = 0;
            TeamJob fails = team.CreateJob(part =>
            {
                if (part == failing) throw new InvalidDataException($"part {part}");
                Thread.Sleep(1); // the others still run when the failing part is done
                Interlocked.Increment(ref done);
            });
            var error = Assert.Throws<InvalidDataException>(() => team.Run(fails, 1));
            Assert.Equal($"part {failing}", error.Message);
            Assert.Equal(2, done);
            team.Run(team.CreateJob(_ => Interlocked.Increment(ref done)), 1);
            Assert.Equal(5, done);
        }
    }

    [Fact]
    public static void Of_several_failures_that_of_the_first_part_is_told()
    {
        using var team = new WorkerTeam(8) { FixedParts = 8 };
        TeamJob job = team.CreateJob(part =>
        {
            if (part >= 2) throw new InvalidDataException($"part {part}");
        });
        for (int i = 0; i < 200; i++) Assert.Equal("part 2", Assert.Throws<InvalidDataException>(() => team.Run(job, 1)).Message);
    }

    [Fact]
    public static void A_failure_in_a_single_part_reaches_the_caller()
    {
        using var team = new WorkerTeam(1);
        Assert.Throws<InvalidDataException>(() => team.Run(team.CreateJob(_ => throw new InvalidDataException()), 1));
        int done = 0;
        team.Run(team.CreateJob(_ => done++), 1);
        Assert.Equal(1, done);
    }

    [Fact]
    public static void A_team_that_has_slept_wakes()
    {
        using var team = new WorkerTeam(2) { FixedParts = 2 };
        int done = 0;
        TeamJob job = team.CreateJob(_ => Interlocked.Increment(ref done));
        for (int i = 0; i < 3; i++)
        {
            Thread.Sleep(20);
            team.Run(job, 1);
        }

        Assert.Equal(6, done);
    }

    [Fact]
    public static void Threads_that_go_to_sleep_as_the_next_job_comes_do_not_miss_it()
    {
        // Jobs arrive at about the time at which threads go to sleep (100 us), so that they meet every moment of falling asleep.
        // After a missed wake-up the job would never end, because its parts need both threads.
        using var team = new WorkerTeam(2) { FixedParts = 2 };
        using var both = new Barrier(2);
        TeamJob job = team.CreateJob(
            _ => Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)));
        for (int i = 0; i < 1_000; i++)
        {
            long until = Stopwatch.GetTimestamp() + ((60 + (i % 80)) * Stopwatch.Frequency / 1_000_000);
            while (Stopwatch.GetTimestamp() < until) Thread.SpinWait(1);
            team.Run(job, 1);
        }
    }

    [Fact]
    public static void Several_teams_at_once_with_more_threads_than_cores_all_end()
    {
        var totals = new long[6];
        Thread[] callers = [.. totals.Select((_, i) => new Thread(() =>
        {
            using var team = new WorkerTeam(4) { FixedParts = 2 + (i % 3) };
            TeamJob job = team.CreateJob(part => Interlocked.Add(ref totals[i], part + 1));
            for (int jobs = 0; jobs < 2_000; jobs++) team.Run(job, 1);
        }))];
        foreach (Thread caller in callers) caller.Start();
        foreach (Thread caller in callers) Assert.True(caller.Join(TimeSpan.FromSeconds(120)), "a team does not end");
        for (int i = 0; i < totals.Length; i++) Assert.Equal(2_000 * ((i % 3) switch { 0 => 3, 1 => 6, _ => 10 }), totals[i]);
    }

    [Theory]
    [InlineData(8, 2, 2)]
    [InlineData(8, 1, 1)]
    [InlineData(3, 16, 3)]
    [InlineData(1, 16, 1)]
    [InlineData(256, 0, 1)]
    public static void No_job_has_more_parts_than_there_are_cores(int threads, int processors, int most)
    {
        using var team = new WorkerTeam(threads, processors);
        int largest = 0;
        TeamJob job = team.CreateJob(_ => largest = Math.Max(largest, team.Parts));
        for (int i = 0; i < 100; i++) team.Run(job, 1);
        Assert.Equal(most, largest);
    }

    [Fact]
    public static void Disposal_ends_the_threads_and_may_be_repeated()
    {
        var team = new WorkerTeam(3) { FixedParts = 3 };
        using var all = new Barrier(3);
        var threads = new Thread[3];
        team.Run(team.CreateJob(part =>
        {
            threads[part] = Thread.CurrentThread;
            Assert.True(all.SignalAndWait(TimeSpan.FromSeconds(30)));
        }), 1);
        team.Dispose();
        team.Dispose();
        Assert.False(threads[1].IsAlive);
        Assert.False(threads[2].IsAlive);
        Assert.Throws<ObjectDisposedException>(() => team.Run(team.CreateJob(_ => { }), 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public static void Disposal_ends_threads_that_look_for_work_and_threads_that_sleep(bool asleep)
    {
        for (int i = 0; i < 20; i++)
        {
            var team = new WorkerTeam(8) { FixedParts = 8 };
            team.Run(team.CreateJob(_ => { }), 1);
            if (asleep) Thread.Sleep(1);
            team.Dispose();
        }
    }
}
