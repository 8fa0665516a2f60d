using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Unroll.Files;

namespace Unroll.Data;

/// <summary>An encoder as JSON.</summary>
internal static class EncoderText
{
    // Without the things of a later format a file is what it was before there were any.
    private const int Plain = 1, Ahead = 2, Differences = 3, Format = 4, MostAhead = 65_536;
    private const int MostInputs = NetworkShape.MaximumSize;
    private static readonly JsonWriterOptions Writer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(SequenceEncoder encoder)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Writer))
        {
            json.WriteStartObject();
            EncoderOptions options = encoder.Options;
            json.WriteNumber("format", options.Combined ? Format : options.Differenced.Count > 0 ? Differences
                : options.Known.Count > 0 || options.ScaleByGroup ? Ahead : Plain);
            json.WriteString("scale", ValueNames.Of(encoder.Options.Scale));
            json.WriteString("window_scale", ValueNames.Of(encoder.Options.Window));
            json.WriteString("missing", ValueNames.Of(encoder.Options.Missing));
            json.WriteBoolean("unknown_as_none", encoder.Options.UnknownAsNone);
            json.WriteStartArray("calendar");
            foreach (CalendarPart part in encoder.Options.Calendar) json.WriteStringValue(ValueNames.Of(part));
            json.WriteEndArray();
            json.WriteStartArray("columns");
            for (int c = 0; c < encoder.OwnColumns; c++)
            {
                json.WriteStartObject();
                json.WriteString("name", encoder.Columns[c].Name);
                if (encoder.Columns[c].Kind == ColumnKind.Number)
                {
                    json.WriteNumber("center", encoder.Scales[c].Center);
                    json.WriteNumber("scale", encoder.Scales[c].Scale);
                    if (encoder.ReadsLogarithm(c)) json.WriteBoolean("logarithm", true);
                    if (encoder.IsDifferenced(c)) json.WriteBoolean("differenced", true);
                }
                else
                {
                    json.WriteStartArray("labels");
                    foreach (string label in encoder.Columns[c].Labels) json.WriteStringValue(label);
                    json.WriteEndArray();
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (options.Differenced.Count > 0) json.WriteNumber("season", options.Season);
            if (options.Combined) json.WriteBoolean("combined", true);
            if (options.Known.Count > 0) WriteKnown(json, options);
            if (options.ScaleByGroup) WriteGroups(json, encoder);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    public static SequenceEncoder Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            int format = root.GetProperty("format").GetInt32();
            if (format is not (Plain or Ahead or Differences or Format))
                throw new FormatException(Invariant($"The columns are written in format {format}; this version reads {Format}."));
            string[] names = [.. root.GetProperty("columns").EnumerateArray().Select(column =>
                Name(column.GetProperty("name").GetString()))];
            var options = new EncoderOptions
            {
                Columns = names,
                Scale = Named<Scaling>(root, "scale"),
                Window = Named<WindowScaling>(root, "window_scale"),
                Missing = Named<MissingPolicy>(root, "missing"),
                UnknownAsNone = root.GetProperty("unknown_as_none").GetBoolean(),
                Logarithm = Flagged(root, "logarithm"),
                Differenced = Flagged(root, "differenced"),
                Season = root.TryGetProperty("season", out JsonElement season) ? season.GetInt32() : 1,
                Combined = root.TryGetProperty("combined", out JsonElement combined) && combined.GetBoolean(),
                Known = root.TryGetProperty("known", out JsonElement known)
                    ? [.. known.EnumerateArray().Select(one => Name(one.GetString()))] : [],
                Ahead = root.TryGetProperty("ahead", out JsonElement ahead) ? ahead.GetInt32() : 1,
                ScaleByGroup = root.TryGetProperty("groups", out JsonElement groups),
                Calendar = [.. root.GetProperty("calendar").EnumerateArray().Select(part =>
                    Value<CalendarPart>(part.GetString()))],
            };
            var columns = new List<SequenceColumn>();
            var scales = new List<ColumnScale>();
            foreach (JsonElement column in root.GetProperty("columns").EnumerateArray())
            {
                bool isNumber = !column.TryGetProperty("labels", out JsonElement labels);
                columns.Add(isNumber ? new SequenceColumn(names[columns.Count])
                    : new SequenceColumn(names[columns.Count],
                        [.. labels.EnumerateArray().Select(label => label.GetString() ?? "")]));
                scales.Add(!isNumber ? ColumnScale.Identity
                    : new ColumnScale(column.GetProperty("center").GetDouble(), column.GetProperty("scale").GetDouble()));
                Check(scales[^1]);
            }

            if (options.Ahead > MostAhead) throw new FormatException("Columns are known too many steps ahead.");
            var encoder = new SequenceEncoder(options, columns, scales,
                options.ScaleByGroup ? Groups(groups, columns.Count) : null);
            return encoder.Inputs is >= 1 and <= MostInputs ? encoder : throw new FormatException("There are too many inputs.");
        }
        catch (Exception error) when (
            error is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException or FormatException)
        {
            throw new FormatException("The description of the columns is not one: " + Printable.Sentence(error.Message), error);
        }
    }

    private static string[] Flagged(JsonElement root, string flag) => [.. root.GetProperty("columns").EnumerateArray()
        .Where(column => column.TryGetProperty(flag, out JsonElement on) && on.GetBoolean())
        .Select(column => Name(column.GetProperty("name").GetString()))];

    private static void WriteKnown(Utf8JsonWriter json, EncoderOptions options)
    {
        json.WriteStartArray("known");
        foreach (string name in options.Known) json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteNumber("ahead", options.Ahead);
    }

    /// <summary>By group: center and scale of each column, one behind the other.</summary>
    private static void WriteGroups(Utf8JsonWriter json, SequenceEncoder encoder)
    {
        json.WriteStartObject("groups");
        foreach ((string group, IReadOnlyList<ColumnScale> scales) in
            encoder.GroupScales.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            json.WriteStartArray(group);
            foreach (ColumnScale scale in scales.Take(encoder.OwnColumns))
            {
                json.WriteNumberValue(scale.Center);
                json.WriteNumberValue(scale.Scale);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static Dictionary<string, IReadOnlyList<ColumnScale>> Groups(JsonElement groups, int columns)
    {
        var read = new Dictionary<string, IReadOnlyList<ColumnScale>>(StringComparer.Ordinal);
        foreach (JsonProperty group in groups.EnumerateObject())
        {
            double[] numbers = [.. group.Value.EnumerateArray().Select(one => one.GetDouble())];
            if (numbers.Length != 2 * columns) throw new FormatException("A group has another number of scales than columns.");
            ColumnScale[] scales = [.. Enumerable.Range(0, columns).Select(c =>
                new ColumnScale(numbers[2 * c], numbers[(2 * c) + 1]))];
            foreach (ColumnScale scale in scales) Check(scale);
            if (!read.TryAdd(group.Name, scales)) throw new FormatException("A group is there twice.");
        }

        return read.Count > 0 ? read : throw new FormatException("There is no group.");
    }

    private static void Check(ColumnScale scale)
    {
        if (!double.IsFinite(scale.Center) || !(scale.Scale is > 0 and < double.PositiveInfinity))
            throw new FormatException("A scale is no finite number above 0.");
    }

    private static string Name(string? name) => string.IsNullOrEmpty(name) ? throw new FormatException("A column has no name.")
        : name;

    private static TEnum Named<TEnum>(JsonElement root, string key)
        where TEnum : struct, Enum => Value<TEnum>(root.GetProperty(key).GetString());

    private static TEnum Value<TEnum>(string? text)
        where TEnum : struct, Enum =>
        ValueNames.Find<TEnum>(text)
            ?? throw new FormatException($"'{text}' is none of {string.Join(", ", ValueNames.All<TEnum>())}.");
}
