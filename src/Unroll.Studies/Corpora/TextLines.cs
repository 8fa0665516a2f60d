using Unroll.Data;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Studies.Corpora;

/// <summary>The costs of the lines of a text. A line ends with its newline, which is the last of its symbols.</summary>
/// <param name="task">The task on the text.</param>
/// <param name="fold">The fold.</param>
internal sealed class TextLines(TextTask task, Fold fold) : CorpusItems(task.LossUnit)
{
    public override string Noun => "line";

    public override string StepNoun => "characters";

    public override bool HasText => true;

    public override StepCostsHandler OnStepCosts => AddLines;

    private TextCorpus Corpus => task.Corpus;

    /// <summary>Nothing: the lines are added with the costs of their steps.</summary>
    public override void Add(FoldCost cost)
    {
    }

    public override string Text(CorpusItem item, int longest)
    {
        ReadOnlySpan<ushort> symbols = Corpus.Of(fold).Span[item.Begin..];
        int end = Corpus.Alphabet.IndexOf('\n') is >= 0 and int newline ? symbols.IndexOf((ushort)newline) : -1;
        if (end >= 0) symbols = symbols[..end];
        string text = TextCodec.Decode(symbols[..Math.Min(symbols.Length, 4 * longest)], Corpus.Alphabet);
        text = string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
        if (text.Length <= longest) return text;
        return (char.IsHighSurrogate(text[longest - 1]) ? text[..(longest - 1)] : text[..longest]) + "…";
    }

    private void AddLines(int stream, ReadOnlySpan<double> costs)
    {
        ReadOnlySpan<ushort> symbols = Corpus.Of(fold).Span;
        int newline = Corpus.Alphabet.IndexOf('\n'), number = 1, begin = 0, steps = 0;
        if (newline == Corpus.Alphabet.Unknown) newline = -1;
        double cost = 0;
        for (int i = 0; i < symbols.Length; i++)
        {
            if (i >= task.Ahead - 1)
            {
                cost += costs[i - task.Ahead + 1]; // step t predicts symbol t - 1 + ahead, counted from 1
                steps++;
            }

            if (symbols[i] != newline && i < symbols.Length - 1) continue;
            if (steps > 0) All.Add(new CorpusItem(number, "", steps, cost, begin));
            (number, begin, cost, steps) = (number + 1, i + 1, 0, 0);
        }
    }
}
