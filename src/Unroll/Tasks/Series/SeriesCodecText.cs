using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Unroll.Data;
using Unroll.Files;

namespace Unroll.Tasks;

/// <summary>A codec as properties of a model's file.</summary>
internal static class SeriesCodecText
{
    // The order of names decides which difference a resume speaks of first: the data's.
    private const string FingerprintKey = "data-fingerprint", EncoderKey = "encoder", SeriesKey = "series";
    private const int Format = 1, MostLabels = NetworkShape.MaximumSize;
    private static readonly JsonWriterOptions Writer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyDictionary<string, string> Write(SeriesCodec codec)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Writer))
        {
            SeriesOptions options = codec.Options;
            json.WriteStartObject();
            json.WriteNumber("format", Format);
            json.WriteString("kind", ValueNames.Of(codec.Kind));
            json.WriteNumber("window", options.Window);
            json.WriteNumber("horizon", options.Horizon);
            json.WriteNumber("segment", options.Segment);
            json.WriteBoolean("shared_channels", options.SharedChannels);
            json.WriteNumber("stride", options.Stride);
            json.WriteBoolean("looks_back", options.LooksBack);
            Names("targets", codec.Targets);
            Names("labels", codec.Labels);
            json.WriteNumber("center", codec.TargetScale.Center);
            json.WriteNumber("scale", codec.TargetScale.Scale);

            if (options.Decoder != SeriesDecoder.Direct) json.WriteString("decoder", ValueNames.Of(options.Decoder));

            // A file of squared errors is what it was before there were others.
            if (options.Loss != SeriesLoss.Squared) json.WriteString("loss", ValueNames.Of(options.Loss));
            if (options.Loss == SeriesLoss.Huber) json.WriteNumber("huber_delta", options.HuberDelta);
            if (options.Loss == SeriesLoss.Quantile)
            {
                json.WriteStartArray("quantiles");
                foreach (double level in options.Quantiles) json.WriteNumberValue(level);
                json.WriteEndArray();
            }

            json.WriteEndObject();

            void Names(string name, IReadOnlyList<string> names)
            {
                json.WriteStartArray(name);
                foreach (string one in names) json.WriteStringValue(one);
                json.WriteEndArray();
            }
        }

        return new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [FingerprintKey] = codec.Fingerprint,
            [EncoderKey] = codec.Encoder.ToText(),
            [SeriesKey] = Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)),
        };
    }

    public static SeriesCodec? Read(IReadOnlyDictionary<string, string> properties)
    {
        ArgumentNullException.ThrowIfNull(properties);
        if (!properties.TryGetValue(SeriesKey, out string? text)) return null;
        if (!properties.TryGetValue(EncoderKey, out string? columns)) throw new FormatException("The columns are missing.");
        SequenceEncoder encoder = SequenceEncoder.Parse(columns);
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            int format = root.GetProperty("format").GetInt32();
            if (format != Format)
                throw new FormatException(Invariant($"It is written in format {format}; this version reads {Format}."));
            SeriesKind kind = ValueNames.Find<SeriesKind>(root.GetProperty("kind").GetString())
                ?? throw new FormatException($"'{root.GetProperty("kind").GetString()}' is no kind of prediction.");
            var options = new SeriesOptions
            {
                Encoder = encoder.Options,
                Window = root.GetProperty("window").GetInt32(),
                Horizon = root.GetProperty("horizon").GetInt32(),
                Segment = root.GetProperty("segment").GetInt32(),
                SharedChannels = root.GetProperty("shared_channels").GetBoolean(),
                Stride = root.GetProperty("stride").GetInt32(),
                LooksBack = root.GetProperty("looks_back").GetBoolean(),
            };
            options = WithLoss(options, root);
            if (root.TryGetProperty("decoder", out JsonElement decoder))
                options = options with
                {
                    Decoder = ValueNames.Find<SeriesDecoder>(decoder.GetString())
                        ?? throw new FormatException($"'{decoder.GetString()}' is no decoder."),
                };
            var scale = new ColumnScale(root.GetProperty("center").GetDouble(), root.GetProperty("scale").GetDouble());
            if (!double.IsFinite(scale.Center) || !(scale.Scale is > 0 and < double.PositiveInfinity))
                throw new FormatException("A scale is no finite number above 0.");
            var codec = new SeriesCodec(kind, options, encoder, Names("targets"), Names("labels"), scale,
                properties.GetValueOrDefault(FingerprintKey, ""));
            Check(codec);
            return codec;

            string[] Names(string name)
            {
                string[] names = [.. root.GetProperty(name).EnumerateArray().Select(one => one.GetString() ?? "")];
                return names.Length <= MostLabels && names.Distinct(StringComparer.Ordinal).Count() == names.Length ? names
                    : throw new FormatException($"The {name} are too many, or one is there twice.");
            }
        }
        catch (Exception error) when (
            error is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException or FormatException)
        {
            throw new FormatException("The description of a series is not one: " + Printable.Sentence(error.Message), error);
        }
    }

    private static SeriesOptions WithLoss(SeriesOptions options, JsonElement root)
    {
        if (!root.TryGetProperty("loss", out JsonElement name)) return options;
        SeriesLoss loss = ValueNames.Find<SeriesLoss>(name.GetString())
            ?? throw new FormatException($"'{name.GetString()}' is no loss.");
        options = options with { Loss = loss };
        if (loss == SeriesLoss.Huber) return options with { HuberDelta = root.GetProperty("huber_delta").GetDouble() };
        if (loss != SeriesLoss.Quantile) return options;
        JsonElement levels = root.GetProperty("quantiles");
        return levels.GetArrayLength() <= QuantileLevels.MaximumCount
            ? options with { Quantiles = [.. levels.EnumerateArray().Select(level => level.GetDouble())] }
            : throw new FormatException("There are too many quantiles.");
    }

    /// <summary>What the constructor cannot know to be wrong of a codec that was fitted.</summary>
    private static void Check(SeriesCodec codec)
    {
        bool labelled = codec.Labels.Count > 0;
        bool right = codec.Kind switch
        {
            SeriesKind.Forecast => codec.Targets.Count > 0 && !labelled,
            SeriesKind.Classify => codec.Targets.Count == 0 && codec.Labels.Count >= 2,
            SeriesKind.Regress => codec.Targets.Count == 0 && !labelled,
            _ => codec.Targets.Count == 1 && codec.Labels.Count != 1,
        };
        if (!right) throw new FormatException("It has no targets, or more than its kind has.");
        if (codec.Kind != SeriesKind.Forecast) return;
        for (int k = 0; k < codec.Targets.Count; k++)
        {
            if (codec.Encoder.Columns[codec.ColumnOf(k)].Kind != ColumnKind.Number)
                throw new FormatException("A category is to be forecast.");
        }
    }
}
