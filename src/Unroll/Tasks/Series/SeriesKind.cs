namespace Unroll.Tasks;

/// <summary>What is predicted of sequences.</summary>
public enum SeriesKind
{
    /// <summary>The next steps of columns, all at once, from a window before them.</summary>
    Forecast,

    /// <summary>The class of a sequence.</summary>
    Classify,

    /// <summary>The number of a sequence.</summary>
    Regress,

    /// <summary>A class or a number at every step of a sequence, from the steps up to it.</summary>
    Tag,
}
