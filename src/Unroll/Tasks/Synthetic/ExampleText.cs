using System.Globalization;
using System.Text;

namespace Unroll.Tasks;

/// <summary>Lays sequences out as text, each line starting with the number of its first step.</summary>
internal sealed class ExampleText
{
    private const int Margin = 8, LongestLine = 80;
    private readonly StringBuilder _text = new();

    /// <summary>One line.</summary>
    public ExampleText Line(FormattableString line)
    {
        if (_text.Length > 0) _text.Append('\n');
        _text.Append(line.ToString(CultureInfo.InvariantCulture));
        return this;
    }

    /// <summary>One line with a name in the margin.</summary>
    public ExampleText Named(string name, FormattableString line) =>
        Line($"{name.PadRight(Margin)}{line.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>One letter a step, 50 to a line, in groups of ten.</summary>
    public ExampleText Letters(int steps, Func<int, char> letter)
    {
        for (int start = 0; start < steps; start += 50)
        {
            var line = new StringBuilder();
            for (int step = start; step < Math.Min(start + 50, steps); step++)
            {
                if (step > start && step % 10 == 0) line.Append(' ');
                line.Append(letter(step));
            }

            Step(start, line);
        }

        return this;
    }

    /// <summary>One word a step, ten to a line or, of long words, five, in columns.</summary>
    public ExampleText Words(int steps, Func<int, string> word)
    {
        int width = 0;
        for (int step = 0; step < steps; step++) width = Math.Max(width, word(step).Length);
        int most = Margin + (10 * (width + 1)) <= LongestLine ? 10 : 5;
        for (int start = 0; start < steps; start += most)
        {
            var line = new StringBuilder();
            for (int step = start; step < Math.Min(start + most, steps); step++)
                line.Append(word(step).PadLeft(width)).Append(' ');
            line.Length = line.ToString().TrimEnd().Length;
            Step(start, line);
        }

        return this;
    }

    public override string ToString() => _text.ToString();

    private void Step(int start, StringBuilder line) => Line($"{start,Margin - 2}  {line.ToString()}");
}
