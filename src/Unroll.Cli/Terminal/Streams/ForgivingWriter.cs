using System.Text;

namespace Unroll.Cli.Terminal.Streams;

/// <summary>
/// Writes until writing fails, says so once, and from then on drops what it is given: showing the failure is not the job of the
/// code that writes here.
/// </summary>
/// <param name="inner">Where to.</param>
/// <param name="onGone">Hears the first failure; called once.</param>
internal sealed class ForgivingWriter(TextWriter inner, Action<Exception>? onGone = null) : TextWriter
{
    private readonly Lock _gate = new();
    private volatile bool _gone;

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void WriteLine() => Try(inner.WriteLine);

    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        if (_gone) return;
        Exception failure;
        try
        {
            lock (_gate) write();
            return;
        }
        catch (Exception error) when (CommandHost.IsGone(error))
        {
            failure = error;
        }

        lock (_gate)
        {
            if (_gone) return;
            _gone = true;
        }

        onGone?.Invoke(failure);
    }
}
