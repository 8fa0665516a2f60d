using Unroll.Files;

namespace Unroll.Cli.Watch;

/// <summary>Text of a run's folder, which anybody may have written, made short and printable before it is kept.</summary>
internal static class Bounded
{
    /// <summary>The beginning of a text on one line, without control characters.</summary>
    /// <param name="text">The text; null is empty.</param>
    /// <param name="most">The most UTF-16 units.</param>
    public static string Text(string? text, int most)
    {
        text ??= "";
        if (text.Length > most)
        {
            int end = char.IsHighSurrogate(text[most - 2]) ? most - 2 : most - 1;
            text = text[..end] + "…";
        }

        return Printable.Line(text);
    }
}
