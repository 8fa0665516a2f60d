using System.Collections.Immutable;
using System.Text;
using Unroll.Files;
using Unroll.Interop;

namespace Unroll.Cli.Torch;

/// <summary>
/// The tensors of a model of PyTorch: of a file of torch.save (a zip file with a pickle, <c>.pt</c> or <c>.pth</c>) or of a
/// safetensors file. Nothing is executed, and nothing larger than the file is allocated. Other files of PyTorch are refused with
/// the line of Python that saves what can be read.
/// </summary>
internal sealed class TorchFile : IDisposable
{
    private const string Pickle = "/data.pkl";

    private readonly Stream? _stream;

    private TorchFile(string path, IReadOnlyList<TorchTensor> tensors, string? key, Stream? stream) =>
        (Path, Tensors, Key, _stream) = (path, tensors, key, stream);

    /// <summary>The file, as it was named.</summary>
    public string Path { get; }

    /// <summary>Its tensors by the names of the state dict.</summary>
    public IReadOnlyList<TorchTensor> Tensors { get; }

    /// <summary>Whose file it is, for messages.</summary>
    public string Kind { get; private init; } = "PyTorch";

    /// <summary>The nonlinearity of plain layers, where the file says it, as ONNX does; otherwise null.</summary>
    public Activation? Activation { get; private init; }

    /// <summary>Where in a checkpoint the state dict was, or null when the file is one.</summary>
    public string? Key { get; }

    /// <summary>A file of torch.save; null when it is another that may be safetensors.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The state dict in a checkpoint of several, such as <c>model</c> or <c>ema.model</c>; null to find
    /// it.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidFileException">It is of a kind that is not read, or damaged.</exception>
    public static TorchFile? Open(string path, string? key)
    {
        if (Directory.Exists(path)) throw TorchKinds.Folder(path);
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw FileErrors.NotRead(path, error);
        }

        TorchFile? file = null;
        try
        {
            return file = Read(stream, path, key);
        }
        catch (Exception error) when (FileErrors.IsAboutFile(error))
        {
            throw FileErrors.NotRead(path, error);
        }
        finally
        {
            if (file is null) stream.Dispose();
        }
    }

    /// <summary>
    /// A file of PyTorch: one of torch.save, or a safetensors file that Unroll did not write; or an ONNX model of another
    /// program. Null for a model of Unroll.
    /// </summary>
    /// <exception cref="UserError">The path is empty.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidFileException">It is of a kind that is not read, or damaged.</exception>
    public static TorchFile? OpenForeign(string path, TorchRequest request)
    {
        if (path.Length == 0)
            throw new UserError("The name of the model is empty; give a model's file, or the folder of a run.");
        if (!Directory.Exists(path) && OnnxReader.Open(path, out Activation? activation) is { } onnx)
        {
            return onnx.Metadata.ContainsKey(UnrollMetadata.FormatKey) ? null
                : new TorchFile(path, [.. onnx.Tensors.Select(TorchTensor.Of)], null, null)
                {
                    Activation = activation,
                    Kind = "ONNX"
                };
        }

        if (Open(path, request.StateDict) is { } torch) return torch;
        SafeTensorsFile file = SafeTensorsFile.ReadUnverified(path);
        if (file.Metadata.ContainsKey(UnrollMetadata.FormatKey)) return null;
        file.Verified();
        return request.StateDict is null ? Of(file) : throw new UserError(
            $"--state-dict is for checkpoints of torch.save; {path} is a safetensors file, which is one state dict.");
    }

    /// <summary>The tensors of a safetensors file.</summary>
    public static TorchFile Of(SafeTensorsFile file) => new(file.Path, [.. file.Tensors.Select(TorchTensor.Of)], null, null);

    /// <inheritdoc cref="Open"/>
    /// <param name="stream">A stream; the file that is returned disposes of it.</param>
    /// <param name="path">What to call it in messages.</param>
    /// <param name="key">The state dict in a checkpoint of several.</param>
    internal static TorchFile? Read(Stream stream, string path, string? key)
    {
        if (!stream.CanSeek) return null;
        Span<byte> start = stackalloc byte[(int)Math.Min(stream.Length, TorchKinds.Prefix)];
        stream.Position = 0;
        stream.ReadExactly(start);

        // A safetensors file begins with the length of its header, whose bytes may look like the beginning of a pickle or a zip
        // file.
        if (start.Length > 8 && start[8] == '{' && !start[4..8].ContainsAnyExcept((byte)0)) return null;
        if (!start.StartsWith("PK"u8))
        {
            TorchKinds.Refuse(start, path);
            return null;
        }

        var zip = ZipEntries.Read(stream, path);
        string folder = zip.Names.FirstOrDefault(name => name.EndsWith(Pickle, StringComparison.Ordinal)
            && name.IndexOf('/') == name.Length - Pickle.Length)?[..^Pickle.Length] ?? throw TorchKinds.NoWeights(zip, path);
        if (zip.Names.Any(name => name.StartsWith($"{folder}/code/", StringComparison.Ordinal)
            || name == $"{folder}/constants.pkl"))
            throw TorchKinds.Script(path);
        bool big = zip.Contains($"{folder}/byteorder") && Encoding.ASCII.GetString(zip.Bytes($"{folder}/byteorder"))
            .Trim() == "big";
        var dictionary = TorchStateDict.Find(TorchPickle.Read(zip.Bytes(folder + Pickle), path), path, key);
        var storages = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        return new TorchFile(path, [.. dictionary.Tensors.Select(tensor => Tensor(tensor.Key, tensor.Value))],
            dictionary.Key, stream);

        TorchTensor Tensor(string name, TorchView view)
        {
            string entry = $"{folder}/data/{view.Storage.Key}";
            long bytes = zip.Length(entry), size = SafeTensor.SizeOf(view.Storage.Type),
                count = SafeTensor.Count(view.Shape.AsSpan());
            string shown = SafeTensorsHeader.Quote(name);
            if (bytes < 0)
                throw new InvalidFileException(path,
                    $"lacks the numbers of its tensor {shown}: it has no entry {SafeTensorsHeader.Quote(entry)}");
            if (size > 0 && view.Storage.Count > bytes / size)
                throw new InvalidFileException(path,
                    $"claims {view.Storage.Count} elements of {view.Storage.Type} for its tensor {shown}, where its entry has "
                        + $"{bytes} bytes");

            // Strides of 0 make many elements of few, which weights never are.
            if (count < 0 || count > stream.Length)
                throw new InvalidFileException(path,
                    $"has a tensor {shown} of shape {SafeTensor.Describe(view.Shape.AsSpan())}, more elements than the file "
                        + "has bytes");
            return new TorchTensor(name, view.Storage.Type, view.Shape, () =>
            {
                if (!storages.TryGetValue(entry, out byte[]? data)) storages[entry] = data = zip.Bytes(entry);
                return Elements(data, view, count, big);
            });
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream?.Dispose();

    /// <summary>The elements in the order of the shape, wherever the strides have put them.</summary>
    private static double[] Elements(byte[] data, TorchView view, long count, bool big)
    {
        var values = new double[count];
        var place = new long[view.Shape.Length];
        long at = view.Offset;
        for (long i = 0; i < count; i++)
        {
            values[i] = TorchTensor.Element(data, view.Storage.Type, at, big);
            for (int d = place.Length - 1; d >= 0; d--)
            {
                at += view.Strides[d];
                if (++place[d] < view.Shape[d]) break;
                at -= place[d] * view.Strides[d];
                place[d] = 0;
            }
        }

        return values;
    }
}
