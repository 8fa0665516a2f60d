using Unroll.Files;
using Unroll.Studies.Pages;
using Unroll.Studies.Report;

namespace Unroll.Studies;

/// <summary>
/// The report of a study as one page that needs no network: study.html with the style, the scripts and the data inside. The
/// data are JSON in which <c>&lt;</c> is escaped, so nothing in a study's names can end them.
/// </summary>
public static class StudyPage
{
    /// <summary>The scripts in the order in which they build on each other.</summary>
    private static readonly string[] Scripts = ["base.js", "study-data.js", "plot.js", "success.js", "tables.js",
        "trial.js", "study.js"];

    /// <summary>Writes the page into a file, as a whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="store">The study.</param>
    /// <exception cref="StudyException">The store holds no study or is damaged.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, StudyStore store)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(store);
        AtomicFile.Write(path, Prepare(store, null));
    }

    /// <summary>Reads what the page needs, and gives what writes it.</summary>
    /// <param name="store">The study.</param>
    /// <param name="figureSvg">A figure to show at the top, or null to draw the success rates alone.</param>
    /// <param name="report">Hears how many of how many curves are written.</param>
    /// <exception cref="StudyException">The store holds no study or is damaged.</exception>
    internal static Action<Stream> Prepare(StudyStore store, string? figureSvg, Action<int, int>? report = null)
    {
        StudyDefinition study = store.Definition();
        List<StoredTrial> trials = store.Trials();
        var curves = PageCurves.Of(store, trials);
        return stream => PageTemplate.Write(stream, "study.html", Scripts, new()
        {
            ["figure"] = page => PageTemplate.Text(page, figureSvg is null ? "" : Figure(figureSvg)),
            ["study"] = page =>
                PageTemplate.Object(page, json =>
                    PageData.Write(json, study, store.Value("shard") ?? "1/1", trials, curves.Points)),
            ["curves"] = page => PageTemplate.Object(page, json => curves.Write(json, report)),
        });
    }

    /// <summary>The figure without what only a file of its own begins with.</summary>
    private static string Figure(string svg)
    {
        int start = svg.IndexOf("<svg", StringComparison.Ordinal);
        if (start < 0) throw new ArgumentException("The figure is no SVG.", nameof(svg));
        return $"""<section aria-labelledby="figure-heading"><h2 id="figure-heading">Figure</h2><div"""
            + $""" class="given">{svg[start..].TrimEnd()}</div></section>""";
    }
}
