using System.IO.Compression;
using System.Text.Json;
using Unroll.Cli.Torch;
using Unroll.Files;
using Unroll.Tests;

namespace Unroll.Cli.Tests.Torch;

/// <summary>The files that make.py let PyTorch write, and others made by hand.</summary>
internal static class TorchSamples
{
    /// <summary>Where they are.</summary>
    public static string Folder { get; } = Path.Combine(RepositoryRoot.Path, "tests", "Unroll.Cli.Tests", "Torch", "Files");

    /// <summary>What PyTorch says about them.</summary>
    public static JsonElement Expected { get; } = JsonDocument.Parse(File.ReadAllBytes(At("expected.json"))).RootElement;

    /// <summary>The path of one.</summary>
    public static string At(string name) => Path.Combine(Folder, name);

    /// <summary>A file that torch.save would have written if it wrote this pickle.</summary>
    public static byte[] Zip(byte[] pickle, params (string Name, byte[] Bytes)[] others)
    {
        var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] bytes) in ((string, byte[])[])[("a/data.pkl", pickle), .. others])
            {
                using Stream entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }

    /// <summary>The pickle in one of the files.</summary>
    public static byte[] PickleOf(string name)
    {
        using ZipArchive zip = ZipFile.OpenRead(At(name));
        using Stream entry = zip.Entries.Single(one => one.Name == "data.pkl").Open();
        var bytes = new MemoryStream();
        entry.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Opens a file of torch.save or safetensors.</summary>
    public static TorchFile Open(string path, string? key = null) =>
        TorchFile.Open(path, key) ?? TorchFile.Of(SafeTensorsFile.Read(path));
}

/// <summary>The sequences that make.py gave to PyTorch: a class at the last step.</summary>
internal sealed class SampleTask : ITask
{
    private readonly int[][] _symbols = [.. TorchSamples.Expected.GetProperty("symbols").EnumerateArray()
        .Select(step => step.EnumerateArray().Select(one => one.GetInt32()).ToArray())];
    private readonly int[] _classes = [.. TorchSamples.Expected.GetProperty("classes").EnumerateArray()
        .Select(one => one.GetInt32())];

    public string Name => "sample";

    public InputEncoding Encoding => InputEncoding.OneHot;

    public int Inputs => TorchSamples.Expected.GetProperty("inputs").GetInt32();

    public OutputHead Head => OutputHead.SoftmaxLast;

    public int Outputs => TorchSamples.Expected.GetProperty("outputs").GetInt32();

    public string LossUnit => "nats";

    public CostReduction Reduction => CostReduction.Sum;

    public int? WholeSet => _classes.Length;

    public bool HasSuccessRule => false;

    public void Fill(Batch batch, int rows, RandomKey key)
    {
        batch.Resize(_classes.Length, _symbols.Length);
        for (int row = 0; row < _classes.Length; row++)
        {
            for (int step = 0; step < _symbols.Length; step++) batch.SetSymbol(step, row, _symbols[step][row]);
            batch.SetClass(_symbols.Length - 1, row, _classes[row]);
        }
    }

    public void MarkCorrect(Batch batch, Predictions predictions, Span<bool> correct) => correct.Clear();
}
