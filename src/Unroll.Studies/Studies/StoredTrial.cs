using Unroll.Studies.Settings;

namespace Unroll.Studies;

/// <summary>A trial as the store has it.</summary>
/// <param name="Hash">Its identity.</param>
/// <param name="Position">Its place in the grid.</param>
/// <param name="Name">What tells it from others.</param>
/// <param name="Cell">Its cell.</param>
/// <param name="Replicate">Its place in the cell.</param>
/// <param name="Cost">Seconds that its budget was expected to take.</param>
/// <param name="Options">All resolved options, with task, length, variant and method, as text.</param>
/// <param name="Result">How it ended, without its checks; null before.</param>
public sealed record StoredTrial(
    string Hash, int Position, string Name, string Cell, int Replicate, double Cost, IReadOnlyDictionary<string, string> Options,
    TrialResult? Result);

/// <summary>How far a cell has come.</summary>
/// <param name="Cell">Its name.</param>
/// <param name="Trials">Its trials.</param>
/// <param name="Done">Finished ones.</param>
/// <param name="Solved">Finished ones that met the paper's criterion at some check.</param>
/// <param name="Seconds">Seconds that the finished ones took.</param>
/// <param name="Task">The task, of the cell's first trial.</param>
internal sealed record CellCount(string Cell, int Trials, int Done, int Solved, double Seconds, string Task)
{
    /// <summary>Whether the task has no rule of success: music, text, or an own task.</summary>
    public bool HasCosts { get; init; } = TaskCatalogue.Corpora.Contains(Task);
}

/// <summary>How far a study has come.</summary>
/// <param name="Cells">Its cells, in the grid's order.</param>
/// <param name="Sets">The instruction sets that made the results, with how many each; the most first.</param>
/// <param name="WithoutChecksum">Finished trials that have no checksum, because they were made before stores had any.</param>
internal sealed record StudyCounts(List<CellCount> Cells, List<SetCount> Sets, int WithoutChecksum);

/// <summary>How many results an instruction set made.</summary>
/// <param name="Name">The instruction set.</param>
/// <param name="Trials">The trials.</param>
internal sealed record SetCount(string Name, int Trials);
