using Unroll.Cli.Sequences;
using Unroll.Data;

namespace Unroll.Cli.Data;

/// <summary>What is in sequences, counted once for a person and for a program.</summary>
internal sealed class SequenceFacts
{
    public SequenceFacts(SequenceData data)
    {
        Data = data;
        Times = TimeFacts.Of(data.Sequences);
        Columns = [.. data.Columns.Select((_, c) => new ColumnFacts(data, c))];
        int[] lengths = [.. data.Sequences.Select(one => one.Steps).Order()];
        (Shortest, Median, Longest) = (lengths[0], lengths[lengths.Length / 2], lengths[^1]);
        Classes = new long[data.Classes.Count];
        foreach (Sequence sequence in data.Sequences)
        {
            if (sequence.Class >= 0) Classes[sequence.Class]++;
        }

        IsByTime = !data.HasClasses && !data.HasNumbers;
        try
        {
            Folds = IsByTime ? SequenceFolds.ByTime(data) : SequenceFolds.BySequence(data);
        }
        catch (ArgumentException error)
        {
            NoFolds = error.Message;
        }
    }

    public SequenceData Data { get; }

    public TimeFacts Times { get; }

    public ColumnFacts[] Columns { get; }

    public int Shortest { get; }

    public int Median { get; }

    public int Longest { get; }

    /// <summary>The sequences of each class.</summary>
    public long[] Classes { get; }

    /// <summary>Whether sequences are cut by time; otherwise they are dealt out whole.</summary>
    public bool IsByTime { get; }

    public SequenceFolds? Folds { get; }

    /// <summary>Why there are no folds.</summary>
    public string? NoFolds { get; }

    /// <summary>The earliest and the latest time of a fold; empty where there are none.</summary>
    public (string First, string Last) Span(Fold fold) => FoldSpans.Of(Folds!, fold);
}

/// <summary>What is in one column.</summary>
internal sealed class ColumnFacts
{
    public ColumnFacts(SequenceData data, int column)
    {
        Column = data.Columns[column];
        Counts = new long[Column.Labels.Count];
        if (Column.Kind == ColumnKind.Number)
        {
            Moments = ColumnMoments.Of(data, column);
            Missing = Moments.Missing;
        }
        else
        {
            foreach (Sequence sequence in data.Sequences)
            {
                foreach (int code in sequence.Codes(column).Span)
                {
                    if (code < 0) Missing++;
                    else Counts[code]++;
                }
            }
        }

        FirstMissing = data.FirstMissing.GetValueOrDefault(Column.Name);
        IsConstant = Column.Kind == ColumnKind.Number ? Moments.Count > 0 && Moments.Minimum == Moments.Maximum
            : Counts.Count(count => count > 0) == 1;
        IsTarget = data.Targets.Contains(column);
    }

    public SequenceColumn Column { get; }

    public ColumnMoments Moments { get; }

    /// <summary>The steps of each label.</summary>
    public long[] Counts { get; }

    public long Missing { get; }

    /// <summary>Where the first missing value is, in words; null where that is not known.</summary>
    public string? FirstMissing { get; }

    public bool IsConstant { get; }

    public bool IsTarget { get; }
}
