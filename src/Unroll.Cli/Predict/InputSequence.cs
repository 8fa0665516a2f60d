using System.Text.Json;
using System.Text.RegularExpressions;
using Unroll.Numerics;

namespace Unroll.Cli.Predict;

/// <summary>One input sequence: an index a step, or some numbers or indices a step.</summary>
internal sealed class InputSequence(int[]? symbols, double[][]? values)
{
    /// <summary>Steps.</summary>
    public int Length => symbols?.Length ?? values!.Length;

    /// <summary>Whether a step leaves out the last inputs, which are then what the model predicted at the step before.</summary>
    public bool IsOwn(int step, int inputs) => values is not null && values[step].Length < inputs;

    /// <summary>Copies the sequence into a row of a batch.</summary>
    public void Fill(Batch batch, int row)
    {
        batch.Lengths[row] = Length;
        for (int t = 0; t < Length; t++)
        {
            if (symbols is not null)
            {
                batch.SetSymbol(t, row, symbols[t]);
            }
            else if (batch.Encoding == InputEncoding.Dense)
            {
                values![t].CopyTo(batch.Dense(t, row)); // of its own outputs, if it leaves them out, 0 at first
            }
            else
            {
                foreach (double index in values![t]) batch.SetBit(t, row, (int)index);
            }
        }
    }
}

/// <summary>Reads sequences for a network; a refusal names the line, the step, and what would be right.</summary>
/// <param name="shape">The network's shape.</param>
/// <param name="largest">The largest number that it can take: the precision's.</param>
/// <param name="fedBack">The last dense inputs that a step may leave out, because outputs feed back to them.</param>
internal sealed partial class SequenceReader(NetworkShape shape, double largest = double.MaxValue, int fedBack = 0)
{
    private static readonly string[] NotFinite = ["NaN", "Infinity", "-Infinity"];

    /// <summary>The sequence on a line.</summary>
    /// <exception cref="UserError">The line is not a sequence for this network.</exception>
    public InputSequence Read(string line, long number)
    {
        try
        {
            using JsonDocument document = Parse(line);
            JsonElement root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && !root.TryGetProperty("input", out root))
                throw Bad(number, "is an object without the key \"input\"");
            if (root.ValueKind != JsonValueKind.Array) throw Bad(number, $"is {Kind(root)}, not a list");
            int length = root.GetArrayLength();
            if (length == 0) throw Bad(number, "is an empty sequence");
            if (length > LengthRange.Longest) throw Bad(number, $"has {length} steps; at most {LengthRange.Longest} are read");
            int step = 0;
            if (shape.Encoding == InputEncoding.OneHot)
            {
                var symbols = new int[length];
                foreach (JsonElement item in root.EnumerateArray())
                {
                    symbols[step] = Index(item, -1, number, step);
                    step++;
                }

                return new InputSequence(symbols, null);
            }

            var values = new double[length][];
            foreach (JsonElement item in root.EnumerateArray())
            {
                values[step] = Step(item, number, step);
                step++;
            }

            return new InputSequence(null, values);
        }
        catch (JsonException error)
        {
            throw new UserError($"Line {number} is not JSON (at character {error.BytePositionInLine + 1}); {Expected()}.", error);
        }
        catch (InvalidOperationException error)
        {
            // Half of a pair of surrogates: the grammar of JSON lets it pass, but it is no text.
            throw new UserError($"Line {number} has a key that is not Unicode text; {Expected()}.", error);
        }
    }

    /// <summary>
    /// Parses a line. Numbers that are not finite, which some programs write and JSON has no words for, become texts, so that a
    /// refusal can say where they are.
    /// </summary>
    private static JsonDocument Parse(string line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException) when (WordNotFinite().IsMatch(line))
        {
            return JsonDocument.Parse(WordNotFinite().Replace(line, "\"$0\""));
        }
    }

    [GeneratedRegex(@"(?<=[\[,:\s])-?(?:NaN|Infinity)(?=[\],}\s])", RegexOptions.CultureInvariant)]
    private static partial Regex WordNotFinite();

    private double[] Step(JsonElement item, long number, int step)
    {
        if (item.ValueKind != JsonValueKind.Array) throw Bad(number, $"has {Kind(item)} at step {step}, not a list");
        if (shape.Encoding == InputEncoding.MultiHot)
            return [.. item.EnumerateArray().Select(index => (double)Index(index, 0, number, step))];
        if (item.GetArrayLength() != shape.Inputs && (fedBack == 0 || item.GetArrayLength() != shape.Inputs - fedBack))
            throw Bad(number, $"has {Counted.Of(item.GetArrayLength(), "number")} at step {step}, "
                + $"not {shape.Inputs}");
        return [.. item.EnumerateArray().Select((value, column) => Number(value, number, step, column))];
    }

    private int Index(JsonElement item, int least, long number, int step)
    {
        if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out int index))
            throw Bad(number, $"has {Kind(item)} at step {step}, not an index");
        return index >= least && index < shape.Inputs ? index
            : throw Bad(number, $"has the index {index} at step {step}, which does not lie in {least}..{shape.Inputs - 1}");
    }

    private double Number(JsonElement item, long number, int step, int column)
    {
        if (item.ValueKind != JsonValueKind.Number)
            throw Bad(number,
                $"has {Kind(item)} at step {step}, column {column}, not a {(IsNotFinite(item) ? "finite number" : "number")}");
        return item.TryGetDouble(out double value) && Math.Abs(value) <= largest ? value
            : throw Bad(number, $"has {Kind(item)} at step {step}, column {column}, which is too large");
    }

    private static bool IsNotFinite(JsonElement item) =>
        item.ValueKind == JsonValueKind.String && NotFinite.Contains(item.GetRawText().Trim('"'));

    private UserError Bad(long number, string what) => new($"Line {number} {what}; {Expected()}.");

    private string Expected() => shape.Encoding switch
    {
        InputEncoding.OneHot => $"this model reads a list of indices in 0..{shape.Inputs - 1}, such as [0,{shape.Inputs - 1}]",
        InputEncoding.Dense =>
            $"this model reads a list with {Counted.Of(shape.Inputs, "number")} a step, "
                + (fedBack > 0 ? $"or {shape.Inputs - fedBack} where it reads its own outputs, such as " : "such as ")
                + $"[[{string.Join(',', Enumerable.Repeat("0.5", Math.Min(shape.Inputs, 4)))}"
                + $"{(shape.Inputs > 4 ? ",..." : "")}]]",
        _ => $"this model reads a list with a list of indices in 0..{shape.Inputs - 1} a step, such as [[0],[]]",
    };

    private static string Kind(JsonElement item) => item.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => IsNotFinite(item) ? item.GetRawText().Trim('"') : "a text",
        JsonValueKind.Number =>
            $"the number {(item.GetRawText() is { Length: <= 24 } text ? text : item.GetRawText()[..24] + "...")}",
        JsonValueKind.Null => "null",
        _ => item.GetRawText(),
    };
}
