using System.Globalization;
using Unroll.Files;

namespace Unroll.Training;

/// <summary>
/// The share of steps at which a network in training reads the true value in the place of its own output of the step before, and
/// how that share changes: linearly, from the first update on. For tasks whose inputs are what was to be predicted
/// (<see cref="Tasks.IFeedbackTask"/>).
/// </summary>
/// <param name="Start">The share at the first update, within 0 and 1.</param>
/// <param name="End">The share once <paramref name="Updates"/> updates were made, within 0 and 1.</param>
/// <param name="Updates">The updates over which it changes, at least 1.</param>
public sealed record TeacherForcing(double Start, double End, long Updates)
{
    /// <summary>The same share throughout.</summary>
    /// <param name="share">Within 0 and 1: 1 is teacher forcing at every step, 0 none.</param>
    public TeacherForcing(double share)
        : this(share, share, 1)
    {
    }

    /// <summary>At every step, which is training one step ahead of the true inputs.</summary>
    public static TeacherForcing Full { get; } = new(1);

    /// <summary>Whether some update has a share below 1.</summary>
    public bool IsPartial => Start < 1 || End < 1;

    /// <summary>The share of an update.</summary>
    /// <param name="update">The update: 1, 2, 3, ...</param>
    public double At(long update) =>
        update > Updates ? End : Start + ((End - Start) * (update - 1) / Updates);

    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    internal void Validate()
    {
        foreach (double share in (double[])[Start, End])
        {
            if (!(share is >= 0 and <= 1))
                throw new ArgumentException(Invariant($"The share of teacher forcing is {share}; it must lie within 0 and 1."));
        }

        if (Updates < 1)
            throw new ArgumentException(
                Invariant($"The share of teacher forcing changes over {Updates} updates; there must be at least 1."));
    }

    /// <summary>As text: the share, or START,END,UPDATES.</summary>
    internal string ToText() => Start == End ? ExactNumber.ToText(Start)
        : $"{OptionTexts.Numbers(Start, End)},{Updates.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>What <see cref="ToText"/> wrote; null for another text, or numbers out of their ranges.</summary>
    internal static TeacherForcing? Read(string text)
    {
        string[] parts = text.Split(',');
        if (parts.Length is not (1 or 3) || !IsShare(parts[0], out double start)) return null;
        if (parts.Length == 1) return new TeacherForcing(start);
        if (!IsShare(parts[1], out double end)
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out long updates) || updates < 1)
            return null;
        return start == end ? new TeacherForcing(start) : new TeacherForcing(start, end, updates);

        static bool IsShare(string part, out double share) =>
            ExactNumber.TryParse(part.Trim(), out share) && share is >= 0 and <= 1;
    }
}
