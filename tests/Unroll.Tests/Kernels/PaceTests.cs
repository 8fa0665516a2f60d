using Unroll.Kernels;

namespace Unroll.Tests.Kernels;

/// <summary>The choice of parts, on simulated machines with known times.</summary>
public static class PaceTests
{
    private const long Second = 1_000_000; // ticks are microseconds

    [Theory]
    [InlineData(2, 100)]
    [InlineData(2, 40_000)]
    [InlineData(8, 100)]
    [InlineData(7, 3_000)]
    [InlineData(64, 2_000)]
    public static void Free_cores_are_used_and_asking_costs_little(int cores, int job)
    {
        var pace = new Pace(cores, Second);
        var machine = new Machine(parts => (double)job / parts);
        machine.Run(pace, 60 * Second);
        Assert.Equal(cores, machine.Last);
        Assert.InRange(machine.LossTo(cores), 0, 0.02);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(3_000)]
    [InlineData(40_000)]
    public static void One_free_core_of_two_is_left_to_one_thread(int job)
    {
        // Two parts wait for a thread that does not run: 361 updates a second against 8,097 was measured once.
        var pace = new Pace(2, Second);
        var machine = new Machine(parts => parts == 1 ? job : (20 * job) + 1_000);
        machine.Run(pace, 60 * Second);
        Assert.Equal(1, machine.Last);
        Assert.InRange(machine.LossTo(1), 0, job > 10_000 ? 0.2 : 0.1);
        machine.Forget();
        machine.Run(pace, 600 * Second);
        Assert.InRange(machine.LossTo(1), 0, 0.05);
    }

    [Fact]
    public static void Of_many_cores_those_that_are_free_are_used()
    {
        // 16 cores of which 8 are in use: with more than 8 parts, one waits for a core.
        var pace = new Pace(16, Second);
        var machine = new Machine(parts => parts <= 8 ? 2_000.0 / parts : 4_000);
        machine.Run(pace, 20 * Second);
        Assert.Equal(8, machine.Last);
        Assert.InRange(machine.LossTo(8), 0, 0.1);
    }

    [Fact]
    public static void A_job_too_small_to_cut_stays_whole()
    {
        var pace = new Pace(4, Second);
        var machine = new Machine(parts => (10.0 / parts) + (parts > 1 ? 30 : 0));
        machine.Run(pace, 10 * Second);
        Assert.Equal(1, machine.Last);
    }

    [Fact]
    public static void A_core_that_is_taken_is_noticed_soon_and_one_that_is_free_again_some_time_after()
    {
        var pace = new Pace(2, Second);
        bool taken = false;
        var machine = new Machine(parts => parts == 1 ? 200 : taken ? 4_000 : 105);
        machine.Run(pace, 60 * Second);
        Assert.Equal(2, machine.Last);
        taken = true;
        machine.Run(pace, 2 * Second);
        Assert.Equal(1, machine.Last);
        taken = false;
        machine.Run(pace, 20 * Second);
        Assert.Equal(2, machine.Last);
    }

    [Theory]
    [InlineData(1.05)]
    [InlineData(1.5)]
    public static void A_long_job_finds_a_freed_core_within_seconds(double slower)
    {
        // An update of 300 units is a few jobs of 15 ms. For a minute another program uses the second core most of the time.
        var pace = new Pace(2, Second);
        bool taken = true;
        var machine = new Machine(parts => parts == 1 ? 15_000 : 15_000 * (taken ? slower : 0.53));
        machine.Run(pace, 60 * Second);
        Assert.Equal(1, machine.Last);
        Assert.InRange(machine.LossTo(1), 0, 0.02);
        taken = false;
        machine.Run(pace, 5 * Second);
        Assert.Equal(2, machine.Last);
    }

    [Fact]
    public static void A_trial_of_code_that_is_not_compiled_yet_does_not_last()
    {
        // The first calls take ten times as long, most of all with two parts, because the compiler runs at the same time.
        var pace = new Pace(2, Second);
        long job = 0;
        var machine = new Machine(parts => (parts == 1 ? 15_000 : 8_000) * (++job < 40 ? (parts == 1 ? 10 : 40) : 1));
        machine.Run(pace, 15 * Second);
        Assert.Equal(2, machine.Last);
    }

    [Fact]
    public static void Work_of_another_size_is_no_change()
    {
        // A curriculum makes the jobs ten times longer; their time grows with them.
        var pace = new Pace(2, Second);
        var machine = new Machine(parts => 100.0 / parts);
        machine.Run(pace, 60 * Second);
        machine.Forget();
        machine.Size = 10;
        machine.Run(pace, 10 * Second);
        Assert.Equal(2, machine.Last);
        Assert.InRange(machine.LossTo(2), 0, 0.02);
    }

    [Fact]
    public static void Short_disturbances_change_little()
    {
        // Every tenth of a second another program runs for 4 ms, whatever the number of parts.
        var pace = new Pace(2, Second);
        long job = 0;
        var machine = new Machine(parts => (100.0 / parts) + (++job % 1_500 == 0 ? 4_000 : 0));
        machine.Run(pace, 120 * Second);
        Assert.InRange(machine.Share(2), 0.9, 1);
    }

    [Fact]
    public static void One_core_has_nothing_to_choose()
    {
        var pace = new Pace(1, Second);
        for (int i = 0; i < 1_000; i++)
        {
            Assert.Equal(1, pace.Parts);
            pace.Record(Second, 1);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new Pace(0, Second));
    }

    [Fact]
    public static void Times_of_zero_and_odd_work_do_no_harm()
    {
        var pace = new Pace(4, Second);
        for (int i = 0; i < 10_000; i++)
        {
            Assert.InRange(pace.Parts, 1, 4);
            pace.Record(i % 3 == 0 ? 0 : i * 1_000L, i % 5);
        }
    }

    /// <summary>A machine with a function for the ticks of a job of size 1, by the number of parts.</summary>
    private sealed class Machine(Func<int, double> time)
    {
        private readonly Dictionary<int, double> _spent = [];
        private double _passed;
        private double _work;

        public long Size { get; set; } = 1;

        public int Last { get; private set; }

        public void Run(Pace pace, long ticks)
        {
            for (double until = _passed + ticks; _passed < until;)
            {
                int parts = pace.Parts;
                double took = time(parts) * Size;
                pace.Record((long)Math.Round(took), Size);
                _passed += took;
                _work += Size;
                _spent[parts] = _spent.GetValueOrDefault(parts) + took;
            }

            Last = pace.Preferred;
        }

        public void Forget()
        {
            _spent.Clear();
            (_passed, _work) = (0, 0);
        }

        /// <summary>The share of time lost compared with doing all work in this many parts.</summary>
        public double LossTo(int parts) => 1 - (_work * time(parts) / _passed);

        /// <summary>The share of the time spent with this many parts.</summary>
        public double Share(int parts) => _spent.GetValueOrDefault(parts) / _passed;
    }
}
