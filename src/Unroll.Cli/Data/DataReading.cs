using System.CommandLine;
using Unroll.Data;

namespace Unroll.Cli.Data;

/// <summary>The options by which a command that reads data is told how.</summary>
internal static class DataReading
{
    private static readonly Option<string?> Step = new("--step") { HelpName = "BEATS", Description = "Music: the time step of MIDI files, in beats. Default: 0.5." };
    private static readonly Option<bool> DropNotes = new("--drop-notes") { Description = "Music: leave out notes that a piano lacks. Default: refuse them." };
    private static readonly Option<bool> Bytes = new("--bytes") { Description = "Text: symbols are bytes. Default: Unicode scalar values of UTF-8." };
    private static readonly Option<bool> TrimLines = new("--trim-lines") { Description = "Text: no spaces at the ends of lines, a newline after each. Default: only for ptb." };
    private static readonly Option<string?> Rare = new("--rare") { HelpName = "N", Description = "Text: symbols that the training fold has fewer than N times become the unknown symbol." };
    private static readonly Option<bool> MapUnknown = new("--map-unknown") { Description = "Text: symbols that the training fold lacks become the unknown symbol. Default: refuse them." };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [Step, DropNotes, Bytes, TrimLines, Rare, MapUnknown];

    /// <summary>How music is read.</summary>
    public static MusicReadOptions Music(ParseResult parsed, CommandHost host) => new()
    {
        Step = parsed.GetValue(Step) is { } step ? CheckedStep(step) : new MusicReadOptions().Step,
        OutOfRange = parsed.GetValue(DropNotes) ? OutOfRangeNotes.Drop : OutOfRangeNotes.Refuse,
        Notice = host.Error.WriteLine,
    };

    /// <summary>How text is read.</summary>
    public static TextReadOptions Text(ParseResult parsed) => new()
    {
        Symbols = parsed.GetValue(Bytes) ? SymbolKind.Byte : SymbolKind.Scalar,
        TrimLines = parsed.GetValue(TrimLines),
        Rare = parsed.GetValue(Rare) is { } rare ? (int)Values.Whole("--rare", rare, 0, int.MaxValue) : 0,
        MapUnknown = parsed.GetValue(MapUnknown),
    };

    /// <summary>The value of a <c>--step</c>.</summary>
    public static double CheckedStep(string text)
    {
        double step = Values.Number("--step", text, maximum: MusicReadOptions.MaximumStep);
        return step >= MusicReadOptions.MinimumStep ? step : throw new UserError($"--step {text} must be at least 1/96 of a beat.");
    }
}
