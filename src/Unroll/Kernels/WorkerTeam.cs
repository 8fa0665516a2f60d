using System.Runtime.ExceptionServices;

namespace Unroll.Kernels;

/// <summary>
/// Threads that stay: <see cref="Run"/> executes a job once on each of them (the caller is worker 0) and returns when all are
/// done. It allocates nothing.
/// </summary>
internal sealed class WorkerTeam : IDisposable
{
    private const int SpinsBeforeSleep = 2_000;
    private readonly object _gate = new();
    private readonly Thread[] _threads;
    private Action<int>? _job;
    private ExceptionDispatchInfo? _failure;
    private int _generation;
    private int _pending;
    private bool _stop;

    public WorkerTeam(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        Size = size;
        _threads = new Thread[size - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _threads[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"unroll worker {worker}" };
            _threads[i].Start();
        }
    }

    /// <summary>Workers, the caller included.</summary>
    public int Size { get; }

    /// <summary>Runs <paramref name="job"/>(0), ..., <paramref name="job"/>(Size - 1) and waits for all of them.</summary>
    /// <exception cref="ObjectDisposedException">The threads have ended.</exception>
    public void Run(Action<int> job)
    {
        ObjectDisposedException.ThrowIf(_stop, this);
        if (Size == 1)
        {
            job(0);
            return;
        }

        lock (_gate)
        {
            _job = job;
            _failure = null;
            _pending = Size - 1;
            _generation++;
            Monitor.PulseAll(_gate);
        }

        try
        {
            job(0);
        }
        finally
        {
            var wait = new SpinWait();
            while (Volatile.Read(ref _pending) > 0) wait.SpinOnce(sleep1Threshold: -1);
        }

        _failure?.Throw();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stop = true;
            _generation++;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads) thread.Join();
    }

    private void Work(int worker)
    {
        int seen = 0;
        while (true)
        {
            // An update hands out its next job within microseconds: spin first, sleep only when nothing comes.
            for (int spins = 0; spins < SpinsBeforeSleep && Volatile.Read(ref _generation) == seen; spins++) Thread.SpinWait(10);
            lock (_gate)
            {
                while (_generation == seen) Monitor.Wait(_gate);
                seen = _generation;
                if (_stop) return;
            }

            try
            {
                _job!(worker);
            }
            catch (Exception error)
            {
                _failure = ExceptionDispatchInfo.Capture(error);
            }

            Interlocked.Decrement(ref _pending);
        }
    }
}
