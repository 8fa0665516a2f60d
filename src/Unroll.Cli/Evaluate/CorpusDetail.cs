using System.Globalization;
using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Evaluate;

/// <summary>What each piece of a fold of music, or each line of a fold of text, costs.</summary>
/// <param name="task">The task on the data.</param>
/// <param name="fold">The fold.</param>
internal sealed class CorpusDetail(ICorpusTask task, Fold fold)
{
    private const int LongestWritten = 1_000, OtherColumns = 41;
    private readonly List<Item> _items = [];

    private bool IsText => task is TextTask;

    /// <summary>A cost as it is shown.</summary>
    public static string Loss(double loss) => Format.Fixed(loss, 4);

    /// <summary>Adds the pieces of a fold of music.</summary>
    public void AddPieces(FoldCost cost)
    {
        if (IsText) return;
        foreach (StreamCost piece in cost.Streams) _items.Add(new Item(_items.Count + 1, piece.Name, piece.Steps, piece.Cost, 0));
    }

    /// <summary>Adds the lines of a text: a line is what comes up to its newline, which is the last of its symbols.</summary>
    public void AddText(int stream, ReadOnlySpan<double> costs)
    {
        var text = (TextTask)task;
        ReadOnlySpan<ushort> symbols = text.Corpus.Of(fold).Span;
        int newline = text.Corpus.Alphabet.IndexOf('\n'), number = 1, begin = 0, steps = 0;
        if (newline == text.Corpus.Alphabet.Unknown) newline = -1;
        double cost = 0;
        for (int i = 0; i < symbols.Length; i++)
        {
            if (i >= text.Ahead - 1)
            {
                cost += costs[i - text.Ahead + 1]; // step t predicts symbol t - 1 + ahead, counted from 1
                steps++;
            }

            if (symbols[i] != newline && i < symbols.Length - 1) continue;
            if (steps > 0) _items.Add(new Item(number, "", steps, cost, begin));
            (number, begin, cost, steps) = (number + 1, i + 1, 0, 0);
        }
    }

    /// <summary>A table, the worst first.</summary>
    public void WriteTo(CommandHost host, string name, int limit)
    {
        IReadOnlyList<Item> worst = Worst(limit);
        string what = IsText ? "lines" : "pieces";
        host.Out.WriteLine();
        host.Out.WriteLine(worst.Count < _items.Count
            ? $"{name}: the worst {Format.Count(worst.Count)} of {Format.Count(_items.Count)} {what}"
            : $"{name}: all {Format.Count(_items.Count)} {what}, the worst first");
        TextTable table = IsText ? new TextTable("line", "characters", task.LossUnit, "text")
            : new TextTable("piece", "steps", task.LossUnit);
        foreach (Item item in worst)
        {
            if (IsText)
                table.Add(Format.Count(item.Number), Format.Count(item.Steps), Loss(item.Loss),
                    Line(item, host.Width - OtherColumns));
            else table.Add(item.Name, Format.Count(item.Steps), Loss(item.Loss));
        }

        table.WriteTo(host);
    }

    /// <summary>An object a line, the worst first.</summary>
    public void WriteJson(CommandHost host, string name, int limit)
    {
        foreach (Item item in Worst(limit))
        {
            JsonLine.Write(host.Out, line =>
            {
                line.WriteString("event", IsText ? "line" : "piece");
                line.WriteString("fold", name);
                line.WriteNumber(IsText ? "line" : "piece", item.Number);
                if (!IsText) line.WriteString("name", item.Name);
                line.WriteNumber("steps", item.Steps);
                JsonLine.WriteNumber(line, "loss", item.Loss);
                line.WriteString("loss_unit", task.LossUnit);
                if (IsText) line.WriteString("text", Line(item, LongestWritten));
            });
        }
    }

    /// <summary>By cost a step; a cost that is no number is the worst of all.</summary>
    private Item[] Worst(int limit)
    {
        IEnumerable<Item> sorted = _items.OrderByDescending(item => double.IsNaN(item.Loss) ? double.PositiveInfinity : item.Loss)
            .ThenBy(item => item.Number);
        return [.. limit == 0 ? sorted : sorted.Take(limit)];
    }

    private string Line(Item item, int longest)
    {
        TextCorpus corpus = ((TextTask)task).Corpus;
        ReadOnlySpan<ushort> symbols = corpus.Of(fold).Span[item.Begin..];
        int end = corpus.Alphabet.IndexOf('\n') is >= 0 and int newline ? symbols.IndexOf((ushort)newline) : -1;
        if (end >= 0) symbols = symbols[..end];
        string text = TextCodec.Decode(symbols[..Math.Min(symbols.Length, 4 * longest)], corpus.Alphabet);
        text = string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
        if (text.Length <= longest) return text;
        return (char.IsHighSurrogate(text[longest - 1]) ? text[..(longest - 1)] : text[..longest]) + "…";
    }

    private sealed record Item(int Number, string Name, long Steps, double Cost, int Begin)
    {
        public double Loss => Cost / Steps;
    }
}
