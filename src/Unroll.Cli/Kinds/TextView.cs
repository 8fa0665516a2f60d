using System.Numerics;
using System.Text.Json;
using Unroll.Cli.Settings;
using Unroll.Data;
using Unroll.Files;
using Unroll.Sampling;
using Unroll.Studies.Corpora;
using Unroll.Training;

namespace Unroll.Cli.Kinds;

/// <summary>Text: what is in it, and the text that a model writes.</summary>
internal sealed class TextView : CorpusView
{
    private const int DefaultLength = 1_000, FirstLines = 5, SymbolsShown = 200;

    public override CorpusKind Kind => TextKind.Instance;

    public override void Show(DataSource source, CorpusSettings settings, bool json, CommandHost host)
    {
        var text = (TextSettings)settings;
        TextCorpus corpus = TextKind.Instance.Read(source, text, text.ReadOptions());
        if (json) JsonLine.Write(host.Out, line => WriteJson(line, corpus));
        else Write(corpus, host);
    }

    public override int Sample(SampleRequest request, CommandHost host, CancellationToken cancellation)
    {
        string path = request.Path;
        if (request.Tempo is not null) throw new UserError($"{path} is a model of text, which has no --tempo.");
        if (request.Step is not null) throw new UserError($"{path} is a model of text, which has no --step.");
        var options = new SamplingOptions
        {
            Temperature = request.Temperature,
            Length = request.Length ?? DefaultLength,
            Seed = request.Seed,
        };
        var sample = new TextSample(host, request.Json, request.Target, cancellation);
        return request.Model.Info.Precision == Precision.Double
            ? sample.Write(Load<double>(request.Model, path), request.Prompt ?? "", options)
            : sample.Write(Load<float>(request.Model, path), request.Prompt ?? "", options);
    }

    /// <summary>The library reads all of a model file of its own, and its refusals name the file.</summary>
    private static TextSampler<T> Load<T>(ModelSource model, string path)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => model.IsOwn ? TextSampler<T>.Load(path)
        : new TextSampler<T>(model.Load<T>(), TextModel.Of(model.Info, path).Alphabet);

    private static void Write(TextCorpus corpus, CommandHost host)
    {
        Alphabet alphabet = corpus.Alphabet;
        string noun = alphabet.Kind == SymbolKind.Byte ? "bytes" : "characters";
        string unknownToo = alphabet.HasUnknown ? ", the unknown symbol included" : "";
        host.Say($"{corpus.Name}, text: an alphabet of {alphabet.Count} {noun}{unknownToo}");
        string[] columns = ["fold", noun, "lines", "bits a symbol, each by itself"];
        var table = new TextTable(alphabet.HasUnknown ? [.. columns, "unknown"] : columns);
        foreach (Fold fold in Enum.GetValues<Fold>())
        {
            ReadOnlySpan<ushort> symbols = corpus.Of(fold).Span;
            string[] cells = [FoldWords.Of(fold), Format.Count(symbols.Length), Format.Count(Lines(symbols, alphabet)),
                Format.Number(Entropy(symbols, alphabet))];
            table.Add(corpus.Unknown(fold) is { } unknown ? [.. cells, Format.Count(unknown)] : cells);
        }

        table.WriteTo(host);
        string all = string.Join(' ', Enumerable.Range(0, Math.Min(alphabet.Count, SymbolsShown)).Select(alphabet.Describe));
        host.Out.WriteLine();
        if (alphabet.Count > SymbolsShown) all += " …";
        foreach (string line in Format.Wrap($"alphabet: {all}", host.Width)) host.Out.WriteLine(line);
        host.Out.WriteLine();
        host.Out.WriteLine("It begins:");
        foreach (string line in Beginning(corpus, host.Width - 3)) host.Out.WriteLine($"  {line}");
    }

    private static void WriteJson(Utf8JsonWriter json, TextCorpus corpus)
    {
        json.WriteString("name", corpus.Name);
        json.WriteString("kind", "text");
        json.WriteNumber("alphabet_size", corpus.Alphabet.Count);
        json.WriteString("alphabet", corpus.Alphabet.ToString());
        json.WriteStartArray("folds");
        foreach (Fold fold in Enum.GetValues<Fold>())
        {
            ReadOnlySpan<ushort> symbols = corpus.Of(fold).Span;
            json.WriteStartObject();
            json.WriteString("fold", FoldWords.Of(fold));
            json.WriteNumber("symbols", symbols.Length);
            json.WriteNumber("lines", Lines(symbols, corpus.Alphabet));
            json.WriteNumber("unigram_bits", Entropy(symbols, corpus.Alphabet));
            if (corpus.Unknown(fold) is { } unknown) json.WriteNumber("unknown", unknown);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The first lines of the training fold, shortened, with what a terminal cannot show replaced.</summary>
    private static IEnumerable<string> Beginning(TextCorpus corpus, int longest)
    {
        ReadOnlySpan<ushort> symbols = corpus.Train.Span[..Math.Min(corpus.Train.Length, 20 * longest)];
        string[] lines = TextCodec.Decode(symbols, corpus.Alphabet).Split('\n');
        return lines.Take(FirstLines)
            .Select(line => string.Concat(line.Select(c => char.IsControl(c) ? '\uFFFD' : c)))
            .Select(line => line.Length > longest ? line[..longest] + "…" : line);
    }

    private static int Lines(ReadOnlySpan<ushort> symbols, Alphabet alphabet)
    {
        int newline = alphabet.IndexOf('\n');
        return newline < 0 || newline == alphabet.Unknown ? 0 : symbols.Count((ushort)newline);
    }

    /// <summary>Bits that a symbol takes if it is predicted by its share alone: what a network must beat.</summary>
    private static double Entropy(ReadOnlySpan<ushort> symbols, Alphabet alphabet)
    {
        var counts = new long[alphabet.Count];
        foreach (ushort symbol in symbols) counts[symbol]++;
        double bits = 0;
        foreach (long count in counts)
        {
            if (count > 0) bits -= count * Math.Log2((double)count / symbols.Length);
        }

        return bits / symbols.Length;
    }
}
