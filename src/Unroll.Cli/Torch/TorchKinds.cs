using System.Text.RegularExpressions;
using Unroll.Files;

namespace Unroll.Cli.Torch;

/// <summary>Files that are recognised and not read, each with what saves its weights.</summary>
internal static partial class TorchKinds
{
    /// <summary>So many bytes tell the kinds apart.</summary>
    public const int Prefix = 512;

    private const int TarMagic = 257;

    /// <summary>The pickled number with which torch.save began before version 1.6.</summary>
    private static ReadOnlySpan<byte> Legacy => [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E];

    /// <summary>Throws when a file that is no zip file is of a kind that can be named.</summary>
    /// <param name="start">Its first bytes.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidFileException">It is.</exception>
    public static void Refuse(ReadOnlySpan<byte> start, string path)
    {
        if (start.Length > 2 && start[0] == 0x80 && start[1] is >= 2 and <= 5)
        {
            throw start[2..].StartsWith(Legacy)
                ? new InvalidFileException(path,
                    $"is a file of torch.save from before PyTorch 1.6; save it again in Python: {TorchRemedy.FromLegacy(path)}")
                : new InvalidFileException(path,
                    "is a plain pickle, not a file of torch.save; if it holds a state dict, save it in Python: "
                        + $"{TorchRemedy.FromPickle(path)}");
        }

        if (start.Length >= TarMagic + 5 && start[TarMagic..].StartsWith("ustar"u8))
            throw new InvalidFileException(path,
                "is a tar file, as torch.save wrote before PyTorch 0.4; save it again in Python: "
                    + $"{TorchRemedy.FromLegacy(path)}");
        if (start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            throw new InvalidFileException(path, "is packed with gzip; unpack it first: gunzip");
        if (start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F']))
            throw new InvalidFileException(path,
                "is an HDF5 file, as Keras writes them; a state dict of PyTorch or a model of Unroll is read");
        if (Named(path, ".index.json") || (start.StartsWith("{"u8) && start.IndexOf("\"weight_map\""u8) >= 0))
            throw new InvalidFileException(path,
                "is the index of several files of weights; join them in Python: "
                    + $"{TorchRemedy.FromShards(path.Contains("safetensors", StringComparison.Ordinal))}");
        if (Named(path, ".pt") || Named(path, ".pth"))
            throw new InvalidFileException(path,
                start.IsEmpty ? "is empty" : "is no file of torch.save by its first bytes, and none of safetensors or ONNX");
    }

    /// <summary>The refusal of a folder.</summary>
    public static InvalidFileException Folder(string path) =>
        Directory.EnumerateFiles(path).Any(name => name.EndsWith(".distcp", StringComparison.Ordinal))
        ? new(path, $"is a folder of torch.distributed.checkpoint; join it in Python: {TorchRemedy.FromDistributed(path)}")
        : new(path, "is a folder without the files of a run; give the folder of one run, or a file of weights");

    /// <summary>What to add about a file that is one of several, by its name; otherwise nothing.</summary>
    public static string Shard(string path) => !ShardName().IsMatch(path) ? ""
        : ", and is one of several files by its name; join them in Python: "
            + $"{TorchRemedy.FromShards(Named(path, ".safetensors"))}";

    /// <summary>The refusal of a scripted module.</summary>
    public static InvalidFileException Script(string path) =>
        new(path, "is a scripted module (torch.jit), and nothing in a file is executed here; save its state dict in Python: "
            + $"{TorchRemedy.FromScript(path)}");

    /// <summary>The refusal of a zip file without a pickle of weights.</summary>
    public static InvalidFileException NoWeights(ZipEntries zip, string path)
    {
        if (Named(path, ".distcp"))
            return new(path,
                "is a part of a folder of torch.distributed.checkpoint; join it in Python: "
                    + $"{TorchRemedy.FromDistributed(System.IO.Path.GetDirectoryName(path) ?? ".")}");
        if (zip.Names.Any(name => name.Contains("serialized_exported_program", StringComparison.Ordinal)
            || name.Contains("/models/", StringComparison.Ordinal)))
            return new(path,
                $"is an exported program (torch.export); save its state dict in Python: {TorchRemedy.FromExport(path)}");
        return new(path, "is a zip file that torch.save did not write: it has no data.pkl");
    }

    [GeneratedRegex(@"-\d+-of-\d+\.\w+\z", RegexOptions.CultureInvariant)]
    private static partial Regex ShardName();

    private static bool Named(string path, string ending) => path.EndsWith(ending, StringComparison.Ordinal);
}
