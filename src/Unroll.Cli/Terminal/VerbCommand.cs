using System.CommandLine;

namespace Unroll.Cli.Terminal;

/// <summary>A command, and what its help says beside its options.</summary>
internal sealed class VerbCommand(string name, string description) : Command(name, description)
{
    private readonly List<(string Group, Option Option)> _grouped = [];
    private readonly HashSet<Option> _usual = [];

    /// <summary>
    /// Command lines that work, with other names of files. The overview shows the first one.
    /// </summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>What follows the options, in so many columns.</summary>
    public Action<TextWriter, int>? Notes { get; init; }

    /// <summary>What follows the list of all options.</summary>
    public Action<TextWriter, int>? AllNotes { get; init; }

    /// <summary>The groups of options, in the order of the help; empty where the options are few and stand in one list.</summary>
    public IReadOnlyList<string> Groups => [.. _grouped.Select(one => one.Group).Distinct()];

    /// <summary>Adds an option to a group.</summary>
    /// <param name="group">The group.</param>
    /// <param name="option">The option.</param>
    /// <param name="usual">Whether the short help has it.</param>
    public void Add(string group, DeclaredOption option, bool usual)
    {
        Option own = option.Make();
        Add(own);
        _grouped.Add((group, own));
        if (usual) _usual.Add(own);
    }

    /// <summary>The options of a group.</summary>
    public IEnumerable<Option> OfGroup(string group) => _grouped.Where(one => one.Group == group).Select(one => one.Option);

    /// <summary>Whether the short help has an option: where there are groups, a few of them.</summary>
    public bool IsUsual(Option option) => _grouped.Count == 0 || _usual.Contains(option);
}
