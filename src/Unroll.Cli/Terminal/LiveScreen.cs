using Spectre.Console;
using Spectre.Console.Rendering;
using Unroll.Files;

namespace Unroll.Cli.Terminal;

/// <summary>A picture that redraws itself several times a second on a thread of its own.</summary>
/// <param name="host">Where it is drawn.</param>
/// <param name="frame">Makes the picture of this moment; called on the drawing thread.</param>
internal sealed class LiveScreen(CommandHost host, Func<IAnsiConsole, IRenderable> frame) : IDisposable
{
    private const int MillisecondsBetweenFrames = 200;
    private readonly ManualResetEventSlim _ended = new();
    private Thread? _thread;

    /// <summary>The terminal.</summary>
    public IAnsiConsole Console { get; } = AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.Yes,
        ColorSystem = host.Color ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        Interactive = InteractionSupport.No,
        Out = new AnsiConsoleOutput(host.FailingScreen ?? host.Screen),
    });

    /// <summary>Writes headings and what belongs to them above the picture.</summary>
    public void WriteHeader(IEnumerable<(string Heading, string Text)> header)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach ((string heading, string text) in header)
            grid.AddRow(new Text(heading, new Style(Color.Teal)), new Text(Printable.Line(text)));
        try
        {
            Console.Write(grid);
            Console.WriteLine();
        }
        catch (Exception error) when (host.FailingScreen is not null && CommandHost.IsGone(error))
        {
            // Showing is not the work of the command; the last line says that the terminal is gone.
        }
    }

    /// <summary>Begins to draw.</summary>
    public void Start()
    {
        _thread = new Thread(Draw) { IsBackground = true, Name = "live display" };
        _thread.Start();
    }

    /// <summary>Draws the last picture and leaves it.</summary>
    public void Stop()
    {
        if (_thread is null) return;
        _ended.Set();
        _thread.Join();
        _thread = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _ended.Dispose();
    }

    /// <summary>A bar of blocks.</summary>
    public static string Bar(double share, int width, bool unicode)
    {
        int full = (int)(Math.Clamp(share, 0, 1) * width);
        return new string(unicode ? '█' : '#', full) + new string(unicode ? '░' : '.', width - full);
    }

    private void Draw()
    {
        try
        {
            Console.Live(frame(Console)).AutoClear(false).Overflow(VerticalOverflow.Crop).Start(context =>
            {
                bool ended;
                do
                {
                    ended = _ended.Wait(MillisecondsBetweenFrames);
                    context.UpdateTarget(frame(Console));
                }
                while (!ended);
            });
        }
        catch (Exception error) when (CommandHost.IsGone(error))
        {
            // The terminal is gone; the work goes on without a picture.
        }
    }
}
