namespace Unroll.Cli.Export;

/// <summary>What a model can be written as.</summary>
internal enum ExportFormat
{
    /// <summary>A state dict of torch.save.</summary>
    Pt,

    /// <summary>A state dict in safetensors.</summary>
    SafeTensors,

    /// <summary>An ONNX model.</summary>
    Onnx,

    /// <summary>A header of C99.</summary>
    C,
}

/// <summary>The formats by name and by the ending of a file.</summary>
internal static class ExportFormats
{
    /// <summary>The names that <c>--to</c> takes.</summary>
    public static IReadOnlyList<(string Name, ExportFormat Value)> Names { get; } =
        [("pt", ExportFormat.Pt), ("safetensors", ExportFormat.SafeTensors), ("onnx", ExportFormat.Onnx), ("c", ExportFormat.C)];

    private static readonly (string Ending, ExportFormat Value)[] s_endings =
    [
        (".pt", ExportFormat.Pt), (".pth", ExportFormat.Pt), (".safetensors", ExportFormat.SafeTensors),
        (".onnx", ExportFormat.Onnx), (".h", ExportFormat.C),
    ];

    /// <summary>The format that a file's ending tells.</summary>
    /// <exception cref="UserError">It tells none.</exception>
    public static ExportFormat OfFile(string path)
    {
        foreach ((string ending, ExportFormat value) in s_endings)
        {
            if (path.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) return value;
        }

        throw new UserError(
            $"--out {path} does not tell the format by its ending ({string.Join(", ", s_endings.Select(one => one.Ending))}); "
            + $"give --to {string.Join('|', Names.Select(one => one.Name))}.");
    }
}
