namespace Unroll.Kernels;

/// <summary>
/// Chooses the number of parts of a job by measured time. When other programs use the cores, more parts are slower, often by ten
/// times and more, and only the time shows that. A trial compares the current number of parts with half of it, twice of it or
/// one, in turns of some milliseconds, and takes the faster. Trials become rarer while the answer stays the same. This class
/// reads no clock itself.
/// </summary>
/// <remarks>The number of parts changes the speed but no bit of a result, so this choice may depend on time.</remarks>
internal sealed class Pace
{
    private const int Turns = 8;                // of a trial, half of them for each number
    private const int JobsPerTurn = 2;          // at least
    private const double Gain = 0.97;           // of the current time: less than this counts as faster
    private const double Plain = 2.5;           // times as slow ends the trial early
    private const double Clear = 1.3;           // times as slow ends the trial at half time
    private const int ShortestRest = 16;        // times the duration of a trial, before the next trial
    private const int LongestRest = 256;        // with all parts: a job that slows down starts a trial by itself
    private const int LongestRestBelow = 32;    // with fewer parts: nothing else shows that a core has become free
    private const double Slower = 1.4;          // times the last trial's time: a job this much slower, ...
    private const int SlowSpells = 3;           // ... this often in a row, starts a trial; so does one this much faster,
                                                // because the last trial ran unoptimized code, or on a core in use
    private readonly int[] _levels;             // numbers of parts, descending: all, half, a quarter, ..., 1
    private readonly long _turnTicks;
    private readonly long _unsettledTicks;
    private int _level;
    private int _other;
    private int _asked;                         // the number compared: 0 the next lower, 1 a single part, 2 the next higher
    private int _kept;                          // trials in a row that changed nothing
    private bool _trying = true;                // the first jobs are a trial
    private int _turn;
    private bool _unsettled = true;             // the next job wakes threads or lets them sleep
    private int _jobs;
    private Sum _own, _others, _current, _reference;
    private long _trialTicks;
    private long _restTicks;
    private long _rested;
    private int _slow;
    private int _fast;

    /// <summary>Begins with all parts.</summary>
    /// <param name="maximum">The most parts, at least 1.</param>
    /// <param name="frequency">Ticks a second.</param>
    public Pace(int maximum, long frequency)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximum, 1);
        var levels = new List<int>();
        for (int parts = maximum; ; parts = (parts + 1) / 2)
        {
            levels.Add(parts);
            if (parts == 1) break;
        }

        _levels = [.. levels];
        _turnTicks = frequency / 250; // 4 ms, the time that the system lets a thread run before another
        _unsettledTicks = frequency / 1000;
        Choose();
    }

    /// <summary>The parts of the next job.</summary>
    public int Parts => _levels[_trying && (_turn & 1) == 1 ? _other : _level];

    /// <summary>The fastest number of parts found so far.</summary>
    public int Preferred => _levels[_level];

    /// <summary>Records how long the job in <see cref="Parts"/> parts took.</summary>
    /// <param name="ticks">Its time.</param>
    /// <param name="work">Its size, in any unit that is proportional to the time it takes.</param>
    public void Record(long ticks, long work)
    {
        if (_levels.Length == 1) return;
        if (!_trying)
        {
            Rest(ticks, work);
            return;
        }

        _trialTicks += ticks;
        bool counts = !_unsettled || ticks > _unsettledTicks;
        _unsettled = false;
        if (!counts) return;
        _current.Add(ticks, work);
        if ((++_jobs < JobsPerTurn && ticks < _turnTicks) || _current.Ticks < _turnTicks) return;
        ((_turn & 1) == 1 ? ref _others : ref _own).Add(_current.Ticks, _current.Work);
        NextTurn();
        if (++_turn == Turns || ((_turn & 1) == 0 && IsPlain(2 * _turn < Turns ? Plain : Clear))) Decide();
    }

    private void Rest(long ticks, long work)
    {
        _rested += ticks;
        _current.Add(ticks, work);
        if (++_jobs >= JobsPerTurn && _current.Ticks >= 2 * _turnTicks)
        {
            double times = _current.Rate / _reference.Rate;
            _slow = times > Slower ? _slow + 1 : 0;
            _fast = times * Slower < 1 ? _fast + 1 : 0;
            NextTurn();
            if (_fast >= SlowSpells && _rested >= ShortestRest / 2 * times * _trialTicks) // a trial now takes less time
            {
                _kept = 0;
                Try();
                return;
            }
        }

        // Several slow spells in a row are needed, because the short work of any other program causes a single one. A trial right
        // after another would cost too much.
        bool changed = _slow >= SlowSpells && _rested >= ShortestRest / 2 * _trialTicks;
        if (_rested < _restTicks && !changed) return;
        if (changed) _kept = 0;
        Try();
    }

    private void Decide()
    {
        bool faster = _others.Rate < Gain * _own.Rate;
        _reference = faster ? _others : _own;
        if (faster) _level = _other;
        else _asked = (_asked + 1) % 3;
        _kept = faster ? 0 : _kept + 1;
        _trying = false;
        _rested = 0;
        long rest = Math.Min(_level == 0 ? LongestRest : LongestRestBelow, (long)ShortestRest << Math.Min(_kept, 8));
        _restTicks = faster ? 0 : rest * _trialTicks; // after an improvement the next trial follows at once
    }

    private void Try()
    {
        _trying = true;
        (_turn, _slow, _fast, _trialTicks, _own, _others) = (0, 0, 0, 0, default, default);
        NextTurn();
        Choose();
    }

    private void NextTurn()
    {
        (_current, _jobs, _unsettled) = (default, 0, true);
    }

    /// <summary>Whether one number is so much faster that the rest of the trial would only cost time.</summary>
    private bool IsPlain(double times) => _others.Rate > times * _own.Rate || _own.Rate > times * _others.Rate;

    private void Choose()
    {
        int last = _levels.Length - 1;
        if (last == 0) return;
        while (true)
        {
            _other = _asked switch { 0 => _level + 1, 1 => last, _ => _level - 1 };
            if (_other >= 0 && _other <= last && _other != _level) return;
            _asked = (_asked + 1) % 3;
        }
    }

    private struct Sum
    {
        public long Ticks { get; private set; }

        public long Work { get; private set; }

        public readonly double Rate => Ticks / (double)Math.Max(1, Work);

        public void Add(long ticks, long work)
        {
            Ticks += ticks;
            Work += work;
        }
    }
}
