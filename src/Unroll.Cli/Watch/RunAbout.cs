using System.Globalization;
using System.Text.Json;
using Unroll.Files;
using Unroll.Studies.Runs;

namespace Unroll.Cli.Watch;

/// <summary>An option of a run and where its value comes from.</summary>
/// <param name="Name">Its name without dashes.</param>
/// <param name="Value">Its value, as it is typed.</param>
/// <param name="Source">Where from, such as "given" or "recipe best"; empty where that is not known.</param>
internal sealed record OptionRow(string Name, string Value, string Source);

/// <summary>
/// What <c>run.json</c> says, of this version or an earlier or a later one. It is somebody else's text: short, printable, and
/// nothing in it is required.
/// </summary>
internal sealed record RunAbout
{
    private const int MostBytes = 1 << 20, MostText = 200, MostOptions = 160, MostDepth = 8;

    /// <summary>The task; empty where nothing says it.</summary>
    public string Task { get; private init; } = "";

    /// <summary>What there is to say in a line each: heading and text.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts { get; private init; } = [];

    /// <summary>The options.</summary>
    public IReadOnlyList<OptionRow> Options { get; private init; } = [];

    /// <summary>A digest of the file, by which another run is told; empty without a file.</summary>
    public string Identity { get; private init; } = "";

    /// <summary>What is wrong with the file, as a sentence; null where nothing is.</summary>
    public string? Problem { get; private init; }

    /// <summary>The value of an option as a number; NaN where it has none.</summary>
    public double Number(string option) =>
        Options.FirstOrDefault(one => one.Name == option) is { } row
        && double.TryParse(row.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN;

    /// <summary>The value of an option; empty where it has none.</summary>
    public string Text(string option) => Options.FirstOrDefault(one => one.Name == option)?.Value ?? "";

    /// <summary>Reads the file of a run's folder.</summary>
    /// <param name="path">The path of <c>run.json</c>.</param>
    public static RunAbout Read(string path)
    {
        byte[]? content = Content(path);
        if (content is null) return new RunAbout { Problem = $"There is no {RunFolder.RunName} that can be read." };
        return Parse(content, path);
    }

    /// <summary>What a text says.</summary>
    /// <param name="content">The content of the file.</param>
    /// <param name="path">Its path, for messages.</param>
    public static RunAbout Parse(byte[] content, string path)
    {
        string identity = Seal.Digest(content);
        try
        {
            using JsonDocument document = JsonDocument.Parse(content, new JsonDocumentOptions { MaxDepth = MostDepth });
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new JsonException();
            return new RunAbout
            {
                Identity = identity,
                Task = Member(root, "task"),
                Facts = [.. FactsOf(root).Where(fact => fact.Value.Length > 0)],
                Options = OptionsOf(root, content, path),
                Problem = Seal.Check(content) == false
                    ? $"{RunFolder.RunName} was altered after it was written: its content does not match its {Seal.Key}." : null,
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return new RunAbout { Identity = identity, Problem = $"{RunFolder.RunName} is not the record of a run." };
        }
    }

    private static byte[]? Content(string path)
    {
        try
        {
            if (PathLook.At(path) != PathKind.File || new FileInfo(path).Length is 0 or > MostBytes) return null;
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
            var content = new byte[MostBytes];
            return content[..file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false)];
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            return null;
        }
    }

    private static IEnumerable<(string Name, string Value)> FactsOf(JsonElement root)
    {
        string length = Member(root, "length");
        yield return ("task", length.Length > 0 ? $"{Member(root, "task")}, length {length}" : Member(root, "task"));
        yield return ("data", Member(root, "data"));
        yield return ("recipe", Member(root, "recipe"));
        yield return ("method", Member(root, "method").ToUpperInvariant());
        yield return ("start", Member(root, "from"));
        if (root.TryGetProperty("network", out JsonElement network) && network.ValueKind == JsonValueKind.Object)
        {
            string layers = Member(network, "layers");
            yield return ("network", $"{Member(network, "inputs")} inputs, "
                + $"{(layers.Length > 0 ? layers : Member(network, "hidden") + " units")}, {Member(network, "outputs")} outputs, "
                + $"{Member(network, "parameters")} parameters");
        }

        yield return ("kernel", Member(root, "instruction_set"));
        yield return ("version", Member(root, "version"));
        if (root.TryGetProperty("machine", out JsonElement machine) && machine.ValueKind == JsonValueKind.Object)
            yield return ("machine", $"{Member(machine, "system")}, {Member(machine, "cores")} cores");
    }

    private static List<OptionRow> OptionsOf(JsonElement root, byte[] content, string path)
    {
        if (!root.TryGetProperty("options", out JsonElement options) || options.ValueKind != JsonValueKind.Object) return [];
        Func<string, string, string> source = OptionSources.Of(content, path);
        return
        [
            .. options.EnumerateObject().Where(one => one.Value.ValueKind == JsonValueKind.String).Take(MostOptions).Select(one =>
            {
                string name = Bounded.Text(one.Name, 40), value = Bounded.Text(one.Value.GetString(), MostText);
                return new OptionRow(name, value, source(name, value));
            }),
        ];
    }

    private static string Member(JsonElement root, string name) => !root.TryGetProperty(name, out JsonElement value) ? ""
        : value.ValueKind == JsonValueKind.String ? Bounded.Text(value.GetString(), MostText)
        : value.ValueKind == JsonValueKind.Number ? Bounded.Text(value.GetRawText(), MostText)
        : "";
}
