using System.Globalization;
using Unroll.Files;

namespace Unroll.Training;

/// <summary>Reads required values of a checkpoint.</summary>
internal static class CheckpointValues
{
    /// <summary>A counter.</summary>
    /// <exception cref="ArgumentException">There is no counter of that name.</exception>
    public static long Whole(Checkpoint checkpoint, string name) =>
        checkpoint.Properties.TryGetValue(name, out string? text)
        && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value : throw new ArgumentException($"The checkpoint lacks the counter '{name}'.");

    /// <summary>Copies a tensor into an array of the same type and size.</summary>
    /// <exception cref="ArgumentException">There is no such tensor.</exception>
    public static void Read(Checkpoint checkpoint, string name, Array target)
    {
        if (!checkpoint.Tensors.TryGetValue(name, out Array? values) || values.GetType() != target.GetType()
            || values.Length != target.Length)
            throw new ArgumentException(
                $"The checkpoint does not fit these options: its tensor '{name}' is missing or of another size or precision.");
        values.CopyTo(target, 0);
    }
}
