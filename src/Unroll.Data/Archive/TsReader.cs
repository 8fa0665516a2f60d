using Unroll.Data.Text;
using Unroll.Files;
using Unroll.Numerics;

namespace Unroll.Data.Archive;

/// <summary>One reading of a .ts file.</summary>
internal sealed class TsReader(string name)
{
    private const int MostDimensions = 100_000;
    private readonly List<(ReadOnlyMemory<float>[] Columns, string Target, int Line)> _cases = [];
    private string[]? _classes; // those of the header
    private bool _hasClasses, _hasNumbers;
    private bool _sawClassLabel;
    private int _dimensions = -1;
    private int _line;

    public SequenceData Read(TextReader reader)
    {
        ReadHeader(reader);
        while (NextLine(reader) is { } line)
        {
            if (line.Length == 0 || line[0] is '#' or '%') continue;
            AddCase(line);
        }

        if (_cases.Count == 0) throw Bad("has no sequence behind its line @data", 0);
        return Build();
    }

    private string? NextLine(TextReader reader)
    {
        string? line = reader.ReadLine()?.Trim();
        if (line is not null) _line++;
        return line;
    }

    private void ReadHeader(TextReader reader)
    {
        while (true)
        {
            string? line = NextLine(reader);
            if (line is null) throw Bad(_line == 0 ? "is empty" : "has no line @data, behind which sequences are", 0);
            if (line.Length == 0 || line[0] is '#' or '%') continue;
            if (line[0] != '@') throw Bad(
                $"has '{Short(line)}' where a line of the header is expected, such as @data; it is no .ts file", _line);
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            switch (words[0].ToLowerInvariant())
            {
                case "@data":
                    return;
                case "@classlabel":
                    _sawClassLabel = true;
                    _hasClasses = Flag(words);
                    _classes = [.. words.Skip(2).Distinct(StringComparer.Ordinal)];
                    if (_hasClasses && _classes.Length == 0) throw Bad("names no class behind @classLabel true", _line);
                    break;
                case "@targetlabel":
                    _sawClassLabel = true;
                    _hasNumbers = Flag(words);
                    break;
                case "@timestamps" when Flag(words):
                    throw Bad("has times in its sequences, which are not read; write it without (@timeStamps false)", _line);
                case "@dimension" or "@dimensions":
                    if (words.Length < 2 || !int.TryParse(words[1], out int count) || count is < 1 or > MostDimensions)
                        throw Bad(Invariant($"must have a number of 1..{MostDimensions} behind {words[0]}"), _line);
                    _dimensions = count;
                    break;
                case "@univariate" when Flag(words):
                    _dimensions = 1;
                    break;
                default:
                    break; // names, lengths and what else is said of sequences, which the sequences tell themselves
            }
        }
    }

    private bool Flag(string[] words) => words.Length > 1 && words[1].ToLowerInvariant() is "true" or "false"
        ? words[1].Equals("true", StringComparison.OrdinalIgnoreCase)
            : throw Bad($"must have true or false behind {Short(words[0])}", _line);

    private void AddCase(string line)
    {
        if (line[0] == '(') throw Bad("has times in its sequences, which are not read; write it without (@timeStamps false)",
            _line);
        bool hasTarget = _hasClasses || _hasNumbers;
        string values = line, target = "";
        if (hasTarget)
        {
            int last = line.LastIndexOf(':');
            if (last < 0) throw Bad($"has no {(_hasClasses ? "class" : "number")} behind the last colon", _line);
            (values, target) = (line[..last], line[(last + 1)..].Trim());
            if (target.Length == 0) throw Bad($"has no {(_hasClasses ? "class" : "number")} behind the last colon", _line);
        }

        int dimensions = values.AsSpan().Count(':') + 1;
        if (_dimensions < 0) _dimensions = dimensions <= MostDimensions ? dimensions
            : throw Bad(Invariant($"has more than {MostDimensions} dimensions"), _line);
        if (dimensions != _dimensions) throw Bad(
            Invariant($"has {Counted.Of(dimensions, "dimension")} where {_dimensions} ")
                + Invariant($"{(_dimensions == 1 ? "is" : "are")} ")
                    + Invariant($"expected{(hasTarget || _sawClassLabel ? "" : "; the header says nothing of @classLabel")}"),
                        _line);
        int steps = values.AsSpan(0, End(values, 0)).Count(',') + 1;
        var columns = new ReadOnlyMemory<float>[dimensions];
        var all = new ColumnBuffer<float>();
        for (int d = 0, from = 0; d < dimensions; d++)
        {
            int end = End(values, from), before = all.Count;
            AddValues(all, values.AsSpan(from, end - from), d);
            if (all.Count - before != steps) throw Bad(
                Invariant($"has {Counted.Of(all.Count - before, "value")} in dimension {d + 1} and {steps} in the ")
                    + "first; all dimensions "
                    + "of a sequence are of one length, and ? is a missing value", _line);
            from = end + 1;
        }

        ReadOnlyMemory<float> memory = all.ToMemory();
        for (int d = 0; d < dimensions; d++) columns[d] = memory.Slice(d * steps, steps);
        _cases.Add((columns, target, _line));
    }

    private static int End(string values, int from) => values.IndexOf(':', from) is >= 0 and int end ? end : values.Length;

    private void AddValues(ColumnBuffer<float> values, ReadOnlySpan<char> text, int dimension)
    {
        int step = 0;
        foreach (Range range in text.Split(','))
        {
            step++;
            ReadOnlySpan<char> cell = text[range].Trim();
            CellContent kind = NumberText.Read(cell, '.', out float value);
            if (kind is CellContent.Number or CellContent.Missing && cell.Length > 0) values.Add(value);
            else throw Bad(
                Invariant($"has '{Short(cell.ToString())}' as value {step} of dimension {dimension + 1}, which is ")
                    + Invariant($"{(kind == CellContent.Infinite ? "infinite or too large" : "no number")}; write ? for a ")
                        + Invariant($"missing value"),
                        _line);
        }
    }

    private SequenceData Build()
    {
        int dimensions = _cases[0].Columns.Length;
        SequenceColumn[] columns = [.. Enumerable.Range(1, dimensions).Select(d =>
            new SequenceColumn(dimensions == 1 ? "value" : Invariant($"dimension{d}")))];
        string[] classes = _hasClasses ? ClassNames.Sorted(_classes!) : [];
        Dictionary<string, int> places = ClassNames.Places(classes);
        var firstMissing = new Dictionary<string, string>(StringComparer.Ordinal);
        var sequences = new List<Sequence>(_cases.Count);
        foreach ((ReadOnlyMemory<float>[] values, string target, int line) in _cases)
        {
            int label = -1;
            float number = float.NaN;
            if (_hasClasses && !places.TryGetValue(target, out label))
                throw Bad($"is of class '{Short(target)}', which the header does not name ({SequenceData.Some(classes)})", line);
            if (_hasNumbers && NumberText.Read(target, '.', out number) != CellContent.Number)
                throw Bad($"has '{Short(target)}' behind its last colon, which is no number", line);
            for (int d = 0; d < dimensions; d++)
            {
                int at = MissingAt(values[d].Span);
                if (at >= 0) firstMissing.TryAdd(columns[d].Name,
                    Invariant($"value {at + 1} of sequence {sequences.Count + 1} (line {line})"));
            }

            var block = new SequenceBlock
            {
                Numbers = [.. values.Select(memory => new ColumnValues(memory, 1, memory.Length))],
                Codes = new ReadOnlyMemory<int>?[dimensions],
            };
            sequences.Add(new Sequence(block, 0, values[0].Length)
            {
                Name = Invariant($"{sequences.Count + 1}"),
                Class = label,
                Number = number
            });
        }

        return new SequenceData(name, columns, sequences, classes)
        {
            FirstMissing = firstMissing,
            Notices = [.. Rounding.Notices(columns, sequences)],
        };
    }

    private static int MissingAt(ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (float.IsNaN(values[i])) return i;
        }

        return -1;
    }

    private static string Short(string text) => text.Length > 40 ? text[..40] + "..." : text;

    private InvalidFileException Bad(string problem, int line) =>
        new(name, line > 0 ? Invariant($"{problem}: line {line}") : problem);
}
