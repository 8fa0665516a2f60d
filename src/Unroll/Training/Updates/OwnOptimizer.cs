using System.Numerics;

namespace Unroll.Training;

/// <summary>The checks of an optimizer that a user wrote.</summary>
internal static class OwnOptimizer
{
    /// <exception cref="ArgumentException">The optimizer has no name, or two of its states have the same name; the message says
    /// which.</exception>
    public static IOptimizer<T> Checked<T>(IOptimizer<T>? optimizer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (optimizer is null) throw new ArgumentException("The optimizer of one's own is null; its maker must return one.");
        if (!IsName(optimizer.Name))
            throw new ArgumentException($"The optimizer's name is '{optimizer.Name}'; it must be of small letters, digits and "
            + $"hyphens.");
        var names = new HashSet<string>();
        foreach (OptimizerState<T> state in optimizer.State)
        {
            if (!IsName(state.Name) || !names.Add(state.Name))
                throw new ArgumentException($"The optimizer {optimizer.Name} has a state '{state.Name}'; names of states must "
                    + $"be different, of small letters, digits and hyphens.");
            if (state.Values is null)
                throw new ArgumentException($"The optimizer {optimizer.Name} has no array for its state '{state.Name}'.");
        }

        return optimizer;
    }

    private static bool IsName(string? name) =>
        name is { Length: > 0 } && name.All(c => c is '-' || char.IsAsciiDigit(c) || char.IsAsciiLetterLower(c));
}
