using System.Net;
using System.Text;
using Unroll.Cli.Paper;
using Unroll.Cli.Paper.Figures;

namespace Unroll.Cli.Evaluate;

/// <summary>An evaluation as one page that needs no network and no script: what is said, tables and pictures, in order.</summary>
internal sealed class EvaluationPage
{
    private const string Style = """
        body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
        h1{font-size:1.4rem}table{border-collapse:collapse;margin:1.5rem 0}
        th,td{padding:.2rem .8rem;text-align:right;border-bottom:1px solid #ddd;font-variant-numeric:tabular-nums}
        th:first-child,td:first-child{text-align:left}thead th{border-bottom:2px solid #888}
        svg{max-width:100%;height:auto}.scroll{overflow-x:auto}
        """;

    private readonly StringBuilder _body = new();
    private string _title = "Evaluation";

    /// <summary>What is evaluated.</summary>
    public void Begin(string title)
    {
        _title = title;
        _body.Append(null, $"<h1>{Encode(title)}</h1>\n");
    }

    /// <summary>A sentence.</summary>
    public void Say(string sentence) => _body.Append(null, $"<p>{Encode(sentence)}</p>\n");

    /// <summary>A table.</summary>
    public void Add(TextTable table)
    {
        _body.Append("<div class=\"scroll\"><table>\n<thead><tr>");
        foreach (string heading in table.Headings) _body.Append(null, $"<th scope=\"col\">{Encode(heading)}</th>");
        _body.Append("</tr></thead>\n<tbody>\n");
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            _body.Append("<tr>");
            for (int c = 0; c < row.Count; c++)
                _body.Append(null, $"{(c == 0 ? "<th scope=\"row\">" : "<td>")}{Encode(row[c])}{(c == 0 ? "</th>" : "</td>")}");
            _body.Append("</tr>\n");
        }

        _body.Append("</tbody>\n</table></div>\n");
    }

    /// <summary>Pictures side by side.</summary>
    public void Add(IReadOnlyList<FigurePanel> panels, string caption)
    {
        string svg = FigureSheet.ToSvg(panels, caption);
        _body.Append(null, $"<figure role=\"img\" aria-label=\"{Encode(caption)}\">\n")
            .Append(svg.AsSpan(svg.IndexOf("<svg", StringComparison.Ordinal))).Append("\n</figure>\n");
    }

    /// <summary>The page.</summary>
    public byte[] ToBytes() => Encoding.UTF8.GetBytes($"""
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
        <title>{Encode(_title)}</title>
        <style>{Style}</style></head>
        <body>
        {_body}</body>
        </html>

        """.ReplaceLineEndings("\n"));

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
