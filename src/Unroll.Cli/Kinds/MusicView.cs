using System.Numerics;
using System.Text.Json;
using Unroll.Cli.Corpora;
using Unroll.Cli.Settings;
using Unroll.Data;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Sampling;
using Unroll.Studies.Corpora;
using Unroll.Tasks;
using Unroll.Training;

namespace Unroll.Cli.Kinds;

/// <summary>Music: what is in it, and MIDI files of what a model has learned.</summary>
internal sealed class MusicView : CorpusView
{
    private static readonly string[] s_midi = [".mid", ".midi"];

    private const int DefaultLength = 200;
    private const double DefaultTempo = 120;

    public override CorpusKind Kind => MusicKind.Instance;

    public override void Show(DataSource source, CorpusSettings settings, bool json, CommandHost host)
    {
        var leftOut = new List<LeftOutFile>();
        MusicReadOptions options = ((MusicSettings)settings).ReadOptions() with { LeftOut = leftOut.Add };
        (string name, (string Name, IReadOnlyList<PianoRoll> Pieces)[] folds) = Read(settings.Data, source, options, host);
        if (json) JsonLine.Write(host.Out, line => WriteJson(line, name, folds, leftOut));
        else Write(name, folds, host);
    }

    public override int Sample(SampleRequest request, CommandHost host, CancellationToken cancellation)
    {
        if (request.Target is not { } target)
        {
            throw new UserError(
                $"{request.Path} is a model of music, which writes a MIDI file; name it with --out FILE.mid.");
        }

        if (!OutputFile.IsStandardOutput(target) && Path.GetExtension(target) is { Length: > 0 } extension
            && !s_midi.Contains(extension, StringComparer.OrdinalIgnoreCase))
            throw new UserError($"--out {target} ends in {extension}, and music is written as MIDI; name it FILE.mid.");
        ModelInfo info = request.Model.Info;
        MusicSettings trained = MusicKind.Instance.OfModel(info, keepsFolds: false);
        var sample = new MusicSample(
            host, request.Json, target, request.Tempo ?? DefaultTempo, request.Step ?? trained.Step,
            trained.ReadOptions().OutOfRange, cancellation)
        {
            KeysOfData = () => KeysOf(trained, host),
        };
        var options = new SamplingOptions
        {
            Temperature = request.Temperature,
            Length = request.Length ?? DefaultLength,
            Seed = request.Seed,
        };
        return info.Precision == Precision.Double
            ? sample.Write(Load<double>(request.Model, request.Path), request.Prompt, options)
            : sample.Write(Load<float>(request.Model, request.Path), request.Prompt, options);
    }

    /// <summary>Keys that sound at a step in the training fold; null where the data is not at hand any more.</summary>
    private static double? KeysOf(MusicSettings trained, CommandHost host)
    {
        if (trained.Data.Length == 0) return null;
        try
        {
            var corpora = new CorpusCache((host with { Error = TextWriter.Null }).ForData(), null);
            return Facts.Of(((MusicTask)trained.Read(corpora)).Corpus.Of(Fold.Train)).KeysPerStep;
        }
        catch (Exception error) when (error is UserError or InvalidFileException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static MusicSampler<T> Load<T>(ModelSource model, string path)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        model.IsOwn ? MusicSampler<T>.Load(path) : new MusicSampler<T>(model.Load<T>());

    /// <summary>
    /// One MIDI file is a piece or a few, not a corpus; a folder with too few for three folds is shown as it is.
    /// </summary>
    private static (string Name, (string Name, IReadOnlyList<PianoRoll> Pieces)[] Folds) Read(
        string data, DataSource source, MusicReadOptions options, CommandHost host)
    {
        var kind = MusicKind.Instance;
        if (File.Exists(data) && MusicKind.IsMidi(data))
        {
            IReadOnlyList<PianoRoll> one = kind.Pieces(source, data, options);
            return one.Count == 1
                ? (one[0].Name, [("piece", one)]) : (Path.GetFileNameWithoutExtension(data), [("pieces", one)]);
        }

        if (Directory.Exists(data) && MidiFolder.HasFewPieces(data, options))
        {
            IReadOnlyList<PianoRoll> few = kind.Pieces(source, data, options);
            host.Error.WriteLine(
                $"{data} has {Counted.Of(few.Count, "piece")}; at least "
                + $"{MidiFolder.LeastPieces} are needed for three folds to train on.");
            string folder = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(data)));
            return (folder, [("pieces", few)]);
        }

        MusicCorpus corpus = kind.Read(source, data, options);
        return (corpus.Name, [.. Enum.GetValues<Fold>().Select(fold => (FoldWords.Of(fold), corpus.Of(fold)))]);
    }

    private static void Write(string name, (string Name, IReadOnlyList<PianoRoll> Pieces)[] folds, CommandHost host)
    {
        int highest = PianoRoll.LowestNote + PianoRoll.Keys - 1;
        host.Say($"{name}, music: {PianoRoll.Keys} keys, MIDI notes {PianoRoll.LowestNote} to {highest}");
        var table = new TextTable("fold", "pieces", "steps", "keys a step", "silent steps", "shortest", "longest");
        foreach ((string fold, IReadOnlyList<PianoRoll> pieces) in folds)
        {
            Facts facts = Facts.Of(pieces);
            table.Add(
                fold, Format.Count(pieces.Count), Format.Count(facts.Steps), Format.Number(facts.KeysPerStep),
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

    private static void WriteJson(
        Utf8JsonWriter json, string name, (string Name, IReadOnlyList<PianoRoll> Pieces)[] folds, List<LeftOutFile> leftOut)
    {
        json.WriteString("name", name);
        json.WriteString("kind", "music");
        json.WriteNumber("keys", PianoRoll.Keys);
        json.WriteStartArray("folds");
        foreach ((string fold, IReadOnlyList<PianoRoll> pieces) in folds)
        {
            Facts facts = Facts.Of(pieces);
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

    /// <summary>What there is to say about the pieces of a fold.</summary>
    private sealed record Facts(long Steps, long Notes, long Silent, PianoRoll Shortest, PianoRoll Longest)
    {
        public double KeysPerStep => (double)Notes / Steps;

        public static Facts Of(IReadOnlyList<PianoRoll> pieces)
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

            return new Facts(steps, notes, silent, pieces.MinBy(piece => piece.Steps)!, pieces.MaxBy(piece => piece.Steps)!);
        }
    }
}
