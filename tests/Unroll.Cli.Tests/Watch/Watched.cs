using System.Text;

namespace Unroll.Cli.Tests.Watch;

/// <summary><c>unroll watch</c> on a thread of its own, until it is disposed.</summary>
internal sealed class Watched : IDisposable
{
    private readonly Lines _out = new();
    private readonly StringWriter _error = new();
    private readonly Thread _thread;
    private Action? _interrupt;

    public Watched(params string[] args)
    {
        var host = new CommandHost(TextReader.Null, _out, _error)
        {
            OnInterrupt = interrupt =>
            {
                Volatile.Write(ref _interrupt, interrupt);
                return new MemoryStream();
            },
        };
        _thread = new Thread(() => Code = UnrollCommand.Run(["watch", .. args], host)) { IsBackground = true };
        _thread.Start();
        Cli.Await(() => _out.First is not null || !_thread.IsAlive, "an address");
        Assert.True(_out.First is not null, _error.ToString());
        Address = _out.First;
        Base = new Uri(new Uri(Address), "/");
    }

    /// <summary>What it wrote: the address with its token.</summary>
    public string Address { get; }

    /// <summary>The server without the token.</summary>
    public Uri Base { get; }

    /// <summary>The exit code after the end.</summary>
    public int? Code { get; private set; }

    /// <summary>As by Ctrl-C.</summary>
    public void End()
    {
        Volatile.Read(ref _interrupt)?.Invoke();
        Assert.True(_thread.Join(TimeSpan.FromSeconds(30)), "watch did not end");
    }

    public void Dispose() => End();

    private sealed class Lines : StringWriter
    {
        private readonly StringBuilder _line = new();

        public string? First { get; private set; }

        public override void Write(char value)
        {
            if (value == '\n') First ??= _line.ToString();
            else if (value != '\r') _line.Append(value);
        }

        public override void Write(string? value)
        {
            foreach (char c in value ?? "") Write(c);
        }

        public override void WriteLine(string? value) => Write(value + "\n");
    }
}
