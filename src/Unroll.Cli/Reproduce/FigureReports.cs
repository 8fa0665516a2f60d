using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Unroll.Cli.Paper;
using Unroll.Cli.Paper.Figures;
using Unroll.Files;

namespace Unroll.Cli.Reproduce;

/// <summary>
/// The half of <c>unroll reproduce</c> that computes figures: for each a JSON file, a PNG and an SVG, and a few lines.
/// </summary>
internal static class FigureReports
{
    private static readonly JsonSerializerOptions Line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions Indented = new(Line) { WriteIndented = true };

    /// <summary>Makes figures with the same settings.</summary>
    public static int Make(IReadOnlyList<IFigure> figures, IReadOnlyList<string> assignments, bool smoke, string folder,
        bool json, CommandHost host)
    {
        List<(string, string)> given = FigureSettings.Split(assignments, figures);
        FigureSettings[] settings = [.. figures.Select(figure => new FigureSettings(figure, given, smoke))];
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw new UserError($"The folder {folder} could not be made: {FileErrors.Cause(folder, error)}.", error);
        }

        AtomicFile.RemoveStaleIn(folder);
        using var cancel = new CancellationTokenSource();
        using IDisposable interrupt = host.OnInterrupt(cancel.Cancel);

        // A signal that comes before a figure listens reaches it all the same.
        host = host.WithoutNeedToShow() with { OnInterrupt = callback => cancel.Token.Register(callback) };
        foreach ((IFigure figure, FigureSettings set) in figures.Zip(settings))
            Make(figure, set, folder, json, host, cancel.Token);
        return ExitCode.Success;
    }

    /// <summary>The exact values of a figure as they are in its file.</summary>
    public static JsonObject ToJson(IFigure figure, FigureSettings settings, FigureResult result)
    {
        var all = new JsonObject
        {
            ["id"] = figure.Id,
            ["section"] = figure.Section,
            ["version"] = ProgramVersion.Text,
            ["caption"] = result.Caption
        };
        if (figure.HasSigma) all["sigma"] = settings.Activation == Activation.Tanh ? "tanh" : "sigmoid";
        var parameters = new JsonObject();
        foreach ((string name, double value) in settings.All) parameters[name] = value;
        all["parameters"] = parameters;
        foreach ((string name, JsonNode? value) in FigureJson.Values(result)) all[name] = value?.DeepClone();
        if (result.Findings.Count == 0) return all;
        all["findings"] = new JsonArray([.. result.Findings.Select(finding => new JsonObject
        {
            ["name"] = finding.Name,
            ["says"] = finding.Says,
            ["count"] = finding.Count,
            ["of"] = finding.Of,
        })]);
        return all;
    }

    private static void Make(IFigure figure, FigureSettings settings, string folder, bool json, CommandHost host,
        CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        FigureResult result = figure.Compute(new FigureSource(settings, host));
        cancellation.ThrowIfCancellationRequested(); // what is written is written whole
        string At(string ending) => Path.Combine(folder, $"{figure.Id}.{ending}");
        JsonObject exact = ToJson(figure, settings, result);
        AtomicFile.Write(At("json"), Encoding.UTF8.GetBytes(exact.ToJsonString(Indented)));
        AtomicFile.Write(At("svg"), Encoding.UTF8.GetBytes(FigureSheet.ToSvg(result.Panels, result.Caption)));
        FigureSheet.WritePng(At("png"), result.Panels, result.Caption);
        if (json)
        {
            host.Out.WriteLine(exact.ToJsonString(Line));
            return;
        }

        host.Say($"{figure.Section}: {figure.Summary}");
        host.Out.WriteLine();
        foreach ((_, TextTable table) in result.Tables)
        {
            table.WriteTo(host);
            host.Out.WriteLine();
        }

        foreach (string note in result.Notes) host.Say(note);
        host.Say($"written: {string.Join(", ", ((string[])["json", "png", "svg"]).Select(ending => $"{figure.Id}.{ending}"))} in "
            + $"{folder}");
        host.Out.WriteLine();
    }
}
