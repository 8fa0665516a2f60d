using System.Text;
using Unroll.Data;
using Unroll.Files;
using Unroll.Tests.Data;

namespace Unroll.Tests.Fuzz;

/// <summary>Everything in the library that reads files.</summary>
internal static class CoreTargets
{
    private static readonly PianoRoll[][] Folds = [[Samples.Roll(1, 9), Samples.Roll(2, 4)], [Samples.Roll(3, 5)],
        [Samples.Roll(4, 6)]];
    private static readonly MusicReadOptions Drop = new() { OutOfRange = OutOfRangeNotes.Drop };
    private static readonly byte[] Words = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(" Ein süßer Text, 日本 \n", 12)));
    private static readonly byte[] Metrics = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(1, 5).Select(i =>
        $"{{\"event\":\"progress\",\"update\":{10 * i},\"loss\":0.5}}\n")));

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        Music("mat", 8_000_000, 500, [Samples.Mat(Folds), Samples.Mat(Folds, 4, bigEndian: true, compress: false)]),
        Music("pickle", 1_000_000, 300, [Samples.Pickle(Folds, 0), Samples.Pickle(Folds, 1), Samples.Pickle(Folds, 2)]),
        new FuzzTarget("midi", 1, Midi(Samples.Midi(Samples.Roll(5, 20)))) { Constant = 5_000_000, Times = 40 },
        new FuzzTarget("text", 1, ReadText) { Constant = 1_000_000, Times = 8 },
        new FuzzTarget("alphabet", 0.5, ReadAlphabet),
        new FuzzTarget("safetensors", 1, SafeTensorsOf(SampleTensors(true), SampleTensors(false))) { Constant = 1_000_000,
            Times = 100 },
        new FuzzTarget("model", 0.5, Model) { Constant = 1_000_000, Times = 100 },
        new FuzzTarget("checkpoint", 0.5, ReadCheckpoint) { Constant = 1_000_000, Times = 100 },
        new FuzzTarget("metrics", 0.2, ReadMetrics) { Constant = 1_000_000, Times = 100 },
    ];

    private static FuzzTarget Music(string name, long constant, long times, byte[][] samples) => new(name, 1, one =>
    {
        MusicFile.Read(new MemoryStream(one.Bytes(samples[one.Number % samples.Length])), "FILE", one.Number % 4 > 1 ? Drop
            : null);
        return true;
    })
    { Constant = constant, Times = times };

    private static Func<FuzzCase, bool> Midi(byte[] sample) => one =>
    {
        MidiFile.Read(new MemoryStream(one.Bytes(sample)), "FILE", Drop);
        return true;
    };

    private static bool ReadText(FuzzCase one)
    {
        RandomSource draws = one.Draws();
        var options = new TextReadOptions
        {
            Symbols = draws.NextInt(2) == 0 ? SymbolKind.Scalar : SymbolKind.Byte,
            MapUnknown = draws.NextInt(2) == 0,
            TrimLines = draws.NextInt(2) == 0
        };
        TextFile.Read(new MemoryStream(one.Bytes(Words)), "FILE", options);
        return true;
    }

    private static bool ReadAlphabet(FuzzCase one)
    {
        try
        {
            return Alphabet.Parse(Encoding.Latin1.GetString(one.Text("scalar:0A,20,61..7A,E9,1F600,?"u8.ToArray()))).Count > 0;
        }
        catch (FormatException)
        {
            return false; // the one exception that the content of a line may cause
        }
    }

    private static Func<FuzzCase, bool> SafeTensorsOf(params byte[][] samples) => one =>
    {
        SafeTensorsFile file = SafeTensorsFile.Read(new MemoryStream(one.Bytes(samples[one.Number % samples.Length])), "FILE");
        return file.Tensors.Sum(tensor => (long)tensor.Data.Length) <= one.Length;
    };

    private static byte[] SampleTensors(bool checksum)
    {
        var stream = new MemoryStream();
        SafeTensors.Write(stream, [new("a", "b"), new("c", "d")],
            [SafeTensor.Of("w", [1f, 2f, 3f, 4f, 5f, 6f], 2, 3), SafeTensor.Of("v", [1.0, 2.0])]);
        byte[] bytes = stream.ToArray();
        if (checksum) return bytes;

        // Like a file of another tool: the same without the checksum, because its key has another name.
        byte[] key = "unroll.checksum"u8.ToArray();
        int at = bytes.AsSpan().IndexOf(key);
        for (int i = 0; i < key.Length; i++) bytes[at + i] = (byte)'x';
        return bytes;
    }

    private static bool Model(FuzzCase one)
    {
        byte[] sample = Once(one, "model", path => ModelFile.Save(path, new Network<float>(new NetworkShape(2, 3, 2)),
            new ModelInfo(new NetworkShape(2, 3, 2))));
        string file = one.File(one.Number % 2 == 0 ? one.Bytes(sample) : one.Bytes(Unsummed(sample)));
        ModelFile.ReadInfo(file);
        ModelFile.Load<double>(file);
        return true;
    }

    private static bool ReadCheckpoint(FuzzCase one)
    {
        var content = new Checkpoint(new Dictionary<string, string> { ["update"] = "5", ["best"] = "0.5" }, new Dictionary<string,
            Array>
        { ["a"] = new float[] { 1, 2 }, ["b"] = new long[] { 3 }, ["c"] = new byte[] { 4 } });
        byte[] sample = Once(one, "checkpoint", path => CheckpointFile.Write(path, content));
        CheckpointFile.Read(one.File(one.Number % 2 == 0 ? one.Bytes(sample) : one.Bytes(Unsummed(sample))));
        return true;
    }

    private static bool ReadMetrics(FuzzCase one)
    {
        one.File("{}"u8.ToArray(), RunFolder.RunName);
        one.File(one.Text(Metrics), RunFolder.MetricsName);
        using RunFolder run = RunFolder.Open(one.Folder);
        run.TruncateMetricsAfter(30);
        run.AppendMetric("{\"update\":40}"u8);
        return true;
    }

    /// <summary>
    /// Without checksum and version, like a file of another tool, so that faults are found in the content and not by the
    /// checksum.
    /// </summary>
    private static byte[] Unsummed(byte[] sample)
    {
        byte[] bytes = [.. sample];
        foreach (string key in (string[])["unroll.checksum", "unroll.version"])
        {
            int at = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(key));
            if (at >= 0) bytes[at] = (byte)'x';
        }

        return bytes;
    }

    private static byte[] Once(FuzzCase one, string name, Action<string> make)
    {
        string path = Path.Combine(one.Folder, $"sample-{name}");
        if (!File.Exists(path)) make(path);
        return File.ReadAllBytes(path);
    }
}
