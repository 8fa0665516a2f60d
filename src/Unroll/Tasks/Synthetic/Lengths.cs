namespace Unroll.Tasks;

/// <summary>The checks of the arguments that all synthetic tasks share.</summary>
internal static class Lengths
{
    /// <summary>Returns the range if the task has room at every length in it.</summary>
    /// <exception cref="ArgumentException">The range is empty, starts below the minimum or ends above the longest
    /// length.</exception>
    public static LengthRange Check(string task, LengthRange length, int minimum)
    {
        if (length.Minimum > length.Maximum)
            throw new ArgumentException($"The lengths {length} of {task} are no range: the first must not exceed the second.");
        if (length.Minimum < minimum)
            throw new ArgumentException(
                Invariant($"{task} cannot have length {length.Minimum}: its shortest length is {minimum}."));
        if (length.Maximum > LengthRange.Longest)
            throw new ArgumentException(
                Invariant($"{task} cannot have length {length.Maximum}: the longest length is {LengthRange.Longest}."));
        return length;
    }

    /// <summary>Returns the variant if a task that Hochreiter and Schmidhuber did not have may have it.</summary>
    /// <exception cref="ArgumentException">Not a named value, or theirs.</exception>
    public static TaskVariant Check(string task, TaskVariant variant) => Check(variant) != TaskVariant.Hs97
        ? variant
        : throw new ArgumentException(
            $"{task} has no variant hs97: it is not among the tasks of Hochreiter and Schmidhuber (1997); take code or text.");

    /// <exception cref="ArgumentException">Not a named value.</exception>
    public static TaskVariant Check(TaskVariant variant) => Enum.IsDefined(variant)
        ? variant
        : throw new ArgumentException($"The task variant {variant} is not a known value; it must be Code, Text or Hs97.");
}
