using System.Net;
using Unroll.Studies.Pages;

namespace Unroll.Cli.Watch;

/// <summary>Runs as one page that needs no network: watch.html with the style, the scripts and the data inside.</summary>
internal static class RunPage
{
    private static readonly string[] s_scripts =
        ["base.js", "plot.js", "watch-plot.js", "watch-heat.js", "watch-example.js", "watch.js"];

    /// <summary>Writes the page.</summary>
    /// <param name="page">Takes it, forwards only.</param>
    /// <param name="runs">The runs, which the page lays over each other.</param>
    /// <param name="live">Whether it asks the server that it came from for what is new.</param>
    public static void Write(Stream page, IReadOnlyList<RunView> runs, bool live) =>
        PageTemplate.Write(page, "watch.html", s_scripts, new()
        {
            ["name"] = stream =>
                PageTemplate.Text(stream, WebUtility.HtmlEncode(string.Join(", ", runs.Select(run => run.Name)))),
            ["words"] = stream => PageTemplate.Text(stream, Words(runs)),
            ["policy"] = stream => PageTemplate.Text(stream, live ? "; connect-src 'self'" : ""),
            ["runs"] = stream => PageTemplate.Object(stream, json => RunPageData.Write(json, runs, live)),
        }, typeof(RunPage).Assembly);

    /// <summary>What happens in words, so that the first thing that is painted needs no script.</summary>
    private static string Words(IReadOnlyList<RunView> runs)
    {
        if (runs.Count > 1) return ""; // whose words each sentence is of, the page writes
        lock (runs[0].Gate) return string.Concat(RunWords.Of(runs[0]).Select(text => $"<li>{WebUtility.HtmlEncode(text)}</li>"));
    }
}
