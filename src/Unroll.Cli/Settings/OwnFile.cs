using System.Numerics;
using Unroll.Files;
using Unroll.Interop;

namespace Unroll.Cli.Settings;

/// <summary>A model that Unroll wrote: its own file, or what it exported as ONNX.</summary>
internal static class OwnFile
{
    /// <inheritdoc cref="ModelFile.ReadInfo(string)"/>
    public static ModelInfo ReadInfo(string path) =>
        OnnxReader.Open(path, out _) is { } onnx ? ModelFile.ReadInfo(onnx) : ModelFile.ReadInfo(path);

    /// <inheritdoc cref="ModelFile.Load{T}(string, out ModelInfo)"/>
    public static Network<T> Load<T>(string path, out ModelInfo info)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        OnnxReader.Open(path, out _) is { } onnx ? ModelFile.Load<T>(onnx, out info) : ModelFile.Load<T>(path, out info);
}
