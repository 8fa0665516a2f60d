using System.Text;
using Unroll.Files;

namespace Unroll.Cli.Terminal;

/// <summary>
/// Everything that a command says goes through here, so that no name or value from a file can command a terminal: control
/// characters except ends of lines and tabs become visible escapes (<see cref="Printable"/>). Pictures on a terminal and
/// bytes that are not text are written to the inner writer.
/// </summary>
/// <param name="inner">Where it goes.</param>
internal sealed class PrintableWriter(TextWriter inner) : TextWriter(System.Globalization.CultureInfo.InvariantCulture)
{
    /// <summary>The writer itself, which takes every character as it is.</summary>
    public TextWriter Inner => inner;

    public override Encoding Encoding => inner.Encoding;

    // The base class asks for it while it is made, before there is an inner writer.
    [System.Diagnostics.CodeAnalysis.AllowNull]
    public override string NewLine { get => inner is null ? "\n" : inner.NewLine; set => inner.NewLine = value; }

    public override void Write(char value)
    {
        if (Printable.Find([value]) < 0) inner.Write(value);
        else inner.Write(Printable.Lines(value.ToString()));
    }

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (Printable.Find(buffer) < 0) inner.Write(buffer);
        else inner.Write(Printable.Lines(buffer.ToString()));
    }

    public override void Write(string? value) => inner.Write(value is null ? null : Printable.Lines(value));

    public override void WriteLine() => inner.WriteLine();

    public override void WriteLine(string? value) => inner.WriteLine(value is null ? null : Printable.Lines(value));

    public override void Flush() => inner.Flush();
}
