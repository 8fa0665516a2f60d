using System.Text;
using Unroll.Cli.Paper.Figures;
using Unroll.Files;

namespace Unroll.Cli.Paper;

/// <summary>Where a picture goes: an SVG or a PNG, by the end of its name.</summary>
internal static class PlotFile
{
    /// <summary>Refuses a name that is of neither.</summary>
    /// <param name="option">The option that names it.</param>
    /// <param name="path">What was given; null for nothing.</param>
    public static void Require(string option, string? path)
    {
        OutputFile.RequireReplaceable(option, path);
        if (path is null || IsSvg(path) || IsPng(path)) return;
        throw new UserError($"{option} {path} ends neither in .svg nor in .png; name the kind of picture by its end.");
    }

    /// <summary>Writes plots side by side with a caption, replacing the file as a whole.</summary>
    /// <param name="path">A name that <see cref="Require"/> lets through.</param>
    /// <param name="panels">At least one.</param>
    /// <param name="caption">Below them.</param>
    public static void Write(string path, IReadOnlyList<FigurePanel> panels, string caption)
    {
        if (IsSvg(path)) AtomicFile.Write(path, Encoding.UTF8.GetBytes(FigureSheet.ToSvg(panels, caption)));
        else FigureSheet.WritePng(path, panels, caption);
    }

    private static bool IsSvg(string path) => path.EndsWith(".svg", StringComparison.OrdinalIgnoreCase);

    private static bool IsPng(string path) => path.EndsWith(".png", StringComparison.OrdinalIgnoreCase);
}
