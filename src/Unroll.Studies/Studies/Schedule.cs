namespace Unroll.Studies;

/// <summary>
/// Which trial comes next: the longest expected first, those that may be skipped last. What runs in the end depends
/// on results alone, not on their order: a trial beyond the first <c>decide_after</c> seeds of its cell runs exactly when those
/// disagree. Not safe for concurrent use.
/// </summary>
internal sealed class Schedule
{
    private readonly Dictionary<string, Cell> _cells = [];
    private readonly List<Trial> _waiting = [];
    private readonly int _decideAfter;

    /// <param name="trials">All trials, by which cells are decided.</param>
    /// <param name="decideAfter">How many seeds decide a cell, or null.</param>
    /// <param name="solved">The finished ones, and whether they were solved.</param>
    /// <param name="mine">The hashes of those that are to be run now; null for all.</param>
    public Schedule(IEnumerable<Trial> trials, int? decideAfter, IReadOnlyDictionary<string, bool> solved,
        IReadOnlySet<string>? mine = null)
    {
        _decideAfter = decideAfter ?? int.MaxValue;
        foreach (Trial trial in trials)
        {
            if (!_cells.TryGetValue(trial.Cell, out Cell? cell)) _cells.Add(trial.Cell, cell = new Cell());
            if (trial.Replicate < _decideAfter) cell.Deciding++;
            if (solved.TryGetValue(trial.Hash, out bool success)) Count(trial, success);
            else if (mine?.Contains(trial.Hash) ?? true) _waiting.Add(trial);
        }

        _waiting = [.. _waiting.OrderBy(trial => trial.Replicate >= _decideAfter).ThenByDescending(trial => trial.Cost)
            .ThenBy(trial => trial.Position)];
        DropDecided();
    }

    /// <summary>Trials that may still be run.</summary>
    public IReadOnlyList<Trial> Waiting => _waiting;

    /// <summary>Trials that are skipped: their cell is decided without them.</summary>
    public int Skipped { get; private set; }

    /// <summary>
    /// Takes the next trial; null when there is none for now. When none is running either, there is none at all.
    /// </summary>
    public Trial? Take()
    {
        int next = _waiting.FindIndex(trial => trial.Replicate < _decideAfter || _cells[trial.Cell].Decided);
        if (next < 0) return null;
        Trial trial = _waiting[next];
        _waiting.RemoveAt(next);
        return trial;
    }

    /// <summary>Tells how a trial ended.</summary>
    public void Finish(Trial trial, bool solved)
    {
        Count(trial, solved);
        DropDecided();
    }

    private void Count(Trial trial, bool solved)
    {
        if (trial.Replicate >= _decideAfter) return;
        Cell cell = _cells[trial.Cell];
        cell.Done++;
        cell.Solved += solved ? 1 : 0;
    }

    private void DropDecided() => Skipped += _waiting.RemoveAll(trial =>
        trial.Replicate >= _decideAfter && _cells[trial.Cell] is { Decided: true } cell
        && (cell.Solved == 0 || cell.Solved == cell.Done));

    /// <summary>The trials of a cell that decide whether it needs more.</summary>
    private sealed class Cell
    {
        public int Deciding { get; set; }

        public int Done { get; set; }

        public int Solved { get; set; }

        public bool Decided => Done == Deciding;
    }
}
