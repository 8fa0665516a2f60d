using System.Text;
using System.Text.RegularExpressions;

namespace Unroll.Cli.Tests.Watch;

/// <summary><c>unroll watch</c>, or a training run with a page, on a thread of its own until it is disposed.</summary>
internal sealed partial class Watched : IDisposable
{
    private readonly Shared _out = new(), _error = new();
    private readonly Thread _thread;
    private Action? _interrupt;

    private Watched(string[] args)
    {
        var host = new CommandHost(TextReader.Null, _out, _error)
        {
            OnInterrupt = interrupt =>
            {
                Volatile.Write(ref _interrupt, interrupt);
                return new MemoryStream();
            },
        };
        _thread = new Thread(() => Code = UnrollCommand.Run(args, host)) { IsBackground = true };
        _thread.Start();
        Cli.Await(() => Found().Success || !_thread.IsAlive, "an address");
        Assert.True(Found().Success, $"{Code} {Out}{Error}");
        Address = Found().Value;
        Base = new Uri(new Uri(Address), "/");

        Match Found() => AddressIn().Match(Out + Error);
    }

    /// <summary>What it wrote: the address with its token.</summary>
    public string Address { get; }

    /// <summary>The server without the token.</summary>
    public Uri Base { get; }

    /// <summary>The exit code after the end.</summary>
    public int? Code { get; private set; }

    /// <summary>What was written so far.</summary>
    public string Out => _out.Text;

    /// <summary>What was written to standard error so far.</summary>
    public string Error => _error.Text;

    /// <summary><c>unroll watch</c>.</summary>
    public static Watched Folders(params string[] args) => new(["watch", .. args]);

    /// <summary><c>unroll train --live</c>.</summary>
    public static Watched Train(params string[] args) => new(["train", "--live", .. args]);

    /// <summary>Waits for the end.</summary>
    public void Wait() => Assert.True(_thread.Join(TimeSpan.FromSeconds(90)), $"it did not end: {Out}{Error}");

    /// <summary>As by Ctrl-C.</summary>
    public void End()
    {
        Interlocked.Exchange(ref _interrupt, null)?.Invoke();
        Wait();
    }

    public void Dispose() => End();

    [GeneratedRegex(@"http://[^\s/]+/\?token=[0-9a-f]+(?=\s)")]
    private static partial Regex AddressIn();

    /// <summary>A writer that another thread reads.</summary>
    private sealed class Shared : StringWriter
    {
        private readonly StringBuilder _text = new();

        public Shared() => NewLine = "\n";

        public string Text
        {
            get
            {
                lock (_text) return _text.ToString();
            }
        }

        public override void Write(char value)
        {
            lock (_text) _text.Append(value);
        }

        public override void Write(string? value)
        {
            lock (_text) _text.Append(value);
        }

        public override void Write(char[] buffer, int index, int count)
        {
            lock (_text) _text.Append(buffer, index, count);
        }

        public override void WriteLine(string? value) => Write(value + "\n");
    }
}
