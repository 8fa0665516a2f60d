using Unroll.Studies.Corpora;

namespace Unroll.Cli.Evaluate;

/// <summary>Writes the costs of the parts of a fold, the worst first: pieces of music, lines of a text.</summary>
/// <param name="items">The parts.</param>
internal sealed class CorpusDetail(CorpusItems items)
{
    private const int LongestWritten = 1_000, OtherColumns = 41;

    /// <summary>A cost as it is shown.</summary>
    public static string Loss(double loss) => Format.Fixed(loss, 4);

    /// <summary>A table.</summary>
    public void WriteTo(CommandHost host, string name, int limit)
    {
        IReadOnlyList<CorpusItem> worst = Worst(limit);
        string all = Format.Count(items.All.Count), noun = $"{items.Noun}s";
        host.Out.WriteLine();
        host.Out.WriteLine(worst.Count < items.All.Count
            ? $"{name}: the worst {Format.Count(worst.Count)} of {all} {noun}" : $"{name}: all {all} {noun}, the worst first");
        string[] columns = [items.Noun, items.StepNoun, items.Unit];
        var table = new TextTable(items.HasText ? [.. columns, "text"] : columns);
        foreach (CorpusItem item in worst)
        {
            string steps = Format.Count(item.Steps), loss = Loss(item.Loss);
            if (items.HasText)
                table.Add(Format.Count(item.Number), steps, loss, items.Text(item, host.Width - OtherColumns));
            else table.Add(item.Name, steps, loss);
        }

        table.WriteTo(host);
    }

    /// <summary>An object a line.</summary>
    public void WriteJson(CommandHost host, string name, int limit)
    {
        foreach (CorpusItem item in Worst(limit))
        {
            JsonLine.Write(host.Out, line =>
            {
                line.WriteString("event", items.Noun);
                line.WriteString("fold", name);
                line.WriteNumber(items.Noun, item.Number);
                if (!items.HasText) line.WriteString("name", item.Name);
                line.WriteNumber("steps", item.Steps);
                JsonLine.WriteNumber(line, "loss", item.Loss);
                line.WriteString("loss_unit", items.Unit);
                if (items.HasText) line.WriteString("text", items.Text(item, LongestWritten));
            });
        }
    }

    /// <summary>By cost a step; a cost that is no number is the worst of all.</summary>
    private CorpusItem[] Worst(int limit)
    {
        IEnumerable<CorpusItem> sorted = items.All
            .OrderByDescending(item => double.IsNaN(item.Loss) ? double.PositiveInfinity : item.Loss)
            .ThenBy(item => item.Number);
        return [.. limit == 0 ? sorted : sorted.Take(limit)];
    }
}
