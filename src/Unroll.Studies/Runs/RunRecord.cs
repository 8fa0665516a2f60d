using System.Runtime.InteropServices;
using System.Text.Json;
using Unroll.Files;
using Unroll.Studies.Corpora;
using Unroll.Studies.Settings;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Studies.Runs;

/// <summary>The content of <c>run.json</c>: resolved settings, and what they ran on.</summary>
/// <param name="Settings">What was resolved.</param>
/// <param name="Version">The version that began the run.</param>
/// <param name="Kernel">The instruction set, which fixes the bits together with the settings.</param>
internal sealed record RunRecord(TrainSettings Settings, string Version, string Kernel)
{
    private const int Format = 1;

    /// <summary>The kernel that this machine and UNROLL_KERNEL choose.</summary>
    public static string PresentKernel()
    {
        using var probe = new UnrolledNetwork<float>(new Network<float>(new NetworkShape(1, 1, 1)));
        return probe.Kernel;
    }

    /// <summary>Writes the record into the folder.</summary>
    public void Write(RunFolder folder, NetworkShape shape)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("command", "train");
            json.WriteString("version", Version);
            foreach ((string name, string value) in Settings.TaskProperties()) json.WriteString(name, value);
            if (Settings.From is { } from) json.WriteString("from", from);
            json.WriteString("recipe", Settings.Recipe);
            json.WriteString("method", Method.Of(Settings.Options).Name);
            json.WriteStartObject("options");
            foreach ((string name, string value) in OptionsText.ToProperties(Settings.Options)) json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteStartObject("network");
            json.WriteNumber("inputs", shape.Inputs);
            json.WriteNumber("hidden", shape.Hidden);
            if (!shape.IsOnePlainLayer) json.WriteString("layers", LayerText.Of(shape.Layers));
            json.WriteNumber("outputs", shape.Outputs);
            json.WriteString("head", OptionsText.Name(shape.Head));
            json.WriteNumber("parameters", shape.ParameterCount);
            json.WriteEndObject();
            json.WriteString("instruction_set", Kernel);
            json.WriteStartObject("machine");
            json.WriteString("system", RuntimeInformation.OSDescription);
            json.WriteString("architecture", RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant());
            json.WriteString("runtime", RuntimeInformation.FrameworkDescription);
            json.WriteNumber("cores", Environment.ProcessorCount);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        folder.WriteRun(Seal.Add(buffer.ToArray()));
    }

    /// <summary>Reads the record of a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="problems">Takes the sentence, without its full stop, of a record that was altered and can be read all the
    /// same.</param>
    /// <param name="own">The settings of a run of a task that the library does not know; null for none.</param>
    /// <exception cref="UserError">The file is not what <see cref="Write"/> writes.</exception>
    public static RunRecord Read(RunFolder folder, List<string> problems, TrainSettings? own = null)
    {
        byte[] content = folder.ReadRun();
        bool altered = Seal.Check(content) == false;
        try
        {
            using JsonDocument document = JsonDocument.Parse(content);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw new FormatException("it is no JSON object");

            // Records of earlier versions have no checksum and end with the machine. Another last property was a checksum.
            if (Seal.Check(content) is null) altered = root.EnumerateObject().LastOrDefault().Name != "machine";
            if (altered)
                problems.Add($"{folder.RunPath} was altered after it was written: its content does not match its {Seal.Key}");
            int format = Member(root, "format").GetInt32();
            if (format > Format) throw new UserError(
                Invariant($"{folder.RunPath} is of format {format}; this version reads up to {Format}."));
            if (Text(root, "command") != "train")
                throw new UserError(
                    $"{folder.RunPath} is of '{Text(root, "command")}', not of train, and cannot be resumed here.");
            var options = Member(root, "options").EnumerateObject()
                .ToDictionary(p => p.Name, p => p.Value.GetString()!, StringComparer.Ordinal);
            if (own?.Own is not null && Text(root, "task") == own.Task)
            {
                TrainSettings kept = own with { Options = OptionsText.FromProperties(options) };
                return new RunRecord(kept, Text(root, "version"), Text(root, "instruction_set"));
            }

            if (SeriesSettings.Tasks.Contains(Text(root, "task")))
            {
                var series = SeriesSettings.FromProperties(Text(root, "task"),
                    name => root.TryGetProperty(name, out _) ? Text(root, name) : null);
                var ofSeries = new TrainSettings(
                    series.Task, default, TaskVariant.Code, Text(root, "recipe"),
                    OptionsText.FromProperties(options))
                {
                    Series = series,
                    From = root.TryGetProperty("from", out _) ? Text(root, "from") : null,
                };
                return new RunRecord(ofSeries, Text(root, "version"), Text(root, "instruction_set"));
            }

            string task = TaskCatalogue.Resolve(Text(root, "task"));
            CorpusKind? corpus = CorpusKind.Find(task);
            var settings = new TrainSettings(
                task,
                corpus is not null ? default : Values.Length("length", Text(root, "length")),
                corpus is not null ? TaskVariant.Code
                    : Values.Choice("variant", Text(root, "variant"), Values.Named<TaskVariant>()),
                Text(root, "recipe"),
                OptionsText.FromProperties(options))
            {
                From = root.TryGetProperty("from", out _) ? Text(root, "from") : null,
                Corpus = corpus is null ? null : CorpusSettings.FromProperties(
                    corpus, name => root.TryGetProperty(name, out JsonElement value) ? value.GetString() : null),
            };
            return new RunRecord(settings, Text(root, "version"), Text(root, "instruction_set"));
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or OverflowException
            or ArgumentException or UserError)
        {
            if (error is UserError && !altered) throw;
            string what = error is JsonException ? "it is not JSON" : UserError.From(error).Message.TrimEnd('.');
            string so = altered ? "was altered after it was written and no longer describes a run" : "does not describe a run";
            throw new UserError($"{folder.RunPath} {so}: {what}.", error);
        }

        static JsonElement Member(JsonElement root, string name) =>
            root.TryGetProperty(name, out JsonElement value) ? value : throw new FormatException($"it lacks '{name}'");

        static string Text(JsonElement root, string name) => Member(root, name) is { ValueKind: JsonValueKind.String } text
            ? Printable.Line(text.GetString()!)
            : throw new FormatException($"its '{name}' is no text");
    }
}
