using System.Numerics;
using Unroll.Cli.Corpora;
using Unroll.Data;
using Unroll.Studies.Corpora;
using Unroll.Tasks;

namespace Unroll.Cli.Data;

/// <summary>Says what is in music or text, and shows how it begins.</summary>
internal static class DataShow
{
    private const int FirstLines = 5, SymbolsShown = 200;
    private static readonly string[] Names = ["train", "valid", "test"];

    public static int Run(string data, DataSource source, IReadOnlyList<CorpusOverride> given, bool json, CommandHost host)
    {
        bool isText = source.KindOf(data) == DataKind.Text;
        if (given.FirstOrDefault(change =>
            change.Option.Task.Length > 0
            && change.Option.Task != (isText ? TextTask.TaskName : MusicTask.TaskName)) is { } wrong)
            throw new UserError(
                $"{wrong.Option.Name} is for {wrong.Option.Task}, and {data} is "
                    + $"{(isText ? TextTask.TaskName : MusicTask.TaskName)}.");
        CorpusSettings settings = new CorpusSettings().With(given, isText ? TextTask.TaskName : MusicTask.TaskName);
        if (isText)
        {
            TextCorpus corpus = source.Text(data, settings.TextOptions(), settings.ValidationFile, settings.TestFile);
            if (json) JsonLine.Write(host.Out, line => WriteText(line, corpus));
            else ShowText(corpus, host);
            return ExitCode.Success;
        }

        var leftOut = new List<LeftOutFile>();
        MusicReadOptions music = settings.MusicOptions() with { LeftOut = leftOut.Add };
        (string name, (string Name, IReadOnlyList<PianoRoll> Pieces)[] folds) = ReadMusic(data, source, music, host);
        if (json) JsonLine.Write(host.Out, line => WriteMusic(line, name, folds, leftOut));
        else ShowMusic(name, folds, host);
        return ExitCode.Success;
    }

    /// <summary>
    /// One MIDI file is a piece or a few, not a corpus; a folder with too few for three folds is shown as it is.
    /// </summary>
    private static (string Name, (string Name, IReadOnlyList<PianoRoll> Pieces)[] Folds) ReadMusic(string data, DataSource source,
        MusicReadOptions options, CommandHost host)
    {
        if (File.Exists(data) && DataSource.IsMidi(data))
        {
            IReadOnlyList<PianoRoll> one = source.Pieces(data, options);
            return one.Count == 1 ? (one[0].Name, [("piece", one)]) : (Path.GetFileNameWithoutExtension(data), [("pieces", one)]);
        }

        if (Directory.Exists(data) && MidiFolder.HasFewPieces(data, options))
        {
            IReadOnlyList<PianoRoll> few = source.Pieces(data, options);
            host.Error.WriteLine(
                $"{data} has {few.Count} {(few.Count == 1 ? "piece" : "pieces")}; at least {MidiFolder.LeastPieces} are needed "
                    + "for three folds to train on.");
            return (Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(data))), [("pieces", few)]);
        }

        MusicCorpus corpus = source.Music(data, options);
        return (corpus.Name, [.. Enum.GetValues<Fold>().Select(fold => (Names[(int)fold], corpus.Of(fold)))]);
    }

    private static void ShowMusic(string name, (string Name, IReadOnlyList<PianoRoll> Pieces)[] folds, CommandHost host)
    {
        host.Say($"{name}, music: {PianoRoll.Keys} keys, MIDI notes {PianoRoll.LowestNote} to "
            + $"{PianoRoll.LowestNote + PianoRoll.Keys - 1}");
        var table = new TextTable("fold", "pieces", "steps", "keys a step", "silent steps", "shortest", "longest");
        foreach ((string fold, IReadOnlyList<PianoRoll> pieces) in folds)
        {
            MusicFacts facts = MusicFacts.Of(pieces);
            table.Add(fold, Format.Count(pieces.Count), Format.Count(facts.Steps), Format.Number(facts.KeysPerStep),
                Format.Percent((double)facts.Silent / facts.Steps),
                $"{Format.Count(facts.Shortest.Steps)} ({facts.Shortest.Name})",
                $"{Format.Count(facts.Longest.Steps)} ({facts.Longest.Name})");
        }

        table.WriteTo(host);
        PianoRoll first = folds[0].Pieces[0];
        host.Out.WriteLine();
        host.Say($"{first.Name} begins (a column a step, middle C is C4):");
        foreach (string line in RollPicture.Lines(first, host.OutIsTerminal, host.Width)) host.Out.WriteLine(line);
    }

    private static void WriteMusic(System.Text.Json.Utf8JsonWriter json, string name,
        (string Name, IReadOnlyList<PianoRoll> Pieces)[] folds, List<LeftOutFile> leftOut)
    {
        json.WriteString("name", name);
        json.WriteString("kind", "music");
        json.WriteNumber("keys", PianoRoll.Keys);
        json.WriteStartArray("folds");
        foreach ((string fold, IReadOnlyList<PianoRoll> pieces) in folds)
        {
            MusicFacts facts = MusicFacts.Of(pieces);
            json.WriteStartObject();
            json.WriteString("fold", fold);
            json.WriteNumber("pieces", pieces.Count);
            json.WriteNumber("steps", facts.Steps);
            json.WriteNumber("notes", facts.Notes);
            json.WriteNumber("keys_per_step", facts.KeysPerStep);
            json.WriteNumber("silent_steps", facts.Silent);
            json.WriteString("shortest", facts.Shortest.Name);
            json.WriteNumber("shortest_steps", facts.Shortest.Steps);
            json.WriteString("longest", facts.Longest.Name);
            json.WriteNumber("longest_steps", facts.Longest.Steps);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        LeftOutJson.Write(json, leftOut);
    }

    private static void ShowText(TextCorpus corpus, CommandHost host)
    {
        Alphabet alphabet = corpus.Alphabet;
        string noun = alphabet.Kind == SymbolKind.Byte ? "bytes" : "characters";
        host.Say($"{corpus.Name}, text: an alphabet of {alphabet.Count} "
            + $"{noun}{(alphabet.HasUnknown ? ", the unknown symbol included" : "")}");
        string[] columns = ["fold", noun, "lines", "bits a symbol, each by itself"];
        var table = new TextTable(alphabet.HasUnknown ? [.. columns, "unknown"] : columns);
        foreach (Fold fold in Enum.GetValues<Fold>())
        {
            ReadOnlySpan<ushort> symbols = corpus.Of(fold).Span;
            string[] cells = [Names[(int)fold], Format.Count(symbols.Length), Format.Count(Lines(symbols, alphabet)),
                Format.Number(Entropy(symbols, alphabet))];
            table.Add(corpus.Unknown(fold) is { } unknown ? [.. cells, Format.Count(unknown)] : cells);
        }

        table.WriteTo(host);
        string all = string.Join(' ', Enumerable.Range(0, Math.Min(alphabet.Count, SymbolsShown)).Select(alphabet.Describe));
        host.Out.WriteLine();
        foreach (string line in Format.Wrap($"alphabet: {all}{(alphabet.Count > SymbolsShown ? " …" : "")}", host.Width))
            host.Out.WriteLine(line);
        host.Out.WriteLine();
        host.Out.WriteLine("It begins:");
        foreach (string line in Beginning(corpus, host.Width - 3)) host.Out.WriteLine($"  {line}");
    }

    private static void WriteText(System.Text.Json.Utf8JsonWriter json, TextCorpus corpus)
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
            json.WriteString("fold", Names[(int)fold]);
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
        return lines.Take(FirstLines).Select(line => string.Concat(line.Select(c => char.IsControl(c) ? '\uFFFD' : c)))
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

    /// <summary>What there is to say about the pieces of a fold.</summary>
    private sealed record MusicFacts(long Steps, long Notes, long Silent, PianoRoll Shortest, PianoRoll Longest)
    {
        public double KeysPerStep => (double)Notes / Steps;

        public static MusicFacts Of(IReadOnlyList<PianoRoll> pieces)
        {
            long steps = 0, notes = 0, silent = 0;
            foreach (PianoRoll piece in pieces)
            {
                steps += piece.Steps;
                for (int t = 0; t < piece.Steps; t++)
                {
                    int down = 0;
                    foreach (ulong word in piece.Words(t)) down += BitOperations.PopCount(word);
                    notes += down;
                    silent += down == 0 ? 1 : 0;
                }
            }

            return new MusicFacts(steps, notes, silent, pieces.MinBy(piece => piece.Steps)!, pieces.MaxBy(piece => piece.Steps)!);
        }
    }
}
