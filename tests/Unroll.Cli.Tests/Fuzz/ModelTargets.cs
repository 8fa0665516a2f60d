using System.Buffers.Binary;
using System.Text;
using Unroll.Cli.Torch;
using Unroll.Files;
using Unroll.Interop;
using Unroll.Tests;
using Unroll.Tests.Fuzz;

namespace Unroll.Cli.Tests.Fuzz;

/// <summary>The readers of models of other programs, without the command around them: hundreds of thousands of inputs a minute,
/// and a bound on what each allocates.</summary>
internal static class ModelTargets
{
    private static readonly string Folder = Path.Combine(RepositoryRoot.Path, "tests", "Unroll.Cli.Tests");

    // Instructions of pickles, where a byte is replaced.
    private static readonly byte[] Instructions =
    [
        .. ".(012NKMJGXCUBT]}tatseuqrhjcQRb)"u8, 0x80, 0x95, 0x88, 0x8A, 0x8B, 0x8C, 0x8D, 0x8E, 0x93, 0x94, 0x96,
        0x85, 0x86, 0x87, 0xFF, 0x7F,
    ];

    // Tags of protobuf and the beginnings of long numbers.
    private static readonly byte[] Tags = [10, 18, 26, 34, 42, 50, 58, 66, 74, 8, 16, 0x80, 0xFF, 0x7F, 0];

    private static readonly TorchUse Use = new("anything", InputEncoding.Dense, OutputHead.LinearLast, null, null);
    private static readonly Lazy<byte[][]> Zips = new(() => Files("Torch", "*.pt"));
    private static readonly Lazy<byte[][]> Unsummed = new(() => [.. Zips.Value.Select(WithoutChecksums)]);
    private static readonly Lazy<byte[][]> Pickles = new(() => [.. Zips.Value.Select(Pickle).OfType<byte[]>()]);
    private static readonly Lazy<byte[][]> Dictionaries = new(() => Files("Torch", "*.safetensors"));
    private static readonly Lazy<byte[][]> Graphs = new(() =>
    [
        .. Files("Onnx", "*.onnx"),
        .. Enum.GetValues<CellKind>().Where(cell => cell != CellKind.Lru).Select(OwnGraph),
    ]);

    private static readonly Lazy<byte[][]> Own = new(() => [.. Enum.GetValues<CellKind>().Select(OwnModel)]);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("pt", 1, Pt) { Constant = 2_000_000, Times = 200 },
        new("pt-pickle", 1, ReadPickle) { Constant = 1_000_000, Times = 300 },
        new("state-dict", 1, StateDict) { Constant = 2_000_000, Times = 200 },
        new("onnx-graph", 1, Graph) { Constant = 2_000_000, Times = 200 },
        new("model-verbs", 0.1, Verbs),
    ];

    /// <summary>A file of torch.save, its entries mostly without a checksum, which would find every other change first.</summary>
    private static bool Pt(FuzzCase one)
    {
        byte[][] samples = one.Number % 8 == 0 ? Zips.Value : Unsummed.Value;
        byte[] bytes = one.Bytes(samples[(one.Number / 8) % samples.Length]);
        return Sentences(() =>
        {
            using var file = TorchFile.Read(new MemoryStream(bytes), "FILE", null);
            return file is not null && Load(file);
        });
    }

    private static bool ReadPickle(FuzzCase one)
    {
        byte[] sample = Pickles.Value[one.Number % Pickles.Value.Length];
        byte[] bytes = one.Counted(Mutation.Bytes(sample, one.Seed, one.Number, Instructions));
        return Sentences(() => TorchStateDict.Find(TorchPickle.Read(bytes, "FILE"), "FILE", null).Tensors.Count > 0);
    }

    /// <summary>The header's text changed and its length put right, so that what is wrong is names, types and sizes.</summary>
    private static bool StateDict(FuzzCase one)
    {
        byte[] sample = Dictionaries.Value[one.Number % Dictionaries.Value.Length];
        int header = (int)BinaryPrimitives.ReadInt64LittleEndian(sample);
        byte[] text = Mutation.Text(sample[8..(8 + header)], one.Seed, one.Number);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, text.Length);
        byte[] bytes = one.Counted([.. length, .. text, .. sample[(8 + header)..]]);
        return Sentences(() => Load(TorchFile.Of(SafeTensorsFile.Read(new MemoryStream(bytes), "FILE"))));
    }

    private static bool Graph(FuzzCase one)
    {
        byte[] sample = Graphs.Value[one.Number % Graphs.Value.Length];
        byte[] bytes = one.Counted(Mutation.Bytes(sample, one.Seed, one.Number, Tags));
        return Sentences(() =>
        {
            SafeTensorsFile file = OnnxReader.Read(bytes, "FILE", out _);
            return file.Metadata.ContainsKey(UnrollMetadata.FormatKey)
                ? ModelFile.Load<float>(file, out _).Parameters.Length > 0 : Load(TorchFile.Of(file));
        });
    }

    /// <summary>Every verb that reads models, of a model of any kind, whatever the verb thinks of it.</summary>
    private static bool Verbs(FuzzCase one)
    {
        RandomSource draws = one.Draws();
        byte[][] samples = ((Lazy<byte[][]>[])[Unsummed, Dictionaries, Graphs, Own])[draws.NextInt(4)].Value;
        byte[] bytes = one.Bytes(samples[draws.NextInt(samples.Length)]);
        string run = Path.Combine(one.Folder, "run"), target = Path.Combine(one.Folder, "target");
        if (Directory.Exists(run)) Directory.Delete(run, recursive: true);
        if (File.Exists(target)) File.Delete(target);
        string file = one.File(bytes, draws.NextInt(4) == 0 ? "\u001b[31m\u202e.onnx" : "FILE");
        string[] task = draws.NextInt(3) == 0 ? [] : ["--task", "temporal-order"];
        string[][] commands =
        [
            ["diagnose", file, .. task, "--length", "10", "--batches", "1", "--batch", "1"],
            ["evaluate", file, .. task, "--length", "10", "--sequences", "5"],
            ["evaluate", file, .. task, "--length", "10", "--sequences", "5", "--quantize", "int8"],
            ["predict", file], ["predict", file, "--inputs", "dense", "--predicts", "linear-last"],
            ["sample", file, "--task", "text", "--alphabet", "abcdef", "--length", "3"], ["sample", file, "--length", "3"],
            ["train", "temporal-order", "--length", "10", "--from", file, "--updates", "1", "--batch", "1", "--validation", "1",
                "--curriculum", "none", "--check-every", "1", "--out", run],
            .. ((string[])["onnx", "c", "pt", "safetensors"])
                .Select(to => (string[])["export", file, .. task, "--to", to, "--name", "a", "--out", target]),
        ];
        string[] command = commands[draws.NextInt(commands.Length)];
        if (command[0] == "export" && command[^5] != "c") command = [.. command[..^4], .. command[^2..]];
        bool taken = CliTargets.Run(one, command, "[1,2]\n", mayBegin: command[0] == "predict", mayNote: true);
        File.Delete(file);
        return taken || (!Directory.Exists(run) && !File.Exists(target)) ? taken
            : throw new InvalidOperationException($"it was refused and left something: unroll {string.Join(' ', command)}");
    }

    private static bool Load(TorchFile file) =>
        TorchNetwork.Load(file, Use, TorchRequest.None).Network.Parameters.Length > 0;

    private static bool Sentences(Func<bool> read)
    {
        try
        {
            return read();
        }
        catch (UserError error)
        {
            if (!Printable.IsLine(error.Message) || error.Message.Length == 0 || error.Message[^1] is not ('.' or '?'))
                throw new InvalidOperationException($"this is not one sentence: {error.Message}", error);
            return false;
        }
    }

    private static byte[][] Files(string folder, string pattern) =>
        [.. Directory.GetFiles(Path.Combine(Folder, folder), pattern, SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(File.ReadAllBytes).Where(bytes => bytes.Length is > 0 and < 20_000)];

    private static byte[]? Pickle(byte[] file)
    {
        try
        {
            var zip = ZipEntries.Read(new MemoryStream(file), "FILE");
            return zip.Names.FirstOrDefault(name => name.EndsWith("/data.pkl", StringComparison.Ordinal)) is { } name
                ? zip.Bytes(name) : null;
        }
        catch (InvalidFileException)
        {
            return null; // of before PyTorch 1.6
        }
    }

    private static byte[] WithoutChecksums(byte[] file)
    {
        byte[] bytes = [.. file];
        for (int at = 0; at + 20 < bytes.Length; at++)
        {
            if (bytes.AsSpan(at).StartsWith((ReadOnlySpan<byte>)[0x50, 0x4B, 1, 2])) bytes.AsSpan(at + 16, 4).Clear();
        }

        return bytes;
    }

    private static byte[] OwnModel(CellKind cell)
    {
        var shape = new NetworkShape(6, [new LayerShape(2) { Cell = cell }], 4);
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            ModelFile.Save(path, new Network<float>(shape), new ModelInfo(shape));
            byte[] bytes = File.ReadAllBytes(path);
            foreach (string key in (string[])["unroll.checksum", "unroll.version"])
            {
                // As of another tool: what was changed is not found by the checksum.
                if (bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(key)) is >= 0 and int at) bytes[at] = (byte)'x';
            }

            return bytes;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static byte[] OwnGraph(CellKind cell)
    {
        var shape = new NetworkShape(3, [new LayerShape(2) { Cell = cell }, new LayerShape(3)], 2)
        {
            LearnedInitialState = cell == CellKind.Lstm,
        };
        using var stream = new MemoryStream();
        OnnxWriter.Write(stream, new Network<float>(shape), new ModelInfo(shape));
        return stream.ToArray();
    }
}
