using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Unroll.Studies.Pages;

/// <summary>Makes a page that needs no network: a template of this program that contains its style, scripts and data.</summary>
internal static class PageTemplate
{
    /// <summary>
    /// The encoder escapes the characters that HTML gives a meaning, and leaves the letters of other languages.
    /// </summary>
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>Writes a page.</summary>
    /// <param name="page">Takes the page, forwards only.</param>
    /// <param name="template">The template, with <c>{{parts}}</c>.</param>
    /// <param name="scripts">Its scripts in the order in which they build on each other.</param>
    /// <param name="parts">What else the template names.</param>
    /// <param name="own">The assembly that has the template or scripts which this one lacks; null for none.</param>
    /// <exception cref="IOException">The page cannot be written.</exception>
    public static void Write(Stream page, string template, IEnumerable<string> scripts, Dictionary<string, Action<Stream>> parts,
        Assembly? own = null)
    {
        string script = string.Concat(scripts.Select(name => Resource(name, own)));
        parts.TryAdd("policy", _ => { }); // what a page may do besides, which is nothing where it does not say so
        parts["head"] = page => Fill(page, Resource("head.html", null), parts);
        parts["style"] = page => Text(page, Resource("study.css", own));
        parts["script"] = page => Text(page, script);

        // Only this script may run, whatever a figure or a name contains.
        parts["script-hash"] = page =>
            Text(page, $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)))}");
        Fill(page, Resource(template, own), parts);
    }

    /// <summary>Writes JSON in which <c>&lt;</c> is escaped, so nothing in it can end the script element around it.</summary>
    public static void Object(Stream page, Action<Utf8JsonWriter> write)
    {
        using var json = new Utf8JsonWriter(page, Json);
        write(json);
    }

    /// <summary>Writes text as it is.</summary>
    public static void Text(Stream page, string text) => page.Write(Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a template with its parts in place.</summary>
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

    private static string Resource(string name, Assembly? own)
    {
        string path = $"report/{name}";
        using Stream stream = typeof(PageTemplate).Assembly.GetManifestResourceStream(path)
            ?? own?.GetManifestResourceStream(path) ?? throw new InvalidOperationException($"There is no resource {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n"); // as the browser does before it compares the hash of the script
    }
}
