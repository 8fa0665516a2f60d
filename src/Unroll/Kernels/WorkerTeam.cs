using System.Runtime.ExceptionServices;
using Unroll.Numerics;

namespace Unroll.Kernels;

/// <summary>
/// Persistent threads: <see cref="Run"/> divides a job into parts, which the caller and the threads take one by one, and returns
/// when all are done. It allocates nothing once its threads have started. Not safe for concurrent use.
/// </summary>
/// <remarks>
/// Other programs use the cores too, so no part waits for a thread that is not running: the caller takes every part that no
/// thread has begun. A thread looks for work for a moment, yielding, and then sleeps. The caller waits in the same way, because
/// the system moves waiting threads to a core that becomes idle. A job has as many parts as its <see cref="Pace"/> finds fastest,
/// at most one a core.
/// </remarks>
internal sealed class WorkerTeam : IDisposable
{
    // A thread waits this long without yielding, then yields, then sleeps. An update starts its next job within microseconds.
    private static readonly long AloneTicks = Clock.Frequency / 100_000; // 10 us
    private static readonly long LookTicks = Clock.Frequency / 10_000;   // 100 us
    private readonly Worker?[] _workers;
    private readonly object _done = new();
    private readonly int _limit;
    private Action<int>? _part;
    private ExceptionDispatchInfo? _failure;
    private int _failedPart;
    private long _ticket; // bits 0-15: the part to take next; 16-31: parts of the job; 32-63: number of the job
    private uint _generation;
    private int _pending;
    private int _started;
    private bool _callerSleeps;
    private bool _stop;

    /// <summary>A team; its threads start when a job first needs them.</summary>
    /// <param name="threads">The most threads, the caller included, at least 1.</param>
    /// <param name="processors">Cores that this process may use, or null for the runtime's number (which respects affinity and
    /// the control group's quota).</param>
    public WorkerTeam(int threads, int? processors = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threads, short.MaxValue);
        _workers = new Worker?[threads - 1];
        _limit = Math.Min(threads, Math.Max(1, processors ?? Environment.ProcessorCount));
    }

    /// <summary>The parts of the job that runs: its body is called with 0, ..., Parts - 1. Another job may have others.</summary>
    public int Parts { get; private set; } = 1;

    /// <summary>
    /// When set, every job has this many parts (at most the team's threads), whatever the number of cores. For tests.
    /// </summary>
    public int? FixedParts { get; set; }

    /// <summary>A job of this team. Its body may ask for <see cref="Parts"/>.</summary>
    public TeamJob CreateJob(Action<int> part) => new(part, new Pace(_limit, Clock.Frequency));

    /// <summary>Runs all parts of <paramref name="job"/> and waits for them, also when some fail.</summary>
    /// <param name="job">One of <see cref="CreateJob"/>.</param>
    /// <param name="work">Its size, positive, in any unit that its time is proportional to.</param>
    /// <exception cref="ObjectDisposedException">The threads have ended.</exception>
    public void Run(TeamJob job, long work)
    {
        ObjectDisposedException.ThrowIf(_stop, this);
        if (FixedParts is { } parts)
        {
            RunParts(job.Part, parts);
            return;
        }

        long begun = Clock.Now;
        RunParts(job.Part, job.Pace.Parts);
        job.Pace.Record(Clock.Now - begun, work);
    }

    /// <summary>Ends the threads. It may be repeated; no job may be running.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _stop, true);
        for (int i = 0; i < _started; i++) _workers[i]!.End();
    }

    private void RunParts(Action<int> part, int parts)
    {
        Parts = parts;
        if (parts == 1)
        {
            part(0);
            return;
        }

        for (; _started < parts - 1; _started++) _workers[_started] = new Worker(this, _started + 1);
        _part = part;
        _failure = null;
        _pending = parts;
        Interlocked.Exchange(ref _ticket, ((long)++_generation << 32) | ((long)parts << 16) | 1); // the caller takes part 0
        for (int i = 0; i < parts - 1; i++) _workers[i]!.Wake();
        for (int mine = 0; mine >= 0; mine = Take()) Do(mine);
        Await();
        _failure?.Throw();
    }

    private bool HasOpenPart()
    {
        long ticket = Volatile.Read(ref _ticket);
        return (ushort)ticket < (ushort)(ticket >> 16);
    }

    /// <summary>
    /// A part that no thread has begun, or -1. Its job stays alive until <see cref="Do"/> has counted the part.
    /// </summary>
    private int Take()
    {
        while (true)
        {
            long ticket = Volatile.Read(ref _ticket);
            int next = (ushort)ticket;
            if (next >= (ushort)(ticket >> 16)) return -1;
            if (Interlocked.CompareExchange(ref _ticket, ticket + 1, ticket) == ticket) return next;
        }
    }

    private void Do(int part)
    {
        try
        {
            _part!(part);
        }
        catch (Exception error)
        {
            // Of several failures that of the first part is thrown, so that the same input gives the same message.
            lock (_done)
            {
                if (_failure is null || part < _failedPart)
                    (_failure, _failedPart) = (ExceptionDispatchInfo.Capture(error), part);
            }
        }

        if (Interlocked.Decrement(ref _pending) > 0 || !Volatile.Read(ref _callerSleeps)) return;
        lock (_done) Monitor.Pulse(_done);
    }

    private void Await()
    {
        var patience = new Patience();
        while (Volatile.Read(ref _pending) > 0)
        {
            if (patience.Goes()) continue;
            lock (_done)
            {
                Volatile.Write(ref _callerSleeps, true);
                // Either this thread sees that the last part is done, or the thread that did it sees that this one sleeps.
                Interlocked.MemoryBarrier();
                while (Volatile.Read(ref _pending) > 0) Monitor.Wait(_done);
                _callerSleeps = false;
            }
        }
    }

    /// <summary>How long to look for work before sleeping.</summary>
    private struct Patience
    {
        private long _since;

        /// <summary>Waits for a moment; false when it is time to sleep.</summary>
        public bool Goes()
        {
            long now = Clock.Now;
            if (_since == 0) _since = now;
            long waited = now - _since;
            if (waited > LookTicks) return false;
            if (waited > AloneTicks) Thread.Yield(); // the thread with the last part may need this core
            else Thread.SpinWait(10);
            return true;
        }
    }

    /// <summary>One of the threads.</summary>
    private sealed class Worker
    {
        private readonly object _gate = new();
        private readonly WorkerTeam _team;
        private readonly Thread _thread;
        private bool _sleeps;

        public Worker(WorkerTeam team, int number)
        {
            _team = team;
            _thread = new Thread(Work) { IsBackground = true, Name = Invariant($"unroll worker {number}") };
            _thread.Start();
        }

        public void Wake()
        {
            if (!Volatile.Read(ref _sleeps)) return;
            lock (_gate) Monitor.Pulse(_gate);
        }

        public void End()
        {
            lock (_gate) Monitor.Pulse(_gate);
            _thread.Join();
        }

        private void Work()
        {
            var patience = new Patience();
            while (!Volatile.Read(ref _team._stop))
            {
                int part = _team.Take();
                if (part >= 0) _team.Do(part);
                else if (patience.Goes()) continue;
                else Sleep();
                patience = new Patience();
            }
        }

        private void Sleep()
        {
            lock (_gate)
            {
                Volatile.Write(ref _sleeps, true);
                Interlocked.MemoryBarrier(); // either this thread sees the job or the caller sees this thread asleep
                while (!_team.HasOpenPart() && !Volatile.Read(ref _team._stop)) Monitor.Wait(_gate);
                _sleeps = false;
            }
        }
    }
}
