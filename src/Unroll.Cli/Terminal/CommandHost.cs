using System.Text;
using Unroll.Cli.Terminal.Streams;
using Unroll.Data;
using Unroll.Studies.Corpora;

namespace Unroll.Cli.Terminal;

/// <summary>What surrounds a command: its streams, terminal and signals. Tests inject their own.</summary>
internal sealed record CommandHost(TextReader In, TextWriter Out, TextWriter Error)
{
    /// <summary>Whether a person watches standard output on a screen that can redraw.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Whether a person watches standard error on a screen that can redraw.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>
    /// Standard output as it is, for a picture that is redrawn on a thread of its own and is over when the terminal fails; null
    /// where that is <see cref="Screen"/>.
    /// </summary>
    public TextWriter? FailingScreen { get; init; }

    /// <summary>Columns of the terminal that standard output is; asked only where it is one.</summary>
    public Func<int> Columns { get; init; } = () => NarrowWidth;

    /// <summary>
    /// Columns for what is written to standard output: as many as its terminal has, within reason, and 80 for a file or a pipe.
    /// </summary>
    public int Width =>
        OutIsTerminal && Columns() is > 0 and int columns ? Math.Clamp(columns, LeastWidth, MostWidth) : NarrowWidth;

    /// <summary>Writes a line for a person, folded at spaces where it is longer than <see cref="Width"/>.</summary>
    /// <param name="line">The line.</param>
    /// <param name="indent">Spaces in front of what does not fit.</param>
    public void Say(string line, int indent = 4)
    {
        if (line.Length <= Width) Out.WriteLine(line);
        else foreach (string part in Format.Fold(line, Width, indent)) Out.WriteLine(part);
    }

    /// <summary>Whether colours are welcome (https://no-color.org).</summary>
    public bool Color { get; init; }

    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Variable { get; init; } = _ => null;

    /// <summary>Opens standard input as bytes; by default those of <see cref="In"/> in UTF-8.</summary>
    public Func<Stream>? RawIn { get; init; }

    /// <summary>
    /// Opens standard output as bytes; by default those of a text in UTF-8 that becomes part of <see cref="Out"/>.
    /// </summary>
    public Func<Stream>? RawOut { get; init; }

    /// <summary>Standard output for code that draws on it. What is drawn must be printable.</summary>
    public TextWriter Screen => Out is PrintableWriter printable ? printable.Inner : Out;

    /// <summary>Standard error for code that draws on it.</summary>
    public TextWriter ErrorScreen => Error is PrintableWriter printable ? printable.Inner : Error;

    /// <summary>This host, whose streams show no control character of what is written to them.</summary>
    public CommandHost Printing() => this with
    {
        Out = Out as PrintableWriter ?? new PrintableWriter(Out),
        Error = Error as PrintableWriter ?? new PrintableWriter(Error),
    };

    /// <summary>Standard input as bytes.</summary>
    public Stream OpenIn() => RawIn?.Invoke() ?? new MemoryStream(Encoding.UTF8.GetBytes(In.ReadToEnd()));

    /// <summary>This host as the readers of data see it.</summary>
    /// <param name="leftOut">Called for every file that is left out, or null; the sentence on standard error has the first
    /// few.</param>
    public DataSurroundings ForData(Action<LeftOutFile>? leftOut = null) =>
        new() { Variable = Variable, OpenIn = OpenIn, Notice = Error.WriteLine, LeftOut = leftOut };

    /// <summary>Whether standard output is a pipe whose reader has gone. Nothing is written to find out.</summary>
    public Func<bool> OutIsAbandoned { get; init; } = () => false;

    /// <summary>
    /// Calls back at the first signal to end (<see cref="Signals"/>) until the result is disposed; a second one ends the process.
    /// </summary>
    public Func<Action, IDisposable> OnInterrupt { get; init; } = _ => new MemoryStream();

    private const int LeastWidth = 60, NarrowWidth = 80, MostWidth = 160;

    private const string ShowCursor = "\e[?25h";

    /// <summary>The host of a real process.</summary>
    public static CommandHost ForProcess()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        Func<string, string?> variable = Environment.GetEnvironmentVariable;
        bool dumb = variable("TERM") == "dumb", outIsTerminal = !dumb && Descriptors.IsGiven(1) && !Console.IsOutputRedirected;
        var output = new StreamWriter(new StandardOutputStream(1, "Standard output"), utf8) { AutoFlush = true };
        void Farewell()
        {
            if (outIsTerminal) new ForgivingWriter(output).Write(ShowCursor);
        }

        return new CommandHost(
            new StreamReader(new StandardInputStream(), utf8),
            output,

            // What cannot be said is left unsaid; the exit code remains.
            new ForgivingWriter(new StreamWriter(new StandardOutputStream(2, "Standard error"), utf8) { AutoFlush = true }))
        {
            OutIsTerminal = outIsTerminal,
            ErrorIsTerminal = !dumb && Descriptors.IsGiven(2) && !Console.IsErrorRedirected,
            Columns = () => Console.WindowWidth,
            Color = string.IsNullOrEmpty(variable("NO_COLOR")),
            Variable = variable,
            RawIn = () => new StandardInputStream(),
            RawOut = () => new StandardOutputStream(1, "Standard output"),
            OutIsAbandoned = () => Descriptors.IsGiven(1) && NativeStreams.IsAbandoned(1),
            OnInterrupt = callback => new Signals(callback, Farewell),
        };
    }

    /// <summary>
    /// The same for a command whose product is a file or a folder: when standard output takes nothing any more, standard error
    /// hears it once and the work goes on.
    /// </summary>
    /// <param name="endsWhenAbandoned">Whether the work ends, and says so, when the reader of a pipe has gone.</param>
    public CommandHost WithoutNeedToShow(bool endsWhenAbandoned = false)
    {
        var forgiving = new ForgivingWriter(Screen, error =>
        {
            if (!endsWhenAbandoned || error is not OutputException { IsAbandoned: true })
                Error.WriteLine($"unroll: {error.Message.TrimEnd('.')}; the work goes on unseen.");
        });
        return this with
        {
            FailingScreen = FailingScreen ?? Screen,
            Out = Out is PrintableWriter ? new PrintableWriter(forgiving) : forgiving,
        };
    }

    /// <summary>
    /// Whether an error says that nobody can be written to any more; on a thread that only shows something it ends nothing else.
    /// </summary>
    public static bool IsGone(Exception error) => error is IOException or ObjectDisposedException or UnauthorizedAccessException;
}
