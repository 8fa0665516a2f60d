using System.Text;
using Unroll.Files;
using Unroll.Interop;
using Unroll.Studies;
using Unroll.Studies.Runs;
using Unroll.Tests;
using Unroll.Tests.Fuzz;

namespace Unroll.Cli.Tests.Fuzz;

/// <summary>What of the command reads files.</summary>
internal static class CliTargets
{
    private static readonly byte[] Study = Encoding.UTF8.GetBytes("""
        {"name": "s", "description": "d", "grid": [{"task": "addition", "length": [10, "20..30"],
         "lr": {"from": 0.001, "to": 0.1, "scale": "log"}, "seed": "1..2", "no-bias": true}],
         "sample": 2, "sample_seed": 3, "test": {"lengths": ["x1", "x5", 50], "sequences": 10}}
        """);

    private static readonly byte[] Lines = Encoding.UTF8.GetBytes("[[0.5, 1], [0, 1.5e-3]]\n{\"input\": [[1, 2]]}\n");
    private static readonly ThreadLocal<FuzzCommand> Command = new(() => new FuzzCommand());
    private static readonly CurvePoint[] Points = [.. Enumerable.Range(1, 30).Select(i =>
        new CurvePoint(10 * i, i, 1, 1, 0.5, 1, 0, double.NaN, 1, 1))];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("store", 0.05, Store),
        new("store-bits", 0.05, StoreBits),
        new("curve", 1, ReadCurve) { Constant = 1_000_000, Times = 100 },
        new("study-json", 0.5, StudyJson),
        new("run-json", 0.1, RunJson),
        new("pytorch", 0.1, PyTorch),
        new("onnx", 0.1, Onnx),
        new("predict", 0.1, Predict),
    ];

    /// <summary>Makes a store's file once a folder; the bytes of it.</summary>
    public static byte[] SampleStore(string folder)
    {
        string sample = Path.Combine(folder, "sample");
        if (!File.Exists(Path.Combine(sample, StudyStore.FileName))) StoreMutation.Make(sample);
        return File.ReadAllBytes(Path.Combine(sample, StudyStore.FileName));
    }

    private static bool Store(FuzzCase one)
    {
        string study = Fresh(one, "study"), file = Path.Combine(study, StudyStore.FileName);
        File.WriteAllBytes(file, SampleStore(one.Folder));
        RandomSource draws = one.Draws();
        StoreMutation.Change(file, ref draws);
        return Commands(one, study);
    }

    private static bool StoreBits(FuzzCase one)
    {
        string study = Fresh(one, "study");
        File.WriteAllBytes(Path.Combine(study, StudyStore.FileName), one.Bits(SampleStore(one.Folder)));
        return Commands(one, study);
    }

    /// <summary>One of the commands that read a store.</summary>
    private static bool Commands(FuzzCase one, string study)
    {
        string victim = Fresh(one, "victim"), target = Path.Combine(victim, "runs", "target");
        string[][] commands =
        [
            ["status", study], ["status", study, "--json"], ["show", study], ["show", study, "--json"],
                ["show", study, "method=sgd-c seed=1"], ["show", study, "--compare", "seed"],
            ["export", study], ["export", study, "--checks", Path.Combine(one.Folder, "checks.csv")],
                ["export", study, "--store", Path.Combine(one.Folder, "copy.db")],
            ["report", study, "--out", Path.Combine(one.Folder, "page.html")], ["merge", target, study],
        ];
        RandomSource draws = new FuzzCase(one.Seed + 7, one.Number, one.Folder).Draws();
        bool taken = true;
        taken &= Run(one, ["study", .. commands[draws.NextInt(commands.Length)]]);

        // Nothing may be written beside what was asked for.
        string[] found = [.. Directory.GetFileSystemEntries(victim, "*",
            SearchOption.TopDirectoryOnly).Select(Path.GetFileName)!];
        if (found.Any(name => name != "runs") || Directory.GetFileSystemEntries(study).Any(path =>
            Path.GetFileName(path) != StudyStore.FileName))
            throw new InvalidOperationException(
                $"it left {string.Join(", ", found.Concat(Directory.GetFileSystemEntries(study)))}");
        return taken;
    }

    private static bool ReadCurve(FuzzCase one)
    {
        try
        {
            byte[] bytes = one.Bytes(Curve.Pack(Points));
            Curve.Unpack(bytes, one.Number % 3 == 0 ? (int)(one.Number % 250) : Points.Length);
            return true;
        }
        catch (InvalidDataException)
        {
            return false; // the one exception that bytes may cause
        }
    }

    private static bool StudyJson(FuzzCase one)
    {
        try
        {
            StudyDefinition study = StudyReader.ReadFile(one.File(one.Text(Study), "study.json"));
            return StudyReader.Read("again", study.ToJson()).Hash() == study.Hash();
        }
        catch (UserError error)
        {
            RequireLine(error.Message);
            return false;
        }
    }

    private static bool RunJson(FuzzCase one)
    {
        string sample = Path.Combine(one.Folder, "sample-run");
        if (!File.Exists(Path.Combine(sample, RunFolder.RunName)))
            Run(one, ["train", "addition", "--length", "10", "--hidden", "2", "--batch", "2", "--validation", "2", "--curriculum",
                "none", "--updates", "1", "--out", sample]);
        string folder = Fresh(one, "run");
        File.WriteAllBytes(Path.Combine(folder, RunFolder.RunName),
            one.Text(File.ReadAllBytes(Path.Combine(sample, RunFolder.RunName))));
        using RunFolder run = RunFolder.Open(folder);
        try
        {
            RunRecord.Read(run, []);
            return true;
        }
        catch (UserError error)
        {
            RequireLine(error.Message);
            return false;
        }
    }

    private static bool PyTorch(FuzzCase one)
    {
        // An nn.RNN, nn.GRU or nn.LSTM of one or two layers, or with a cell above it.
        using var stream = new MemoryStream();
        RandomSource draws = one.Draws();
        int gates = ((int[])[1, 3, 4])[draws.NextInt(3)], above = draws.NextInt(3);
        SafeTensor Of(string name, params long[] shape) =>
            SafeTensor.Of(name,
                (float[])[.. Enumerable.Repeat(0.1f, (int)shape.Aggregate(1L, (product, size) => product * size))], shape);
        IEnumerable<SafeTensor> Layer(string prefix, string ending, int inputs) =>
        [
            Of($"{prefix}weight_ih{ending}", gates * 2, inputs), Of($"{prefix}weight_hh{ending}", gates * 2, 2),
            Of($"{prefix}bias_ih{ending}", gates * 2), Of($"{prefix}bias_hh{ending}", gates * 2),
        ];
        SafeTensors.Write(stream, [], [
            .. Layer("rnn.", "_l0", 6), .. above == 0 ? [] : Layer(above == 1 ? "rnn." : "cell.", above == 1 ? "_l1" : "", 2),
            Of("head.weight", 4, 2), Of("head.bias", 4),
        ]);
        byte[] bytes = stream.ToArray();
        int key = bytes.AsSpan().IndexOf("unroll.checksum"u8);
        if (key >= 0) bytes[key] = (byte)'x';
        return Run(one, ["diagnose", one.File(one.Bytes(bytes)), "--task", "temporal-order", "--length", "10", "--batches", "1",
            "--batch", "1"]);
    }

    private static bool Onnx(FuzzCase one)
    {
        // A model that we wrote, or one of PyTorch's exporter.
        RandomSource draws = one.Draws();
        byte[] bytes;
        if (draws.NextInt(2) == 0)
        {
            var shape = new NetworkShape(6, [new LayerShape(2) { Cell = (CellKind)draws.NextInt(4) }], 4);
            using var stream = new MemoryStream();
            OnnxWriter.Write(stream, new Network<float>(shape), new ModelInfo(shape));
            bytes = stream.ToArray();
        }
        else
        {
            string[] files = ["lstm", "gru", "rnn-relu-2", "lstm-2-batch-first", "gru-3-no-bias"];
            bytes = File.ReadAllBytes(Path.Combine(RepositoryRoot.Path, "tests", "Unroll.Cli.Tests", "Onnx", "Files",
                $"{files[draws.NextInt(files.Length)]}.onnx"));
        }

        return Run(one, ["diagnose", one.File(one.Bytes(bytes)), "--task", "temporal-order", "--length", "10", "--batches", "1",
            "--batch", "1"]);
    }

    private static bool Predict(FuzzCase one)
    {
        string model = Path.Combine(one.Folder, "sample-dense");
        var shape = new NetworkShape(2, 2, 1) { Encoding = InputEncoding.Dense, Head = OutputHead.LinearLast };
        if (!File.Exists(model)) ModelFile.Save(model, new Network<float>(shape), new ModelInfo(shape));
        return Run(one, ["predict", model], Encoding.UTF8.GetString(one.Text(Lines)), mayBegin: true);
    }

    /// <summary>Runs a command: it succeeds, or is refused in one sentence; either way it commands no terminal.</summary>
    /// <param name="one">The case.</param>
    /// <param name="args">The command line.</param>
    /// <param name="input">Standard input.</param>
    /// <param name="mayBegin">Whether some of the output may be there before the refusal.</param>
    /// <param name="mayNote">Whether notes may stand before the refusal, such as how a file was read.</param>
    public static bool Run(
        FuzzCase one, string[] args, string input = "", bool mayBegin = false, bool mayNote = false)
    {
        (int code, string output, string said) = Command.Value!.Run(args, input);
        string all = output + said;
        if (code is ExitCode.Success or ExitCode.Unsolved or ExitCode.NonFinite
            && !all.Any(c => char.IsControl(c) && c is not ('\n' or '\t')))
            return true;
        if (code != ExitCode.BadInput || (output.Length > 0 && !mayBegin))
            throw new InvalidOperationException($"unroll {string.Join(' ', args)} in {one.Folder} ended with {code}: {all}");
        string[] lines = mayNote ? said.TrimEnd('\n').Split('\n') : [said.TrimEnd('\n')];
        foreach (string line in lines) RequireLine(line);
        return false;
    }

    private static void RequireLine(string sentence)
    {
        if (!Printable.IsLine(sentence) || sentence.Length == 0 || sentence[^1] is not ('.' or '?'))
            throw new InvalidOperationException($"this is not one sentence: {sentence}");
    }

    private static string Fresh(FuzzCase one, string name)
    {
        string path = Path.Combine(one.Folder, name);
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        return Directory.CreateDirectory(path).FullName;
    }
}
