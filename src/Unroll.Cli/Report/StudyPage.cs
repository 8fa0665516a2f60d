using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Unroll.Cli.Studies;
using Unroll.Files;

namespace Unroll.Cli.Report;

/// <summary>
/// The report of a study as one page that needs no network: study.html with the style, the scripts and the data inside. The
/// data are JSON in which <c>&lt;</c> is escaped, so nothing in a study's names can end them.
/// </summary>
internal static class StudyPage
{
    /// <summary>The scripts in the order in which they build on each other.</summary>
    private static readonly string[] Scripts = ["base.js", "plot.js", "success.js", "tables.js", "trial.js", "study.js"];

    /// <summary>The encoder escapes what HTML could take for its own, and leaves the letters of other languages as they are.</summary>
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>Writes the page.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="store">The study.</param>
    /// <param name="figureSvg">A figure to show at the top, or null to draw the success rates alone.</param>
    /// <param name="host">Where to show how far it has come, when it takes long; null for nowhere.</param>
    /// <exception cref="UserError">The store holds no study or is damaged.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, StudyStore store, string? figureSvg, CommandHost? host = null)
    {
        StudyDefinition study = store.Definition();
        List<StoredTrial> trials = store.Trials();
        var curves = PageCurves.Of(store, trials);
        string script = string.Concat(Scripts.Select(Resource));
        var parts = new Dictionary<string, Action<Stream>>
        {
            ["style"] = page => Text(page, Resource("study.css")),
            ["script"] = page => Text(page, script),
            // Only this script may run, whatever a figure or a name brings along.
            ["script-hash"] = page => Text(page, $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}"),
            ["figure"] = page => Text(page, figureSvg is null ? "" : Figure(figureSvg)),
            ["study"] = page => Object(page, json => PageData.Write(json, study, store.Value("shard") ?? "1/1", trials, curves.Points)),
            ["curves"] = page => Object(page, json => curves.Write(json, host)),
        };
        AtomicFile.Write(path, page => Fill(page, Resource("study.html"), parts));
    }

    /// <summary>Writes a template with its <c>{{parts}}</c> in place.</summary>
    private static void Fill(Stream page, string template, Dictionary<string, Action<Stream>> parts)
    {
        int at = 0;
        for (int open; (open = template.IndexOf("{{", at, StringComparison.Ordinal)) >= 0;)
        {
            int close = template.IndexOf("}}", open, StringComparison.Ordinal);
            Text(page, template[at..open]);
            parts[template[(open + 2)..close]](page);
            at = close + 2;
        }

        Text(page, template[at..]);
    }

    /// <summary>The figure without what only a file of its own begins with.</summary>
    private static string Figure(string svg)
    {
        int start = svg.IndexOf("<svg", StringComparison.Ordinal);
        if (start < 0) throw new ArgumentException("The figure is no SVG.", nameof(svg));
        return $"""<section aria-labelledby="figure-heading"><h2 id="figure-heading">Figure</h2><div class="given">{svg[start..].TrimEnd()}</div></section>""";
    }

    private static void Object(Stream page, Action<Utf8JsonWriter> write)
    {
        using var json = new Utf8JsonWriter(page, Json);
        write(json);
    }

    private static void Text(Stream page, string text) => page.Write(Encoding.UTF8.GetBytes(text));

    private static string Resource(string name)
    {
        using Stream stream = typeof(StudyPage).Assembly.GetManifestResourceStream($"report/{name}") ?? throw new InvalidOperationException($"There is no resource {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n"); // as the browser does before it looks at the script's hash
    }
}
