using System.Numerics;
using Unroll.Files;
using Unroll.Interop;
using Unroll.Numerics;

namespace Unroll.Cli.Export;

/// <summary>What the check of an exported file found.</summary>
/// <param name="By">What ran the file.</param>
/// <param name="Sequences">The sequences that were run.</param>
/// <param name="Steps">All their steps.</param>
/// <param name="Difference">The largest difference from what the model predicts, of the number that comes nearest to what is
/// allowed.</param>
/// <param name="Allowed">What is allowed for that number.</param>
internal sealed record CheckResult(string By, int Sequences, int Steps, double Difference, double Allowed)
{
    /// <summary>Whether the file does what the model does.</summary>
    public bool IsSame => Fault is null && Difference <= Allowed;

    /// <summary>Why it could not be run; null where it was.</summary>
    public string? Fault { get; init; }

    /// <summary>In two lines.</summary>
    public string[] Lines() =>
    [
        $"run beside the model: {By}",
        $"{Counted.Of(Sequences, "sequence")}, {Format.Counted(Steps, "step")}: at most "
            + $"{Format.Number(Difference)} off, {Format.Number(Allowed)} is allowed",
    ];
}

/// <summary>Runs a file that is to be exported beside the model that it was made of.</summary>
internal static class ExportCheck
{
    // Of what an output ranges over; of its size, as its digits are those of 32 bits; and times what the model itself changes
    // between 32 and 64 bits, as some networks make rounding large.
    private const double OfRange = 1e-5, OfSize = 5e-7, OfRounding = 16, OfRational = 20, OfDouble = 1e-9;

    /// <summary>Runs the file.</summary>
    /// <param name="request">What it is.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="network">The model.</param>
    /// <param name="info">What is known of it.</param>
    /// <param name="host">Where a C compiler is named, and what was not checked is said.</param>
    /// <returns>What was found; null where there is nothing to run it by.</returns>
    /// <exception cref="UserError">The check takes too long.</exception>
    public static CheckResult? Run<T>(ExportRequest request, ReadOnlyMemory<byte> bytes, Network<T> network, ModelInfo info,
        CommandHost host)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        bool torch = request.Format is ExportFormat.Pt or ExportFormat.SafeTensors;
        CheckedSequences sequences = CheckedSequences.For(info, networkAlone: torch);
        try
        {
            (string by, double[][]? found) = request.Format switch
            {
                ExportFormat.Onnx => ("its graph, node by node",
                    GraphCheck.Run(bytes, sequences, network.Convert<float>())),
                ExportFormat.C => HeaderCheck.Run(bytes, sequences, request.Header!, host),
                _ => ("its tensors by PyTorch's equations", TorchCheck.Run(bytes, request, sequences, info.Shape)),
            };
            if (found is null) return null;
            double[][] expected = sequences.Predict(network);
            if (torch && typeof(T) == typeof(double))
                return Compare(by, sequences, expected, expected, found, OfDouble, OfDouble);
            double[][] other = typeof(T) == typeof(double) ? sequences.Predict(network.Convert<float>())
                : sequences.Predict(network.Convert<double>());
            double coarse = request.Header?.Tanh == CTanh.Rational ? OfRational : 1;
            return Compare(by, sequences, expected, other, found, coarse * OfRange, coarse * OfRounding);
        }
        catch (Exception error) when (error is FormatException or InvalidFileException)
        {
            return new CheckResult("", 0, 0, 0, 0) { Fault = error.Message.TrimEnd('.') };
        }
    }

    /// <summary>What differs most, of what is allowed for it.</summary>
    private static CheckResult Compare(string by, CheckedSequences sequences, double[][] expected, double[][] other,
        double[][] found, double ofRange, double ofRounding)
    {
        (double worst, double difference, double allowed) = (-1, 0, 0);
        int width = sequences.Width;
        for (int column = 0; column < width; column++)
        {
            double least = double.PositiveInfinity, most = double.NegativeInfinity, rounding = 0, off = 0;
            for (int i = 0; i < expected.Length; i++)
            {
                if (found[i].Length != expected[i].Length)
                    throw new FormatException($"it gives {Counted.Of(found[i].Length, "number")} where the model gives "
                        + $"{expected[i].Length}.");
                for (int k = column; k < expected[i].Length; k += width)
                {
                    (least, most) = (Math.Min(least, expected[i][k]), Math.Max(most, expected[i][k]));
                    rounding = Math.Max(rounding, Math.Abs(expected[i][k] - other[i][k]));
                    double one = Math.Abs(found[i][k] - expected[i][k]);
                    off = double.IsNaN(one) ? double.PositiveInfinity : Math.Max(off, one);
                }
            }

            double size = Math.Max(Math.Abs(least), Math.Abs(most));
            double bound = (ofRange * (most - least)) + (Math.Min(ofRange, OfSize) * size) + (ofRounding * rounding);
            double share = off == 0 ? 0 : off / bound;
            if (share > worst) (worst, difference, allowed) = (share, off, bound);
        }

        return new CheckResult(by, sequences.All.Count, sequences.Steps, difference, allowed);
    }
}
