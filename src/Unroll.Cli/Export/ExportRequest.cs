using System.Numerics;
using System.Text;
using Unroll.Files;
using Unroll.Interop;
using Unroll.Training;

namespace Unroll.Cli.Export;

/// <summary>What is to be written, and where.</summary>
/// <param name="Format">The format.</param>
/// <param name="Out">The file, or <c>-</c>.</param>
/// <param name="Header">What a header of C is to be; null for other formats.</param>
/// <param name="Check">Whether the file is run beside the model before it is there.</param>
internal sealed record ExportRequest(ExportFormat Format, string Out, CHeaderOptions? Header, bool Check = false)
{
    /// <summary>Writes a network. A file that does not pass its check is not written; an old one is as it was.</summary>
    /// <exception cref="UserError">The format cannot hold it.</exception>
    public ExportResult Write<T>(Network<T> network, ModelInfo info, CommandHost host)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Whole in memory first: what a format cannot hold is refused before anything is there.
        using var bytes = new MemoryStream();
        CSizes? sizes = null;
        try
        {
            switch (Format)
            {
                case ExportFormat.Pt:
                    TorchWriter.WriteStateDict(bytes, network);
                    break;
                case ExportFormat.SafeTensors:
                    TorchWriter.WriteSafeTensors(bytes, network);
                    break;
                case ExportFormat.Onnx:
                    OnnxWriter.Write(bytes, network, info);
                    break;
                default:
                    using (var writer = new StreamWriter(bytes, new UTF8Encoding(false), leaveOpen: true))
                        sizes = CWriter.Write(writer, network, info, Header!);
                    break;
            }
        }
        catch (ArgumentException error)
        {
            throw UserError.From(error);
        }

        CheckResult? check = Check ? ExportCheck.Run(this, bytes.ToArray(), network, info, host) : null;
        if (check is null or { IsSame: true }) OutputFile.Write(Out, host, bytes.WriteTo);
        bool torch = Format is ExportFormat.Pt or ExportFormat.SafeTensors;
        Precision precision = typeof(T) == typeof(double) ? Precision.Double : Precision.Float;
        return new ExportResult(bytes.Length, torch ? TorchWriter.PythonClass(network.Shape, precision) : null, sizes)
        { Check = check };
    }
}

/// <summary>What was written.</summary>
/// <param name="Bytes">The file's length.</param>
/// <param name="Python">The class of Python that takes it, for a state dict.</param>
/// <param name="Sizes">What a header of C takes.</param>
internal sealed record ExportResult(long Bytes, string? Python, CSizes? Sizes)
{
    /// <summary>What weights of 8 bits cost; null where it was not measured.</summary>
    public QuantizedLoss? Loss { get; init; }

    /// <summary>How the file did beside the model; null where it was not run. One that is not the same was not
    /// written.</summary>
    public CheckResult? Check { get; init; }

    /// <summary>By what weights of 8 bits were rounded; null where each is its nearest.</summary>
    public string? RoundedBy { get; init; }
}
