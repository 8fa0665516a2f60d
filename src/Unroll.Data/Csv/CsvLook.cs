using nietras.SeparatedValues;
using Unroll.Data.Text;
using Unroll.Files;

namespace Unroll.Data.Csv;

/// <summary>What a column of a table is, from how it begins.</summary>
internal enum CsvKind
{
    /// <summary>Nothing but missing values so far.</summary>
    Unknown,
    Number,
    Text,
    Date,
}

/// <summary>What the beginning of a table tells: its delimiter, decimal mark, names and kinds of columns.</summary>
internal sealed class CsvLook
{
    private const int MostRows = 5000;
    private static readonly char[] Delimiters = [',', ';', '\t', '|'];

    private CsvLook(char delimiter, int skippedLines) => (Delimiter, SkippedLines) = (delimiter, skippedLines);

    /// <summary>What stands between cells.</summary>
    public char Delimiter { get; }

    /// <summary>Lines in front of the table: comments that begin with #, and empty ones.</summary>
    public int SkippedLines { get; }

    /// <summary>The decimal mark.</summary>
    public char Mark { get; private set; } = '.';

    /// <summary>Whether the first row has names.</summary>
    public bool HasHeader { get; private set; }

    /// <summary>The names of columns, no two equal.</summary>
    public string[] Names { get; private set; } = [];

    /// <summary>What columns are.</summary>
    public CsvKind[] Kinds { get; private set; } = [];

    /// <summary>The forms that the dates of a column have; more than one where they cannot be told apart.</summary>
    public DateText[][] Dates { get; private set; } = [];

    /// <summary>Looks at the beginning of a table.</summary>
    /// <exception cref="InvalidFileException">It is none.</exception>
    public static CsvLook At(string text, bool isWhole, string name, CsvOptions options)
    {
        int skipped = 0, from = 0;
        while (from < text.Length)
        {
            int end = text.IndexOf('\n', from);
            ReadOnlySpan<char> line = text.AsSpan(from, (end < 0 ? text.Length : end) - from).Trim();
            if (line.Length > 0 && line[0] != '#') break;
            if (end < 0) throw new InvalidFileException(name, "has no row; it must have a row of names and rows of numbers");
            skipped++;
            from = end + 1;
        }

        string table = text[from..];
        if (!isWhole)
        {
            int last = table.LastIndexOf('\n');
            if (last > 0) table = table[..last];
        }

        char delimiter = options.Delimiter ?? Delimiters.MaxBy(mark => Score(table, mark));
        var look = new CsvLook(delimiter, skipped);
        List<string[]> rows = Rows(table, delimiter);
        if (rows.Count == 0) throw new InvalidFileException(name, "has no row; it must have a row of names and rows of numbers");
        look.FindMark(rows, options);
        look.FindNames(rows, name, options);
        look.FindKinds(look.HasHeader ? rows[1..] : rows, options);
        return look;
    }

    /// <summary>The reader of rows, with the delimiter's.</summary>
    public static SepReaderOptions Reader(char delimiter) => Sep.New(delimiter).Reader(options => options with
    {
        HasHeader = false,
        Unescape = true,
        DisableColCountCheck = true,
    });

    /// <summary>How much a text looks like a table with a delimiter: the rows that have as many cells as the first, where that
    /// has several.</summary>
    private static double Score(string text, char delimiter)
    {
        int first = -1, same = 0, rows = 0, cells = 1;
        bool quoted = false;
        for (int i = 0; i <= text.Length && rows < 100; i++)
        {
            char c = i < text.Length ? text[i] : '\n';
            if (c == '"') quoted = !quoted;
            if (quoted && i < text.Length) continue;
            if (c == delimiter) cells++;
            if (c != '\n') continue;
            if (i > 0 && text[i - 1] != '\n')
            {
                if (first < 0) first = cells;
                same += cells == first ? 1 : 0;
                rows++;
            }

            cells = 1;
        }

        return first <= 1 || rows == 0 ? 0 : (double)same / rows + (Math.Min(first, 100) * 0.001);
    }

    private static List<string[]> Rows(string text, char delimiter)
    {
        var rows = new List<string[]>();
        using SepReader reader = Reader(delimiter).FromText(text);
        foreach (SepReader.Row row in reader)
        {
            var cells = new string[row.ColCount];
            for (int c = 0; c < cells.Length; c++) cells[c] = row[c].Span.Trim().ToString();
            if (cells.Length == 1 && cells[0].Length == 0) continue;
            rows.Add(cells);
            if (rows.Count > MostRows) break;
        }

        return rows;
    }

    /// <summary>A comma is the decimal mark where it stands in more numbers than a point does, unless it may be a mark of
    /// thousands in all of them.</summary>
    private void FindMark(List<string[]> rows, CsvOptions options)
    {
        if (options.DecimalMark is { } given)
        {
            Mark = given is '.' or ',' ? given : throw new ArgumentException(
                $"The decimal mark '{given}' must be a point or a comma.");
            return;
        }

        int points = 0, commas = 0, thousands = 0, hundreds = 0;
        foreach (string[] row in rows)
        {
            foreach (string cell in row)
            {
                if (!cell.AsSpan().ContainsAny('.', ','))
                {
                    if (cell.Length == 3 && !cell.AsSpan().ContainsAnyExceptInRange('0', '9')) hundreds++;
                    continue;
                }

                CellContent kind = NumberText.Read(cell, '.', out _);
                if (kind == CellContent.Number) points++;
                if (kind == CellContent.OtherMark) commas++;
                if (kind == CellContent.OtherMark && IsInThousands(cell)) thousands++;
            }
        }

        // 998 and then 1,005 are numbers of one kind; with a semicolon between cells 1,005 is mostly what it is in Europe.
        bool areThousands = Delimiter == ',' || (Delimiter != ';' && hundreds > 0);
        Mark = commas > points && !(areThousands && commas == thousands) ? ',' : '.';
    }

    /// <summary>Whether a number with a comma may be one of thousands, such as 12,345.</summary>
    private static bool IsInThousands(string cell)
    {
        ReadOnlySpan<char> digits = cell.AsSpan().TrimStart("+-");
        int comma = digits.IndexOf(',');
        return comma is >= 1 and <= 3 && digits[0] != '0' && digits.Length == comma + 4;
    }

    private void FindNames(List<string[]> rows, string name, CsvOptions options)
    {
        string[] first = rows[0];
        HasHeader = options.HasHeader ?? !first.Any(cell => cell.Length > 0 && (IsNumber(cell) || DateText.TryIso(cell, out _)));
        if (!HasHeader)
        {
            Names = [.. first.Select((_, c) => Invariant($"column{c + 1}"))];
            return;
        }

        Names = [.. first.Select((cell, c) => cell.Length > 0 ? cell : Invariant($"column{c + 1}"))];
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int c = 0; c < Names.Length; c++)
        {
            if (seen.TryAdd(Names[c], c)) continue;
            throw new InvalidFileException(name,
                Invariant($"names two columns '{Names[c]}', the {seen[Names[c]] + 1}. and the {c + 1}. ")
                    + Invariant($"in line {SkippedLines + 1}; rename one of them"));
        }
    }

    private bool IsNumber(string cell) => NumberText.Read(cell, Mark,
        out _) is CellContent.Number or CellContent.Infinite or CellContent.OtherMark;

    private void FindKinds(List<string[]> rows, CsvOptions options)
    {
        Kinds = new CsvKind[Names.Length];
        Dates = new DateText[Names.Length][];
        for (int c = 0; c < Names.Length; c++)
        {
            Dates[c] = [];
            int numbers = 0;
            var others = new List<string>();
            foreach (string[] row in rows)
            {
                if (c >= row.Length || NumberText.IsMissing(row[c]) || options.MissingTexts.Contains(row[c])) continue;
                if (IsNumber(row[c])) numbers++;
                else others.Add(row[c]);
            }

            if (options.Categories.Contains(Names[c])) Kinds[c] = CsvKind.Text;
            else if (numbers + others.Count == 0) Kinds[c] = CsvKind.Unknown;
            else if (others.Count == 0 || numbers >= 4 * others.Count) Kinds[c] = CsvKind.Number;
            else if (numbers == 0 && (options.DateFormat is null || options.Time == Names[c])
                && (Dates[c] = DateText.DetectMost(others)).Length > 0) Kinds[c] = CsvKind.Date;
            else Kinds[c] = CsvKind.Text;
        }
    }
}
