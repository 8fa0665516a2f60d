using Unroll.Kernels;

namespace Unroll.Tests.Kernels;

public static class WorkerTeamTests
{
    [Theory]
    [InlineData(1, 20_000)]
    [InlineData(2, 1_000)]
    [InlineData(3, 200)]
    [InlineData(5, 50)]
    public static void Every_worker_runs_every_job_once(int size, int jobs)
    {
        using var team = new WorkerTeam(size);
        var counts = new int[size];
        var threads = new int[size];
        Action<int> job = worker =>
        {
            counts[worker]++;
            threads[worker] = Environment.CurrentManagedThreadId;
        };
        for (int i = 1; i <= jobs; i++)
        {
            team.Run(job);
            Assert.All(counts, count => Assert.Equal(i, count));
        }

        Assert.Equal(size, threads.Distinct().Count());
        Assert.Equal(Environment.CurrentManagedThreadId, threads[0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public static void A_failure_reaches_the_caller_and_the_team_goes_on(int failing)
    {
        using var team = new WorkerTeam(3);
        for (int i = 0; i < 3; i++)
        {
            int done = 0;
            var error = Assert.Throws<InvalidDataException>(() => team.Run(worker =>
            {
                if (worker == failing) throw new InvalidDataException($"worker {worker}");
                Thread.Sleep(1); // the others are still at it when the failing one is done
                Interlocked.Increment(ref done);
            }));
            Assert.Equal($"worker {failing}", error.Message);
            Assert.Equal(2, done);
            team.Run(_ => Interlocked.Increment(ref done));
            Assert.Equal(5, done);
        }
    }

    [Fact]
    public static void A_team_that_has_slept_wakes()
    {
        using var team = new WorkerTeam(2);
        int done = 0;
        for (int i = 0; i < 3; i++)
        {
            Thread.Sleep(20);
            team.Run(_ => Interlocked.Increment(ref done));
        }

        Assert.Equal(6, done);
    }

    [Fact]
    public static void Disposal_ends_the_threads_and_may_be_repeated()
    {
        var team = new WorkerTeam(3);
        var threads = new Thread[3];
        team.Run(worker => threads[worker] = Thread.CurrentThread);
        team.Dispose();
        team.Dispose();
        Assert.False(threads[1].IsAlive);
        Assert.False(threads[2].IsAlive);
        Assert.Throws<ObjectDisposedException>(() => team.Run(_ => { }));
    }
}
