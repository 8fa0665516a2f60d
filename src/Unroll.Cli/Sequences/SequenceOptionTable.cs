using System.CommandLine;
using Unroll.Data;

namespace Unroll.Cli.Sequences;

/// <summary>The options that say how a user's own sequences are read.</summary>
internal static class SequenceOptionTable
{
    private static readonly Option<string?> Group =
        Text("--group", "COLUMN", "Of a table: the column that says which sequence a row belongs to.");
    private static readonly Option<string?> Time =
        Text("--time", "COLUMN", "Of a table: the column of times. Default: the first column of dates.");
    private static readonly Option<string?> Target = Text("--target", "COLUMN,...", "What is to be predicted: columns of steps.");
    private static readonly Option<string?> Label =
        Text("--label", "COLUMN", "Of a table: a column that is the class of its sequence.");
    private static readonly Option<string?> Ignore = Text("--ignore", "COLUMN,...", "Of a table: columns that are not read.");
    private static readonly Option<string?> Categories =
        Text("--categories", "COLUMN,...", "Of a table: columns that are categories though they look like numbers.");
    private static readonly Option<string?> Delimiter =
        Text("--delimiter", "MARK", "Of a table: a comma, a semicolon, |, tab or another mark. Default: found out.");
    private static readonly Option<string?> Decimal =
        Text("--decimal", "point|comma", "Of a table: the decimal mark. Default: found out.");
    private static readonly Option<string?> DateFormat =
        Text("--date-format", "FORM", "Of a table: the form of dates, such as \"dd/MM/yyyy HH:mm\". Default: found out.");
    private static readonly Option<string?> Missing =
        Text("--missing-text", "TEXT,...", "Of a table: texts for no value, besides NA, NaN, null, ? and the like.");
    private static readonly Option<bool> NoHeader =
        new("--no-header") { Description = "Of a table: the first row has values, not names." };
    private static readonly Option<bool> Sort = new("--sort-time") { Description = "Of a table: put rows in order of time." };
    private static readonly Option<bool> ByFolder =
        new("--label-by-folder") { Description = "Of a folder of tables: the folder that a file is in is its class." };
    private static readonly Option<string?> LabelFile =
        Text("--label-file", "FILE", "Of a folder of tables: a table of file names and their classes.");

    /// <summary>All of them, in the order of the help.</summary>
    public static IReadOnlyList<Option> All { get; } =
        [Group, Time, Target, Label, Ignore, Categories, Delimiter, Decimal, DateFormat, Missing, NoHeader, Sort, ByFolder,
            LabelFile];

    /// <summary>What was given.</summary>
    /// <exception cref="UserError">A value does not suit its option.</exception>
    public static SequenceRequest Read(ParseResult parsed)
    {
        var options = new CsvOptions
        {
            Group = parsed.GetValue(Group),
            Time = parsed.GetValue(Time),
            Label = parsed.GetValue(Label),
            Ignore = List(parsed.GetValue(Ignore)),
            Categories = List(parsed.GetValue(Categories)),
            Delimiter = DelimiterOf(parsed.GetValue(Delimiter)),
            DecimalMark = parsed.GetValue(Decimal) is { } mark
                ? Values.Choice("--decimal", mark, [("point", '.'), ("comma", ',')]) : null,
            DateFormat = parsed.GetValue(DateFormat),
            MissingTexts = List(parsed.GetValue(Missing)),
            HasHeader = parsed.GetValue(NoHeader) ? false : null,
            SortTimes = parsed.GetValue(Sort),
            LabelByFolder = parsed.GetValue(ByFolder),
            LabelFile = parsed.GetValue(LabelFile),
        };
        string[] given = [.. All.Where(option => parsed.GetResult(option) is { Implicit: false }).Select(option => option.Name)];
        return new SequenceRequest(options, List(parsed.GetValue(Target)), given);
    }

    private static Option<string?> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };

    private static string[] List(string? text) =>
        text?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

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
internal sealed record SequenceRequest(CsvOptions Csv, IReadOnlyList<string> Targets, IReadOnlyList<string> Given);
