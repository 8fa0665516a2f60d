using System.Numerics;
using Unroll.Files;
using Unroll.Training;

namespace Unroll.Interop;

/// <summary>
/// Writes networks as state dicts of PyTorch, in the names of the class that <see cref="PythonClass"/> gives, which takes them
/// by <c>load_state_dict(strict=True)</c>. Our one bias is PyTorch's <c>bias_ih</c>, and <c>bias_hh</c> is zero (but for a
/// GRU's n).
/// </summary>
public static class TorchWriter
{
    private const string Folder = "archive";

    /// <summary>
    /// Writes a file of torch.save (<c>.pt</c>), in the network's precision. The same network gives the same
    /// bytes.
    /// </summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <param name="stream">Where to write; it goes forward only and stays open.</param>
    /// <param name="network">The network.</param>
    /// <exception cref="ArgumentException">
    /// A weight is not finite, a cell or the cost is none of the library's, or the file would have 4 GB or more.
    /// </exception>
    public static void WriteStateDict<T>(Stream stream, Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(stream);
        IReadOnlyList<StateTensor> tensors = StateDict.Of(network);
        if (tensors.Sum(tensor => (long)tensor.Data.Length) > StoredZip.Largest - (1 << 20))
            throw new ArgumentException(
                "The network has 4 GB of weights or more, which a .pt file cannot hold; write safetensors.");
        (string storage, int size) = typeof(T) == typeof(float) ? ("FloatStorage", 4) : ("DoubleStorage", 8);
        var zip = new StoredZip(stream);
        zip.Add($"{Folder}/data.pkl", StatePickle.Of(tensors, storage, size));
        zip.Add($"{Folder}/byteorder", "little"u8);
        for (int i = 0; i < tensors.Count; i++) zip.Add(Invariant($"{Folder}/data/{i}"), tensors[i].Data);
        zip.Add($"{Folder}/version", "3\n"u8);
        zip.Finish();
    }

    /// <summary>Writes a safetensors file in PyTorch's names, which <c>safetensors.torch.load_file</c> reads.</summary>
    /// <inheritdoc cref="WriteStateDict"/>
    /// <exception cref="ArgumentException">A weight is not finite, or a cell or the cost is none of the library's.</exception>
    public static void WriteSafeTensors<T>(Stream stream, Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(stream);
        string type = typeof(T) == typeof(float) ? "F32" : "F64";
        SafeTensor[] tensors =
            [.. StateDict.Of(network).Select(tensor => new SafeTensor(tensor.Name, type, [.. tensor.Shape], tensor.Data))];
        SafeTensors.Write(stream, [new("format", "pt")], tensors);
    }

    /// <summary>
    /// The class of Python whose state dict has the names of the files that are written here: <c>nn.RNN</c>, <c>nn.LSTM</c> or
    /// <c>nn.GRU</c> and <c>nn.Linear</c>, and for what PyTorch lacks (leaky units, sigmoid and identity ones) a module in a few
    /// lines. Its <c>forward</c> takes (T, B, I) and an optional state, and gives (T, B, O), before softmax or sigmoid, and the
    /// state.
    /// </summary>
    /// <param name="shape">The network's shape.</param>
    /// <param name="precision">Double makes the class one of 64 bits, by <c>self.double()</c>.</param>
    /// <returns>Text of Python with a class <c>Model</c>; lines end with <c>\n</c>.</returns>
    /// <exception cref="ArgumentException">The shape is not valid, a cell is none of the library's, or the head reads the mean or
    /// the maximum of the states.</exception>
    public static string PythonClass(NetworkShape shape, Precision precision)
    {
        ArgumentNullException.ThrowIfNull(shape);
        shape.Validate();
        StateDict.RequireLast(shape);
        return new PythonModel(DenseAsPlain.Of(shape), precision == Precision.Double).Text();
    }
}
