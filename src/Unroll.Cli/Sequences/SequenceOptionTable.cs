using System.CommandLine;
using Unroll.Data;

namespace Unroll.Cli.Sequences;

/// <summary>The options that say how a user's own sequences are read.</summary>
internal static class SequenceOptionTable
{
    private static readonly DeclaredOption<string?> Group =
        Text("--group", "COLUMN", "Of a table: the column that says which sequence a row belongs to.");
    private static readonly DeclaredOption<string?> Time =
        Text("--time", "COLUMN", "Of a table: the column of times. Default: the first column of dates.");
    private static readonly DeclaredOption<string?> Target =
        Text("--target", "COLUMN,...", "What is to be predicted: columns of steps.");
    private static readonly DeclaredOption<string?> Label =
        Text("--label", "COLUMN", "Of a table: a column that is the class of its sequence.");
    private static readonly DeclaredOption<string?> Ignore =
        Text("--ignore", "COLUMN,...", "Of a table: columns that are not read.");
    private static readonly DeclaredOption<string?> Categories =
        Text("--categories", "COLUMN,...", "Of a table: columns that are categories though they look like numbers.");
    private static readonly DeclaredOption<string?> Delimiter =
        Text("--delimiter", "MARK", "Of a table: a comma, a semicolon, |, tab or another mark. Default: found out.");
    private static readonly DeclaredOption<string?> Decimal =
        Text("--decimal", "point|comma", "Of a table: the decimal mark. Default: found out.");
    private static readonly DeclaredOption<string?> DateFormat =
        Text("--date-format", "FORM", "Of a table: the form of dates, such as \"dd/MM/yyyy HH:mm\". Default: found out.");
    private static readonly DeclaredOption<string?> Missing =
        Text("--missing-text", "TEXT,...", "Of a table: texts for no value, besides NA, NaN, null, ? and the like.");
    private static readonly DeclaredOption<bool> NoHeader =
        new("--no-header") { Description = "Of a table: the first row has values, not names." };
    private static readonly DeclaredOption<bool> Sort =
        new("--sort-time") { Description = "Of a table: put rows in order of time." };
    private static readonly DeclaredOption<bool> ByFolder =
        new("--label-by-folder") { Description = "Of a folder of tables: the folder that a file is in is its class." };
    private static readonly DeclaredOption<string?> LabelFile =
        Text("--label-file", "FILE", "Of a folder of tables: a table of file names and their classes.");

    /// <summary>All of them, in the order of the help.</summary>
    public static IReadOnlyList<DeclaredOption> All { get; } =
        [Group, Time, Target, Label, Ignore, Categories, Delimiter, Decimal, DateFormat, Missing, NoHeader, Sort, ByFolder,
            LabelFile];

    /// <summary>What was given.</summary>
    /// <exception cref="UserError">A value is not one of its option.</exception>
    public static SequenceRequest Read(ParseResult parsed) => Read(Texts(parsed, All));

    /// <summary>What was given as texts, by the names of the options without dashes; <c>true</c> for a flag.</summary>
    public static Dictionary<string, string> Texts(ParseResult parsed, IEnumerable<DeclaredOption> some)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DeclaredOption option in some)
        {
            string? text = option is DeclaredOption<bool> flag ? parsed.GetValue(flag) ? "true" : null
                : parsed.GetValue((DeclaredOption<string?>)option);
            if (text is not null) texts[option.Name[2..]] = text;
        }

        return texts;
    }

    /// <summary>What texts by the names of the options mean; other names do not matter.</summary>
    /// <exception cref="UserError">A value is not one of its option.</exception>
    public static SequenceRequest Read(IReadOnlyDictionary<string, string> texts)
    {
        var options = new CsvOptions
        {
            Group = Of(Group),
            Time = Of(Time),
            Label = Of(Label),
            Ignore = List(Of(Ignore)),
            Categories = List(Of(Categories)),
            Delimiter = DelimiterOf(Of(Delimiter)),
            DecimalMark = Of(Decimal) is { } mark ? Values.Choice("--decimal", mark, [("point", '.'), ("comma", ',')]) : null,
            DateFormat = Of(DateFormat),
            MissingTexts = List(Of(Missing)),
            HasHeader = Of(NoHeader) is not null ? false : null,
            SortTimes = Of(Sort) is not null,
            LabelByFolder = Of(ByFolder) is not null,
            LabelFile = Of(LabelFile),
        };
        string[] given = [.. All.Select(option => option.Name).Where(name => texts.ContainsKey(name[2..]))];
        return new SequenceRequest(options, List(Of(Target)), given)
        {
            Texts = [.. All.Where(option => texts.ContainsKey(option.Name[2..]))
                .Select(option => (option.Name[2..], Of(option)!))],
        };

        string? Of(DeclaredOption option) => texts.GetValueOrDefault(option.Name[2..]);
    }

    private static DeclaredOption<string?> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };

    private static string[] List(string? text) =>
        text is null ? [] : [.. NameList.Split(text).Where(name => name.Length > 0)];

    private static char? DelimiterOf(string? text) => text switch
    {
        null => null,
        "tab" or "\\t" => '\t',
        [var mark] when mark is not ('"' or '\n' or '\r') && !char.IsLetterOrDigit(mark) => mark,
        _ => throw new UserError($"--delimiter '{text}' must be one mark such as , ; | or tab."),
    };
}

/// <summary>How a user's own sequences are to be read.</summary>
/// <param name="Csv">Of a table or a folder of them.</param>
/// <param name="Targets">The columns to be predicted at steps.</param>
/// <param name="Given">The names of the options that were given.</param>
internal sealed record SequenceRequest(CsvOptions Csv, IReadOnlyList<string> Targets, IReadOnlyList<string> Given)
{
    /// <summary>The options that were given, as they were.</summary>
    public IReadOnlyList<(string Name, string Text)> Texts { get; init; } = [];
}
