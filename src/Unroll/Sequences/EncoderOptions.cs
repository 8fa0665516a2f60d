namespace Unroll.Data;

/// <summary>What of sequences a network reads, and how.</summary>
public sealed record EncoderOptions
{
    /// <summary>The columns that are read, in the order of inputs. Default: all, in the order of the data.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>How columns of numbers are scaled. Default: standard.</summary>
    public Scaling Scale { get; init; } = Scaling.Standard;

    /// <summary>How each window is scaled on top of it. Default: not at all.</summary>
    public WindowScaling Window { get; init; } = WindowScaling.None;

    /// <summary>What is read where a value is missing. Default: it is refused.</summary>
    public MissingPolicy Missing { get; init; } = MissingPolicy.Error;

    /// <summary>What of dates is read. Default: nothing.</summary>
    public IReadOnlyList<CalendarPart> Calendar { get; init; } = [];

    /// <summary>Columns of numbers above 0 whose logarithm is read, before any scale. Default: none.</summary>
    public IReadOnlyList<string> Logarithm { get; init; } = [];

    /// <summary>Columns of numbers of which is read how much each value differs from that <see cref="Season"/> steps before, in
    /// place of the value: for series that repeat themselves as they grow. The scale is that of the differences, and the first
    /// season of a window is read as 0. Default: none.</summary>
    public IReadOnlyList<string> Differenced { get; init; } = [];

    /// <summary>The steps of a season of <see cref="Differenced"/> columns, at least 1 and fewer than a window has; 12 of months.
    /// Default: 1.</summary>
    public int Season { get; init; } = 1;

    /// <summary>Whether the values of <see cref="Differenced"/> columns are read too, relative to the window's last, by an input
    /// more behind the others of a column, and what is forecast starts from the mean of two: the window's last value, and the
    /// last season with its growth (the mean of forecasts is better than most of them; Bates and Granger, 1969). A window may
    /// then be scaled by its last value or its mean, not by its deviation. Default: no.</summary>
    public bool Combined { get; init; }

    /// <summary>Columns whose values are known ahead, such as a price or a holiday: what they are <see cref="Ahead"/> steps later
    /// is read at every step too, by inputs of its own, and no window scales them. Default: none.</summary>
    public IReadOnlyList<string> Known { get; init; } = [];

    /// <summary>How many steps ahead the values of <see cref="Known"/> columns are read, at least 1; a forecast sets it to its
    /// horizon, or to its segment where forecasts are fed back. Default: 1.</summary>
    public int Ahead { get; init; } = 1;

    /// <summary>Whether columns of numbers are scaled by the training fold of each group
    /// (<see cref="SequenceEncoder.GroupOf"/>) in place of the whole training fold. A group that the training fold lacks, and a
    /// column that has one value only in the training fold of a group, are scaled as the whole. Default: no.</summary>
    public bool ScaleByGroup { get; init; }

    /// <summary>Whether a label that the training fold does not have is read as none of its labels. Default: no; data that
    /// bring a new label are refused, and a label that only later folds have is an input that no update reaches.</summary>
    public bool UnknownAsNone { get; init; }
}
