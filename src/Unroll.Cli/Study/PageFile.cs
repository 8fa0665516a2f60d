using Unroll.Studies;

namespace Unroll.Cli.Study;

/// <summary>The report of a study as a file, or on standard output.</summary>
internal static class PageFile
{
    /// <summary>Writes the page.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="store">The study.</param>
    /// <param name="figureSvg">A figure to show at the top, or null to draw the success rates alone.</param>
    /// <param name="host">Where standard output is, and where to show how far it has come when it takes long.</param>
    /// <exception cref="UserError">The store holds no study or is damaged.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, StudyStore store, string? figureSvg, CommandHost host)
    {
        SlowNotice? notice = null;
        try
        {
            OutputFile.Write(path, host, StudyPage.Prepare(store, figureSvg, (done, trials) =>
                (notice ??= new SlowNotice(host, "writing curves", trials, "trials")).Report(done)));
        }
        finally
        {
            notice?.Dispose();
        }
    }
}
