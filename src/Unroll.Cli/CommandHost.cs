using System.Runtime.InteropServices;
using System.Text;

namespace Unroll.Cli;

/// <summary>What surrounds a command: its streams, terminal and signals. Tests inject their own.</summary>
internal sealed record CommandHost(TextReader In, TextWriter Out, TextWriter Error)
{
    /// <summary>Whether a person watches standard output on a screen that can redraw.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Whether a person watches standard error on a screen that can redraw.</summary>
    public bool ErrorIsTerminal { get; init; }

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

    /// <summary>Standard output for whoever draws on it; what is drawn must be printable by itself.</summary>
    public TextWriter Screen => Out is PrintableWriter printable ? printable.Inner : Out;

    /// <summary>Standard error for whoever draws on it.</summary>
    public TextWriter ErrorScreen => Error is PrintableWriter printable ? printable.Inner : Error;

    /// <summary>This host, whose streams show no control character of what is written to them.</summary>
    public CommandHost Printing() => this with
    {
        Out = Out as PrintableWriter ?? new PrintableWriter(Out),
        Error = Error as PrintableWriter ?? new PrintableWriter(Error),
    };

    /// <summary>Standard input as bytes.</summary>
    public Stream OpenIn() => RawIn?.Invoke() ?? new MemoryStream(Encoding.UTF8.GetBytes(In.ReadToEnd()));

    /// <summary>Calls back at the first Ctrl-C or SIGTERM until the result is disposed; the second one ends the process.</summary>
    public Func<Action, IDisposable> OnInterrupt { get; init; } = _ => new MemoryStream();

    private const string ShowCursor = "\e[?25h";

    /// <summary>The host of a real process.</summary>
    public static CommandHost ForProcess()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        Func<string, string?> variable = Environment.GetEnvironmentVariable;
        bool dumb = variable("TERM") == "dumb";
        return new CommandHost(
            new StreamReader(Console.OpenStandardInput(), utf8),
            new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true },
            new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true })
        {
            OutIsTerminal = !Console.IsOutputRedirected && !dumb,
            ErrorIsTerminal = !Console.IsErrorRedirected && !dumb,
            Color = string.IsNullOrEmpty(variable("NO_COLOR")),
            Variable = variable,
            RawIn = Console.OpenStandardInput,
            RawOut = Console.OpenStandardOutput,
            OnInterrupt = callback => new Signals(callback, Console.IsOutputRedirected || dumb ? "" : ShowCursor),
        };
    }

    /// <summary>Whether an error says that nobody can be written to any more; on a thread that only shows something it ends nothing else.</summary>
    public static bool IsGone(Exception error) => error is IOException or ObjectDisposedException or UnauthorizedAccessException;

    private sealed class Signals : IDisposable
    {
        private readonly PosixSignalRegistration[] _registrations;
        private int _count;

        public Signals(Action callback, string farewell)
        {
            void Handle(PosixSignalContext context)
            {
                // The first one is ours; from the second on the system does what it always does.
                if (Interlocked.Increment(ref _count) > 1)
                {
                    try
                    {
                        Console.Out.Write(farewell);
                    }
                    catch (Exception error) when (IsGone(error))
                    {
                        // The cursor stays hidden on a terminal that is gone.
                    }

                    return;
                }

                context.Cancel = true;
                callback();
            }

            _registrations =
            [
                PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle),
                PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
            ];
        }

        public void Dispose()
        {
            foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        }
    }
}
