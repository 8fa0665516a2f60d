using Unroll.Data;
using Unroll.Files;

namespace Unroll.Cli.Tests.Corpora;

/// <summary>Small models and data of music and text, made by the tests.</summary>
internal static class CorpusFiles
{
    public const string Letters = "scalar:0A,20,61..65"; // newline, space, a to e

    /// <summary>A model of text with random weights; properties are given as key and value in turn.</summary>
    public static string TextModel(TempFolder folder, string alphabet = Letters, params string[] properties)
    {
        int count = Alphabet.Parse(alphabet).Count;
        return Save(folder.At("text.safetensors"), new NetworkShape(count, 7, count) { Head = OutputHead.SoftmaxEvery },
            ["task", "text", "alphabet", alphabet, "ahead", "1", .. properties]);
    }

    /// <summary>A model of music with random weights.</summary>
    public static string MusicModel(TempFolder folder, params string[] properties)
    {
        var shape = new NetworkShape(PianoRoll.Keys, 7, PianoRoll.Keys)
        {
            Encoding = InputEncoding.MultiHot,
            Head = OutputHead.BernoulliEvery,
        };
        return Save(folder.At("music.safetensors"), shape, ["task", "music", .. properties], bias: -2);
    }

    /// <summary>A text of a to e in words and lines, the same at every place.</summary>
    public static string Words(int length) => string.Concat(Enumerable.Range(0, length)
        .Select(i => i % 40 == 39 ? '\n' : i % 7 == 6 ? ' ' : (char)('a' + (i * i % 5))));

    public static string Save(string path, NetworkShape shape, string[] properties, double bias = 0, double scale = 0.5)
    {
        var network = new Network<double>(shape);
        RandomSource random = new RandomKey(5, RandomStream.Initialization, 0).Shared();
        foreach (ref double weight in network.Parameters) weight = random.NextNormal() * scale;
        foreach (ref double weight in network.OutputBias) weight = bias;
        ModelFile.Save(path, network, new ModelInfo(shape)
        {
            Properties = properties.Chunk(2).GroupBy(pair => pair[0])
            .ToDictionary(pairs => pairs.Key, pairs => pairs.Last()[1])
        });
        return path;
    }

    public static string Text(TempFolder folder, string name, string text)
    {
        string path = folder.At(name);
        File.WriteAllText(path, text);
        return path;
    }

    public static PianoRoll Roll(string name, int steps, int every = 5)
    {
        var roll = new PianoRoll(name, steps);
        for (int t = 0; t < steps; t++) roll[t, 30 + (t * 7 % every)] = true;
        return roll;
    }

    /// <summary>A folder of MIDI files of 10, 11, 12, ... steps.</summary>
    public static string Music(TempFolder folder, string name, int pieces = 4)
    {
        Directory.CreateDirectory(folder.At(name));
        for (int i = 0; i < pieces; i++) MidiFile.Write(folder.At($"{name}/{i}.mid"), Roll($"{i}", 10 + i, 3 + i));
        return folder.At(name);
    }

    public static string Words(PianoRoll roll) =>
        string.Join('/', Enumerable.Range(0, roll.Steps)
            .Select(t => string.Join(',', Enumerable.Range(0, PianoRoll.Keys).Where(key => roll[t, key])
                .Select(key => key + PianoRoll.LowestNote))));
}
