using Unroll.Data;

namespace Unroll.Cli.Sequences;

/// <summary>When the steps of folds are.</summary>
internal static class FoldSpans
{
    /// <summary>The earliest and the latest time of a fold; empty where there are none.</summary>
    public static (string First, string Last) Of(SequenceFolds folds, Fold fold)
    {
        (string Text, double Order) first = ("", double.PositiveInfinity), last = ("", double.NegativeInfinity);
        foreach (FoldPart part in folds.Of(fold))
        {
            TimeAxis times = folds.Data.Sequences[part.Sequence].Times;
            if (times.IsEmpty) return ("", "");
            if (times.Order(part.Start) < first.Order) first = (times.Text(part.Start), times.Order(part.Start));
            if (times.Order(part.End - 1) > last.Order) last = (times.Text(part.End - 1), times.Order(part.End - 1));
        }

        return (first.Text, last.Text);
    }
}
