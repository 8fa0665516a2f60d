using Spectre.Console;
using Spectre.Console.Rendering;

namespace Unroll.Cli.Tests.Terminal;

/// <summary>What a live display draws, as text.</summary>
internal static class ScreenText
{
    public static string Of(IRenderable picture, int width, bool unicode)
    {
        using var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = width;
        console.Profile.Capabilities.Unicode = unicode;
        console.Write(picture);
        return text.ToString();
    }
}
