namespace Unroll.Data;

/// <summary>The treatment of a note that a piano does not have.</summary>
public enum OutOfRangeNotes
{
    /// <summary>The file is refused, with the note and its place.</summary>
    Refuse,

    /// <summary>The note is left out, and <see cref="MusicReadOptions.Notice"/> gets the number of such notes.</summary>
    Drop,
}

/// <summary>How music is read.</summary>
public sealed record MusicReadOptions
{
    /// <summary>The finest step, in beats.</summary>
    public const double MinimumStep = 1.0 / 96;

    /// <summary>The coarsest step, in beats.</summary>
    public const double MaximumStep = 16;

    /// <summary>What the corpus is called; null for the name of its file or folder.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// The time step of MIDI files in beats (crotchets; half seconds where a file counts time in seconds), 1/96..16. Other
    /// formats have their own steps.
    /// </summary>
    public double Step { get; init; } = 0.5;

    /// <summary>The treatment of notes outside 21..108.</summary>
    public OutOfRangeNotes OutOfRange { get; init; } = OutOfRangeNotes.Refuse;

    /// <summary>
    /// Whether a folder is refused for the first file that cannot be used, or that has the same bytes as another. Otherwise such
    /// files are left out as long as they are at most half of it.
    /// </summary>
    public bool Strict { get; init; }

    /// <summary>
    /// Called with one sentence for each piece that lost notes, and for the files left out of a folder; null to ignore them.
    /// </summary>
    public Action<string>? Notice { get; init; }

    /// <summary>
    /// Called for each file that was left out of a folder, while <see cref="Notice"/> gets only the first few names; null to
    /// ignore them.
    /// </summary>
    public Action<LeftOutFile>? LeftOut { get; init; }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentException">One is out of range.</exception>
    internal MusicReadOptions Checked() => Step is >= MinimumStep and <= MaximumStep
        ? this
        : throw new ArgumentException(Invariant($"The step of a piano roll is 1/96 to {MaximumStep} beats, not {Step}."));
}
