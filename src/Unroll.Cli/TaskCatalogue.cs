using Unroll.Tasks;

namespace Unroll.Cli;

/// <summary>The tasks that the command line knows by name.</summary>
internal static class TaskCatalogue
{
    /// <summary>What <c>unroll train</c> trains when no task is named.</summary>
    public const string Default = "temporal-order";

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. SyntheticTasks.All.Select(task => task.Name)];

    /// <summary>One line about a task.</summary>
    public static string Summary(string name) => SyntheticTasks.All.First(task => task.Name == name).Summary;

    /// <summary>The task of that name, or a refusal with the nearest one.</summary>
    public static string Resolve(string typed)
    {
        foreach (string name in Names)
        {
            if (name.Equals(typed, StringComparison.OrdinalIgnoreCase)) return name;
        }

        throw new UserError($"There is no task '{typed}'; did you mean {Nearest.Of(typed, Names)} (of {string.Join(", ", Names)})?");
    }

    /// <summary>The task, or a refusal of its length.</summary>
    public static ILengthTask Create(string name, LengthRange length, TaskVariant variant)
    {
        try
        {
            return SyntheticTasks.Create(name, length, variant);
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }
    }
}
